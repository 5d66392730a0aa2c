//! A conversation for tests of decoders.
//!
//! Job: number messages and move time on, so that a test only says who sends what. Input: payloads.
//! Output: units, observations, what was never answered.

use super::asked::Question;
use super::decoder::{At, Body, Control, Opening, Out, Subprotocol};
use super::unit::Unit;
use crate::base::{PacketRef, Peer, Stamp, Timestamp};
use crate::finding::{Code, Observation};

/// A decoder with what came out of it.
pub(super) struct Talk {
    pub(super) decoder: Box<dyn Subprotocol>,
    /// Messages so far.
    pub(super) messages: u64,
    /// Milliseconds so far.
    pub(super) clock: u64,
    pub(super) heard: Heard,
}

/// What came out.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Of the last message.
    pub(super) units: Vec<Unit>,
    /// Of all messages.
    pub(super) notes: Vec<Observation>,
    pub(super) pending: Vec<Question>,
}

impl Out for Heard {
    fn unit(&mut self, unit: Unit) -> usize {
        self.units.push(unit);
        self.units.len() - 1
    }

    fn observe(&mut self, observation: Observation) {
        self.notes.push(observation);
    }

    fn pending(&mut self, question: Question) {
        self.pending.push(question);
    }
}

impl Talk {
    /// A conversation that opened so.
    pub(super) fn new(
        new: fn(&Opening<'_>) -> Box<dyn Subprotocol>,
        opening: &Opening<'_>,
    ) -> Self {
        Self {
            decoder: new(opening),
            messages: 0,
            clock: 0,
            heard: Heard::default(),
        }
    }

    fn at(&mut self, from: Peer) -> At {
        self.messages += 1;
        self.heard.units.clear();
        let stamp = self.stamp();
        At {
            from,
            message: self.messages,
            stamp,
            began: stamp.time,
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            packet: PacketRef::new(0, self.messages),
            time: Timestamp(self.clock * 1_000_000),
        }
    }

    /// Lets milliseconds go by.
    pub(super) fn wait(&mut self, milliseconds: u64) -> &mut Self {
        self.clock += milliseconds;
        self
    }

    /// A whole message; its units.
    pub(super) fn say(&mut self, from: Peer, payload: impl AsRef<[u8]>) -> &[Unit] {
        let bytes = payload.as_ref();
        let body = Body {
            text: std::str::from_utf8(bytes).is_ok(),
            bytes,
            holes: &[],
            whole: true,
        };
        self.hear(from, body)
    }

    /// Any message; its units.
    pub(super) fn hear(&mut self, from: Peer, body: Body<'_>) -> &[Unit] {
        let at = self.at(from);
        self.decoder.message(&at, body, &mut self.heard);
        &self.heard.units
    }

    /// A control frame.
    pub(super) fn control(&mut self, from: Peer, control: Control<'_>) {
        let at = self.at(from);
        self.decoder.control(&at, control, &mut self.heard);
    }

    /// The end: codes of all findings, and what was never answered.
    pub(super) fn end(&mut self) -> (Vec<Code>, Vec<String>) {
        let stamp = self.stamp();
        self.decoder.finish(stamp, &mut self.heard);
        let pending = self.heard.pending.iter();
        (
            self.codes(),
            pending.map(|open| open.what.clone()).collect(),
        )
    }

    /// The codes of all findings so far.
    pub(super) fn codes(&self) -> Vec<Code> {
        self.heard.notes.iter().map(|note| note.code).collect()
    }
}
