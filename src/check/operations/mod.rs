//! What no single frame shows: how connections fare.
//!
//! Job: follow each connection from its handshake to its end, and connections among each other.
//! Input: events, of each connection in order. Output: findings.
//! RFC 6455 §5.5, §7; RFC 7692 §5.
//!
//! Memory follows open connections. What connections are held against each other by is kept of the
//! first [`KEPT`] of them.

mod across;
mod connection;
mod pings;
mod relay;
mod sender;
mod subscriptions;
mod under_tls;
mod units;

pub use across::Found;

use std::collections::{BTreeMap, HashMap};

use crate::base::Conversing;
use crate::event::Event;
use across::Record;
use connection::Connection;
use relay::Relays;
use under_tls::Compressing;

/// Connections that are held against each other, the first of the capture.
const KEPT: usize = 1 << 17;

/// A fold over events that finds what is wrong over time.
#[derive(Debug, Default)]
pub struct Operations {
    open: HashMap<Conversing, Box<Connection>, foldhash::fast::RandomState>,
    records: BTreeMap<Conversing, Record>,
    compressing: Compressing,
    relays: Relays,
}

impl Operations {
    /// Takes an event; `found` gets what it shows.
    pub fn event(&mut self, event: Event<'_>, found: &mut Found<'_>) {
        match event {
            Event::Connection(info) => {
                let number = info.conversing;
                self.compressing.connection(info);
                if let Some(record) = Record::of(info) {
                    self.records.insert(number, record);
                    self.trim();
                }
                self.open.insert(number, Box::new(Connection::new(info)));
            }
            Event::Message(message) => {
                self.relays.message(message);
                if let Some(connection) = self.open.get_mut(&message.conversing) {
                    let number = message.conversing;
                    connection.message(message, &mut |finding| found(number, finding));
                }
            }
            Event::End(end) => {
                self.relays.end(end);
                if let Some(mut connection) = self.open.remove(&end.conversing) {
                    let number = end.conversing;
                    let said = std::mem::take(&mut connection.said);
                    let subscribed = connection.subscribed(end);
                    let failed = connection.end(end, &mut |finding| found(number, finding));
                    if let Some(record) = self.records.get_mut(&number) {
                        record.ended(end.last, failed, (said, subscribed));
                    }
                }
            }
            Event::Tls(told) => {
                if let Some(connection) = self.open.get_mut(&told.conversing) {
                    connection.unread = under_tls::unread(told);
                }
                under_tls::ended(told, found);
            }
            Event::Pending(pending) => {
                if let Some(connection) = self.open.get_mut(&pending.conversing) {
                    connection.pending(pending);
                }
            }
            Event::Finding {
                conversing,
                finding,
            } => self.relays.finding(conversing, finding),
            Event::Recognised { .. } | Event::Transport(_) => {}
        }
    }

    /// Takes over what another worker saw, at the end of the capture.
    pub fn merge(&mut self, other: Self) {
        self.open.extend(other.open);
        self.records.extend(other.records);
        self.compressing.merge(other.compressing);
        self.relays.merge(other.relays);
        self.trim();
    }

    /// Holds the connections against each other, at the end of the capture.
    pub fn finish(self, found: &mut Found<'_>) {
        across::findings(&self.records, found);
        self.relays.finish(&self.records, found);
        self.compressing.finish(found);
    }

    fn trim(&mut self) {
        while self.records.len() > KEPT {
            self.records.pop_last();
        }
    }
}
