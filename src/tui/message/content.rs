//! A message with all its bytes.
//!
//! Job: copy out of a replay what one message is made of. Input: events and what lies below them.
//! Output: [`Content`].

use std::ops::Deref;

use crate::base::{Conversing, Peer};
use crate::event::{Event, EventSink, Facts, Message, Wire};
use crate::explain::{Collector, Explanation, Links, Share, Step};
use crate::payload::Inflated;
use crate::replay::Until;
use crate::subprotocol::Unit;

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
    /// What it is, apart from its payload.
    pub facts: Facts,
    /// The payload; zeros in the holes.
    pub payload: Vec<u8>,
    /// It is whole and UTF-8.
    pub text: bool,
    /// What is not known: start and length.
    pub holes: Vec<(u64, u64)>,
    /// What one compressed stream over all messages of its sender makes of it.
    pub inflated: Option<Inflated>,
    /// What its subprotocol makes of it.
    pub units: Vec<Unit>,
    /// Its frames and bits, where they were asked for.
    pub wire: Option<Box<Bits>>,
}

impl Deref for Content {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

/// What lies below a message.
#[derive(Debug, Clone)]
pub struct Bits {
    /// Frames and compressed payloads.
    pub explanation: Explanation,
    /// The fields and symbols of the compressed payloads, in order.
    pub steps: Vec<Step>,
    /// How much of the payload came from where.
    pub shares: Vec<Share>,
}

impl Bits {
    /// What lies below a message. Takes time by the message's length.
    pub fn of(explanation: Explanation) -> Self {
        let explanation = explanation.rebuilt();
        Self {
            steps: explanation.steps(),
            shares: explanation.shares(),
            explanation,
        }
    }

    /// From bytes to bits to text and back.
    pub fn links(&self) -> Links<'_> {
        Links {
            explanation: &self.explanation,
            steps: &self.steps,
        }
    }
}

impl Content {
    /// Which message it is.
    pub fn key(&self) -> Key {
        Key {
            conversing: self.conversing,
            message: self.number,
        }
    }

    fn of(message: &Message<'_>) -> Self {
        Self {
            facts: message.facts,
            payload: message.payload.to_vec(),
            text: message.text.is_some(),
            holes: message.holes.to_vec(),
            inflated: message.inflated.cloned(),
            units: message.units.to_vec(),
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
            content.wire = explained.map(|explanation| Box::new(Bits::of(explanation)));
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
