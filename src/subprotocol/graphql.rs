//! GraphQL over WebSocket, by both protocols.
//!
//! Job: recognise `graphql-transport-ws` and its forerunner `graphql-ws`, and read their messages.
//! Input: messages. Output: a unit for each. The protocols are in the repositories of the packages
//! graphql-ws (`graphql-transport-ws`) and subscriptions-transport-ws (`graphql-ws`).

use std::collections::BTreeMap;

use super::json::{self, Members};
use super::sight::Sight;
use super::telling::{self, ENTRY_BYTES};
use super::{
    Answered, Asked, At, Body, Confidence, Control, Entry, Look, Opening, Out, Question,
    Subprotocol, Unit, UnitStatus,
};
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};

/// The registry's entry.
pub(super) const ENTRY: Entry = Entry {
    name: "graphql",
    title: "GraphQL",
    tokens: &["graphql-transport-ws", "graphql-ws"],
    suits,
    new: |opening| Box::new(Session::new(opening)),
};

/// Types of messages that only the newer protocol has, that only the older one has, and the rest.
const NEW: &[&str] = &["ping", "pong", "subscribe", "next"];
const OLD: &[&str] = &[
    "start",
    "stop",
    "data",
    "ka",
    "connection_error",
    "connection_terminate",
];
const BOTH: &[&str] = &["connection_init", "connection_ack", "error", "complete"];

/// The first message is `connection_init`. An operation has a query.
fn suits(_: &Opening<'_>, _: &At, look: &Look<'_>) -> Confidence {
    let Some(object) = look.may_tell().then(|| look.object()).flatten() else {
        return Confidence::No;
    };
    let Some(kind) = object.text("type").filter(|kind| known(kind).is_some()) else {
        return Confidence::No;
    };
    let has_query = || {
        object
            .raw("payload")
            .is_some_and(|raw| Members::read(raw).has("query"))
    };
    match &*kind {
        "connection_init" => Confidence::Certain,
        "subscribe" | "start" if object.has("id") && has_query() => Confidence::Certain,
        _ => Confidence::Possible,
    }
}

/// The type as it is in the tables.
fn known(kind: &str) -> Option<&'static str> {
    let mut all = NEW.iter().chain(OLD).chain(BOTH);
    all.find(|own| **own == kind).copied()
}

/// One conversation.
#[derive(Debug, Clone)]
struct Session {
    /// The newer protocol was agreed; none where nothing was.
    is_new: Option<bool>,
    sight: Sight,
    acknowledged: bool,
    /// The other protocol was reported once, for each peer.
    strange: PerPeer<bool>,
    /// Operations without a result, by id.
    asked: Asked<String>,
    /// Operations that go on, by id.
    running: BTreeMap<String, Operation>,
    init: Option<Question>,
    pings: PerPeer<Option<Question>>,
    /// A close code of the protocol was reported; the other side repeats it.
    closed: bool,
    /// Operations that are kept.
    most: usize,
}

#[derive(Debug, Clone)]
struct Operation {
    name: Option<String>,
    unit: Answered,
}

impl Session {
    fn new(opening: &Opening<'_>) -> Self {
        Self {
            is_new: match opening.agreed {
                Some("graphql-transport-ws") => Some(true),
                Some("graphql-ws") => Some(false),
                _ => None,
            },
            sight: Sight::new(opening),
            acknowledged: false,
            strange: PerPeer::default(),
            asked: Asked::new(opening.limits.questions),
            running: BTreeMap::new(),
            init: None,
            pings: PerPeer::default(),
            closed: false,
            most: opening.limits.questions,
        }
    }

    fn object(&mut self, at: &At, body: &Body<'_>, text: &str, out: &mut dyn Out) {
        let object = Members::read(text);
        let kind = object.text("type").and_then(|kind| known(&kind));
        let Some(kind) = kind.filter(|_| object.whole || !body.whole) else {
            if body.whole {
                // Both protocols: a message is an object with a type of the list.
                let text = "a message is no JSON object with a type of the protocol";
                out.observe(Observation::new(Code::GraphqlMalformed, at.from, text));
            } else {
                self.sight.lost(at.from);
            }
            return;
        };
        let mut unit = Unit {
            protocol: ENTRY.name,
            kind: kind.into(),
            id: object.raw("id").map(json::id),
            parts: telling::whole(at, body),
            body: object.raw("payload").map(telling::excerpt),
            ..Unit::default()
        };
        if !object.whole {
            unit.status = UnitStatus::Partial;
            self.sight.lost(at.from);
        }
        self.dialect(at.from, kind, out);
        match kind {
            "connection_init" => {
                let index = out.unit(unit);
                self.init = Some(telling::question(at, index, kind.to_owned()));
            }
            "connection_ack" | "connection_error" => self.answer_init(at, kind, unit, out),
            "ping" => {
                let index = out.unit(unit);
                self.pings[at.from] = Some(telling::question(at, index, kind.to_owned()));
            }
            "pong" => {
                if let Some(ping) = self.pings[at.from.other()].take() {
                    telling::answers(&mut unit, &ping, at);
                }
                out.unit(unit);
            }
            "subscribe" | "start" => self.subscribe(at, &object, unit, out),
            "next" | "data" | "error" | "complete" | "stop" => self.about(at, &object, unit, out),
            _ => {
                out.unit(unit);
            }
        }
    }

    /// Holds the type against the protocol that was agreed.
    fn dialect(&mut self, from: Peer, kind: &'static str, out: &mut dyn Out) {
        let wrong = match self.is_new {
            Some(true) => OLD.contains(&kind),
            Some(false) => NEW.contains(&kind),
            None => false,
        };
        if wrong && !self.strange[from] {
            self.strange[from] = true;
            let (agreed, spoken) = match self.is_new {
                Some(true) => ("graphql-transport-ws", "graphql-ws"),
                _ => ("graphql-ws", "graphql-transport-ws"),
            };
            let text = format!("{agreed} was agreed, and `{kind}` is a message of {spoken}");
            out.observe(Observation::new(Code::GraphqlDialect, from, text));
        }
    }

    fn answer_init(&mut self, at: &At, kind: &str, mut unit: Unit, out: &mut dyn Out) {
        if let Some(init) = self.init.take() {
            telling::answers(&mut unit, &init, at);
        }
        if kind == "connection_ack" {
            self.acknowledged = true;
        } else {
            unit.status = UnitStatus::Error;
            let why = unit.body.clone().unwrap_or_default();
            let text = format!("the server refuses the connection: {why}");
            out.observe(Observation::new(Code::GraphqlRefused, at.from, text));
        }
        out.unit(unit);
    }

    fn subscribe(&mut self, at: &At, object: &Members<'_>, mut unit: Unit, out: &mut dyn Out) {
        let Some(id) = unit.id.clone() else {
            if object.whole {
                unit.status = UnitStatus::Error;
                let text = "an operation has no id";
                out.observe(Observation::new(Code::GraphqlMalformed, at.from, text));
            }
            out.unit(unit);
            return;
        };
        let payload = Members::read(object.raw("payload").unwrap_or_default());
        let query = payload.text("query").unwrap_or_default();
        let named = payload
            .text("operationName")
            .map(std::borrow::Cow::into_owned);
        let (operation, name) = operation(&query);
        unit.subject = named.or(name);
        unit.body = payload.raw("variables").map(telling::excerpt);
        if !query.is_empty() {
            unit.fields.insert("operation".into(), operation.into());
        }
        // graphql-transport-ws, "Subscribe": 4401 without an acknowledgement, 4409 for an id that
        // is in use.
        if !self.acknowledged && self.is_new == Some(true) {
            let text = "an operation was sent before the server acknowledged the connection";
            self.sight.suspect(at, Code::GraphqlNotInitialised, text);
        }
        if self.running.contains_key(&id) {
            let text = format!(
                "the id {} belongs to an operation that goes on",
                telling::excerpt(&id)
            );
            self.sight.suspect(at, Code::GraphqlIdReused, text);
        }
        let name = unit.subject.clone();
        let index = out.unit(unit);
        let what = format!(
            "{operation} {}",
            name.as_deref().unwrap_or("without a name")
        );
        let question = telling::question(at, index, what);
        if self.running.len() < self.most {
            let unit = question.unit;
            self.running.insert(id.clone(), Operation { name, unit });
        }
        self.asked.ask(id, question);
    }

    /// A result, an error or the end of an operation.
    fn about(&mut self, at: &At, object: &Members<'_>, mut unit: Unit, out: &mut dyn Out) {
        let kind = &*unit.kind;
        let ends = matches!(kind, "error" | "complete" | "stop");
        let failed = kind == "error"
            || matches!(kind, "next" | "data")
                && object
                    .raw("payload")
                    .is_some_and(|raw| Members::read(raw).has("errors"));
        if failed && unit.status == UnitStatus::Ok {
            unit.status = UnitStatus::Error;
        }
        if let Some(id) = &unit.id {
            if let Some(operation) = self.running.get(id) {
                unit.subject.clone_from(&operation.name);
                unit.answers.push(operation.unit);
            }
            // The first answer tells how long it took; a client that ends it wants none.
            if let Some(asked) = self.asked.answer(id)
                && at.from == Peer::Server
            {
                unit.after = Some(at.stamp.time.since(asked.stamp.time));
            }
            if ends {
                self.running.remove(id);
            }
        }
        out.unit(unit);
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.sight.message(at);
        match telling::known_text(&body) {
            Some(text) => self.object(at, &body, text, out),
            None if body.whole => {
                let text = "a binary message, where GraphQL has JSON in text";
                out.observe(Observation::new(Code::GraphqlMalformed, at.from, text));
            }
            None => self.sight.lost(at.from),
        }
    }

    fn control(&mut self, at: &At, control: Control<'_>, out: &mut dyn Out) {
        let Control::Close(Some((code, reason))) = control else {
            return;
        };
        // The close codes of graphql-transport-ws; the library of the older one has some of them.
        let meaning = match code {
            4400 => "a message was not valid",
            4401 => "unauthorized: an operation before the connection was acknowledged",
            4403 => "forbidden",
            4404 => "not found",
            4406 => "no protocol that both speak",
            4408 => "connection_init did not come in time",
            4409 => "an operation with this id goes on",
            4429 => "connection_init came twice",
            4500 => "an internal error",
            4504 => "connection_ack did not come in time",
            _ => return,
        };
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        let template = format!("closed with the code {{code}}, {meaning}");
        let figures = [("code", Figure::Id(code.into()))];
        let mut text = Sentence::new(&template, &figures);
        if !reason.is_empty() && !reason.contains(['{', '}']) {
            text = Sentence::new(&format!("{template}: {reason}"), &figures);
        }
        out.observe(Observation::new(Code::GraphqlRefused, at.from, text));
    }

    fn lost(&mut self, from: Peer) {
        self.sight.lost(from);
    }

    fn finish(&mut self, _: Stamp, out: &mut dyn Out) {
        let init = self.init.take();
        let open = init.into_iter().chain(self.asked.drain()).collect();
        self.sight.finish(open, out);
    }

    fn held(&self) -> usize {
        size_of::<Self>()
            + self.sight.held()
            + (self.asked.len() + self.running.len()) * ENTRY_BYTES
    }
}

/// The kind of a document's first operation, and its name or else its first field.
fn operation(query: &str) -> (&'static str, Option<String>) {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let lines = query
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let text: String = lines.take(64).flat_map(|line| [line, "\n"]).collect();
    let mut rest = text.trim_start();
    let mut kind = "query";
    for own in ["query", "mutation", "subscription"] {
        if let Some(behind) = rest
            .strip_prefix(own)
            .filter(|behind| !behind.starts_with(is_name))
        {
            kind = own;
            rest = behind.trim_start();
            break;
        }
    }
    if !rest.starts_with(is_name) {
        rest = rest
            .split_once('{')
            .map_or("", |(_, fields)| fields.trim_start());
    }
    let name = rest.split(|c| !is_name(c)).next().unwrap_or_default();
    (kind, (!name.is_empty()).then(|| telling::excerpt(name)))
}

#[cfg(test)]
mod tests;
