//! Compression statistics of a whole capture.
//!
//! Job: [`PeerStats`] for each connection and sender. Input: events. Output: [`Stats`].

use std::collections::BTreeMap;

use super::peer::PeerStats;
use crate::base::PerPeer;
use crate::event::{ConnectionInfo, Event, EventSink};

/// One connection's statistics.
#[derive(Debug, Clone)]
pub struct ConnectionStats {
    /// The connection as its handshake describes it.
    pub info: ConnectionInfo,
    /// Each sender's totals.
    pub peers: PerPeer<PeerStats>,
}

/// All connections' statistics, by number.
#[derive(Debug, Default)]
pub struct Stats {
    only: Option<u64>,
    /// By connection number.
    pub connections: BTreeMap<u64, ConnectionStats>,
}

impl Stats {
    /// Statistics of one connection, or of all.
    pub fn new(only: Option<u64>) -> Self {
        Self {
            only,
            ..Self::default()
        }
    }

    /// Takes over another worker's connections.
    pub fn merge(&mut self, mut other: Self) {
        self.connections.append(&mut other.connections);
    }

    /// The totals over all connections.
    pub fn all(&self) -> PerPeer<PeerStats> {
        let mut all = PerPeer::<PeerStats>::default();
        for connection in self.connections.values() {
            for (peer, stats) in connection.peers.iter() {
                all[peer].merge(stats);
            }
        }
        all
    }
}

impl EventSink for Stats {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => {
                let number = info.flow.number;
                if self.only.is_some_and(|only| only != number) {
                    return;
                }
                let before = self.connections.remove(&number);
                let peers = before.map(|before| before.peers).unwrap_or_default();
                let info = info.clone();
                self.connections
                    .insert(number, ConnectionStats { info, peers });
            }
            Event::Message(message) => {
                if let Some(connection) = self.connections.get_mut(&message.connection) {
                    connection.peers[message.from].message(message);
                }
            }
            Event::End(end) => {
                if let Some(connection) = self.connections.get_mut(&end.connection) {
                    for (peer, totals) in end.tcp.iter() {
                        connection.peers[peer].tcp = *totals;
                    }
                }
            }
            Event::Finding { .. } => {}
        }
    }
}
