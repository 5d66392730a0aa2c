//! WAMP 2 in JSON, MessagePack and CBOR, one message at a time or batched.
//!
//! Job: recognise WAMP and read its messages. Input: messages. Output: a unit for each.
//! The Web Application Messaging Protocol (draft-oberstet-hybi-tavendo-wamp), "Messages",
//! "Transports".

mod message;

use std::collections::BTreeMap;

use serde_json::Value;

use message::Item::{Number, Request, Text, Type, Uri};
use message::{Form, Message, asked_by};

use super::sight::Sight;
use super::telling::{self, ENTRY_BYTES};
use super::{
    Asked, At, Body, Confidence, Entry, Look, Opening, Out, Part, Subprotocol, Unit, UnitStatus,
};
use crate::base::{Peer, Stamp};
use crate::finding::{Code, Observation};

/// The registry's entry.
pub(super) const ENTRY: Entry = Entry {
    name: "wamp",
    title: "WAMP",
    tokens: &[
        "wamp.2.json",
        "wamp.2.msgpack",
        "wamp.2.cbor",
        "wamp.2.json.batched",
        "wamp.2.msgpack.batched",
        "wamp.2.cbor.batched",
    ],
    suits,
    new: |opening| Box::new(Session::new(opening)),
};

/// A session begins with HELLO: `[1, "realm", {…}]`.
fn suits(opening: &Opening<'_>, _: &At, look: &Look<'_>) -> Confidence {
    let body = look.body;
    let form = Form::of(opening.agreed, body.text);
    if !body.whole || !form.may_begin(body.bytes) {
        return Confidence::No;
    }
    let Some(pieces) = form.pieces(body.bytes) else {
        return Confidence::No;
    };
    let mut confidence = Confidence::No;
    for (start, length) in pieces {
        let piece = body.bytes.get(start..start + length).unwrap_or_default();
        let Some(message) = form.value(piece).and_then(Message::read) else {
            return Confidence::No;
        };
        let hello = message.kind.0 == 1 && message.items.len() == 3 && {
            let details = message.items.get(2).and_then(Value::as_object);
            details.is_some_and(|details| details.contains_key("roles"))
        };
        let this = if hello {
            Confidence::Certain
        } else {
            Confidence::Possible
        };
        confidence = confidence.max(this);
    }
    confidence
}

/// One conversation.
#[derive(Debug, Clone)]
struct Session {
    agreed: Option<String>,
    sight: Sight,
    /// By who asks, the type of the request, and its number.
    asked: Asked<(Peer, u64, u64)>,
    /// What subscriptions and registrations are for, by type of the request and number.
    names: BTreeMap<(u64, u64), String>,
    /// Subjects of requests that are open, in the table's order of keys.
    subjects: BTreeMap<(Peer, u64, u64), String>,
    most: usize,
}

impl Session {
    fn new(opening: &Opening<'_>) -> Self {
        Self {
            agreed: opening.agreed.map(str::to_owned),
            sight: Sight::new(opening),
            asked: Asked::new(opening.limits.questions),
            names: BTreeMap::new(),
            subjects: BTreeMap::new(),
            most: opening.limits.questions,
        }
    }

    fn told(&mut self, at: &At, message: &Message, part: Part, out: &mut dyn Out) {
        let (number, name, _) = message.kind;
        let mut unit = Unit {
            protocol: ENTRY.name,
            kind: name.into(),
            subject: self.subject(message),
            id: message.number(Request).map(|id| id.to_string()),
            parts: vec![part],
            body: message.arguments(),
            ..Unit::default()
        };
        fields(message, &mut unit);
        match number {
            3 | 6 => aborted(at, message, &mut unit, out),
            8 => unit.status = UnitStatus::Error,
            _ => {}
        }
        self.answer(at, message, &mut unit);
        let subject = unit.subject.clone();
        let index = out.unit(unit);
        let wants = match number {
            // "Publish & Subscribe": only who asks for it gets a PUBLISHED.
            16 => message.detail("acknowledge") == Some(&Value::Bool(true)),
            1 | 4 | 5 | 32 | 34 | 48 | 64 | 66 | 68 => true,
            _ => false,
        };
        if !wants {
            return;
        }
        let key = (at.from, number, message.number(Request).unwrap_or(0));
        let what = match &subject {
            Some(subject) => format!("{name} {subject}"),
            None => name.to_owned(),
        };
        if let Some(subject) = subject.filter(|_| self.subjects.len() < self.most) {
            self.subjects.insert(key, subject);
        }
        self.asked.ask(key, telling::question(at, index, what));
    }

    /// A topic, procedure or realm.
    fn subject(&self, message: &Message) -> Option<String> {
        let named = |by: u64, number| self.names.get(&(by, message.number(number)?)).cloned();
        let text = |value: &Value| value.as_str().map(telling::excerpt);
        match message.kind.0 {
            // The URI of these is a reason.
            3 | 6 | 8 => None,
            36 => {
                let topic = message.detail("topic").and_then(text);
                topic.or_else(|| named(32, Number("subscription")))
            }
            68 => {
                let procedure = message.detail("procedure").and_then(text);
                procedure.or_else(|| named(64, Number("registration")))
            }
            34 => named(32, Number("subscription")),
            66 => named(64, Number("registration")),
            _ => message.item(Uri).and_then(text),
        }
    }

    /// Joins an answer with its request.
    fn answer(&mut self, at: &At, message: &Message, unit: &mut Unit) {
        let number = message.kind.0;
        let other = at.from.other();
        let key = match number {
            // "Session Establishment": HELLO is answered by WELCOME, ABORT or CHALLENGE, and the
            // CHALLENGE by AUTHENTICATE, which WELCOME or ABORT answer.
            2..=4 => {
                let of = [5, 1].into_iter().map(|of| (other, of, 0));
                let open = of.clone().find(|key| self.asked.get(key).is_some());
                open.or_else(|| of.clone().next_back())
            }
            5 => Some((other, 4, 0)),
            8 => message
                .number(Type)
                .zip(message.number(Request))
                .map(|(of, id)| (other, of, id)),
            _ => asked_by(number)
                .zip(message.number(Request))
                .map(|(of, id)| (other, of, id)),
        };
        let Some(key) = key else { return };
        // "Progressive Call Results": the call goes on.
        let progress = message.detail("progress") == Some(&Value::Bool(true));
        let question = if progress && matches!(number, 50 | 70) {
            self.asked.get(&key).cloned()
        } else {
            self.asked.answer(&key)
        };
        let Some(question) = question else {
            // "IDs": an answer has the number of its request.
            if self.asked.forgotten() == 0 && message.item(Request).is_some() {
                let name = message.kind.1;
                let text = format!("{name} for the request {}, which is not open", key.2);
                self.sight.suspect(at, Code::WampAnswerUnasked, text);
            }
            return;
        };
        telling::answers(unit, &question, at);
        if progress {
            return;
        }
        let subject = self.subjects.remove(&key);
        let gained = match number {
            33 => message.number(Number("subscription")),
            65 => message.number(Number("registration")),
            _ => None,
        };
        if let (Some(gained), Some(subject)) = (gained, subject)
            && self.names.len() < self.most
        {
            self.names.insert((key.1, gained), subject);
        }
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.sight.message(at);
        let form = Form::of(self.agreed.as_deref(), body.text);
        if !body.whole {
            // An array that is cut has no sure arguments; what it asks or answers is left open.
            self.sight.lost(at.from);
            return;
        }
        let wrong = |text: &str, out: &mut dyn Out| {
            out.observe(Observation::new(Code::WampMalformed, at.from, text));
        };
        let Some(pieces) = form.pieces(body.bytes) else {
            return wrong("a batch does not end where its last message does", out);
        };
        for (start, length) in pieces {
            let piece = body.bytes.get(start..start + length).unwrap_or_default();
            let Some(message) = form.value(piece).and_then(Message::read) else {
                wrong(
                    "a message is no array that begins with a type and has its items",
                    out,
                );
                continue;
            };
            let part = Part {
                message: at.message,
                start: start as u64,
                length: length as u64,
            };
            self.told(at, &message, part, out);
        }
    }

    fn lost(&mut self, from: Peer) {
        self.sight.lost(from);
    }

    fn finish(&mut self, _: Stamp, out: &mut dyn Out) {
        self.sight.finish(self.asked.drain(), out);
    }

    fn held(&self) -> usize {
        let entries = self.asked.len() + self.names.len() + self.subjects.len();
        size_of::<Self>() + self.sight.held() + entries * ENTRY_BYTES
    }
}

fn fields(message: &Message, unit: &mut Unit) {
    for (place, item) in message.kind.2.iter().enumerate() {
        let Some(value) = message.items.get(place + 1) else {
            continue;
        };
        let name = match item {
            Number(name) => name,
            // A signature proves who one is: it is not shown.
            Text(name) if !name.is_empty() => name,
            Uri if message.kind.0 == 8 => "error",
            Uri if matches!(message.kind.0, 3 | 6) => "reason",
            _ => continue,
        };
        unit.fields.insert((*name).to_owned(), value.clone());
    }
    if let Some(text) = message.detail("message").and_then(Value::as_str) {
        unit.fields
            .insert("message".into(), telling::excerpt(text).into());
    }
}

/// "Session Closing": a reason that is no ordinary end.
fn aborted(at: &At, message: &Message, unit: &mut Unit, out: &mut dyn Out) {
    let reason = message
        .item(Uri)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let ordinary = reason.starts_with("wamp.close.");
    if message.kind.0 == 6 && ordinary {
        return;
    }
    unit.status = UnitStatus::Error;
    let text = format!(
        "{} with the reason {}",
        message.kind.1,
        telling::excerpt(reason)
    );
    out.observe(Observation::new(Code::WampAborted, at.from, text));
}

#[cfg(test)]
mod tests;
