//! A finding as JSON.
//!
//! Job: where it stands and what was seen. Input: a finding. Output: the object.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::SerializeMap;

use super::shapes::{is_zero, time};
use crate::base::{Conversing, Stamp, Timestamp};
use crate::finding::{Figure, Finding, Sentence};
use crate::output::units_json::span;
use crate::page::redact::Redact;

/// A finding as every command shows it.
#[derive(Debug, Serialize)]
pub struct FindingLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    code: &'static str,
    severity: &'static str,
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<u64>,
    packet: u64,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
    #[serde(serialize_with = "time")]
    time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit: Option<u64>,
    rule: &'static str,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Figures::is_empty")]
    figures: Figures<'a>,
}

/// The figures of a sentence, by name; time spans in seconds with nine digits.
#[derive(Debug)]
pub(crate) struct Figures<'a>(pub(crate) &'a Sentence);

impl Figures<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.figures().is_empty()
    }
}

impl Serialize for Figures<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let figures = self.0.figures();
        let mut map = serializer.serialize_map(Some(figures.len()))?;
        for (name, figure) in figures {
            match *figure {
                Figure::Count(number) | Figure::Id(number) | Figure::Bytes(number) => {
                    map.serialize_entry(name, &number)?;
                }
                Figure::Nanos(nanos) => {
                    map.serialize_entry(name, &span(nanos))?;
                }
            }
        }
        map.end()
    }
}

impl<'a> FindingLine<'a> {
    /// The JSON object of a finding.
    pub fn of(conversing: Conversing, finding: &'a Finding) -> Self {
        let Stamp { packet, time } = finding.at;
        Self {
            kind: "finding",
            code: finding.code.name(),
            severity: finding.code.severity().name(),
            connection: conversing.connection,
            stream: conversing.on_stream(),
            from: finding.from.map(crate::base::Peer::name),
            message: finding.message,
            packet: packet.number,
            file: packet.file,
            time,
            bit: finding.bit,
            rule: finding.code.rule(),
            text: Cow::Borrowed(&finding.text),
            figures: Figures(&finding.text),
        }
    }

    /// The same, with secrets in its text shown so.
    #[must_use]
    pub fn redacting(mut self, redact: Redact) -> Self {
        if let Cow::Owned(text) = redact.words(&self.text) {
            self.text = Cow::Owned(text);
        }
        self
    }
}
