//! A message as JSON.
//!
//! Job: its facts, its payload, its units. Input: a message. Output: the object.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::shapes::{Base64, display, is_zero, time};
use crate::base::Timestamp;
use crate::event::{Message, Status};
use crate::output::censored::Censored;
use crate::output::units_json::Units;
use crate::page::redact::Redact;
use crate::payload::{Encoding, encoding, shown};

/// A message.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
pub(super) struct MessageLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    message: u64,
    from: &'static str,
    #[serde(serialize_with = "display")]
    opcode: crate::ws::OpCode,
    #[serde(serialize_with = "time")]
    time: Timestamp,
    first_packet: u64,
    last_packet: u64,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
    frames: u32,
    compressed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inferred: bool,
    wire_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    compressed_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_bytes: Option<u64>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<Base64<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    holes: &'a [(u64, u64)],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decoded: Option<DecodedLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Units::is_empty")]
    units: Units<'a>,
}

impl<'a> MessageLine<'a> {
    pub(super) fn of(message: &Message<'a>, censored: &Censored, redact: Redact) -> Self {
        let close = message.close();
        Self {
            kind: "message",
            connection: message.conversing.connection,
            stream: message.conversing.on_stream(),
            message: message.number,
            from: message.from.name(),
            opcode: message.opcode,
            time: message.last.time,
            first_packet: message.first.number,
            last_packet: message.last.packet.number,
            file: message.last.packet.file,
            frames: message.frames,
            compressed: message.compressed,
            inferred: message.inferred,
            wire_bytes: message.wire_bytes,
            compressed_bytes: message.compressed_bytes(),
            payload_bytes: message.payload_bytes,
            status: message.status.name(),
            reason: message.reason().map(crate::event::Reason::name),
            text: match censored {
                Censored::No => message.text.map(Cow::Borrowed),
                Censored::Text(text) => Some(Cow::Owned(text.clone())),
                Censored::Closing(_) | Censored::All => None,
            },
            base64: (message.text.is_none() && !message.is_lost() && *censored == Censored::No)
                .then_some(Base64(message.payload)),
            redacted: *censored != Censored::No,
            payload_encoding: (message.inflated.map(|inflated| inflated.encoding))
                .or_else(|| Some(encoding(binary(message)?, PROVEN)?.encoding))
                .map(Encoding::name),
            decoded: None,
            holes: message.holes,
            truncated: message.truncated,
            close_code: close.and_then(|body| body.code),
            close_reason: close
                .filter(|body| body.code.is_some())
                .map(|body| match censored {
                    Censored::Closing(reason) => Cow::Owned(reason.clone()),
                    _ => String::from_utf8_lossy(body.reason),
                }),
            units: Units(message.units, redact),
        }
    }
}

/// What a payload says.
#[derive(Serialize)]
pub(super) struct DecodedLine {
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holes: Vec<(u64, u64)>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// Bytes that have to inflate before a payload is said to be compressed, where it has so many.
const PROVEN: usize = 1 << 16;

/// Bytes that are given of what is inside a payload.
pub(in crate::output) const DECODED: usize = 1 << 20;

/// A whole payload that is no text, or only seems to be some, as a short piece of a compressed stream can.
pub(in crate::output) fn binary<'a>(message: &Message<'a>) -> Option<&'a [u8]> {
    let whole = message.status == Status::Complete && !message.truncated;
    let text = message.text.is_some() && message.inflated.is_none();
    let data = !message.opcode.is_control() && !text;
    (whole && data).then_some(message.payload)
}

/// What is inside a payload, where it is known.
pub(super) fn decoded(message: &Message<'_>) -> Option<DecodedLine> {
    let shown = shown(binary(message)?, message.inflated, DECODED)?;
    let inflated = shown.inflated.filter(|_| shown.text.is_none());
    Some(DecodedLine {
        from: shown.was,
        truncated: inflated.as_ref().is_some_and(|inside| inside.cut),
        base64: (inflated.as_ref()).map(|inside| STANDARD.encode(&inside.bytes)),
        holes: inflated.map_or_else(Vec::new, |inside| inside.holes),
        text: shown.text,
    })
}
