//! A payload as lines of a certain width.
//!
//! Job: pretty-print, escape, dump and wrap, so that drawing only takes lines. Input: a
//! [`Content`]. Output: [`Line`]s.

use strum::VariantArray;

use super::content::Content;
use super::json;
use crate::event::Status;
use crate::page::words::count;
use crate::page::{Bytes, Dump, Kind, Line, Needles, prose, wrap};
use crate::payload;
use crate::ws::OpCode;

/// Bytes of a payload that are shown; `w` writes all.
const SHOWN: usize = 1 << 20;

/// How a payload is shown, in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, VariantArray)]
pub enum Form {
    /// JSON indented, other text as it is, the rest in hex.
    #[default]
    Pretty,
    /// Text as it is.
    Text,
    /// Offsets, hexadecimal digits and characters.
    Hex,
}

/// A payload in a form, wrapped to a width, what is looked for marked.
pub fn lines(content: &Content, form: Form, width: usize, needles: &Needles) -> Vec<Line> {
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
        (Form::Hex, _) => dump(content, shown, (width, needles), &mut lines),
        _ if close => self::close(content, (width, needles), &mut lines),
        (Form::Pretty, Some(text)) if content.text && content.inflated.is_none() => {
            match json::pretty(text, &needles.ranges(text)) {
                Some(pretty) if content.payload.len() <= SHOWN => {
                    for line in pretty {
                        lines.extend(wrap(&line, width));
                    }
                }
                _ => plain(content, (width, needles), &mut lines),
            }
        }
        (Form::Text, _) => plain(content, (width, needles), &mut lines),
        (_, _) if !content.holes.is_empty() => plain(content, (width, needles), &mut lines),
        (Form::Pretty, _) => {
            match payload::shown(&content.payload, content.inflated.as_ref(), SHOWN) {
                Some(shown) => decoded(&shown, (width, needles), &mut lines),
                None => dump(content, shown, (width, needles), &mut lines),
            }
        }
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
fn decoded(shown: &payload::Shown, (width, needles): (usize, &Needles), lines: &mut Vec<Line>) {
    let inflated = shown.inflated.as_ref();
    let size = inflated.map_or_else(String::new, |inside| {
        let bytes = count(inside.bytes.len() as u64, "byte");
        let more = if inside.cut { " and more" } else { "" };
        format!(", {bytes}{more} inside")
    });
    let note = format!("({}{size}; x shows its bytes)", shown.was);
    lines.extend(prose(Kind::Note, &note, width));
    match (&shown.text, inflated) {
        (Some(text), _) => match json::pretty(text, &needles.ranges(text)) {
            Some(pretty) => {
                for line in pretty {
                    lines.extend(wrap(&line, width));
                }
            }
            None => texts(text.as_bytes(), &[], (width, needles), lines),
        },
        (None, Some(inside)) if !inside.holes.is_empty() => {
            texts(&inside.bytes, &inside.holes, (width, needles), lines);
        }
        (None, Some(inside)) => {
            let dump = Dump::new(&inside.bytes, &[]);
            lines.extend(dump.rows(|_| Kind::Plain));
        }
        (None, None) => {}
    }
}

/// Text with its own line breaks, and the holes in it.
fn plain(content: &Content, how: (usize, &Needles), lines: &mut Vec<Line>) {
    texts(&content.payload, &content.holes, how, lines);
}

fn texts(
    bytes: &[u8],
    holes: &[(u64, u64)],
    (width, needles): (usize, &Needles),
    lines: &mut Vec<Line>,
) {
    for line in (Bytes { bytes, holes }).text(Kind::Plain, SHOWN) {
        lines.extend(wrap(&needles.mark(line).0, width));
    }
}

/// RFC 6455 §5.5.1: a code of two bytes and a reason.
fn close(content: &Content, (width, needles): (usize, &Needles), lines: &mut Vec<Line>) {
    let body = crate::ws::CloseBody::parse(&content.payload);
    let code = body
        .code
        .map_or_else(|| "no code".to_owned(), |code| code.to_string());
    lines.push(Line::of(Kind::Label, "code   ").with(Kind::Number, code));
    let reason = String::from_utf8_lossy(body.reason);
    let line = Line::of(Kind::Label, "reason ").with(Kind::Text, reason);
    lines.extend(wrap(&needles.mark(line).0, width));
}

/// Bytes in hex and as characters, four, eight or sixteen to a line.
fn dump(
    content: &Content,
    bytes: &[u8],
    (width, needles): (usize, &Needles),
    lines: &mut Vec<Line>,
) {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let found = needles.ranges(text);
    let kind = |at: usize| {
        let after = found.partition_point(|range| range.end <= at);
        match found.get(after) {
            Some(range) if range.start <= at => Kind::Found,
            _ => Kind::Plain,
        }
    };
    let dump = Dump {
        row: match width {
            78.. => 16,
            45..=77 => 8,
            _ => 4,
        },
        ..Dump::new(bytes, &content.holes)
    };
    lines.extend(dump.rows(kind));
}
