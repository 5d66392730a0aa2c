//! A message event as a filter's subject.
//!
//! Job: answer for fields. Input: a message, its connection, the capture's start.
//! Output: [`Value`]s.

use std::borrow::Cow;

use super::ends::End;
use super::field::Field;
use super::subject::{Subject, Value};
use crate::base::{Conversing, PerPeer, Timestamp};
use crate::event::{ConnectionInfo, Facts, Message};
use crate::http::Handshake;
use crate::stats::Outcome;
use crate::subprotocol::Unit;
use crate::tcp::Process;

/// A message with what else a filter may ask for.
#[derive(Debug, Clone, Copy)]
pub struct OfMessage<'a> {
    /// What it is.
    pub facts: Facts,
    /// The message with its payload; `None` where nobody keeps that.
    pub message: Option<&'a Message<'a>>,
    /// Its connection.
    pub connection: Option<&'a ConnectionInfo>,
    /// Time of the capture's first packet.
    pub start: Timestamp,
    /// Whether a finding stands on it.
    pub finding: bool,
    /// How its connection ended, where that is known.
    pub end: Option<End>,
}

impl Subject for OfMessage<'_> {
    fn get(&self, field: Field) -> Value<'_> {
        let facts = &self.facts;
        let known = |value: Option<Value<'static>>| value.unwrap_or(Value::Missing);
        match field {
            Field::Connection | Field::Stream | Field::Transport => place(facts.conversing, field),
            Field::Message => Value::number(facts.number),
            Field::From => name(facts.from.name()),
            Field::OpCode => Value::Text(Cow::Owned(facts.opcode.to_string())),
            Field::Control => Value::Truth(facts.opcode.is_control()),
            Field::Time => Value::seconds(facts.last.time.since(self.start)),
            Field::Packet => Value::number(facts.last.packet.number),
            Field::Frames => Value::number(u64::from(facts.frames)),
            Field::WireBytes => Value::number(facts.wire_bytes),
            Field::CompressedBytes => known(facts.compressed_bytes().map(Value::number)),
            Field::PayloadBytes => known(facts.payload_bytes.map(Value::number)),
            Field::Ratio => known(facts.ratio().map(Value::Number)),
            Field::Compressed => Value::Truth(facts.compressed),
            Field::Status => name(facts.status.name()),
            Field::Reason => known(facts.reason().map(|reason| name(reason.name()))),
            Field::Truncated => Value::Truth(facts.truncated),
            Field::Finding => Value::Truth(self.finding),
            Field::Text => self.message.map_or(Value::Missing, text),
            Field::CloseCode => {
                let code = self
                    .message
                    .and_then(Message::close)
                    .and_then(|body| body.code);
                known(code.map(|code| Value::number(u64::from(code))))
            }
            _ if field.is_of_end() => of_end(self.end, field),
            _ => self
                .connection
                .map_or(Value::Missing, |c| of_connection(c, field)),
        }
    }

    fn units(&self) -> &[Unit] {
        self.message.map_or(&[], |message| message.units)
    }

    fn message(&self) -> Option<&Message<'_>> {
        self.message
    }

    fn handshake(&self) -> Option<&Handshake> {
        self.connection?.handshake.as_deref()
    }
}

/// A connection without a message, which has its own fields only.
#[derive(Debug, Clone, Copy)]
pub struct OfConnection<'a> {
    /// Its number.
    pub conversing: Conversing,
    /// Itself, where it is known.
    pub info: Option<&'a ConnectionInfo>,
    /// How it ended, where that is known.
    pub end: Option<End>,
}

impl<'a> OfConnection<'a> {
    /// A connection that is known.
    pub fn of(info: &'a ConnectionInfo) -> Self {
        Self {
            conversing: info.conversing,
            info: Some(info),
            end: None,
        }
    }

    /// The same, where it is known how it ended.
    #[must_use]
    pub fn ended(self, outcome: Option<&Outcome>) -> Self {
        let end = outcome.map(End::from);
        Self { end, ..self }
    }
}

impl Subject for OfConnection<'_> {
    fn get(&self, field: Field) -> Value<'_> {
        match field {
            Field::Connection | Field::Stream | Field::Transport => place(self.conversing, field),
            _ if field.is_of_end() => of_end(self.end, field),
            _ => self
                .info
                .map_or(Value::Missing, |info| of_connection(info, field)),
        }
    }
}

/// The number of the connection, or of the stream on it; which of them it is.
fn place(id: Conversing, field: Field) -> Value<'static> {
    match (field, id.on_stream()) {
        (Field::Connection, _) => Value::number(id.connection),
        (Field::Transport, stream) => name(if stream.is_some() { "h2" } else { "h1" }),
        (_, Some(stream)) => Value::number(stream.into()),
        (_, None) => Value::Missing,
    }
}

fn of_end(end: Option<End>, field: Field) -> Value<'static> {
    end.map_or(Value::Missing, |end| end.get(field))
}

/// What a connection answers for its messages.
fn of_connection(info: &ConnectionInfo, field: Field) -> Value<'static> {
    let from = |get: fn(&Handshake) -> Option<String>| {
        let value = info.handshake.as_deref().and_then(get);
        value.map_or(Value::Missing, |value| Value::Text(Cow::Owned(value)))
    };
    match field {
        Field::Host | Field::Authority => from(Handshake::host),
        Field::Target | Field::Path => from(Handshake::request_target),
        Field::Subprotocol => from(Handshake::subprotocol),
        Field::Process => of_ends(&info.processes, |process| {
            Value::Text(Cow::Owned(process.name.to_string()))
        }),
        Field::Pid => of_ends(&info.processes, |process| Value::number(process.pid.into())),
        Field::Client => Value::Text(Cow::Owned(info.flow.client().to_string())),
        Field::Server => Value::Text(Cow::Owned(info.flow.server().to_string())),
        _ => Value::Missing,
    }
}

/// What the processes of both ends answer; one value where it is the same.
fn of_ends(
    processes: &PerPeer<Option<Process>>,
    get: impl Fn(&Process) -> Value<'static>,
) -> Value<'static> {
    let [client, server] = [&processes.client, &processes.server].map(|one| one.as_ref().map(&get));
    match (client, server) {
        (Some(client), Some(server)) if client != server => {
            Value::Both([Box::new(client), Box::new(server)])
        }
        (client, server) => client.or(server).unwrap_or(Value::Missing),
    }
}

/// A name.
fn name(name: &'static str) -> Value<'static> {
    Value::Text(Cow::Borrowed(name))
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
