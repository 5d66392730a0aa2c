//! Compression statistics of a whole capture.
//!
//! Job: [`PeerStats`] for each connection and sender. Input: events. Output: [`Stats`].

use std::collections::BTreeMap;

use super::deep::{Clocks, Deep};
use super::histogram::Histogram;
use super::peer::PeerStats;
use super::summary::Summary;
use super::under_tls::TlsCounts;
use crate::base::{Conversing, Peer, PerPeer};
use crate::event::{Event, EventSink, Message, Status, Wire};
use crate::ws::OpCode;

/// One connection's statistics.
#[derive(Debug, Clone)]
pub struct ConnectionStats {
    /// The connection and its totals.
    pub summary: Summary,
    /// Payload sizes of each sender's complete data messages.
    pub sizes: PerPeer<Histogram>,
    /// What takes a closer look, where it was asked for.
    pub deep: Option<Box<Pair>>,
}

impl ConnectionStats {
    /// One sender's totals.
    pub fn peer(&self, peer: Peer) -> PeerStats {
        PeerStats {
            traffic: self.summary.peers[peer],
            sizes: self.sizes[peer].clone(),
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        self.summary.message(message);
        let whole_data = !message.opcode.is_control() && message.status == Status::Complete;
        if let Some(payload) = message.payload_bytes.filter(|_| whole_data) {
            self.sizes[message.from].add(payload);
        }
        if let Some(deep) = &mut self.deep {
            deep.message(message);
        }
    }
}

/// Both senders' closer look, and the pings that wait.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    /// Each sender's.
    pub peers: PerPeer<Deep>,
    clocks: PerPeer<Clocks>,
}

/// The statistics of the connections that nobody has taken out yet, by number.
#[derive(Debug, Default)]
pub struct Stats {
    deep: bool,
    /// By conversation.
    pub connections: BTreeMap<Conversing, ConnectionStats>,
    /// TLS connections, with those that carry none of these.
    pub tls: TlsCounts,
}

impl Stats {
    /// Statistics with times between messages, round trips of pings and, in a run with
    /// `Detail::Symbols`, symbols.
    pub fn deep() -> Self {
        Self {
            deep: true,
            ..Self::default()
        }
    }
}

impl EventSink for Stats {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => {
                let fresh = || ConnectionStats {
                    summary: Summary::new(info.clone()),
                    sizes: PerPeer::default(),
                    deep: self.deep.then(Box::default),
                };
                let connection = self
                    .connections
                    .entry(info.conversing)
                    .or_insert_with(fresh);
                connection.summary.info = info.clone();
            }
            Event::Message(message) => {
                if let Some(connection) = self.connections.get_mut(&message.conversing) {
                    connection.message(message);
                }
            }
            Event::End(end) => {
                if let Some(connection) = self.connections.get_mut(&end.conversing) {
                    connection.summary.end(end);
                }
            }
            Event::Tls(told) => self.tls.ended(&told.facts),
            Event::Transport(_)
            | Event::Finding { .. }
            | Event::Recognised { .. }
            | Event::Pending(_) => {}
        }
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        let Wire::Counted(symbols, _) = wire else {
            return;
        };
        let connection = self.connections.get_mut(&conversing);
        if let Some(deep) = connection.and_then(|connection| connection.deep.as_mut()) {
            deep.peers[from].symbols.merge(symbols);
        }
    }
}

impl Pair {
    fn message(&mut self, message: &Message<'_>) {
        let from = message.from;
        let clock = &mut self.clocks[from];
        clock.message(message, &mut self.peers[from]);
        if message.opcode == OpCode::Pong {
            let other = from.other();
            self.clocks[other].pong(message, &mut self.peers[other]);
        }
    }
}
