//! A conversation for tests of decoders.
//!
//! Job: number messages and move time on, so that a test only says who sends what. Input: payloads. Output: units,
//! each as a line where that is asked for, observations, what was never answered.

use super::{
    At, Body, Control, Entry, Look, Opening, Out, Question, Subprotocol, Unit, UnitStatus,
};
use crate::base::{PacketRef, Peer, Stamp, Timestamp};
use crate::finding::{Code, Observation};

/// What was told.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) units: Vec<Unit>,
    pub(super) findings: Vec<Observation>,
    pub(super) pending: Vec<Question>,
}

impl Out for Told {
    fn unit(&mut self, unit: Unit) -> usize {
        self.units.push(unit);
        self.units.len() - 1
    }

    fn observe(&mut self, observation: Observation) {
        self.findings.push(observation);
    }

    fn pending(&mut self, question: Question) {
        self.pending.push(question);
    }
}

impl Told {
    /// Each unit as a line: kind, subject, `#id`, `<-message.unit`, a mark where it is not well,
    /// fields, body.
    pub(super) fn lines(&self) -> Vec<String> {
        self.units.iter().map(line).collect()
    }

    pub(super) fn codes(&self) -> Vec<Code> {
        self.findings.iter().map(|seen| seen.code).collect()
    }
}

fn line(unit: &Unit) -> String {
    let mut words = vec![unit.kind.to_string()];
    words.extend(unit.subject.clone());
    words.extend(unit.id.as_ref().map(|id| format!("#{id}")));
    let answered = unit.answers.iter();
    words.extend(answered.map(|unit| format!("<-{}.{}", unit.message, unit.unit)));
    match unit.status {
        UnitStatus::Ok => {}
        UnitStatus::Error => words.push("error".to_owned()),
        UnitStatus::Partial => words.push("partial".to_owned()),
    }
    if !unit.fields.is_empty() {
        words.push(serde_json::to_string(&unit.fields).unwrap());
    }
    words.extend(unit.body.clone());
    words.join(" ")
}

/// Observations at the end, with the messages that they are about.
#[derive(Default)]
struct AtEnd {
    about: Option<u64>,
    findings: Vec<(u64, Observation)>,
}

impl Out for AtEnd {
    fn unit(&mut self, _: Unit) -> usize {
        0
    }

    fn observe(&mut self, observation: Observation) {
        self.findings
            .extend(self.about.map(|message| (message, observation)));
    }

    fn about(&mut self, at: &At) {
        self.about = Some(at.message);
    }

    fn pending(&mut self, _: Question) {}
}

/// A conversation.
#[derive(Debug)]
pub(super) struct Talk {
    decoder: Box<dyn Subprotocol>,
    message: u64,
    millis: u64,
    /// Milliseconds from a message to the next.
    pace: u64,
    /// The units of the last message, and all else that was told so far.
    pub(super) told: Told,
}

impl Talk {
    /// In which a message takes a millisecond, and the entry's first name was agreed.
    pub(super) fn new(entry: &Entry, target: &str) -> Self {
        let opening = Opening {
            target: Some(target),
            agreed: entry.tokens.first().copied(),
            ..Opening::default()
        };
        Self::opened(entry, &opening)
    }

    pub(super) fn opened(entry: &Entry, opening: &Opening<'_>) -> Self {
        Self {
            decoder: (entry.new)(opening),
            message: 0,
            millis: 0,
            pace: 1,
            told: Told::default(),
        }
    }

    /// In which only pauses take time.
    pub(super) fn timeless(entry: &Entry, opening: &Opening<'_>) -> Self {
        Self {
            pace: 0,
            ..Self::opened(entry, opening)
        }
    }

    /// Lets milliseconds go by.
    pub(super) fn pause(&mut self, millis: u64) -> &mut Self {
        self.millis += millis;
        self
    }

    fn at(&mut self, from: Peer) -> At {
        self.message += 1;
        self.millis += self.pace;
        At {
            from,
            message: self.message,
            began: self.stamp().time,
            stamp: self.stamp(),
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            packet: PacketRef::new(0, self.message),
            time: Timestamp(self.millis * 1_000_000),
        }
    }

    pub(super) fn message(
        &mut self,
        from: Peer,
        text: bool,
        bytes: &[u8],
        holes: &[(u64, u64)],
    ) -> Told {
        let mut told = Told::default();
        let at = self.at(from);
        let body = Body {
            text,
            bytes,
            read: None,
            holes,
            whole: holes.is_empty(),
        };
        self.decoder.message(&at, body, &mut told);
        told.findings.extend(self.suspected());
        // A copy goes on as the decoder itself.
        self.decoder = self.decoder.resting();
        self.keep(&told);
        told
    }

    fn keep(&mut self, told: &Told) {
        self.told.units.clone_from(&told.units);
        self.told.findings.extend_from_slice(&told.findings);
        self.told.pending.extend_from_slice(&told.pending);
    }

    /// A whole message, as text where it is some; its units.
    pub(super) fn say(&mut self, from: Peer, payload: impl AsRef<[u8]>) -> &[Unit] {
        let bytes = payload.as_ref();
        self.message(from, std::str::from_utf8(bytes).is_ok(), bytes, &[]);
        &self.told.units
    }

    /// The codes of all findings so far.
    pub(super) fn codes(&self) -> Vec<Code> {
        self.told.codes()
    }

    /// The end: codes of all findings, and what was never answered.
    pub(super) fn end(&mut self) -> (Vec<Code>, Vec<String>) {
        let stamp = self.stamp();
        self.decoder.finish(stamp, &mut self.told);
        let pending = self.told.pending.iter();
        let pending = pending.map(|open| open.what.clone()).collect();
        (self.codes(), pending)
    }

    /// What would be told at the end of the message that was last.
    fn suspected(&self) -> Vec<Observation> {
        let mut at_end = AtEnd::default();
        self.decoder.resting().finish(self.stamp(), &mut at_end);
        let of_last = |(message, _): &(u64, Observation)| *message == self.message;
        let mut findings = at_end.findings;
        findings.retain(of_last);
        findings
            .into_iter()
            .map(|(_, observation)| observation)
            .collect()
    }

    pub(super) fn text(&mut self, from: Peer, text: &str) -> Told {
        self.message(from, true, text.as_bytes(), &[])
    }

    pub(super) fn binary(&mut self, from: Peer, bytes: &[u8]) -> Told {
        self.message(from, false, bytes, &[])
    }

    pub(super) fn control(&mut self, from: Peer, control: Control<'_>) -> Told {
        let mut told = Told::default();
        let at = self.at(from);
        self.decoder.control(&at, control, &mut told);
        self.keep(&told);
        told
    }

    pub(super) fn lost(&mut self, from: Peer) {
        self.decoder.lost(from);
    }

    pub(super) fn finish(mut self) -> Told {
        let mut told = Told::default();
        let stamp = self.stamp();
        self.decoder.finish(stamp, &mut told);
        told
    }
}

/// How sure the entry is of a first message.
pub(super) fn suits(
    entry: &Entry,
    target: &str,
    from: Peer,
    text: bool,
    bytes: &[u8],
) -> super::Confidence {
    let opening = Opening {
        target: Some(target),
        agreed: None,
        ..Opening::default()
    };
    let at = At {
        from,
        message: 1,
        began: Timestamp(0),
        stamp: Stamp::START,
    };
    let body = Body {
        text,
        bytes,
        read: None,
        holes: &[],
        whole: true,
    };
    (entry.suits)(&opening, &at, &Look::new(body))
}
