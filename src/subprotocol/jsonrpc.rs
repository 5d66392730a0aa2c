//! JSON-RPC 2.0 and its dialects, the DevTools protocol (CDP) and the language servers' (LSP).
//!
//! Job: recognise them and read calls and answers. Input: messages. Output: a unit for each call,
//! several where they are in a batch. JSON-RPC 2.0 §4 to §6; LSP 3.17, "Base Protocol".

use super::json::{self, Members};
use super::sight::Sight;
use super::telling::{self, ENTRY_BYTES};
use super::{
    Asked, At, Body, Confidence, Entry, Look, Opening, Out, Part, Subprotocol, Unit, UnitStatus,
};
use crate::base::{Peer, Stamp};
use crate::finding::{Code, Observation};

/// JSON-RPC itself.
pub(super) const ENTRY: Entry = Entry {
    name: "json-rpc",
    title: "JSON-RPC",
    tokens: &["jsonrpc", "json-rpc", "jsonrpc-2.0", "mcp"],
    suits: |_, _, look| {
        if look.may_tell() && calls(look, is_version_2) {
            Confidence::Certain
        } else {
            Confidence::No
        }
    },
    new: |opening| Box::new(Session::new(Dialect::Plain, opening)),
};

/// What browsers are driven with.
pub(super) const CDP: Entry = Entry {
    name: "cdp",
    title: "CDP",
    tokens: &[],
    suits: suits_cdp,
    new: |opening| Box::new(Session::new(Dialect::Cdp, opening)),
};

/// What editors ask language servers.
pub(super) const LSP: Entry = Entry {
    name: "lsp",
    title: "LSP",
    tokens: &["lsp"],
    suits: suits_lsp,
    new: |opening| Box::new(Session::new(Dialect::Lsp, opening)),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Plain,
    Cdp,
    Lsp,
}

/// Whether the message is one call, or a batch of calls, that are all like this.
fn calls(look: &Look<'_>, like: impl Fn(&Members<'_>) -> bool) -> bool {
    let is_like =
        |call: &Members<'_>| call.whole && (call.has("method") || call.has("id")) && like(call);
    match (look.object(), look.items()) {
        (Some(call), _) => is_like(call),
        (None, Some(batch)) => batch.iter().all(|call| is_like(&Members::read(call))),
        (None, None) => false,
    }
}

/// JSON-RPC 2.0 §4, §5: every call and answer says so.
fn is_version_2(call: &Members<'_>) -> bool {
    call.text("jsonrpc").as_deref() == Some("2.0")
}

/// A command has a number and the method of a domain; the path says it, too.
fn suits_cdp(opening: &Opening<'_>, _: &At, look: &Look<'_>) -> Confidence {
    let path = opening
        .target
        .is_some_and(|target| target.contains("/devtools/"));
    let object = (path || look.may_tell()).then(|| look.object()).flatten();
    let Some(call) = object.filter(|call| !call.has("jsonrpc")) else {
        return Confidence::No;
    };
    let is_domain = |method: &str| {
        let named =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let capital = method.starts_with(|c: char| c.is_ascii_uppercase());
        capital
            && method
                .split_once('.')
                .is_some_and(|(domain, name)| named(domain) && named(name))
    };
    let method = call.text("method").is_some_and(|method| is_domain(&method));
    match method && call.number("id").is_some() {
        true if path => Confidence::Certain,
        true => Confidence::Possible,
        false if path && (call.has("method") || call.has("id")) => Confidence::Certain,
        false => Confidence::No,
    }
}

/// The first request is `initialize`, with what the editor can do.
fn suits_lsp(opening: &Opening<'_>, _: &At, look: &Look<'_>) -> Confidence {
    let initialize = |call: &Members<'_>| {
        let params = Members::read(call.raw("params").unwrap_or_default());
        let editor = params.has("processId") || params.has("rootUri") || params.has("rootPath");
        call.text("method").as_deref() == Some("initialize") && params.has("capabilities") && editor
    };
    if let Some((Some(_), text)) = look.text().map(without_headers) {
        let inside = Look::new(Body {
            bytes: text.as_bytes(),
            read: Some(text),
            ..look.body
        });
        return if inside.may_tell() && calls(&inside, is_version_2) {
            Confidence::Certain
        } else {
            Confidence::No
        };
    }
    if !look.may_tell() || !calls(look, is_version_2) {
        Confidence::No
    } else if calls(look, initialize) {
        Confidence::Certain
    } else if opening.agreed.is_some() {
        Confidence::Possible
    } else {
        Confidence::No
    }
}

/// LSP, "Base Protocol": headers before a message. Their length, and what follows them.
fn without_headers(text: &str) -> (Option<&str>, &str) {
    let headed = text.starts_with("Content-");
    match headed.then(|| text.split_once("\r\n\r\n")).flatten() {
        Some((headers, behind)) => (Some(headers), behind),
        None => (None, text),
    }
}

/// One conversation.
#[derive(Debug, Clone)]
struct Session {
    dialect: Dialect,
    sight: Sight,
    /// By who asks, the session of CDP, and the id as it is written.
    asked: Asked<(Peer, String, String)>,
}

impl Session {
    fn new(dialect: Dialect, opening: &Opening<'_>) -> Self {
        Self {
            dialect,
            sight: Sight::new(opening),
            asked: Asked::new(opening.limits.questions),
        }
    }

    fn name(&self) -> &'static str {
        match self.dialect {
            Dialect::Plain => ENTRY.name,
            Dialect::Cdp => CDP.name,
            Dialect::Lsp => LSP.name,
        }
    }

    fn text(&mut self, at: &At, body: &Body<'_>, all: &str, out: &mut dyn Out) {
        if !body.whole {
            self.sight.lost(at.from);
        }
        let (headers, text) = match self.dialect {
            Dialect::Lsp => without_headers(all),
            _ => (None, all),
        };
        if let Some(headers) = headers.filter(|_| body.whole) {
            let lengths = headers
                .lines()
                .filter_map(|line| line.strip_prefix("Content-Length:"));
            // LSP, "Header Part": the length is that of the content, in bytes.
            if lengths.map(|length| length.trim().parse()).next() != Some(Ok(text.len())) {
                malformed(
                    at,
                    "the Content-Length is not the length of the content",
                    out,
                );
            }
        }
        let start = all.len() - text.len();
        if !text.trim_start().starts_with('[') || self.dialect == Dialect::Cdp {
            let part = Part {
                message: at.message,
                start: start as u64,
                length: (body.bytes.len() - start.min(body.bytes.len())) as u64,
            };
            return self.call(at, text, body.whole, part, out);
        }
        let (batch, whole) = json::items(text);
        // JSON-RPC §6: a batch is an array with a call or an answer at least.
        if body.whole && (!whole || batch.is_empty()) {
            return malformed(at, "a batch is empty or no JSON", out);
        }
        for call in batch {
            let place = call.as_ptr().addr().wrapping_sub(all.as_ptr().addr());
            let part = Part {
                message: at.message,
                start: place as u64,
                length: call.len() as u64,
            };
            self.call(at, call, true, part, out);
        }
    }

    fn call(&mut self, at: &At, text: &str, whole: bool, part: Part, out: &mut dyn Out) {
        let call = Members::read(text);
        if !call.whole && whole {
            return malformed(at, "a message is no JSON object", out);
        }
        let method = call.text("method");
        let id = call.raw("id");
        let (kind, subject) = match (&method, id) {
            (Some(method), Some(_)) => (self.word("request"), Some(method)),
            (Some(method), None) if whole => (self.word("notification"), Some(method)),
            (None, _) if call.has("result") => ("response", None),
            (None, _) if call.has("error") => ("error", None),
            _ if whole => return malformed(at, "a message is neither call nor answer", out),
            // Whether it has an id is not known.
            _ => {
                return;
            }
        };
        let mut unit = Unit {
            protocol: self.name(),
            kind: kind.into(),
            subject: subject.map(|method| telling::excerpt(method)),
            id: id.map(json::id),
            parts: vec![part],
            ..Unit::default()
        };
        self.fields(&call, &mut unit);
        if !call.whole {
            unit.status = UnitStatus::Partial;
        } else if let Some(text) = self.wrong(&call) {
            unit.status = UnitStatus::Error;
            malformed(at, text, out);
        } else if kind == "error" {
            unit.status = UnitStatus::Error;
        }
        let session = call.raw("sessionId").map(json::id).unwrap_or_default();
        match id {
            Some(id) if method.is_some() => self.ask(at, (session, id), unit, out),
            Some(id) => self.answer(at, (session, id), unit, out),
            None => {
                out.unit(unit);
            }
        }
    }

    /// The word of the dialect for a call.
    fn word(&self, kind: &'static str) -> &'static str {
        match (self.dialect, kind) {
            (Dialect::Cdp, "request") => "command",
            (Dialect::Cdp, "notification") => "event",
            _ => kind,
        }
    }

    fn fields(&self, call: &Members<'_>, unit: &mut Unit) {
        if let Some(session) = call.raw("sessionId") {
            unit.fields
                .insert("sessionId".into(), json::id(session).into());
        }
        if let Some(error) = call.raw("error") {
            let error = Members::read(error);
            if let Some(code) = error.number("code") {
                unit.fields.insert("code".into(), code.into());
            }
            if let Some(message) = error.text("message") {
                unit.fields
                    .insert("message".into(), telling::excerpt(&message).into());
            }
        }
        let params = call.raw("params");
        if self.dialect == Dialect::Lsp
            && let Some(params) = params
        {
            let params = Members::read(params);
            let document = params.raw("textDocument").map(Members::read);
            if let Some(uri) = document.as_ref().and_then(|document| document.text("uri")) {
                unit.fields
                    .insert("uri".into(), telling::excerpt(&uri).into());
            }
        }
        let body = params
            .or_else(|| call.raw("result"))
            .or_else(|| call.raw("error"));
        unit.body = body.map(telling::excerpt);
    }

    /// What breaks a rule in a whole call or answer.
    fn wrong(&self, call: &Members<'_>) -> Option<&'static str> {
        let raw = |name| call.raw(name);
        // JSON-RPC §4, §5: the version is "2.0"; CDP leaves it out.
        if self.dialect != Dialect::Cdp && call.text("jsonrpc").as_deref() != Some("2.0") {
            return Some("the member `jsonrpc` is not \"2.0\"");
        }
        // §4, §5: ids are texts or numbers, and null in answers to what could not be read.
        let is_id = |raw: &str| {
            raw.starts_with(['"', '-']) || raw.starts_with(|c: char| c.is_ascii_digit())
        };
        if raw("id").is_some_and(|id| !(is_id(id) || (id == "null" && raw("error").is_some()))) {
            return Some("an id is neither text nor number");
        }
        if call.has("method") {
            // §4.2: parameters are an object or an array.
            let wrong = raw("params").is_some_and(|params| !params.starts_with(['{', '[']));
            return wrong.then_some("the parameters are neither object nor array");
        }
        // §5: a result or an error, not both, and the id of the request.
        if call.has("result") && call.has("error") && raw("error") != Some("null") {
            return Some("an answer has both result and error");
        }
        (!call.has("id") && self.dialect != Dialect::Cdp).then_some("an answer has no id")
    }

    fn ask(&mut self, at: &At, (session, id): (String, &str), unit: Unit, out: &mut dyn Out) {
        let shown = json::id(id);
        let what = format!("{} #{shown}", unit.subject.as_deref().unwrap_or_default());
        let index = out.unit(unit);
        let question = telling::question(at, index, what);
        let before = self.asked.ask((at.from, session, id.to_owned()), question);
        if before.is_some() {
            let text = format!(
                "the id {} belongs to a call that is not answered yet",
                telling::excerpt(&shown)
            );
            self.sight.suspect(at, Code::JsonrpcIdReused, text);
        }
    }

    fn answer(
        &mut self,
        at: &At,
        (session, id): (String, &str),
        mut unit: Unit,
        out: &mut dyn Out,
    ) {
        match self
            .asked
            .answer(&(at.from.other(), session, id.to_owned()))
        {
            Some(question) => telling::answers(&mut unit, &question, at),
            // §5: the id is that of the request; null where that could not be read.
            None if self.asked.forgotten() == 0 && id != "null" => {
                let text = format!(
                    "an answer has the id {}, for which no call waits",
                    telling::excerpt(id)
                );
                self.sight.suspect(at, Code::JsonrpcAnswerUnasked, text);
            }
            None => {}
        }
        out.unit(unit);
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.sight.message(at);
        // Some libraries send their text in binary messages.
        let as_text = Body { text: true, ..body };
        match telling::known_text(&as_text) {
            Some(text) => self.text(at, &body, text, out),
            None if body.whole => malformed(at, "a message is no text", out),
            None => self.sight.lost(at.from),
        }
    }

    fn lost(&mut self, from: Peer) {
        self.sight.lost(from);
    }

    fn finish(&mut self, _: Stamp, out: &mut dyn Out) {
        self.sight.finish(self.asked.drain(), out);
    }

    fn held(&self) -> usize {
        size_of::<Self>() + self.sight.held() + self.asked.len() * ENTRY_BYTES
    }
}

fn malformed(at: &At, text: &'static str, out: &mut dyn Out) {
    out.observe(Observation::new(Code::JsonrpcMalformed, at.from, text));
}

#[cfg(test)]
mod tests;
