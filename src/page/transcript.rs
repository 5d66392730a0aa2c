//! A conversation as it went: both sides in time.
//!
//! Job: rows of messages, and between them what happened to the connection: how it began, silences,
//! findings such as gaps in the capture, and how it ended. Input: values of events. Output:
//! [`Line`]s: time, time since the row before, number and sender, then the text, wrapped.
//!
//! `wscope follow` prints these rows, and the terminal UI draws the same.

use super::bytes::Bytes;
use super::dump::Dump;
use super::find::Needles;
use super::line::{Kind, Line};
use super::redact::Redact;
use super::wrap::{prose, wrap};
use super::{units, words};
use crate::base::{Peer, Timestamp};
use crate::event::{ConnectionEnd, ConnectionInfo, Facts, Message, Status};
use crate::finding::{Code, Finding};
use crate::subprotocol::Unit;
use crate::tcp::Ending;
use crate::ws::{CloseBody, OpCode};

/// Nanoseconds without a message after which a silence is a row of its own.
pub const SILENCE: i64 = 10_000_000_000;

/// Columns of the time since the row before.
const DELTA: usize = 9;

/// Columns of a message's number.
const NUMBER: usize = 5;

/// Below so many columns the time since the row before is left out.
const NARROW: usize = 70;

/// How rows are laid out.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Columns of the page.
    pub width: usize,
    /// Lines of a payload, at most.
    pub most: usize,
    /// A time as it is shown; always in as many columns.
    pub time: &'a dyn Fn(Timestamp) -> String,
    /// What is marked in payloads.
    pub needles: &'a Needles,
    /// How secrets are shown.
    pub redact: Redact,
}

/// A message as a row needs it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// What it is.
    pub facts: &'a Facts,
    /// Its payload; zeros in the holes.
    pub payload: &'a [u8],
    /// What of it is not known.
    pub holes: &'a [(u64, u64)],
    /// Whether it is whole and UTF-8.
    pub text: bool,
    /// What its subprotocol completes with it.
    pub units: &'a [Unit],
}

impl<'a> Said<'a> {
    /// What an event tells.
    pub fn of(message: &'a Message<'a>) -> Self {
        Self {
            facts: &message.facts,
            payload: message.payload,
            holes: message.holes,
            text: message.text.is_some(),
            units: message.units,
        }
    }
}

/// What is found in the rows of a message, and the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The lines.
    pub lines: Vec<Line>,
    /// Lines of its payload that are not shown, of those that there are.
    pub more: bool,
}

impl Look<'_> {
    /// What is before the text of a row. `before` is the time of the row before.
    fn begin(&self, at: Timestamp, before: Option<Timestamp>) -> Line {
        let mut line = Line::of(Kind::Note, (self.time)(at));
        if self.width >= NARROW {
            let delta = before.map(|before| delta(at.since(before)));
            let delta = format!(" {:>DELTA$}", delta.unwrap_or_default());
            line.put(Kind::Note, delta);
        }
        line
    }

    /// A row whose text goes on below its beginning.
    fn row(&self, mut begin: Line, sign: (Kind, &str), texts: Vec<Line>) -> Vec<Line> {
        begin.put(sign.0, format!(" {} ", sign.1));
        let indent = begin.width();
        let width = self.width.saturating_sub(indent).max(8);
        let mut lines = Vec::new();
        for text in texts {
            for line in wrap(&text, width) {
                let first = lines.is_empty();
                let start = if first {
                    std::mem::take(&mut begin)
                } else {
                    Line::new().padded(indent)
                };
                lines.push(start.then(line).trimmed());
            }
        }
        lines
    }

    /// A row about the connection.
    fn life(&self, at: Timestamp, before: Option<Timestamp>, kind: Kind, text: &str) -> Vec<Line> {
        let begin = self.begin(at, before).plain(" ".repeat(NUMBER + 1));
        let texts = prose(
            kind,
            text,
            self.width.saturating_sub(begin.width() + 3).max(8),
        );
        self.row(begin, (kind, "─"), texts)
    }

    /// How a conversation began.
    pub fn opening(&self, info: &ConnectionInfo) -> Vec<Line> {
        let flow = &info.flow;
        let request = info
            .handshake
            .as_deref()
            .filter(|one| one.request.is_some());
        let at = request.map_or(flow.first.time, |one| one.request_at.time);
        let ends = format!("{} → {}", flow.client(), flow.server());
        let mut lines = self.life(flow.first.time, None, Kind::Head, &ends);
        if !info.proxied_from.is_empty() {
            lines.extend(self.life(at, None, Kind::Plain, &words::proxied(&info.proxied_from)));
        }
        if let Some(tls) = &info.tls {
            lines.extend(self.life(at, None, Kind::Plain, &words::tls(tls)));
        }
        if let Some(request) = request {
            let target = words::target(request);
            let text = format!("asks for {}", self.redact.target(&target));
            lines.extend(self.life(at, Some(flow.first.time), Kind::Plain, &text));
        }
        let answer = info
            .handshake
            .as_deref()
            .filter(|one| one.response.is_some());
        let mut text = format!("upgrade {}", words::upgrade(info));
        if let Some(name) = answer.and_then(|answer| self.redact.agreed(answer)) {
            text.push_str(", subprotocol ");
            text.push_str(&name);
        }
        let kind = if info.upgrade.is_websocket() {
            Kind::Plain
        } else {
            Kind::Wrong
        };
        lines.extend(self.life(Self::opened(info), Some(at), kind, &text));
        lines
    }

    /// The time of the last row about how a conversation began.
    pub fn opened(info: &ConnectionInfo) -> Timestamp {
        let handshake = info.handshake.as_deref();
        let asked = handshake.filter(|one| one.request.is_some());
        let answered = handshake.filter(|one| one.response.is_some());
        match (answered, asked) {
            (Some(answered), _) => answered.response_at.time,
            (None, Some(asked)) => asked.request_at.time,
            (None, None) => info.flow.first.time,
        }
    }

    /// Something to know.
    pub fn note(&self, at: Timestamp, before: Option<Timestamp>, text: &str) -> Vec<Line> {
        self.life(at, before, Kind::Note, text)
    }

    /// That nobody said anything, where that was for long.
    pub fn silence(&self, at: Timestamp, before: Option<Timestamp>) -> Vec<Line> {
        let Some(silent) = before.map(|before| at.since(before)) else {
            return Vec::new();
        };
        if silent < SILENCE {
            return Vec::new();
        }
        let text = format!("silence of {}", words::span(silent));
        self.life(before.unwrap_or(at), None, Kind::Note, &text)
    }

    /// Whether a finding has a row: what breaks rules or is missing.
    pub fn has_row(finding: &Finding) -> bool {
        finding.code.severity() > crate::finding::Severity::Note
    }

    /// A finding at its place.
    pub fn finding(&self, finding: &Finding, before: Option<Timestamp>) -> Vec<Line> {
        let kind = match finding.code {
            Code::BytesMissing => Kind::Hole,
            code => Kind::Severity(code.severity()),
        };
        let said = self.redact.words(&finding.text);
        let text = format!("{said} [{}]", finding.code);
        self.life(finding.at.time, before, kind, &text)
    }

    /// How a conversation ended.
    pub fn end(&self, end: &ConnectionEnd, before: Option<Timestamp>) -> Vec<Line> {
        let mut lines = Vec::new();
        let packet = |at| words::packet(at);
        let mut before = before;
        let (by, first) = match end.first_end {
            Some((by, at)) => (Some(by), at),
            None => (None, end.last),
        };
        let text = match (end.ending, by) {
            (Ending::Open, _) => words::ending(end.ending),
            (Ending::Reset(by), _) => format!("{by} sends RST"),
            (_, Some(by)) => format!("{by} sends FIN"),
            (ending, None) => words::ending(ending),
        };
        let text = format!("{text}, {}", packet(first.packet));
        let kind = match end.ending {
            Ending::Reset(_) => Kind::Wrong,
            _ => Kind::Head,
        };
        lines.extend(self.silence(first.time, before));
        lines.extend(self.life(first.time, before, kind, &text));
        before = Some(first.time);
        if end.ending == Ending::Closed {
            let text = format!("closed, {}", packet(end.last.packet));
            lines.extend(self.life(end.last.time, before, Kind::Head, &text));
        }
        for peer in Peer::BOTH {
            let missing = end.missing_bytes(peer);
            if missing > 0 {
                let text = format!(
                    "{} of the {peer} not in the capture, in all",
                    words::count(missing, "byte")
                );
                lines.extend(self.life(end.last.time, None, Kind::Hole, &text));
            }
        }
        lines
    }

    /// A message.
    pub fn message(&self, said: &Said<'_>, before: Option<Timestamp>) -> Rows {
        let facts = said.facts;
        let begin = self.begin(facts.last.time, before);
        let begin = begin.with(Kind::Note, format!(" {:>NUMBER$}", facts.number));
        let width = self.width.saturating_sub(begin.width() + 3).max(8);
        let (texts, more) = self.body(said, width);
        let lines = self.row(begin, (facts.from.into(), words::arrow(facts.from)), texts);
        Rows { lines, more }
    }

    /// A message of which only a line is known, that says what it is about.
    pub fn preview(&self, facts: &Facts, text: &str, before: Option<Timestamp>) -> Vec<Line> {
        let begin = self.begin(facts.last.time, before);
        let begin = begin.with(Kind::Note, format!(" {:>NUMBER$}", facts.number));
        let mut line = Line::new();
        if facts.opcode != OpCode::Text {
            line.put(Kind::Label, format!("{} ", facts.opcode));
        }
        line.put(facts.from, text);
        let sign = (facts.from.into(), words::arrow(facts.from));
        self.row(begin, sign, vec![line.with(Kind::Note, " …")])
    }

    /// What a message says, and whether that is not all of it.
    fn body(&self, said: &Said<'_>, width: usize) -> (Vec<Line>, bool) {
        let facts = said.facts;
        let mut lines = Vec::new();
        match facts.status {
            Status::Complete => {}
            Status::Partial(reason) | Status::Lost(reason) => {
                let text = format!("{}: {}", facts.status.name(), reason.explanation());
                lines.extend(prose(Kind::Hole, &text, width));
            }
        }
        let name = facts.opcode.to_string();
        let mut payload = self.payload(said, width);
        match facts.opcode {
            OpCode::Text => {}
            OpCode::Close | OpCode::Ping | OpCode::Pong if payload.len() <= 1 => {
                let first = Line::of(Kind::Label, name);
                let rest = payload.pop().filter(|line| !line.is_empty());
                payload.push(match rest {
                    Some(rest) => first.plain(" ").then(rest),
                    None => first,
                });
            }
            _ => {
                let size = facts.payload_bytes.map(|size| words::count(size, "byte"));
                let size = size.unwrap_or_else(|| "unknown length".to_owned());
                lines.push(Line::of(Kind::Label, name).with(Kind::Note, format!(", {size}")));
            }
        }
        let more = payload.len() > self.most;
        payload.truncate(self.most);
        lines.extend(payload);
        if more || facts.truncated {
            let size = facts.payload_bytes.map(words::grouped);
            let size = size.unwrap_or_else(|| "?".to_owned());
            let why = if more {
                "not all is shown"
            } else {
                "longer than wscope keeps"
            };
            lines.push(Line::of(Kind::Note, format!("… {why} of {size} bytes")));
        }
        if lines.is_empty() {
            lines.push(Line::of(Kind::Note, "(empty)"));
        }
        (lines, more)
    }

    /// The payload in lines of at most `width` columns, one more than are shown at most.
    fn payload(&self, said: &Said<'_>, width: usize) -> Vec<Line> {
        let facts = said.facts;
        let kind = Kind::from(facts.from);
        let enough = self.most.saturating_add(1);
        let bytes = Bytes {
            bytes: said.payload,
            holes: said.holes,
        };
        let is_lost = matches!(facts.status, Status::Lost(_));
        let texts = if facts.opcode == OpCode::Close && facts.status == Status::Complete {
            close(said.payload, kind)
        } else if said.payload.is_empty() || is_lost {
            Vec::new()
        } else if said.text || facts.opcode == OpCode::Text {
            bytes.text(kind, enough.saturating_mul(width).saturating_mul(4))
        } else if !said.units.is_empty() {
            vec![Line::of(kind, units::summary(said.units, self.redact))]
        } else {
            let dump = Dump {
                row: if width >= 77 { 16 } else { 8 },
                digits: 4,
                ..Dump::new(said.payload, said.holes)
            };
            return dump.rows(|_| kind).take(enough).collect();
        };
        let mut lines = Vec::new();
        for text in texts {
            lines.extend(wrap(&self.needles.mark(text).0, width));
            if lines.len() >= enough {
                break;
            }
        }
        lines
    }
}

/// RFC 6455 §5.5.1: a code of two bytes and a reason.
fn close(payload: &[u8], kind: Kind) -> Vec<Line> {
    let body = CloseBody::parse(payload);
    let Some(code) = body.code else {
        return Vec::new();
    };
    let reason = String::from_utf8_lossy(body.reason);
    vec![Line::of(kind, format!("{code} {reason}")).trimmed()]
}

/// `+12 ms`, and `-12 ms` where the capture's clock stepped back.
fn delta(nanos: i64) -> String {
    let sign = if nanos < 0 { '-' } else { '+' };
    format!("{sign}{}", words::span(nanos))
}
