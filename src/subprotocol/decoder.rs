//! What a decoder of a subprotocol is.
//!
//! Job: say what a decoder takes and gives. Input: messages in order, with their holes. Output: units and
//! observations through [`Out`].

use std::fmt::Debug;

use super::asked::Question;
use super::unit::Unit;
use crate::base::{Limits, Peer, Stamp, Timestamp};
use crate::finding::Observation;

/// Which message is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Who sent it.
    pub from: Peer,
    /// Its number in the conversation.
    pub message: u64,
    /// The packet that completed it.
    pub stamp: Stamp,
    /// When its first byte was captured.
    pub began: Timestamp,
}

/// The payload of a data message, inflated.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// It was sent as text.
    pub text: bool,
    /// Its bytes from the start; zeros in the holes.
    pub bytes: &'a [u8],
    /// The same as UTF-8, where somebody has read them so already.
    pub read: Option<&'a str>,
    /// Ranges that are not known: start and length, sorted.
    pub holes: &'a [(u64, u64)],
    /// All of it is here: no holes, its end was seen, and nothing was cut at a bound.
    pub whole: bool,
}

impl<'a> Body<'a> {
    /// A whole text.
    pub fn as_text(&self) -> Option<&'a str> {
        let read = || self.read.or_else(|| std::str::from_utf8(self.bytes).ok());
        (self.whole && self.text).then(read).flatten()
    }
}

/// A control frame that went by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control<'a> {
    /// A ping.
    Ping,
    /// A pong.
    Pong,
    /// A close frame with its code and reason, where it has them.
    Close(Option<(u16, &'a str)>),
}

/// What the opening says about the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening<'a> {
    /// The request target, for instance `/ws?EIO=4&transport=websocket`.
    pub target: Option<&'a str>,
    /// The value of the answer's `Sec-WebSocket-Protocol`.
    pub agreed: Option<&'a str>,
    /// The bounds of a decoder's buffers: `unit_bytes`, `questions`.
    pub limits: Limits,
}

/// Takes what a decoder finds in a message.
pub trait Out {
    /// A unit that the message at hand completes. Returns its index among the message's units.
    fn unit(&mut self, unit: Unit) -> usize;

    /// Something that a peer did, about the message at hand where there is one.
    fn observe(&mut self, observation: Observation);

    /// What follows is about that message, until the next one is named.
    fn about(&mut self, at: &At) {
        let _ = at;
    }

    /// A unit was never answered. Only [`Subprotocol::finish`] knows.
    fn pending(&mut self, question: Question);
}

/// A decoder of one conversation, once it is recognised.
pub trait Subprotocol: Resting + Debug + Send + Sync {
    /// The next data message.
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out);

    /// A control frame went by, which shows that its sender is alive.
    fn control(&mut self, at: &At, control: Control<'_>, out: &mut dyn Out) {
        let _ = (at, control, out);
    }

    /// Messages of `from` are lost, nobody knows how many.
    fn lost(&mut self, from: Peer);

    /// The conversation, or the capture, ends at `stamp`.
    fn finish(&mut self, stamp: Stamp, out: &mut dyn Out);

    /// Bytes of memory that a copy takes, more or less.
    fn held(&self) -> usize {
        0
    }
}

/// A decoder of which there can be a copy that goes on from here.
pub trait Resting {
    /// The copy.
    fn resting(&self) -> Box<dyn Subprotocol>;
}

impl<T: Subprotocol + Clone + 'static> Resting for T {
    fn resting(&self) -> Box<dyn Subprotocol> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Subprotocol> {
    fn clone(&self) -> Self {
        self.as_ref().resting()
    }
}
