//! What an HTTP/2 connection tells of its streams.
//!
//! Job: the values that pass from [`Streams`](super::Streams) to whoever reads WebSockets. Input and
//! output: none.

use super::frame::{ErrorCode, GoAway, Head};
use crate::base::{Peer, Stamp};
use crate::finding::Observation;
use crate::http::Handshake;
use crate::stream::{Delivery, Stamps};

/// Takes what streams carry. Streams that are known to carry no WebSocket are not told of.
pub trait Out {
    /// The CONNECT of a WebSocket is answered, or will never be. Comes before the stream's bytes.
    fn opened(&mut self, stream: u32, opened: Opened);
    /// A DATA frame of `from` begins on the stream of a WebSocket; its bytes follow.
    fn data(&mut self, stream: u32, from: Peer, frame: &DataFrame);
    /// Bytes that `from` sent on a stream. Where nothing opened it, nobody knows what it carries.
    fn bytes(&mut self, stream: u32, from: Peer, delivery: Delivery<'_>, at: Stamps);
    /// A sender was not allowed to send for a time.
    fn stalled(&mut self, stream: u32, stall: &Stall);
    /// A stream has ended, or its connection has.
    fn ended(&mut self, stream: u32, ended: Ended);
    /// The server gives the connection up, with these WebSockets on it.
    fn given_up(&mut self, away: GoAway, at: Stamp, streams: &[u32]);
    /// Something was seen on a stream; 0 is the connection.
    fn note(&mut self, stream: u32, note: Observation, at: Stamp);
}

/// A DATA frame that carries a part of a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataFrame {
    /// Where its data begin among those of the sender on the stream; `None` after a gap of unknown
    /// length.
    pub offset: Option<u64>,
    /// What it begins with. Its length counts padding, too.
    pub head: Head,
    /// The packet with its first byte.
    pub at: Stamp,
}

/// What became of a CONNECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A 2xx: what follows is WebSocket.
    Accepted,
    /// Another status, or a reset.
    Refused,
    /// The capture lacks the answer; what follows may be WebSocket.
    Missing,
    /// Nothing followed.
    None,
}

/// A CONNECT and what became of it.
#[derive(Debug)]
pub struct Opened {
    /// Both heads, as far as they were captured.
    pub handshake: Box<Handshake>,
    /// What became of it.
    pub answer: Answer,
    /// What is wrong with it, beside what the heads show by themselves.
    pub notes: Vec<(Observation, Stamp)>,
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It has not.
    Open,
    /// One end has said that it sends no more.
    HalfClosed(Peer),
    /// Both have.
    Closed,
    /// An end gave it up, with this code where it was captured.
    Reset(Peer, Option<ErrorCode>),
}

/// The end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// Who was the first to say that it ends.
    pub first: Option<(Peer, Stamp)>,
    /// The last packet of the stream.
    pub last: Stamp,
}

/// A time in which a sender was not allowed to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// Who was not.
    pub sender: Peer,
    /// It was the window of the connection, and not the stream's own, that was used up.
    pub connection: bool,
    /// The stream that used most of the connection's window, and how many bytes that were.
    pub by: Option<(u32, u64)>,
    /// The sender went on as soon as it was allowed to.
    pub resumed: bool,
    /// The packet that used it up.
    pub since: Stamp,
    /// The packet that allowed more.
    pub until: Stamp,
}

impl Stall {
    /// How long it took.
    pub fn nanos(&self) -> i64 {
        self.until.time.since(self.since.time)
    }
}
