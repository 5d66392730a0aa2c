//! Connections together by what they share.
//!
//! Job: totals by host, target, subprotocol, connection or sender, and what zlib holds for them.
//! Input: [`Stats`]. Output: [`Group`]s.

use std::collections::BTreeMap;

use super::deep::Deep;
use super::fold::{ConnectionStats, Stats};
use super::peer::PeerStats;
use crate::base::{Peer, PerPeer};
use crate::deflate::{compressor_bytes, inflater_bytes};
use crate::http::Handshake;

/// What groups are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The `Host` header.
    Host,
    /// The request target.
    Target,
    /// The subprotocol that was agreed.
    Subprotocol,
    /// Each connection by itself.
    Connection,
    /// The sender.
    Peer,
}

impl By {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Target => "target",
            Self::Subprotocol => "subprotocol",
            Self::Connection => "connection",
            Self::Peer => "peer",
        }
    }
}

/// Connections that share something, or their one sender.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What they share, as it stood on the wire; `None` where it was absent or not captured.
    pub name: Option<String>,
    /// How many they are.
    pub connections: u64,
    /// How many of them agreed on compression.
    pub compressing: u64,
    /// Each sender's totals.
    pub peers: PerPeer<PeerStats>,
    /// Each sender's closer look, where there was one.
    pub deep: Option<Box<PerPeer<Deep>>>,
    /// What zlib holds at each end for all of them, if they were open at once: a compressor for
    /// what the end sends, an inflater for what it receives, by zlib's formulas for the agreed
    /// parameters and its default memory level.
    pub memory: PerPeer<u64>,
}

/// zlib's default memory level.
const MEMORY_LEVEL: u8 = 8;

impl Group {
    fn add(&mut self, connection: &ConnectionStats, only: Option<Peer>) {
        self.connections += 1;
        self.compressing += u64::from(connection.summary.info.parameters().is_some());
        let wanted = |peer| only.is_none_or(|only| only == peer);
        for peer in Peer::BOTH {
            if wanted(peer) {
                self.peers[peer].merge(&connection.peer(peer));
                self.memory[peer] += memory(connection, peer);
            }
        }
        if let Some(pair) = &connection.deep {
            let deep = self.deep.get_or_insert_default();
            for (peer, more) in pair.peers.iter() {
                if wanted(peer) {
                    deep[peer].merge(more);
                }
            }
        }
    }

    /// Bytes of frames of both senders.
    pub fn websocket_bytes(&self) -> u64 {
        let PerPeer { client, server } = &self.peers;
        client
            .websocket_bytes
            .saturating_add(server.websocket_bytes)
    }
}

/// What one end holds for a connection.
fn memory(connection: &ConnectionStats, end: Peer) -> u64 {
    let parameters = connection.summary.info.parameters();
    parameters.map_or(0, |parameters| {
        let own = parameters[end].window_bits.get();
        let others = parameters[end.other()].window_bits.get();
        compressor_bytes(own, MEMORY_LEVEL) + inflater_bytes(others)
    })
}

impl Stats {
    /// All connections as one group.
    pub fn whole(&self) -> Group {
        let mut all = Group::default();
        for connection in self.connections.values() {
            all.add(connection, None);
        }
        for transport in self.transports.values() {
            for (peer, totals) in transport.tcp.iter() {
                all.peers[peer].add_tcp(totals);
            }
        }
        all
    }

    /// The groups, in the order of their names or numbers.
    pub fn groups(&self, by: By) -> Vec<Group> {
        if by == By::Connection {
            let all = self.connections.iter().map(|(number, connection)| Group {
                name: Some(number.to_string()),
                connections: 1,
                compressing: u64::from(connection.summary.info.parameters().is_some()),
                peers: PerPeer::from_fn(|peer| connection.peer(peer)),
                deep: connection
                    .deep
                    .as_ref()
                    .map(|pair| Box::new(pair.peers.clone())),
                memory: PerPeer::from_fn(|end| memory(connection, end)),
            });
            return all.collect();
        }
        let mut groups: BTreeMap<Option<String>, Group> = BTreeMap::new();
        for connection in self.connections.values() {
            for (name, only) in keys(connection, by) {
                let group = groups.entry(name.clone()).or_insert_with(|| Group {
                    name,
                    ..Group::default()
                });
                group.add(connection, only);
            }
        }
        groups.into_values().collect()
    }
}

/// The groups that a connection belongs to, each with the sender that counts there.
fn keys(connection: &ConnectionStats, by: By) -> Vec<(Option<String>, Option<Peer>)> {
    let handshake = connection.summary.handshake();
    let name = match by {
        By::Host => handshake.and_then(Handshake::host),
        By::Target => handshake.and_then(Handshake::request_target),
        By::Subprotocol => handshake.and_then(Handshake::subprotocol),
        By::Connection => Some(connection.summary.conversing().to_string()),
        By::Peer => {
            let peers = [Peer::Client, Peer::Server];
            return peers
                .map(|peer| (Some(peer.name().to_owned()), Some(peer)))
                .to_vec();
        }
    };
    vec![(name, None)]
}
