//! What decoders say alike.
//!
//! Job: parts, excerpts and answers of units, in one place. Input: messages and questions. Output:
//! pieces of [`Unit`]s.

use super::asked::Question;
use super::decoder::{At, Body};
use super::unit::{Answered, Part, Unit};

/// Bytes of a body that are kept for the line that sums a unit up.
const EXCERPT: usize = 512;

/// Bytes that a question or a name takes in a table, more or less.
pub(super) const ENTRY_BYTES: usize = 256;

/// The part that is all of a message.
pub(super) fn whole(at: &At, body: &Body<'_>) -> Vec<Part> {
    vec![Part {
        message: at.message,
        start: 0,
        length: body.bytes.len() as u64,
    }]
}

/// A text, cut at a character border.
pub(super) fn excerpt(text: &str) -> String {
    let border = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=EXCERPT.min(text.len())).rev().find(border);
    text.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
}

/// The same of bytes, where they begin as text does.
pub(super) fn excerpt_of(bytes: &[u8]) -> Option<String> {
    let first = bytes.get(..EXCERPT.min(bytes.len())).unwrap_or_default();
    let text = match std::str::from_utf8(first) {
        Ok(text) => text,
        // Only a character that the cut went through may be wrong.
        Err(wrong) if wrong.error_len().is_none() && first.len() < bytes.len() => {
            let known = first.get(..wrong.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(known).unwrap_or_default()
        }
        Err(_) => return None,
    };
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    (!text.contains(control)).then(|| text.to_owned())
}

/// The bytes before the first hole, as text.
pub(super) fn known_text<'a>(body: &Body<'a>) -> Option<&'a str> {
    if !body.text {
        return None;
    }
    if body.read.is_some() && body.holes.is_empty() {
        return body.read;
    }
    let known = match body.holes.first() {
        Some(&(start, _)) => body.bytes.get(..usize::try_from(start).ok()?)?,
        None => body.bytes,
    };
    match std::str::from_utf8(known) {
        Ok(text) => Some(text),
        Err(wrong) if body.whole || wrong.error_len().is_some() => None,
        Err(wrong) => std::str::from_utf8(known.get(..wrong.valid_up_to())?).ok(),
    }
}

/// The unit at that index of the message, as a question.
pub(super) fn question(at: &At, unit: usize, what: String) -> Question {
    Question {
        from: at.from,
        unit: Answered {
            message: at.message,
            unit,
        },
        stamp: at.stamp,
        what,
    }
}

/// Says that a unit of this message answers a question.
pub(super) fn answers(unit: &mut Unit, question: &Question, at: &At) {
    unit.answers.push(question.unit);
    unit.after = Some(at.stamp.time.since(question.stamp.time));
}
