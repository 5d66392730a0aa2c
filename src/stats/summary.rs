//! A connection in a few lines.
//!
//! Job: the totals of one connection, which `wscope connections`, `wscope stats` and the terminal
//! UI show. Input: events. Output: [`Summary`]s.

use std::collections::BTreeMap;

use super::legs::{Carrying, Leg, SameAs};
use super::outcome::{Close, Closing, Outcome};
use super::peer::Traffic;
use super::said::Said;
use crate::base::{Conversing, PerPeer, Stamp, Timestamp};
use crate::event::{
    ConnectionEnd, ConnectionInfo, Event, EventSink, Facts as MessageFacts, StreamEnd,
    TransportEnd, UnderTls,
};
use crate::finding::Severity;
use crate::http::Handshake;
use crate::page::words;
use crate::subprotocol::Recognised;
use crate::tcp::Ending;
use crate::tls::{Facts, Status};
use crate::ws::OpCode;

/// One connection.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The connection as its handshake describes it; the last one where there were several.
    pub info: ConnectionInfo,
    /// Each sender's totals.
    pub peers: PerPeer<Traffic>,
    /// The code of each sender's close frame, where it had one: 1005 for an empty body.
    pub close_codes: PerPeer<Option<u16>>,
    /// Findings: errors, warnings, notes.
    pub findings: [u64; 3],
    /// Its subprotocol, where it was recognised.
    pub recognised: Option<Recognised>,
    /// Units that were never answered.
    pub pending: u64,
    /// How TCP ended, or the stream.
    pub ending: Ending,
    /// What only the end of a stream has.
    pub stream: Option<StreamEnd>,
    /// The last packet known of it.
    pub last: Stamp,
    /// What was seen of its end.
    closing: Closing,
    /// How it ended, where that was reported.
    pub outcome: Option<Outcome>,
    /// What was said first.
    pub said: Said,
    /// When a side ended it.
    ended: Option<Timestamp>,
    /// The connection of which this is another leg, once both are known.
    pub same_as: Option<SameAs>,
}

impl Summary {
    /// A connection without messages.
    pub fn new(info: ConnectionInfo) -> Self {
        Self {
            peers: PerPeer::default(),
            close_codes: PerPeer::default(),
            findings: [0; 3],
            recognised: None,
            pending: 0,
            ending: Ending::Open,
            stream: None,
            last: info.flow.first,
            closing: Closing::default(),
            outcome: None,
            said: Said::default(),
            ended: None,
            same_as: None,
            info,
        }
    }

    /// Counts one message.
    pub fn message(&mut self, message: &MessageFacts) {
        self.peers[message.from].message(message);
        if message.opcode != OpCode::Close {
            self.closing.message(message.last.time);
        }
    }

    /// Notes a close frame, which is counted as a message, too.
    pub fn close(&mut self, close: Close) {
        if let Some(code) = close.code {
            self.close_codes[close.from].get_or_insert(code);
        }
        self.closing.close(close);
    }

    /// Counts one finding.
    pub fn finding(&mut self, severity: Severity) {
        let [errors, warnings, notes] = &mut self.findings;
        match severity {
            Severity::Error => *errors += 1,
            Severity::Warning => *warnings += 1,
            Severity::Note => *notes += 1,
        }
    }

    /// The connection has ended, or the capture has.
    pub fn end(&mut self, end: &ConnectionEnd) {
        self.ending = end.ending;
        self.stream = end.stream;
        self.outcome = Some(self.closing.outcome(end));
        self.last = end.last;
        self.ended = end.first_end.map(|(_, at)| at.time);
        for (peer, totals) in end.tcp.iter().flat_map(PerPeer::iter) {
            self.peers[peer].tcp = *totals;
        }
    }

    /// What it is known by as a leg of a session, where its request was captured.
    pub fn carrying(&self) -> Option<Carrying> {
        Some(Carrying {
            leg: Leg::of(&self.info)?,
            said: self.said.is_enough().then(|| Box::new(self.said.clone())),
            ended: self.ended,
        })
    }

    /// Which conversation it is.
    pub fn conversing(&self) -> Conversing {
        self.info.conversing
    }

    /// The handshake, where any of it was captured.
    pub fn handshake(&self) -> Option<&Handshake> {
        self.info.handshake.as_deref()
    }

    /// Host and target of the request, as far as they were captured.
    pub fn target(&self) -> String {
        self.handshake().map(words::target).unwrap_or_default()
    }

    /// Nanoseconds from its first packet to its last.
    pub fn duration(&self) -> i64 {
        self.last.time.since(self.info.flow.first.time)
    }

    /// Both senders together.
    pub fn totals(&self) -> Traffic {
        let mut both = self.peers.client;
        both.merge(&self.peers.server);
        both
    }
}

/// All connections, by number.
#[derive(Debug, Default)]
pub struct Summaries {
    /// By conversation.
    pub connections: BTreeMap<Conversing, Summary>,
    /// TLS connections that were not wholly read and carry none of these, as far as is known.
    pub unread: BTreeMap<Conversing, UnderTls>,
    /// Time of the capture's first packet.
    pub start: Timestamp,
    /// TCP connections that carry several of these, by their number.
    pub transports: BTreeMap<u64, Transport>,
}

/// A TCP connection that carries several conversations.
#[derive(Debug, Clone)]
pub struct Transport {
    /// Its end, with its totals.
    pub end: TransportEnd,
    /// The TLS that it is under.
    pub tls: Option<Facts>,
}

impl Summaries {
    /// Takes over another worker's connections.
    pub fn merge(&mut self, mut other: Self) {
        self.connections.append(&mut other.connections);
        self.unread.append(&mut other.unread);
        self.start = self.start.max(other.start);
        self.transports.append(&mut other.transports);
    }
}

impl EventSink for Summaries {
    fn begin(&mut self, start: Timestamp) {
        self.start = start;
    }

    #[expect(clippy::too_many_lines, reason = "a list of cases")]
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => {
                let info = info.clone();
                match self.connections.get_mut(&info.conversing) {
                    Some(summary) => summary.info = info,
                    None => {
                        self.connections.insert(info.conversing, Summary::new(info));
                    }
                }
            }
            Event::Message(message) => {
                if let Some(summary) = self.connections.get_mut(&message.conversing) {
                    summary.message(message);
                    summary.said.message(message);
                    if let Some(close) = Close::of(message) {
                        summary.close(close);
                    }
                }
            }
            Event::Finding {
                conversing,
                finding,
            } => {
                if let Some(summary) = self.connections.get_mut(&conversing) {
                    summary.finding(finding.code.severity());
                }
            }
            Event::Recognised {
                conversing,
                recognised,
            } => {
                if let Some(summary) = self.connections.get_mut(&conversing) {
                    summary.recognised = Some(*recognised);
                }
            }
            Event::Pending(pending) => {
                if let Some(summary) = self.connections.get_mut(&pending.conversing) {
                    summary.pending += 1;
                }
            }
            Event::Tls(told) => {
                let mut carried = 0;
                let connection = told.conversing.connection;
                let all = Conversing::from(connection)..Conversing::from(connection + 1);
                for (_, summary) in self.connections.range_mut(all) {
                    summary.info.tls = Some(Box::new(told.facts.clone()));
                    carried += 1;
                }
                if carried == 0 && told.facts.status != Status::Read {
                    self.unread.insert(told.conversing, told.clone());
                }
            }
            Event::Transport(end) => {
                let connection = end.flow.number;
                let all = Conversing::from(connection)..Conversing::from(connection + 1);
                let first = self.connections.range(all).next();
                let tls = first.and_then(|(_, summary)| summary.info.tls.as_deref().cloned());
                let end = *end;
                self.transports.insert(connection, Transport { end, tls });
            }
            Event::End(end) => {
                if let Some(summary) = self.connections.get_mut(&end.conversing) {
                    summary.end(end);
                }
            }
        }
    }
}
