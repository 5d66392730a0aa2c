//! What the subprotocol makes of the messages.
//!
//! Job: feed messages to whoever recognises and decodes their subprotocol, and keep what comes out
//! until it is reported. Input: messages, control frames, losses. Output: units, observations with
//! their place, what was never answered.

use super::context::Tools;
use crate::base::{Conversing, Peer, Stamp};
use crate::event::{Message, Pending, Status};
use crate::finding::Observation;
use crate::http::Handshake;
use crate::subprotocol::{
    At, Body, Choice, Control, Opening, Out, Question, REGISTRY, Recognised, Recogniser, Unit,
};
use crate::ws::OpCode;

/// What looks into the messages of one conversation.
#[derive(Debug)]
pub(super) struct Units {
    recogniser: Recogniser,
    gathered: Gathered,
}

/// What came out and is not told yet.
#[derive(Debug, Default)]
struct Gathered {
    units: Vec<Unit>,
    notes: Vec<(Observation, Option<u64>, Stamp)>,
    pending: Vec<Question>,
    /// The message at hand, or none at the end.
    message: Option<u64>,
    stamp: Stamp,
}

impl Units {
    /// For a conversation that began so; `None` where nobody wants it looked into.
    pub(super) fn new(
        id: Conversing,
        handshake: Option<&Handshake>,
        tools: &Tools,
    ) -> Option<Self> {
        let choice = tools.choices.of(id);
        if matches!(choice, Choice::Nothing) {
            return None;
        }
        let target = handshake.and_then(Handshake::request_target);
        let agreed = handshake.and_then(Handshake::subprotocol);
        let opening = Opening {
            target: target.as_deref(),
            agreed: agreed.as_deref(),
            limits: tools.limits,
        };
        Some(Self {
            recogniser: Recogniser::new(&opening, choice, REGISTRY),
            gathered: Gathered::default(),
        })
    }

    /// A message is reported. Returns what it shows the conversation to speak, where it does.
    pub(super) fn message(&mut self, message: &Message<'_>, headless: bool) -> Option<Recognised> {
        let at = At {
            from: message.from,
            message: message.number,
            stamp: message.last,
            began: message.first_time,
        };
        self.gathered.units.clear();
        self.gathered.about(&at);
        let out = &mut self.gathered;
        match message.opcode {
            OpCode::Ping => self.recogniser.control(&at, Control::Ping, out),
            OpCode::Pong => self.recogniser.control(&at, Control::Pong, out),
            OpCode::Close => {
                let body = message.close();
                let said = body.as_ref().and_then(|body| {
                    let reason = std::str::from_utf8(body.reason).unwrap_or_default();
                    Some((body.code?, reason))
                });
                self.recogniser.control(&at, Control::Close(said), out);
            }
            OpCode::Reserved(_) => {}
            OpCode::Text | OpCode::Binary | OpCode::Continuation => {
                // Where the beginning is missing, nobody knows where in it the bytes stand.
                let unplaced = headless || message.is_lost();
                let body = Body {
                    text: message.opcode == OpCode::Text,
                    bytes: if unplaced { &[] } else { message.payload },
                    read: message.text.filter(|_| !unplaced),
                    holes: if unplaced { &[] } else { message.holes },
                    whole: message.status == Status::Complete && !message.truncated && !unplaced,
                };
                if self.recogniser.message(&at, body, out) {
                    return self.recogniser.recognised().copied();
                }
            }
        }
        None
    }

    /// The units of the message at hand.
    pub(super) fn told(&self) -> &[Unit] {
        &self.gathered.units
    }

    /// What was observed since the last time: the observation, its message and its place.
    pub(super) fn take_notes(&mut self) -> Vec<(Observation, Option<u64>, Stamp)> {
        std::mem::take(&mut self.gathered.notes)
    }

    /// Whether nothing that still comes is looked into.
    pub(super) fn is_over(&self) -> bool {
        self.recogniser.is_over()
    }

    /// Messages of `from` are lost, nobody knows how many.
    pub(super) fn lost(&mut self, from: Peer) {
        self.recogniser.lost(from);
    }

    /// The conversation, or the capture, ends: what was never answered.
    pub(super) fn finish(&mut self, conversing: Conversing, last: Stamp) -> Vec<Pending> {
        let Some(Recognised { name, .. }) = self.recogniser.recognised().copied() else {
            return Vec::new();
        };
        self.gathered.message = None;
        self.gathered.stamp = last;
        self.recogniser.finish(last, &mut self.gathered);
        let pending = self.gathered.pending.drain(..).map(|question| Pending {
            conversing,
            protocol: name,
            // Files need not be in the order of their times.
            age: last.time.since(question.stamp.time).max(0),
            question,
        });
        pending.collect()
    }

    /// A copy that goes on from here.
    pub(super) fn resting(&self) -> Self {
        Self {
            recogniser: self.recogniser.clone(),
            gathered: Gathered::default(),
        }
    }

    /// Bytes of memory that messages take which wait until their subprotocol is recognised.
    pub(super) fn kept(&self) -> usize {
        self.recogniser.kept()
    }

    /// Has these messages take less room.
    pub(super) fn pack(&mut self) {
        self.recogniser.pack();
    }

    /// Gives these messages up, to save memory.
    pub(super) fn let_go(&mut self) {
        self.recogniser.let_go();
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        size_of::<Self>() + self.recogniser.held()
    }
}

impl Out for Gathered {
    fn unit(&mut self, unit: Unit) -> usize {
        self.units.push(unit);
        self.units.len() - 1
    }

    fn observe(&mut self, observation: Observation) {
        self.notes.push((observation, self.message, self.stamp));
    }

    fn about(&mut self, at: &At) {
        self.message = Some(at.message);
        self.stamp = at.stamp;
    }

    fn pending(&mut self, question: Question) {
        self.pending.push(question);
    }
}
