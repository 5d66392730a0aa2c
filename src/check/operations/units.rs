//! Questions and answers of a connection's subprotocol.
//!
//! Job: tell who is slow, and what was never answered. Input: messages with their units, what is
//! left at the end. Output: findings.

use std::collections::BTreeMap;

use crate::base::{Peer, PerPeer, Stamp};
use crate::event::{Message, Pending};
use crate::finding::{Code, Figure, Finding, Observation, Sentence};
use crate::stats::Histogram;
use crate::subprotocol::Answered;

/// An answer that takes less is nobody's trouble.
const SLOW_NANOS: i64 = 1_000_000_000;

/// The others take so much less time.
const TIMES: u64 = 10;

/// Answers from which on it is known what is usual.
const USUAL: u64 = 5;

/// Protocols whose decoders tell themselves what is not answered.
const TELL: &[&str] = &["stomp"];

/// One connection's.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// By who answers.
    answers: PerPeer<Answers>,
    pending: BTreeMap<Peer, Left>,
}

/// How fast a side answers.
#[derive(Debug, Default)]
struct Answers {
    micros: Histogram,
    slowest: Option<Slowest>,
    /// What was answered last: of several answers the first one counts.
    last: Option<Answered>,
}

#[derive(Debug)]
struct Slowest {
    after: i64,
    what: String,
    message: u64,
    at: Stamp,
}

#[derive(Debug)]
struct Left {
    count: u64,
    oldest: Pending,
}

impl Units {
    /// Takes a message.
    pub(super) fn message(&mut self, message: &Message<'_>) {
        for unit in message.units {
            let (Some(after), Some(asked)) = (unit.after, unit.answers.last()) else {
                continue;
            };
            let answers = &mut self.answers[message.from];
            if answers.last == Some(*asked) {
                continue;
            }
            answers.last = Some(*asked);
            answers.micros.add(after.unsigned_abs() / 1_000);
            if answers.slowest.as_ref().is_none_or(|one| one.after < after) {
                let parts = [Some(unit.kind.as_ref()), unit.subject.as_deref()];
                let parts: Vec<_> = parts.into_iter().flatten().collect();
                answers.slowest = Some(Slowest {
                    after,
                    what: format!("{}, to message {}", parts.join(" "), asked.message),
                    message: message.number,
                    at: message.last,
                });
            }
        }
    }

    /// Something was never answered.
    pub(super) fn pending(&mut self, pending: &Pending) {
        if TELL.contains(&pending.protocol) {
            return;
        }
        let from = pending.question.from;
        let left = self.pending.entry(from).or_insert_with(|| Left {
            count: 0,
            oldest: pending.clone(),
        });
        left.count += 1;
    }

    /// The connection ends.
    pub(super) fn end(&self, last: Stamp, found: &mut impl FnMut(Finding)) {
        for (from, answers) in self.answers.iter() {
            if let Some(finding) = answers.slow(from) {
                found(finding);
            }
        }
        for (from, left) in &self.pending {
            found(left.finding(*from, last));
        }
    }
}

impl Answers {
    fn slow(&self, from: Peer) -> Option<Finding> {
        let slowest = self
            .slowest
            .as_ref()
            .filter(|one| one.after >= SLOW_NANOS)?;
        let usual = self.micros.percentile(50);
        let enough = self.micros.count() >= USUAL;
        if !enough || slowest.after.unsigned_abs() / 1_000 < usual.saturating_mul(TIMES) {
            return None;
        }
        let usual = i64::try_from(usual.saturating_mul(1_000)).unwrap_or(i64::MAX);
        let text = Sentence::new(
            &format!(
                "an answer of the {from} takes {{slowest}}, where half of its {{answers}} answers \
                 take no more than {{usual}}"
            ),
            &[
                ("slowest", Figure::Nanos(slowest.after)),
                ("answers", Figure::Count(self.micros.count())),
                ("usual", Figure::Nanos(usual)),
            ],
        );
        let text = text.with(&format!(": {}", slowest.what));
        let mut observation = Observation::new(Code::AnswerSlow, from, text);
        observation.text.clip(400);
        Some(observation.placed(Some(slowest.message), slowest.at))
    }
}

impl Left {
    fn finding(&self, from: Peer, last: Stamp) -> Finding {
        let question = &self.oldest.question;
        let text = Sentence::new(
            &format!(
                "units of the {from} that were never answered: {{count}}; the oldest waits for {{age}}"
            ),
            &[
                ("count", Figure::Count(self.count)),
                ("age", Figure::Nanos(self.oldest.age)),
            ],
        );
        let message = question.unit.message;
        let text = text.with(&format!(": message {message}, {}", question.what));
        let mut observation = Observation::new(Code::Unanswered, from, text);
        observation.text.clip(400);
        observation.placed(None, last)
    }
}
