//! What of a conversation is not known, and what is therefore left unsaid.
//!
//! Job: blame no peer for what the capture lacks. Input: messages, losses, what looks wrong. Output:
//! at the end the observations and open questions that no loss explains.
//!
//! A direction stops at a hole until late segments have had their time, while the other one goes
//! on: so an answer can come before its question, and what looks wrong then is reported at the end.

use super::asked::Question;
use super::decoder::{At, Opening, Out};
use super::telling::ENTRY_BYTES;
use crate::base::{Peer, PerPeer};
use crate::finding::{Code, Observation, Sentence};

/// How much of a conversation is seen.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    all: bool,
    /// The number of the last message.
    last: u64,
    /// The last messages before the first and before the last loss of each sender.
    lost: PerPeer<Option<(u64, u64)>>,
    later: Vec<(At, Observation)>,
    /// Observations that are kept.
    most: usize,
}

impl Sight {
    /// All is seen of a conversation whose opening was.
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        Self {
            all: opening.target.is_some(),
            last: 0,
            lost: PerPeer::default(),
            later: Vec::new(),
            most: opening.limits.questions,
        }
    }

    /// A message is looked at.
    pub(super) fn message(&mut self, at: &At) {
        self.last = self.last.max(at.message);
    }

    /// Something that `from` said is not known.
    pub(super) fn lost(&mut self, from: Peer) {
        let first = self.lost[from].map_or(self.last, |(first, _)| first);
        self.lost[from] = Some((first, self.last));
        self.blind();
    }

    /// Something is not known, nobody knows of whom; or more was said than is kept.
    pub(super) fn blind(&mut self) {
        self.all = false;
        self.later.clear();
    }

    /// Nothing is unknown until now.
    pub(super) fn is_whole(&self) -> bool {
        self.all
    }

    /// Keeps what looks wrong about a message, to be told unless a loss explains it.
    pub(super) fn suspect(&mut self, at: &At, code: Code, text: impl Into<Sentence>) {
        if self.all && self.later.len() < self.most {
            self.later
                .push((*at, Observation::new(code, at.from, text)));
        }
    }

    /// The conversation ends with these questions open.
    pub(super) fn finish(&mut self, open: Vec<Question>, out: &mut dyn Out) {
        for (at, observation) in self.later.drain(..) {
            out.about(&at);
            out.observe(observation);
        }
        for question in open {
            // The answer may be in what is lost, or came before a question that a hole held up.
            let asked = question.unit.message;
            let lost = self.lost[question.from.other()].is_some_and(|(_, last)| asked <= last);
            let late = self.lost[question.from].is_some_and(|(first, _)| first < asked);
            if !lost && !late {
                out.pending(question);
            }
        }
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.later.len() * ENTRY_BYTES
    }
}
