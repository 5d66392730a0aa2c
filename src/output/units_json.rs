//! Units and what was never answered, as JSON has them.
//!
//! Job: the shapes of `units` and `pending` in `docs/json.md`. Input: [`Unit`]s, [`Pending`].
//! Output: what serde writes.

use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::base::Timestamp;
use crate::event::Pending;
use crate::page::redact::Redact;
use crate::subprotocol::{Answered, Part, Unit, UnitStatus};

/// The units of a message.
#[derive(Debug)]
pub(crate) struct Units<'a>(pub(crate) &'a [Unit], pub(crate) Redact);

impl Units<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Units<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(Some(self.0.len()))?;
        for unit in self.0 {
            all.serialize_element(&UnitLine::of(unit, self.1))?;
        }
        all.end()
    }
}

#[derive(Serialize)]
struct UnitLine<'a> {
    protocol: &'static str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "answers")]
    answers: &'a [Answered],
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "parts")]
    parts: &'a [Part],
    #[serde(skip_serializing_if = "Option::is_none")]
    inside: Option<usize>,
    #[serde(skip_serializing_if = "is_empty")]
    fields: Cow<'a, Map<String, Value>>,
}

impl<'a> UnitLine<'a> {
    fn of(unit: &'a Unit, redact: Redact) -> Self {
        Self {
            protocol: unit.protocol,
            kind: &unit.kind,
            subject: redact.about(unit),
            id: redact.id(unit),
            answers: &unit.answers,
            after: unit.after.map(span),
            status: name(unit.status),
            parts: &unit.parts,
            inside: unit.inside,
            fields: redact.fields(&unit.fields),
        }
    }
}

fn is_empty(fields: &Map<String, Value>) -> bool {
    fields.is_empty()
}

fn name(status: UnitStatus) -> &'static str {
    status.into()
}

/// Nanoseconds in seconds with nine digits.
pub(crate) fn span(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    format!("{sign}{}", Timestamp(nanos.unsigned_abs()))
}

fn answers<S: Serializer>(answers: &[Answered], serializer: S) -> Result<S::Ok, S::Error> {
    struct One(Answered);

    impl Serialize for One {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry("message", &self.0.message)?;
            map.serialize_entry("unit", &self.0.unit)?;
            map.end()
        }
    }

    serializer.collect_seq(answers.iter().map(|answered| One(*answered)))
}

fn parts<S: Serializer>(parts: &[Part], serializer: S) -> Result<S::Ok, S::Error> {
    let all = parts.iter();
    serializer.collect_seq(all.map(|part| (part.message, part.start, part.length)))
}

/// What was never answered.
#[derive(Debug, Serialize)]
pub(crate) struct PendingLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    message: u64,
    unit: usize,
    from: &'static str,
    protocol: &'static str,
    what: Cow<'a, str>,
    age: String,
}

impl<'a> PendingLine<'a> {
    pub(crate) fn of(pending: &'a Pending, redact: Redact) -> Self {
        let question = &pending.question;
        Self {
            kind: "pending",
            connection: pending.conversing.connection,
            stream: pending.conversing.on_stream(),
            message: question.unit.message,
            unit: question.unit.unit,
            from: question.from.name(),
            protocol: pending.protocol,
            what: redact.subject(&question.what),
            age: span(pending.age),
        }
    }
}
