//! Units of messages that were kept.
//!
//! Job: name them by the message that they are reported with. Input: what a decoder puts out.
//! Output: the same.

use crate::finding::Observation;
use crate::subprotocol::asked::Question;
use crate::subprotocol::decoder::{At, Out};
use crate::subprotocol::unit::{Answered, Unit};

/// Names units of the messages that were kept by the message that they are reported with.
pub(super) struct Renumbered<'a> {
    pub(super) first: u64,
    pub(super) out: &'a mut dyn Out,
}

impl Renumbered<'_> {
    fn renumber(&self, answered: &mut Answered) {
        answered.message = answered.message.max(self.first);
    }
}

impl Out for Renumbered<'_> {
    fn unit(&mut self, mut unit: Unit) -> usize {
        for answered in &mut unit.answers {
            self.renumber(answered);
        }
        self.out.unit(unit)
    }

    fn observe(&mut self, observation: Observation) {
        self.out.observe(observation);
    }

    fn about(&mut self, at: &At) {
        self.out.about(at);
    }

    fn pending(&mut self, mut question: Question) {
        self.renumber(&mut question.unit);
        self.out.pending(question);
    }
}
