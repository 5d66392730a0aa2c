//! What the analysis tells: the only type that sinks see.
//!
//! Job: carry connections, messages, findings and ends to whoever prints, counts or shows.
//! Input: made by [`crate::session`]. Output: [`Event`]s, which borrow from the capture.

mod account;
mod facts;
mod render;
mod status;
mod wire;

pub use account::Account;
pub use facts::Facts;
pub use render::{Outlet, Piece, Portion, Rendered, Renderer, Rendering, Take, rendered};
pub use status::{Reason, Status};
pub use wire::{Inflated, Wire};

use std::ops::Deref;

use strum::IntoStaticStr;

use crate::base::{Conversing, Peer, PerPeer, Stamp, Timestamp};
use crate::deflate::{Agreement, Parameters};
use crate::finding::Finding;
use crate::http::Handshake;
use crate::http2::frame::ErrorCode;
use crate::payload;
use crate::preamble::Proxied;
use crate::subprotocol::{Question, Recognised, Unit};
use crate::tcp::{Ending, Flow, Process};
use crate::tls;
use crate::ws::{CloseBody, OpCode};

/// One thing that happened on one connection.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A WebSocket connection is known, or an upgrade was refused. Comes before its messages.
    Connection(&'a ConnectionInfo),
    /// A message is whole, or will never be.
    Message(&'a Message<'a>),
    /// A peer broke a rule, or the capture lacks something.
    Finding {
        /// The conversation.
        conversing: Conversing,
        /// The finding.
        finding: &'a Finding,
    },
    /// The subprotocol of a conversation is known. Comes before the message that shows it.
    Recognised {
        /// The conversation.
        conversing: Conversing,
        /// What it is.
        recognised: &'a Recognised,
    },
    /// A unit was never answered. Comes before the conversation's end.
    Pending(&'a Pending),
    /// A TLS connection has ended, or the capture has; whether or not it could be read.
    Tls(&'a UnderTls),
    /// A connection that was told of has ended, or the capture has.
    End(&'a ConnectionEnd),
    /// A connection with streams that were reported has ended, or the capture has.
    Transport(&'a TransportEnd),
}

/// Takes events in order. A sink that shows them is a [`Renderer`].
pub trait EventSink {
    /// The capture's first packet was captured at `start`. Comes once, before any event.
    fn begin(&mut self, start: Timestamp) {
        let _ = start;
    }

    /// The next event.
    fn event(&mut self, event: Event<'_>);

    /// Something on the wire that `from` sent, where it was asked for.
    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        let _ = (conversing, from, wire);
    }
}

/// What became of the upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Upgrade {
    /// A 101 was seen: what follows is WebSocket.
    Accepted,
    /// Another status answered; HTTP goes on.
    Refused,
    /// The request was seen and its answer lies in a gap; frames followed.
    AnswerMissing,
    /// The request was seen and nothing after it.
    Unanswered,
    /// Neither was captured; the frames gave it away.
    NotCaptured,
}

impl Upgrade {
    /// As the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the connection became a WebSocket.
    pub fn is_websocket(self) -> bool {
        !matches!(self, Self::Refused | Self::Unanswered)
    }
}

/// A connection as its handshake describes it.
#[derive(Debug, Clone)]
pub struct ConnectionInfo {
    /// The conversation.
    pub conversing: Conversing,
    /// The TCP connection: number, ends, first packet.
    pub flow: Flow,
    /// Whether it became a WebSocket.
    pub upgrade: Upgrade,
    /// The exchange, where any of it was captured.
    pub handshake: Option<Box<Handshake>>,
    /// The compression that holds.
    pub agreement: Agreement,
    /// The agreement is a guess, since the answer was not captured.
    pub inferred: bool,
    /// The TLS that it is under, as far as that is known at its beginning.
    pub tls: Option<Box<tls::Facts>>,
    /// What the preambles before the handshake name, in their order.
    pub proxied_from: Vec<Proxied>,
    /// The processes of this machine that had its ends when it became known; only while capturing.
    pub processes: PerPeer<Option<Process>>,
}

/// A TLS connection at its end.
#[derive(Debug, Clone)]
pub struct UnderTls {
    /// The conversation that it carries, or would.
    pub conversing: Conversing,
    /// The TCP connection.
    pub flow: Flow,
    /// What was read, and why not the rest.
    pub facts: tls::Facts,
    /// What the preambles before it name, in their order.
    pub proxied_from: Vec<Proxied>,
    /// Whether events told of what it carries.
    pub told: bool,
    /// What it shows itself, where nothing that it carries was reported, and not all was read.
    pub findings: Vec<Finding>,
    /// Its last packet.
    pub last: Stamp,
}

impl Upgrade {
    /// Whether the server was seen to accept: what follows is WebSocket.
    pub fn is_accepted(self) -> bool {
        self == Self::Accepted
    }
}

impl ConnectionInfo {
    /// Each sender's compression parameters, where any compression was agreed.
    pub fn parameters(&self) -> Option<PerPeer<Parameters>> {
        match self.agreement {
            Agreement::None | Agreement::Unknown => None,
            Agreement::PermessageDeflate(both) | Agreement::DeflateFrame(both) => Some(both),
        }
    }
}

/// The end of one of a message's frames inside its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// How much of the payload, inflated, the frames so far have brought.
    pub at: u64,
    /// The frame's compressed bytes end in `00 00 ff ff`: the sender flushed here.
    pub flushed: bool,
}

/// One message, data or control.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// What it is, apart from its payload.
    pub facts: Facts,
    /// When the packet with its first byte was captured.
    pub first_time: Timestamp,
    /// Where all its frames but the last end. Empty where the sink does without payloads; of
    /// very many frames only the first ones.
    pub splits: &'a [Split],
    /// The payload from its start; zeros in the holes. Shorter than `payload_bytes` where
    /// `truncated`, where a hole reaches to the end of an unfinished message, or where the sink
    /// does without payloads. Where the first fragment is missing, it is the end of the payload.
    pub payload: &'a [u8],
    /// The payload as text, where it is whole and UTF-8.
    pub text: Option<&'a str>,
    /// Ranges of the payload that are not known: start and length.
    pub holes: &'a [(u64, u64)],
    /// What one compressed stream over all messages of its sender makes of it.
    pub inflated: Option<&'a payload::Inflated>,
    /// What its subprotocol completes with it.
    pub units: &'a [Unit],
}

impl Deref for Message<'_> {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

impl<'a> Message<'a> {
    /// The packet with its first byte, with its time.
    pub fn began(&self) -> Stamp {
        Stamp {
            packet: self.first,
            time: self.first_time,
        }
    }

    /// Bytes that are not known, of those that have a place in its payload.
    pub fn missing_bytes(&self) -> u64 {
        self.holes.iter().map(|(_, len)| len).sum()
    }

    /// The close code and reason, where this is a close frame whose body is known.
    pub fn close(&self) -> Option<CloseBody<'a>> {
        (self.opcode == OpCode::Close && self.status == Status::Complete)
            .then(|| CloseBody::parse(self.payload))
    }
}

/// Whether one of the sorted `holes`, each a start and a length, covers `index`.
pub fn in_holes(holes: &[(u64, u64)], index: u64) -> bool {
    let after = holes.partition_point(|(start, len)| start.saturating_add(*len) <= index);
    holes.get(after).is_some_and(|(start, _)| *start <= index)
}

/// What one peer put on the wire, as TCP saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TcpTotals {
    /// Packets with a segment of this peer.
    pub packets: u64,
    /// Packets of them whose segment carries no payload: acknowledgements and the like.
    pub empty_packets: u64,
    /// TCP payload bytes on the wire, retransmissions included.
    pub payload_bytes: u64,
    /// Bytes of its packets as captured, link and IP headers included.
    pub captured_bytes: u64,
    /// Bytes that were sent and are not in the capture.
    pub missing_bytes: u64,
}

/// A unit that was never answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The conversation.
    pub conversing: Conversing,
    /// Its subprotocol, by its name in the registry.
    pub protocol: &'static str,
    /// What was asked.
    pub question: Question,
    /// Nanoseconds until the conversation, or the capture, ended.
    pub age: i64,
}

/// A connection's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionEnd {
    /// The conversation.
    pub conversing: Conversing,
    /// How TCP ended, or the stream: END_STREAM is to a stream what FIN is to TCP.
    pub ending: Ending,
    /// Who was the first to say that it ends, and where.
    pub first_end: Option<(Peer, Stamp)>,
    /// Its last packet.
    pub last: Stamp,
    /// The bytes that carried it; `None` for a stream, which is one of several on its connection.
    pub tcp: Option<PerPeer<TcpTotals>>,
    /// What only the end of a stream has.
    pub stream: Option<StreamEnd>,
}

/// The end of a stream of HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamEnd {
    /// Why it was reset, where it was and that was captured.
    pub reset: Option<ErrorCode>,
    /// It ended because its connection did.
    pub by_connection: bool,
    /// Bytes of each sender that are not in the capture; where nobody knows how many, the most that it
    /// can be, and at least one.
    pub missing: PerPeer<u64>,
}

/// The end of a TCP connection under several streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportEnd {
    /// The TCP connection.
    pub flow: Flow,
    /// How TCP ended.
    pub ending: Ending,
    /// Its last packet.
    pub last: Stamp,
    /// The bytes that carried all its streams.
    pub tcp: PerPeer<TcpTotals>,
}

impl ConnectionEnd {
    /// Bytes that `from` sent and that are not in the capture.
    pub fn missing_bytes(&self, from: Peer) -> u64 {
        let of_stream = self.stream.map_or(0, |stream| stream.missing[from]);
        self.tcp.map_or(of_stream, |tcp| tcp[from].missing_bytes)
    }
}
