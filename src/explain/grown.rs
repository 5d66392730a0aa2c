//! The row of the payload.
//!
//! Job: the payload around the cursor, and below each byte a sign that says what made it. Input:
//! [`Links`] and a [`Spot`]. Output: lines.

use std::ops::Range;

use super::links::Links;
use super::message::Source;
use super::spot::{Row, Spot};
use super::view::sign;
use crate::page::{Bytes, Kind, Line, Span};

/// Bytes of the next page that are seen at the end of a row.
const AHEAD: u64 = 3;

/// The part of a row that has a place in it, as pages follow each other.
pub(super) fn page(at: u64, room: u64) -> u64 {
    let step = room.saturating_sub(AHEAD).max(1);
    at / step * step
}

/// The row behind its name, in `room` columns, and its signs where the message is compressed; the
/// bytes of `lit` belong to what the cursor is on.
pub(super) fn row(
    links: &Links<'_>,
    spot: Spot,
    lit: &Range<u64>,
    name: Line,
    room: usize,
) -> Vec<Line> {
    let payload = Bytes {
        bytes: &links.explanation.payload,
        holes: &links.explanation.holes,
    };
    let end = payload.len();
    let mut at = page(spot.byte, room as u64);
    let byte = |at: u64| {
        usize::try_from(at)
            .ok()
            .and_then(|at| payload.bytes.get(at))
    };
    // A page can begin inside a character.
    while at > 0 && byte(at).is_some_and(|byte| byte >> 6 == 0b10) {
        at -= 1;
    }
    let margin = name.width();
    let (mut line, mut signs) = (name, String::new());
    let mut used = 0;
    let mut made = (0..0, Kind::Plain);
    while at < end {
        if !made.0.contains(&at) {
            made = self::made(links, at);
        }
        let kind = match spot.row {
            Row::Text if at == spot.byte => Kind::Chosen,
            _ if lit.contains(&at) => Kind::Lit,
            _ => made.1,
        };
        let (span, bytes) = payload.cell(at, end, kind);
        let span = match (span.kind, kind) {
            // The cursor is seen on what is not known, too.
            (Kind::Hole, Kind::Chosen) => Span::new(Kind::Chosen, span.text()),
            _ => span,
        };
        used += span.width();
        if used > room {
            break;
        }
        let known = payload.known(at).is_some();
        let mark = if known { made.1 } else { Kind::Hole };
        signs.extend(std::iter::repeat_n(sign(mark), span.width()));
        line.push(span);
        at += bytes.max(1);
    }
    if end == 0 {
        let lost = links.explanation.is_lost();
        let none = if lost {
            "(no byte of it is known)"
        } else {
            "(empty)"
        };
        line.put(Kind::Note, none);
    }
    let mut both = vec![line];
    if links.explanation.compressed {
        let signs = Line::new().padded(margin).with(Kind::Note, signs);
        both.push(signs.trimmed());
    }
    both
}

/// What made a byte, and the bytes for which that holds.
fn made(links: &Links<'_>, at: u64) -> (Range<u64>, Kind) {
    let explanation = links.explanation;
    let step = links.maker(at).and_then(|step| links.steps.get(step));
    let Some((says, (start, end))) = step.and_then(|step| {
        let says = step.says(explanation)?;
        let makes = says.makes?;
        Some((says, makes))
    }) else {
        return (at..at + 1, Kind::Plain);
    };
    if says.sources.is_empty() {
        return (start..end, Kind::Literal);
    }
    let mut from = start;
    for stretch in &says.sources {
        let to = from + stretch.len;
        if (from..to).contains(&at) {
            let is_own = stretch.source == Source::Message(explanation.number);
            return (from..to, if is_own { Kind::Copy } else { Kind::FarCopy });
        }
        from = to;
    }
    (at..at + 1, Kind::Plain)
}
