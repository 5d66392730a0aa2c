//! A payload as lines of a certain width.
//!
//! Job: pretty-print, escape, dump and wrap, so that drawing only takes lines. Input: a
//! [`Content`]. Output: [`Line`]s.

use super::content::Content;
use super::json;
use crate::event::Status;
use crate::page::words::count;
use crate::page::{Dump, Kind, Line, Span, escape, prose, wrap};
use crate::payload;
use crate::ws::OpCode;

/// Bytes of a payload that are shown; `w` writes all.
const SHOWN: usize = 1 << 20;

/// How a payload is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// JSON indented, other text as it is, the rest in hex.
    #[default]
    Pretty,
    /// Text as it is.
    Text,
    /// Offsets, hexadecimal digits and characters.
    Hex,
}

impl Form {
    /// The next in turn.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Pretty => Self::Text,
            Self::Text => Self::Hex,
            Self::Hex => Self::Pretty,
        }
    }
}

/// A payload in a form, wrapped to a width.
pub fn lines(content: &Content, form: Form, width: usize) -> Vec<Line> {
    let shown = content.payload.get(..SHOWN).unwrap_or(&content.payload);
    let mut lines = Vec::new();
    if let Some(reason) = content.status.reason() {
        let note = format!("{}: {}", content.status.name(), reason.explanation());
        lines.extend(prose(Kind::Hole, &note, width));
    }
    let text = std::str::from_utf8(&content.payload)
        .ok()
        .filter(|_| content.text || content.holes.is_empty());
    let close = content.opcode == OpCode::Close && content.status == Status::Complete;
    match (form, text) {
        _ if content.payload.is_empty() => {
            if !matches!(content.status, Status::Lost(_)) {
                lines.push(Line::of(Kind::Note, "(empty)"));
            }
        }
        (Form::Hex, _) => dump(content, shown, width, &mut lines),
        _ if close => self::close(content, width, &mut lines),
        (Form::Pretty, Some(text)) if content.text => match json::pretty(text) {
            Some(pretty) if content.payload.len() <= SHOWN => {
                for line in pretty {
                    lines.extend(wrap(&line, width));
                }
            }
            _ => plain(text, width, &mut lines),
        },
        (Form::Text, Some(text)) => plain(text, width, &mut lines),
        (_, _) if !content.holes.is_empty() => holed(content, width, &mut lines),
        (Form::Text, None) => plain(&String::from_utf8_lossy(shown), width, &mut lines),
        (Form::Pretty, _) => match payload::shown(&content.payload, SHOWN) {
            Some(shown) => decoded(&shown, width, &mut lines),
            None => dump(content, shown, width, &mut lines),
        },
    }
    if shown.len() < content.payload.len() {
        let all = count(content.payload.len() as u64, "byte");
        let note = format!(
            "(the first {} of {all} are shown; w writes all)",
            shown.len()
        );
        lines.extend(prose(Kind::Note, &note, width));
    }
    if content.truncated {
        let note = "(longer than wscope keeps: only the first part is known here)";
        lines.extend(prose(Kind::Note, note, width));
    }
    lines
}

/// What a compressed or binary payload says.
fn decoded(shown: &payload::Shown, width: usize, lines: &mut Vec<Line>) {
    let inflated = shown.inflated.as_ref();
    let size = inflated.map_or_else(String::new, |inside| {
        let bytes = count(inside.bytes.len() as u64, "byte");
        let more = if inside.cut { " and more" } else { "" };
        format!(", {bytes}{more} inside")
    });
    let note = format!("({}{size}; x shows its bytes)", shown.was);
    lines.extend(prose(Kind::Note, &note, width));
    match (&shown.text, inflated) {
        (Some(text), _) => match json::pretty(text) {
            Some(pretty) => {
                for line in pretty {
                    lines.extend(wrap(&line, width));
                }
            }
            None => plain(text, width, lines),
        },
        (None, Some(inside)) => {
            let dump = Dump::new(&inside.bytes, &[]);
            lines.extend(dump.rows(|_| Kind::Plain));
        }
        (None, None) => {}
    }
}

/// Text with its own line breaks.
fn plain(text: &str, width: usize, lines: &mut Vec<Line>) {
    let mut left = SHOWN;
    for line in text.split('\n') {
        let mut end = line.len().min(left);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let shown = line.get(..end).unwrap_or_default();
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        let shown = Line::new().plain(shown.replace('\t', "    "));
        lines.extend(wrap(&shown, width));
        left = left.saturating_sub(line.len() + 1);
        if left == 0 {
            return;
        }
    }
}

/// RFC 6455 §5.5.1: a code of two bytes and a reason.
fn close(content: &Content, width: usize, lines: &mut Vec<Line>) {
    let body = crate::ws::CloseBody::parse(&content.payload);
    let code = body
        .code
        .map_or_else(|| "no code".to_owned(), |code| code.to_string());
    lines.push(Line::of(Kind::Label, "code   ").with(Kind::Number, code));
    let reason = String::from_utf8_lossy(body.reason);
    let line = Line::of(Kind::Label, "reason ").with(Kind::Text, reason);
    lines.extend(wrap(&line, width));
}

/// Known bytes as text, and the holes between them.
fn holed(content: &Content, width: usize, lines: &mut Vec<Line>) {
    let mut line = Line::new();
    let upto = |place: u64| {
        usize::try_from(place)
            .unwrap_or(usize::MAX)
            .min(content.payload.len())
    };
    let mut at = 0;
    let mut bytes = 0;
    for (start, len) in &content.holes {
        let known = content.payload.get(at..upto(*start)).unwrap_or_default();
        if !known.is_empty() {
            line.push(known_span(known));
        }
        line.put(Kind::Hole, format!("[{} missing]", count(*len, "byte")));
        at = upto(start.saturating_add(*len));
        bytes += known.len();
        if bytes > SHOWN || line.spans().len() > 10_000 {
            break;
        }
    }
    let rest = content.payload.get(at..).unwrap_or_default();
    if !rest.is_empty() {
        line.push(known_span(rest.get(..SHOWN).unwrap_or(rest)));
    }
    lines.extend(wrap(&line, width));
}

fn known_span(bytes: &[u8]) -> Span {
    match std::str::from_utf8(bytes) {
        Ok(text) => Span::new(Kind::Plain, text),
        // A hole may cut a character; text with a scar is read better than hex.
        Err(error) if error.valid_up_to() * 10 >= bytes.len() * 9 => {
            Span::new(Kind::Plain, String::from_utf8_lossy(bytes))
        }
        Err(_) => {
            let mut hex = String::new();
            escape::hex(bytes, usize::MAX, &mut hex);
            Span::new(Kind::Number, hex)
        }
    }
}

/// Bytes in hex and as characters, four, eight or sixteen to a line.
fn dump(content: &Content, bytes: &[u8], width: usize, lines: &mut Vec<Line>) {
    let dump = Dump {
        row: match width {
            78.. => 16,
            45..=77 => 8,
            _ => 4,
        },
        ..Dump::new(bytes, &content.holes)
    };
    lines.extend(dump.rows(|_| Kind::Plain));
}
