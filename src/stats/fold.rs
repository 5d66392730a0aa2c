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
    /// The connection of the latest event; events come in runs.
    current: Option<ConnectionStats>,
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
        self.put_back();
        other.put_back();
        self.connections.append(&mut other.connections);
    }

    /// Ends the counting.
    pub fn finish(&mut self) {
        self.put_back();
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

    fn put_back(&mut self) {
        if let Some(current) = self.current.take() {
            self.connections.insert(current.info.flow.number, current);
        }
    }

    fn connection(&mut self, number: u64) -> Option<&mut ConnectionStats> {
        if self
            .current
            .as_ref()
            .is_none_or(|current| current.info.flow.number != number)
        {
            self.put_back();
            self.current = self.connections.remove(&number);
        }
        self.current.as_mut()
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
                self.put_back();
                let before = self.connections.remove(&number);
                let peers = before.map(|before| before.peers).unwrap_or_default();
                self.current = Some(ConnectionStats {
                    info: info.clone(),
                    peers,
                });
            }
            Event::Message(message) => {
                if let Some(connection) = self.connection(message.connection) {
                    connection.peers[message.from].message(message);
                }
            }
            Event::End(end) => {
                if let Some(connection) = self.connection(end.connection) {
                    for (peer, totals) in end.tcp.iter() {
                        connection.peers[peer].tcp = *totals;
                    }
                }
            }
            Event::Finding { .. } => {}
        }
    }
}
