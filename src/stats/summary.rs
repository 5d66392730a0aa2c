//! A connection in a few lines.
//!
//! Job: what `wscope connections` shows of each. Input: events. Output: [`Summary`]s.

use std::collections::BTreeMap;

use super::peer::PeerStats;
use crate::base::{Conversing, PerPeer, Stamp};
use crate::event::{ConnectionInfo, Event, EventSink, UnderTls};
use crate::finding::Severity;
use crate::tcp::Ending;
use crate::tls::Status;

/// One connection.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The connection as its handshake describes it; the last one where there were several.
    pub info: ConnectionInfo,
    /// Each sender's totals.
    pub peers: PerPeer<PeerStats>,
    /// The code of each sender's close frame, where it had one: 1005 for an empty body.
    pub close_codes: PerPeer<Option<u16>>,
    /// Findings: errors, warnings, notes.
    pub findings: [u64; 3],
    /// How TCP ended.
    pub ending: Ending,
    /// Its last packet.
    pub last: Stamp,
}

/// All connections, by number.
#[derive(Debug, Default)]
pub struct Summaries {
    /// By conversation.
    pub connections: BTreeMap<Conversing, Summary>,
    /// TLS connections that were not wholly read and carry none of these, as far as is known.
    pub unread: BTreeMap<Conversing, UnderTls>,
}

impl Summaries {
    /// Takes over another worker's connections.
    pub fn merge(&mut self, mut other: Self) {
        self.connections.append(&mut other.connections);
        self.unread.append(&mut other.unread);
    }
}

impl EventSink for Summaries {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => {
                let fresh = Summary {
                    info: info.clone(),
                    peers: PerPeer::default(),
                    close_codes: PerPeer::default(),
                    findings: [0; 3],
                    ending: Ending::Open,
                    last: info.flow.first,
                };
                let number = info.conversing;
                self.connections.entry(number).or_insert(fresh).info = info.clone();
            }
            Event::Message(message) => {
                if let Some(summary) = self.connections.get_mut(&message.conversing) {
                    summary.peers[message.from].message(message);
                    if let Some(body) = message.close() {
                        // RFC 6455 §7.1.5: a close frame without a code counts as 1005.
                        summary.close_codes[message.from].get_or_insert(body.code.unwrap_or(1005));
                    }
                }
            }
            Event::Finding {
                conversing,
                finding,
            } => {
                if let Some(summary) = self.connections.get_mut(&conversing) {
                    let [errors, warnings, notes] = &mut summary.findings;
                    match finding.code.severity() {
                        Severity::Error => *errors += 1,
                        Severity::Warning => *warnings += 1,
                        Severity::Note => *notes += 1,
                    }
                }
            }
            Event::Tls(told) => match self.connections.get_mut(&told.conversing) {
                Some(summary) => summary.info.tls = Some(Box::new(told.facts.clone())),
                None if told.facts.status != Status::Read => {
                    self.unread.insert(told.conversing, told.clone());
                }
                None => {}
            },
            Event::End(end) => {
                if let Some(summary) = self.connections.get_mut(&end.conversing) {
                    summary.ending = end.ending;
                    summary.last = end.last;
                    for (peer, totals) in end.tcp.iter().flat_map(PerPeer::iter) {
                        summary.peers[peer].tcp = *totals;
                    }
                }
            }
        }
    }
}
