//! The record layer under a conversation.
//!
//! Job: put TLS between what a connection delivers and the conversation inside. Input: deliveries.
//! Output: deliveries to whatever is inside, and what was read of it. RFC 8446 §1.

use super::context::Desk;
use crate::base::{Peer, Stamp};
use crate::stream::{Delivery, Stamps};
use crate::tls::{Facts, Note, Out, Records};

/// How many connections of a capture, from the first, may try secrets that the key log gives for
/// others.
const WITH_TRIALS: u64 = 1024;

/// What can be under TLS.
pub(super) trait Carried {
    /// What is known of the TLS that it is under; comes before the first delivery.
    fn under(&mut self, facts: Facts);
    /// Takes what is delivered.
    fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, desk: &mut Desk<'_>);
}

/// TLS, and what it carries.
#[derive(Debug)]
pub(super) struct UnderTls<C> {
    records: Records,
    pub(super) inside: C,
}

impl<C: Carried> UnderTls<C> {
    /// TLS whose first record is yet to come.
    pub(super) fn new(inside: C, connection: u64, desk: &Desk<'_>) -> Self {
        let tools = &desk.tools;
        let trials = connection <= WITH_TRIALS;
        Self {
            records: Records::new(tools.keys.clone(), tools.limits, trials),
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
        let inside = &mut self.inside;
        let out = &mut Inside { inside, desk };
        self.records.delivery(from, delivery, at, out);
    }

    /// Whether nothing that still comes can be read.
    pub(super) fn is_over(&self) -> bool {
        self.records.is_over()
    }

    /// The connection or the capture ends: gives out what is held.
    pub(super) fn finish(&mut self, last: Stamp, desk: &mut Desk<'_>) -> Facts {
        let inside = &mut self.inside;
        self.records.finish(last, &mut Inside { inside, desk });
        self.records.facts()
    }
}

/// Where application data go.
struct Inside<'a, 'd, C> {
    inside: &'a mut C,
    desk: &'a mut Desk<'d>,
}

impl<C: Carried> Out for Inside<'_, '_, C> {
    fn begins(&mut self, facts: Facts) {
        self.inside.under(facts);
    }

    fn bytes(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) {
        self.inside.delivery(from, delivery, at, self.desk);
    }

    fn note(&mut self, _: Peer, _: Note, _: Stamps) {}
}
