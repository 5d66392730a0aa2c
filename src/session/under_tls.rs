//! The record layer under a conversation.
//!
//! Job: put TLS between what a connection delivers and the conversation inside, and keep what it
//! shows itself until it is known whether anybody wants to hear it. Input: deliveries.
//! Output: deliveries to whatever is inside, findings, and what was read of it. RFC 8446 §1.

use super::awaited::Awaited;
use super::context::{Desk, Detail};
use super::{notes, tls_notes};
use crate::base::{Conversing, Peer, PerPeer, Stamp};
use crate::event::Wire;
use crate::finding::{Finding, Observation};
use crate::stream::{Delivery, Stamps};
use crate::tls::{Facts, Note, Out, RecordLayer, Records, Status};

/// How many connections of a capture, from the first, may try secrets that the key log gives for
/// others.
const WITH_TRIALS: u64 = 1024;

/// Observations that are kept while nothing was told of the conversation.
const MOST_NOTES: usize = 32;

/// What can be under TLS.
pub(super) trait Carried {
    /// What is known of the TLS that it is under; comes before the first delivery.
    fn under(&mut self, facts: Facts);
    /// Takes what is delivered.
    fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, desk: &mut Desk<'_>);
    /// Its name.
    fn id(&self) -> Conversing;
    /// Whether an event told of it.
    fn is_told(&self) -> bool;
    /// Something was seen of the connection below.
    fn noted(&mut self, note: Observation, at: Stamp, desk: &mut Desk<'_>);
}

/// TLS, and what it carries.
#[derive(Debug)]
pub(super) struct UnderTls<C> {
    records: Records,
    /// Secrets of other connections may be tried.
    trials: bool,
    /// What came so far, where the key log grows and lacks its lines.
    awaited: Option<Awaited>,
    /// What was seen and not told yet.
    notes: Vec<(Observation, Stamp)>,
    /// Whose FIN was captured, at the end.
    pub(super) fins: PerPeer<bool>,
    pub(super) inside: C,
}

impl<C: Carried> UnderTls<C> {
    /// TLS whose first record is yet to come.
    pub(super) fn new(inside: C, connection: u64, desk: &Desk<'_>) -> Self {
        let tools = &desk.tools;
        let trials = connection <= WITH_TRIALS;
        Self {
            records: Records::new(tools.keys.clone(), tools.limits, trials),
            trials,
            awaited: tools.keys.grows().then(Awaited::default),
            notes: Vec::new(),
            fins: PerPeer::default(),
            inside,
        }
    }

    /// Bytes of memory that a copy takes, without what is inside.
    pub(super) fn held(&self) -> usize {
        self.records.held()
    }

    /// The same with another copy of what is inside.
    pub(super) fn resting(&self, inside: C) -> Self {
        Self {
            records: self.records.resting(),
            trials: self.trials,
            // A conversation that can rest has begun.
            awaited: None,
            notes: self.notes.clone(),
            fins: self.fins,
            inside,
        }
    }

    /// Takes what is delivered.
    pub(super) fn delivery(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        desk: &mut Desk<'_>,
    ) {
        let limits = desk.tools.limits;
        if let Some(awaited) = &mut self.awaited {
            desk.tools.tls_waiting += awaited.keep(from, delivery, at);
            let full = awaited.bytes > 2 * limits.tls_held_bytes
                || desk.tools.tls_waiting > limits.tls_waiting_bytes;
            // Only to see the hellos.
            self.records.delivery(from, delivery, at, &mut Nobody);
            if full || !self.records.lacks_lines(&desk.tools.keys) {
                self.begin(desk);
            }
            return;
        }
        self.records.renew(&desk.tools.keys);
        self.deliver(from, delivery, at, desk);
        self.tell(desk);
    }

    fn deliver(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, desk: &mut Desk<'_>) {
        let out = &mut Inside {
            conversation: &mut self.inside,
            notes: &mut self.notes,
            desk,
        };
        self.records.delivery(from, delivery, at, out);
    }

    /// It has waited long enough for lines of the key log: reads what came until now.
    fn begin(&mut self, desk: &mut Desk<'_>) {
        let Some(awaited) = self.awaited.take() else {
            return;
        };
        let tools = &mut *desk.tools;
        tools.tls_waiting = tools.tls_waiting.saturating_sub(awaited.bytes);
        self.records = Records::new(tools.keys.clone(), tools.limits, self.trials);
        for (from, piece) in awaited.into_pieces() {
            self.deliver(from, piece.delivery(), piece.at(), desk);
            self.tell(desk);
        }
    }

    /// A second copy of TCP's bytes differs from the one that was used.
    pub(super) fn conflict(
        &mut self,
        from: Peer,
        conflict: Delivery<'_>,
        at: Stamp,
        desk: &mut Desk<'_>,
    ) {
        if let Some(note) = notes::delivered(from, conflict) {
            keep(&mut self.notes, note, at);
        }
        self.tell(desk);
    }

    /// Tells what was seen, once the conversation is reported.
    fn tell(&mut self, desk: &mut Desk<'_>) {
        if !self.notes.is_empty() && self.inside.is_told() {
            for (note, at) in self.notes.drain(..) {
                self.inside.noted(note, at, desk);
            }
        }
    }

    /// Whether nothing that still comes can be read.
    pub(super) fn is_over(&self) -> bool {
        self.awaited.is_none() && self.records.is_over()
    }

    /// The connection or the capture ends: gives out what is held.
    pub(super) fn finish(&mut self, last: Stamp, desk: &mut Desk<'_>) -> Facts {
        self.begin(desk);
        for from in Peer::BOTH {
            // RFC 8446 §6.1: who ends its direction says so first.
            if self.fins[from] && self.records.ends_without_alert(from) {
                keep(&mut self.notes, tls_notes::close_missing(from), last);
            }
        }
        let out = &mut Inside {
            conversation: &mut self.inside,
            notes: &mut self.notes,
            desk,
        };
        self.records.finish(last, out);
        self.records.facts()
    }

    /// The conversation has ended, too: tells what was seen, or gives it where nothing was reported
    /// the conversation and it was not wholly read.
    pub(super) fn settle(&mut self, status: Status, desk: &mut Desk<'_>) -> Vec<Finding> {
        self.tell(desk);
        let notes = std::mem::take(&mut self.notes);
        if status == Status::Read {
            return Vec::new();
        }
        let finding = |(note, at): (Observation, Stamp)| Finding {
            code: note.code,
            from: note.from,
            message: None,
            at,
            bit: None,
            text: note.text,
        };
        notes.into_iter().map(finding).collect()
    }
}

fn keep(notes: &mut Vec<(Observation, Stamp)>, note: Observation, at: Stamp) {
    if notes.len() < MOST_NOTES {
        notes.push((note, at));
    }
}

/// Nobody wants to know what can be read already.
struct Nobody;

impl Out for Nobody {
    fn begins(&mut self, _: Facts) {}

    fn bytes(&mut self, _: Peer, _: Delivery<'_>, _: Stamps) {}

    fn note(&mut self, _: Peer, _: Note, _: Stamps) {}
}

/// Where application data go.
struct Inside<'a, 'd, C> {
    conversation: &'a mut C,
    notes: &'a mut Vec<(Observation, Stamp)>,
    desk: &'a mut Desk<'d>,
}

impl<C: Carried> Out for Inside<'_, '_, C> {
    fn begins(&mut self, facts: Facts) {
        self.conversation.under(facts);
    }

    fn bytes(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) {
        self.conversation.delivery(from, delivery, at, self.desk);
    }

    fn wants_records(&self) -> bool {
        self.desk.tools.detail == Detail::Wire
    }

    fn record(&mut self, from: Peer, record: &RecordLayer, at: Stamps) {
        let wire = Wire::Record(record, at);
        self.desk.sink.wire(self.conversation.id(), from, wire);
    }

    fn note(&mut self, from: Peer, note: Note, at: Stamps) {
        for observation in tls_notes::observations(from, &note, at.last.time) {
            keep(self.notes, observation, at.last);
        }
    }
}
