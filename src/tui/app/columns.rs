//! The columns of the tables.
//!
//! Job: name and order of each. Input: none. Output: enums that views draw and updates sort by.

use std::cmp::Ordering;

use strum::{IntoStaticStr, VariantArray};

use super::table::{Column, Head};
use crate::base::{Conversing, Peer};
use crate::event::Status;
use crate::finding::{Finding, Severity};
use crate::output::outcome;
use crate::page::words;
use crate::stats::Traffic;
use crate::tui::index::{Connection, Row};
use crate::ws::OpCode;

/// Columns of the table of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum ConnectionColumn {
    /// Its number.
    Number,
    /// Who opened it.
    Client,
    /// Who answered.
    Server,
    /// Host and target of the request.
    Target,
    /// The processes that have its ends.
    Process,
    /// Who ended it, and how.
    End,
    /// Open, closed, reset, refused.
    State,
    /// How the client compresses.
    ClientWindow,
    /// How the server compresses.
    ServerWindow,
    /// Messages.
    Messages,
    /// Bytes of frames.
    Wire,
    /// Bytes of payloads.
    Payload,
    /// Inflated bytes for each compressed one.
    Ratio,
    /// Findings.
    Findings,
    /// When it began.
    Start,
    /// How long it lasted.
    Duration,
}

impl Column for ConnectionColumn {
    fn head(self) -> Head {
        match self {
            Self::Number => Head::place("#", "number of the connection"),
            Self::Client => Head::words("client", "who opened it"),
            Self::Server => Head::words("server", "who answered"),
            Self::Target => Head::words("host and target", "what the request asks for"),
            Self::Process => Head::words(
                "process",
                "the processes of this machine that have its ends",
            ),
            Self::End => Head::words("end", "who ended it (→ client, ← server), and how"),
            Self::State => Head::words("state", "open, closed, reset or refused"),
            Self::ClientWindow => Head::words("c.win", "how the client compresses"),
            Self::ServerWindow => Head::words("s.win", "how the server compresses"),
            Self::Messages => Head::figure("msgs", "messages"),
            Self::Wire => Head::figure("wire", "bytes of frames"),
            Self::Payload => Head::figure("payld", "bytes of payloads"),
            Self::Ratio => Head::figure("ratio", "inflated bytes for each compressed one"),
            Self::Findings => Head::figure("find", "errors, warnings, notes"),
            Self::Start => Head::place("start", "when it began"),
            Self::Duration => Head::figure("duration", "how long it lasted"),
        }
    }

    fn fits(self, width: u16) -> bool {
        // The host and the end say it, more often than not.
        match self {
            Self::Server | Self::State => width >= 100,
            Self::Process => width >= 120,
            _ => true,
        }
    }
}

impl ConnectionColumn {
    /// Which of two comes first.
    pub fn compare(self, a: &Connection, b: &Connection) -> Ordering {
        let totals = |get: fn(&Traffic) -> u64| get(&a.totals()).cmp(&get(&b.totals()));
        match self {
            Self::Number => a.conversing().cmp(&b.conversing()),
            Self::Client => end(a, Peer::Client).cmp(&end(b, Peer::Client)),
            Self::Server => end(a, Peer::Server).cmp(&end(b, Peer::Server)),
            Self::Target => a.target().cmp(&b.target()),
            Self::Process => {
                let [left, right] = [a, b].map(|one| words::processes(&one.info.processes));
                // Those of which nothing is known come last.
                (left.is_empty(), left).cmp(&(right.is_empty(), right))
            }
            Self::End => ending(a).cmp(&ending(b)),
            Self::State => state(a).cmp(&state(b)),
            Self::ClientWindow => window(a, Peer::Client).cmp(&window(b, Peer::Client)),
            Self::ServerWindow => window(a, Peer::Server).cmp(&window(b, Peer::Server)),
            Self::Messages => totals(|one| one.messages.total()),
            Self::Wire => totals(|one| one.websocket_bytes),
            Self::Payload => totals(|one| one.payload_bytes),
            Self::Ratio => a.totals().ratio().total_cmp(&b.totals().ratio()),
            Self::Findings => a.findings.cmp(&b.findings),
            Self::Start => a.info.flow.first.time.cmp(&b.info.flow.first.time),
            Self::Duration => a.duration().cmp(&b.duration()),
        }
    }
}

fn end(connection: &Connection, peer: Peer) -> (std::net::IpAddr, u16) {
    let flow = &connection.info.flow;
    let end = match peer {
        Peer::Client => flow.client(),
        Peer::Server => flow.server(),
    };
    (end.address, end.port)
}

/// What is unusual first.
fn ending(connection: &Connection) -> (bool, String) {
    let outcome = connection.outcome.as_ref();
    let usual = outcome.is_none_or(|outcome| !outcome::is_unusual(outcome));
    (usual, outcome.map(outcome::brief).unwrap_or_default())
}

fn state(connection: &Connection) -> (u8, u8) {
    use crate::tcp::Ending;
    let ending = match connection.ending {
        Ending::Open => 0,
        Ending::HalfClosed(_) => 1,
        Ending::Closed => 2,
        Ending::Reset(_) => 3,
    };
    (connection.info.upgrade as u8, ending)
}

fn window(connection: &Connection, peer: Peer) -> Option<(u8, bool)> {
    connection.info.parameters().map(|both| {
        let one = both[peer];
        let keeps = one.takeover == crate::deflate::Takeover::Keep;
        (one.window_bits.get(), keeps)
    })
}

/// Columns of the list of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum MessageColumn {
    /// The connection's number.
    Connection,
    /// The message's number.
    Number,
    /// When.
    Time,
    /// Who sent it.
    From,
    /// What it is.
    OpCode,
    /// Compressed, fragments, partial, finding.
    Flags,
    /// Bytes of frames.
    Wire,
    /// In the lab: bytes of frames before the last change.
    Before,
    /// In the lab: bytes of frames if the window were empty.
    Alone,
    /// Bytes of payload.
    Payload,
    /// Payload bytes for each compressed one.
    Ratio,
    /// The payload's first characters.
    Preview,
}

impl Column for MessageColumn {
    fn head(self) -> Head {
        match self {
            Self::Connection => Head::place("con", "number of the connection"),
            Self::Number => Head::place("#", "number of the message"),
            Self::Time => Head::place("time", "when it was whole"),
            Self::From => Head::words("", "→ from the client, ← from the server"),
            Self::OpCode => Head::words("opcode", "text, binary, close, ping or pong"),
            Self::Flags => Head {
                backwards: Some(true),
                ..Head::words("flag", "findings, holes, fragments, compression")
            },
            Self::Wire => Head::figure("wire", "bytes of frames"),
            Self::Before => Head {
                backwards: None,
                ..Head::figure("was", "in the lab: bytes of frames before the last change")
            },
            Self::Alone => Head {
                backwards: None,
                ..Head::figure(
                    "alone",
                    "in the lab: bytes of frames if the window were empty",
                )
            },
            Self::Payload => Head::figure("payld", "bytes of payload"),
            Self::Ratio => Head::figure("ratio", "inflated bytes for each compressed one"),
            Self::Preview => Head {
                backwards: None,
                ..Head::words("payload", "its first characters")
            },
        }
    }

    fn fits(self, width: u16) -> bool {
        !matches!(self, Self::Flags | Self::Ratio | Self::Wire) || width >= 70
    }
}

impl MessageColumn {
    /// What a message is sorted by; equal ones stay in time.
    pub fn key(self, row: &Row) -> u64 {
        match self {
            Self::Connection => {
                let Conversing { connection, stream } = row.conversing();
                connection << 32 | u64::from(stream)
            }
            Self::Number => row.number.into(),
            Self::From => u64::from(row.from == Peer::Server),
            // Those without a meaning come last.
            Self::OpCode => match row.opcode {
                OpCode::Reserved(bits) => 16 + u64::from(bits),
                known => known.bits().into(),
            },
            Self::Flags => flags(row),
            Self::Wire => row.wire,
            Self::Payload => row.payload().map_or(0, |bytes| bytes.saturating_add(1)),
            Self::Ratio => rising(row.facts().ratio().unwrap_or(-1.0)),
            Self::Time | Self::Before | Self::Alone | Self::Preview => 0,
        }
    }
}

/// The worst finding, then holes, fragments, compression.
fn flags(row: &Row) -> u64 {
    let finding = row.finding.map_or(0, |severity| match severity {
        Severity::Note => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    });
    let whole = row.status == Status::Complete;
    finding << 34 | u64::from(!whole) << 33 | u64::from(row.frames) << 1 | u64::from(row.compressed)
}

/// A figure that rises as `value` does (IEEE 754: bits rise with the value, and fall where it is negative).
fn rising(value: f64) -> u64 {
    let bits = value.to_bits();
    if value.is_sign_negative() {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// Columns of the list of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum FindingColumn {
    /// How bad it is.
    Severity,
    /// When.
    Time,
    /// The connection's number.
    Connection,
    /// The message's number.
    Message,
    /// The packet's number.
    Packet,
    /// Its name.
    Code,
    /// What was found.
    Text,
}

impl Column for FindingColumn {
    fn head(self) -> Head {
        match self {
            Self::Severity => Head {
                backwards: Some(true),
                ..Head::words("severity", "error, warning or note; causes first")
            },
            Self::Time => Head::place("time", "when the packet that showed it was captured"),
            Self::Connection => Head::place("con", "number of the connection"),
            Self::Message => Head::place("msg", "number of the message"),
            Self::Packet => Head::place("packet", "number of the packet"),
            Self::Code => Head::words("code", "name of the finding"),
            Self::Text => Head {
                backwards: None,
                ..Head::words("text", "what was found")
            },
        }
    }

    fn fits(self, width: u16) -> bool {
        self != Self::Packet || width >= 100
    }
}

impl FindingColumn {
    /// Which of two comes first.
    pub fn compare(self, a: &(Conversing, Finding), b: &(Conversing, Finding)) -> Ordering {
        // A cause before the symptoms that it explains.
        let severity = |one: &Finding| (one.code.severity(), one.code.is_cause());
        match self {
            Self::Severity => severity(&a.1).cmp(&severity(&b.1)),
            Self::Time => a.1.at.time.cmp(&b.1.at.time),
            Self::Connection => a.0.cmp(&b.0),
            Self::Message => a.1.message.cmp(&b.1.message),
            Self::Packet => a.1.at.packet.number.cmp(&b.1.at.packet.number),
            Self::Code => a.1.code.name().cmp(b.1.code.name()),
            Self::Text => Ordering::Equal,
        }
    }
}
