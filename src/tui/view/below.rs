//! What is shown below the steps of a compressed payload.
//!
//! Job: what a step says with the output as it has grown, the Huffman codes that it was read in, or
//! from which messages the payload came. Input: the state. Output: cells. RFC 1951 §3.2.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use crate::explain::symbols::end_words;
use crate::explain::{CodeOf, Says, Share, Source, Step, codes_of, derivation, why};
use crate::page::words::{count, grouped, share};
use crate::page::{Bytes, Kind, Line, bar, prose, wrap};
use crate::tui::app::{App, Below};
use crate::tui::message::Bits;

/// Lines from which on two of them are shown.
const BOTH: u16 = 16;

/// Columns of a code beside others.
const CODE: u16 = 39;

/// A step, and its place among all.
type At<'a> = (usize, &'a Step, &'a Says<'a>);

pub(super) fn draw(app: &App, bits: &Bits, at: At<'_>, area: Rect, brush: &mut Brush<'_>) {
    let below = app.message.below;
    // On a wall it stands above.
    let told = !app.present;
    if area.height < BOTH {
        one(below, bits, at, (area, told), brush);
        return;
    }
    let other = match below {
        Below::Codes => Below::Shares,
        Below::Output | Below::Shares => Below::Codes,
    };
    let above = Rect {
        height: area.height / 2,
        ..area
    };
    one(below, bits, at, (above, told), brush);
    let rest = Rect {
        y: area.y + above.height,
        height: area.height - above.height,
        ..area
    };
    one(other, bits, at, (rest, told), brush);
}

fn one(below: Below, bits: &Bits, at: At<'_>, (area, told): (Rect, bool), brush: &mut Brush<'_>) {
    match below {
        Below::Output => output(bits, at, (area, told), brush),
        Below::Codes => codes(bits, at, area, brush),
        Below::Shares => shares(bits, area, brush),
    }
}

/// A line with a title; what is left below it.
fn titled(title: &str, area: Rect, brush: &mut Brush<'_>) -> Rect {
    brush.style(area, 0, brush.theme.head());
    let title = safe(title, usize::from(area.width));
    brush.text(area, 0, &title, brush.theme.head());
    Brush::below(area, 1)
}

/// How a step comes of its bits, and the output so far.
fn output(
    bits: &Bits,
    (cursor, _, says): At<'_>,
    (area, derived): (Rect, bool),
    brush: &mut Brush<'_>,
) {
    let made = bits.links().made(cursor);
    let width = usize::from(area.width);
    let derived = if derived {
        derivation(says)
    } else {
        Vec::new()
    };
    let mut told: Vec<_> = derived
        .iter()
        .flat_map(|sentence| prose(Kind::Plain, sentence, width))
        .collect();
    told.extend(copied(bits, says));
    told.extend(ended(bits, says, width));
    let most = usize::from(area.height / 2).max(usize::from(area.height).saturating_sub(3));
    told.truncate(most);
    let rest = Brush::below(area, brush.lines(area, &told));
    let body = titled(
        &format!("output: {} so far", count(made, "byte")),
        rest,
        brush,
    );
    let seen = (width * usize::from(body.height)) as u64;
    let lines = grown(bits, says, made, seen, width);
    // What was made last stays in sight, and what it copies as far as it goes.
    let top = lines.len().saturating_sub(usize::from(body.height));
    brush.lines(body, lines.iter().skip(top));
}

/// Where a step copies from, if that is an earlier message.
fn copied(bits: &Bits, says: &Says<'_>) -> Option<Line> {
    let (message, stretch) = says.earlier(bits.explanation.number)?;
    let start = stretch.start?;
    let end = start.saturating_add(stretch.len).saturating_sub(1);
    let text = format!("copied from message {message}, bytes {start}–{end} (Enter goes there)");
    Some(Line::of(Kind::FarCopy, text))
}

/// At the last step and where bits were restored: how the payload ends.
fn ended(bits: &Bits, says: &Says<'_>, width: usize) -> Vec<Line> {
    let last = bits.steps.last();
    let last = last.and_then(|step| step.says(&bits.explanation));
    let is_last = last.is_some_and(|last| last.bits == says.bits);
    let Some(deflated) = bits.explanation.deflated.last() else {
        return Vec::new();
    };
    let restored = !says.bits.is_empty() && deflated.trace.is_restored(says.bits);
    let mut lines = Vec::new();
    if is_last {
        lines.extend(prose(Kind::Note, &end_words(deflated.end), width));
    }
    if restored {
        lines.extend(prose(Kind::Note, why::MARKER, width));
    }
    lines
}

/// The last bytes of the output so far, with what the step makes and, in the same message, what it copies.
fn grown(bits: &Bits, says: &Says<'_>, made: u64, seen: u64, width: usize) -> Vec<Line> {
    let own = bits.explanation.number;
    let copied = says.sources.iter().find_map(|stretch| {
        let start = stretch
            .start
            .filter(|_| stretch.source == Source::Message(own))?;
        Some((start, start.saturating_add(stretch.len)))
    });
    // Rows begin where they began before, so that little moves.
    let first = made.saturating_sub(seen) / width.max(1) as u64 * width.max(1) as u64;
    let kind = |at: u64| match (says.makes, copied) {
        (Some((start, end)), _) if (start..end).contains(&at) => Kind::Chosen,
        (_, Some((start, end))) if (start..end).contains(&at) => Kind::Source,
        _ => Kind::Plain,
    };
    let explanation = &bits.explanation;
    let payload = Bytes {
        bytes: &explanation.payload,
        holes: &explanation.holes,
    };
    let line = payload.line(first..made, kind);
    wrap(&line, width)
}

/// The codes of the step side by side: trees first, then how they come of their lengths.
fn codes(bits: &Bits, (_, step, says): At<'_>, area: Rect, brush: &mut Brush<'_>) {
    let block = step.of(&bits.explanation).map(|(_, block)| block);
    let codes = block.map_or_else(Vec::new, |block| codes_of(says, block));
    if codes.is_empty() {
        let body = titled("Huffman codes: none here", area, brush);
        let text = prose(Kind::Plain, why::step(says), usize::from(area.width));
        brush.lines(body, &text);
        return;
    }
    let titles: Vec<_> = codes.iter().map(CodeOf::title).collect();
    let title = format!("Huffman codes: {}", titles.join(" and "));
    let body = titled(&title, area, brush);
    let height = usize::from(body.height);
    let trees = codes.iter().map(|code| code.tree(height));
    let lengths = codes.iter().map(CodeOf::by_length);
    let column = |at: u16| Rect {
        x: body.x + at * CODE,
        width: CODE.saturating_sub(1),
        ..body
    };
    let room = (area.width / CODE).max(1);
    for (at, lines) in (0..room).zip(trees.chain(lengths)) {
        brush.lines(column(at).intersection(body), &lines);
    }
}

/// How much of the message came from which earlier one.
fn shares(bits: &Bits, area: Rect, brush: &mut Brush<'_>) {
    let all: u64 = bits.shares.iter().map(|share| share.bytes).sum();
    let whole = bits.explanation.payload.len() as u64;
    let title = if all < whole {
        let (some, whole) = (grouped(all), count(whole, "byte"));
        format!("where {some} of the {whole} came from, whose symbols are kept")
    } else {
        format!("where the {} of this message came from", count(all, "byte"))
    };
    let body = titled(&title, area, brush);
    let most = bits.shares.first().map_or(0, |share| share.bytes);
    let height = usize::from(body.height);
    // What there is no room for is one line.
    let shown = if bits.shares.len() <= height {
        height
    } else {
        height.saturating_sub(1)
    };
    let own = bits.explanation.number;
    let mut lines: Vec<_> = bits
        .shares
        .iter()
        .take(shown)
        .map(|one| row(one, own, all, most))
        .collect();
    if bits.shares.len() > shown {
        let rest = bits
            .shares
            .iter()
            .skip(shown)
            .map(|share| share.bytes)
            .sum::<u64>();
        let many = count((bits.shares.len() - shown) as u64, "more source");
        let text = format!("… {many}, {}", count(rest, "byte"));
        lines.push(Line::of(Kind::Note, text));
    }
    brush.lines(body, &lines);
}

fn row(one: &Share, own: u64, all: u64, most: u64) -> Line {
    let (name, kind) = match one.source {
        None => ("in it as they are".to_owned(), Kind::Literal),
        Some(Source::Message(number)) if number == own => {
            ("copied from itself".to_owned(), Kind::Copy)
        }
        Some(Source::Message(number)) => (format!("copied from message {number}"), Kind::FarCopy),
        Some(Source::Earlier) => ("copied from an earlier message".to_owned(), Kind::FarCopy),
        Some(Source::Lost) => ("copied from lost history".to_owned(), Kind::Hole),
    };
    let size = format!("{:>9}  {:>6}  ", grouped(one.bytes), share(one.bytes, all));
    let line = Line::of(kind, name).padded(32).plain(size);
    line.with(kind, bar(one.bytes, most, 20))
}
