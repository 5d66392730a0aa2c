//! A message with all its bytes.
//!
//! Job: copy out of a replay what one message is made of. Input: events and what lies below them.
//! Output: [`Content`].

use crate::base::{Conversing, Peer, Stamp};
use crate::event::{Event, EventSink, Message, Status, Wire};
use crate::explain::{Collector, Explanation, Step};
use crate::replay::Until;
use crate::ws::OpCode;

/// Which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The conversation.
    pub conversing: Conversing,
    /// The message's.
    pub message: u64,
}

/// A message with all its bytes.
#[derive(Debug, Clone)]
pub struct Content {
    /// Which it is.
    pub key: Key,
    /// Who sent it.
    pub from: Peer,
    /// What it is.
    pub opcode: OpCode,
    /// The packet with its first byte.
    pub first: Stamp,
    /// The packet that completed it.
    pub last: Stamp,
    /// How much is known.
    pub status: Status,
    /// The payload; zeros in the holes.
    pub payload: Vec<u8>,
    /// It is whole and UTF-8.
    pub text: bool,
    /// What is not known: start and length.
    pub holes: Vec<(u64, u64)>,
    /// Longer than is kept.
    pub truncated: bool,
    /// Its frames and bits, where they were asked for.
    pub wire: Option<Box<Bits>>,
}

/// What lies below a message.
#[derive(Debug, Clone)]
pub struct Bits {
    /// Frames and compressed payloads.
    pub explanation: Explanation,
    /// The fields and symbols of the compressed payloads, in order.
    pub steps: Vec<Step>,
}

impl Content {
    fn of(message: &Message<'_>) -> Self {
        Self {
            key: Key {
                conversing: message.conversing,
                message: message.number,
            },
            from: message.from,
            opcode: message.opcode,
            first: message.first,
            last: message.last,
            status: message.status,
            payload: message.payload.to_vec(),
            text: message.text.is_some(),
            holes: message.holes.to_vec(),
            truncated: message.truncated,
            wire: None,
        }
    }
}

/// A sink that copies one message, and those behind it.
pub(super) struct Want<'a> {
    key: Key,
    /// The last message that is copied.
    last: u64,
    collector: Option<Collector>,
    found: &'a mut dyn FnMut(Content) -> bool,
    over: bool,
}

impl<'a> Want<'a> {
    /// Copies `key` and up to `more` messages behind it, with its bits where a collector gathers
    /// them; `found` takes them
    /// and says whether it wants more.
    pub(super) fn new(
        key: Key,
        more: u64,
        collector: Option<Collector>,
        found: &'a mut dyn FnMut(Content) -> bool,
    ) -> Self {
        Self {
            key,
            last: key.message.saturating_add(more),
            collector,
            found,
            over: false,
        }
    }
}

impl EventSink for Want<'_> {
    fn event(&mut self, event: Event<'_>) {
        if self.over {
            return;
        }
        if let Some(collector) = &mut self.collector {
            collector.event(event);
        }
        let Event::Message(message) = event else {
            return;
        };
        if message.conversing != self.key.conversing {
            return;
        }
        if (self.key.message..=self.last).contains(&message.number) {
            let mut content = Content::of(message);
            let explained = self.collector.as_mut().and_then(|c| c.found.pop());
            content.wire = explained.map(|explanation| {
                Box::new(Bits {
                    steps: explanation.steps(),
                    explanation,
                })
            });
            self.over = !(self.found)(content);
        }
        self.over |= message.number >= self.last;
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        if let Some(collector) = self.collector.as_mut().filter(|_| !self.over) {
            collector.wire(conversing, from, wire);
        }
    }
}

impl Until for Want<'_> {
    fn done(&self) -> bool {
        self.over
    }
}
