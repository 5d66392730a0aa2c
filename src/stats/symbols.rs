//! What compression did on each connection.
//!
//! Job: add up the symbols of each connection's senders. Input: events of a run with
//! `Detail::Symbols`. Output: [`SymbolFold`].

use std::collections::BTreeMap;

use crate::base::{Conversing, Peer, PerPeer};
use crate::deflate::Symbols;
use crate::event::{Event, EventSink, Wire};

/// Folds the symbols of every connection and sender. Give it events of a run with
/// `Detail::Symbols`; of one that replays a single connection it holds that one.
#[derive(Debug, Clone, Default)]
pub struct SymbolFold {
    /// By connection number.
    pub connections: BTreeMap<Conversing, PerPeer<Symbols>>,
}

impl SymbolFold {
    /// Takes over another worker's connections.
    pub fn merge(&mut self, mut other: Self) {
        self.connections.append(&mut other.connections);
    }

    /// All connections together.
    pub fn all(&self) -> PerPeer<Symbols> {
        let mut all = PerPeer::<Symbols>::default();
        for connection in self.connections.values() {
            all.client.merge(&connection.client);
            all.server.merge(&connection.server);
        }
        all
    }
}

impl EventSink for SymbolFold {
    fn event(&mut self, _: Event<'_>) {}

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        if let Wire::Counted(symbols, _) = wire {
            self.connections.entry(conversing).or_default()[from].merge(symbols);
        }
    }
}
