//! Connections together by what they share.
//!
//! Job: totals by host, target, subprotocol, connection or sender, and what zlib holds for them.
//! Input: each connection's statistics. Output: [`Groups`].

use std::collections::BTreeMap;

use strum::IntoStaticStr;

use super::deep::Deep;
use super::fold::ConnectionStats;
use super::peer::PeerStats;
use crate::base::{Peer, PerPeer};
use crate::deflate::{compressor_bytes, inflater_bytes};
use crate::event::TransportEnd;
use crate::http::Handshake;
use crate::page::redact::Redact;

/// What groups are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
        self.into()
    }
}

/// Connections that share something, or their one sender.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What they share, as it stood on the wire; `None` where it was absent or not captured.
    pub name: Option<String>,
    /// Whether the name is a subprotocol that a client offered as a token.
    pub is_token: bool,
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
    /// A connection by itself.
    pub fn of(connection: &ConnectionStats) -> Self {
        let mut group = Self {
            name: Some(connection.summary.conversing().to_string()),
            ..Self::default()
        };
        group.add(connection, None);
        group
    }

    fn merge(&mut self, other: &Self) {
        self.is_token |= other.is_token;
        self.connections += other.connections;
        self.compressing += other.compressing;
        for peer in Peer::BOTH {
            self.peers[peer].merge(&other.peers[peer]);
            self.memory[peer] += other.memory[peer];
        }
        if let Some(more) = &other.deep {
            let deep = self.deep.get_or_insert_default();
            for (peer, more) in more.iter() {
                deep[peer].merge(more);
            }
        }
    }

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

/// Connections by what they share, and all together.
#[derive(Debug, Clone)]
pub struct Groups {
    by: By,
    /// All connections as one group.
    pub whole: Group,
    /// The groups by their names; none where each connection is one.
    pub groups: BTreeMap<Option<String>, Group>,
}

impl Groups {
    /// Groups of no connections.
    pub fn new(by: By) -> Self {
        Self {
            by,
            whole: Group::default(),
            groups: BTreeMap::new(),
        }
    }

    /// Adds a connection.
    pub fn add(&mut self, connection: &ConnectionStats) {
        self.whole.add(connection, None);
        for (name, only) in keys(connection, self.by) {
            let fresh = || Group {
                name: name.clone(),
                ..Group::default()
            };
            let group = self.groups.entry(name.clone()).or_insert_with(fresh);
            group.is_token |= self.by == By::Subprotocol && is_token(connection);
            group.add(connection, only);
        }
    }

    /// Adds what TCP carried of a connection with several conversations.
    pub fn add_tcp(&mut self, end: &TransportEnd) {
        for (peer, totals) in end.tcp.iter() {
            self.whole.peers[peer].add_tcp(totals);
        }
    }

    /// Takes over another worker's.
    pub fn merge(&mut self, other: Self) {
        self.whole.merge(&other.whole);
        for (name, group) in other.groups {
            let fresh = || Group {
                name: name.clone(),
                ..Group::default()
            };
            self.groups
                .entry(name.clone())
                .or_insert_with(fresh)
                .merge(&group);
        }
    }
}

fn is_token(connection: &ConnectionStats) -> bool {
    let handshake = connection.summary.handshake();
    handshake.is_some_and(|one| Redact::Secrets.agreed(one) != one.subprotocol())
}

/// The groups that a connection belongs to, each with the sender that counts there.
fn keys(connection: &ConnectionStats, by: By) -> Vec<(Option<String>, Option<Peer>)> {
    let handshake = connection.summary.handshake();
    let name = match by {
        By::Host => handshake.and_then(Handshake::host),
        By::Target => handshake.and_then(Handshake::request_target),
        By::Subprotocol => handshake.and_then(Handshake::subprotocol),
        By::Connection => return Vec::new(),
        By::Peer => {
            let peers = [Peer::Client, Peer::Server];
            return peers
                .map(|peer| (Some(peer.name().to_owned()), Some(peer)))
                .to_vec();
        }
    };
    vec![(name, None)]
}
