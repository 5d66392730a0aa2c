//! A message event as a filter's subject.
//!
//! Job: answer for fields. Input: a message, its connection, the capture's start.
//! Output: [`Value`]s.

use std::borrow::Cow;

use super::field::Field;
use super::subject::{Subject, Value};
use crate::base::{Conversing, Timestamp};
use crate::event::{ConnectionInfo, Message};
use crate::http::Handshake;

/// A message with what else a filter may ask for.
#[derive(Debug, Clone, Copy)]
pub struct OfMessage<'a> {
    /// The message.
    pub message: &'a Message<'a>,
    /// Its connection.
    pub connection: Option<&'a ConnectionInfo>,
    /// Time of the capture's first packet.
    pub start: Timestamp,
    /// Whether a finding stands on it.
    pub finding: bool,
}

impl Subject for OfMessage<'_> {
    fn get(&self, field: Field) -> Value<'_> {
        let message = self.message;
        match field {
            Field::Connection => number(message.conversing.connection),
            Field::Stream => stream(message.conversing),
            Field::Message => number(message.number),
            Field::From => name(message.from.name()),
            Field::OpCode => Value::Text(Cow::Owned(message.opcode.to_string())),
            Field::Control => Value::Truth(message.opcode.is_control()),
            Field::Time => seconds(message.last.time.since(self.start)),
            Field::Packet => number(message.last.packet.number),
            Field::Frames => number(u64::from(message.frames)),
            Field::WireBytes => number(message.wire_bytes),
            Field::CompressedBytes if message.compressed => number(message.payload_wire_bytes),
            Field::PayloadBytes => message.payload_bytes.map_or(Value::Missing, number),
            Field::Ratio if message.compressed => ratio(message),
            Field::CompressedBytes | Field::Ratio => Value::Missing,
            Field::Compressed => Value::Truth(message.compressed),
            Field::Status => name(message.status.name()),
            Field::Reason => message
                .status
                .reason()
                .map_or(Value::Missing, |reason| name(reason.name())),
            Field::Truncated => Value::Truth(message.truncated),
            Field::Finding => Value::Truth(self.finding),
            Field::Text => text(message),
            Field::CloseCode => message
                .close()
                .and_then(|body| body.code)
                .map_or(Value::Missing, |code| number(u64::from(code))),
            _ => self
                .connection
                .map_or(Value::Missing, |c| of_connection(c, field)),
        }
    }
}

/// What a connection answers for its messages.
pub fn of_connection(info: &ConnectionInfo, field: Field) -> Value<'static> {
    let from = |get: fn(&Handshake) -> Option<String>| {
        let value = info.handshake.as_deref().and_then(get);
        value.map_or(Value::Missing, |value| Value::Text(Cow::Owned(value)))
    };
    match field {
        Field::Host => from(Handshake::host),
        Field::Target => from(Handshake::request_target),
        Field::Subprotocol => from(Handshake::subprotocol),
        Field::Client => Value::Text(Cow::Owned(info.flow.client().to_string())),
        Field::Server => Value::Text(Cow::Owned(info.flow.server().to_string())),
        _ => Value::Missing,
    }
}

/// The number of a stream.
pub fn stream(conversing: Conversing) -> Value<'static> {
    let stream = conversing.on_stream();
    stream.map_or(Value::Missing, |stream| number(stream.into()))
}

/// A number as filters compare it: exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
pub fn number(value: u64) -> Value<'static> {
    Value::Number(value as f64)
}

/// Nanoseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "exact within 104 days")]
pub fn seconds(nanos: i64) -> Value<'static> {
    Value::Number(nanos as f64 / 1e9)
}

/// A name.
pub fn name(name: &'static str) -> Value<'static> {
    Value::Text(Cow::Borrowed(name))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of two figures")]
fn ratio(message: &Message<'_>) -> Value<'static> {
    match (message.payload_bytes, message.payload_wire_bytes) {
        (None, _) | (_, 0) => Value::Missing,
        (Some(payload), wire) => Value::Number(payload as f64 / wire as f64),
    }
}

/// The payload as text; what is known of it, where there are holes.
fn text<'a>(message: &Message<'a>) -> Value<'a> {
    match message.text {
        Some(text) => Value::Text(Cow::Borrowed(text)),
        None if message.payload.is_empty() => Value::Missing,
        // Lines of known bytes only: a hole must not join what it separates.
        None => {
            let mut known = String::new();
            let mut at = 0;
            for (start, len) in message.holes {
                known.push_str(&piece(message.payload, at, *start));
                known.push('\0');
                at = start.saturating_add(*len);
            }
            known.push_str(&piece(message.payload, at, u64::MAX));
            Value::Text(Cow::Owned(known))
        }
    }
}

fn piece(payload: &[u8], from: u64, to: u64) -> Cow<'_, str> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(payload.len());
    String::from_utf8_lossy(payload.get(place(from)..place(to)).unwrap_or_default())
}
