//! The columns of the tables.
//!
//! Job: name, width and order of each. Input: none. Output: enums that views draw and updates
//! sort by.

use std::cmp::Ordering;

use crate::base::Peer;
use crate::tui::index::{Connection, Row};

/// Columns of the table of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectionColumn {
    /// Its number.
    Number,
    /// Who opened it.
    Client,
    /// Who answered.
    Server,
    /// Host and target of the request.
    Target,
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

impl ConnectionColumn {
    /// From left to right.
    pub const ALL: [Self; 14] = [
        Self::Number,
        Self::Client,
        Self::Server,
        Self::Target,
        Self::State,
        Self::ClientWindow,
        Self::ServerWindow,
        Self::Messages,
        Self::Wire,
        Self::Payload,
        Self::Ratio,
        Self::Findings,
        Self::Start,
        Self::Duration,
    ];

    /// Its head.
    pub fn title(self) -> &'static str {
        match self {
            Self::Number => "#",
            Self::Client => "client",
            Self::Server => "server",
            Self::Target => "host and target",
            Self::State => "state",
            Self::ClientWindow => "c.win",
            Self::ServerWindow => "s.win",
            Self::Messages => "msgs",
            Self::Wire => "wire",
            Self::Payload => "payld",
            Self::Ratio => "ratio",
            Self::Findings => "find",
            Self::Start => "start",
            Self::Duration => "duration",
        }
    }

    /// Which of two comes first.
    pub fn compare(self, a: &Connection, b: &Connection) -> Ordering {
        let (left, right) = (a.totals(), b.totals());
        match self {
            Self::Number => Ordering::Equal,
            Self::Client => end(a, Peer::Client).cmp(&end(b, Peer::Client)),
            Self::Server => end(a, Peer::Server).cmp(&end(b, Peer::Server)),
            Self::Target => a.target().cmp(&b.target()),
            Self::State => state(a).cmp(&state(b)),
            Self::ClientWindow => window(a, Peer::Client).cmp(&window(b, Peer::Client)),
            Self::ServerWindow => window(a, Peer::Server).cmp(&window(b, Peer::Server)),
            Self::Messages => left.messages.total().cmp(&right.messages.total()),
            Self::Wire => left.websocket_bytes.cmp(&right.websocket_bytes),
            Self::Payload => left.payload_bytes.cmp(&right.payload_bytes),
            Self::Ratio => left.ratio().total_cmp(&right.ratio()),
            Self::Findings => a.findings.cmp(&b.findings),
            Self::Start => a.info.flow.first.time.cmp(&b.info.flow.first.time),
            Self::Duration => a.duration().cmp(&b.duration()),
        }
        .then(a.conversing().cmp(&b.conversing()))
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Bytes of payload.
    Payload,
    /// Payload bytes for each compressed one.
    Ratio,
    /// The payload's first characters.
    Preview,
}

impl MessageColumn {
    /// From left to right.
    pub const ALL: [Self; 10] = [
        Self::Connection,
        Self::Number,
        Self::Time,
        Self::From,
        Self::OpCode,
        Self::Flags,
        Self::Wire,
        Self::Payload,
        Self::Ratio,
        Self::Preview,
    ];

    /// Those that messages can be sorted by; time first, which is the order they come in.
    pub const SORTED: [Self; 7] = [
        Self::Time,
        Self::From,
        Self::OpCode,
        Self::Wire,
        Self::Payload,
        Self::Ratio,
        Self::Flags,
    ];

    /// Its head.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connection => "con",
            Self::Number => "#",
            Self::Time => "time",
            Self::From => "",
            Self::OpCode => "opcode",
            Self::Flags => "flag",
            Self::Wire => "wire",
            Self::Payload => "payld",
            Self::Ratio => "ratio",
            Self::Preview => "payload",
        }
    }

    /// Which of two comes first; equal ones stay in time.
    pub fn compare(self, a: &Row, b: &Row) -> Ordering {
        match self {
            Self::Connection => a.conversing().cmp(&b.conversing()),
            Self::Number => a.number.cmp(&b.number),
            Self::From => a.from.cmp(&b.from),
            Self::OpCode => a.opcode.cmp(&b.opcode),
            Self::Flags => flags(a).cmp(&flags(b)),
            Self::Wire => a.wire.cmp(&b.wire),
            Self::Payload => a.payload().cmp(&b.payload()),
            Self::Ratio => {
                let ratio = |row: &Row| row.facts().ratio().unwrap_or(-1.0);
                ratio(a).total_cmp(&ratio(b))
            }
            Self::Time | Self::Preview => Ordering::Equal,
        }
    }
}

fn flags(row: &Row) -> (Option<crate::finding::Severity>, bool, u32, bool) {
    let whole = row.status == crate::event::Status::Complete;
    (row.finding, !whole, row.frames, row.compressed)
}
