//! A compressed payload, step by step.
//!
//! Job: the steps around the cursor, the output as it has grown, and what a copy is made from.
//! Input: the state. Output: cells. RFC 1951 §3.2, RFC 7692 §7.2.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::present::{self, Slide};
use crate::explain::symbols::end_words;
use crate::explain::{Explanation, Says, Source, Stretch};
use crate::page::{Bytes, Kind, Line, prose, wrap};
use crate::tui::app::App;
use crate::tui::message::{Bits, Depth, Key};

/// Bytes of output and of sources that are looked at, before and behind the cursor.
const AROUND: u64 = 4096;

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let Some(bits) = app.message.bits() else {
        brush.text(area, 0, "reading…", theme.dim());
        return;
    };
    let cursor = app.message.cursor.min(bits.steps.len().saturating_sub(1));
    let Some(step) = bits.steps.get(cursor) else {
        plain(&bits.explanation, area, brush);
        return;
    };
    let Some(says) = step.says(&bits.explanation) else {
        return;
    };
    let head = format!(
        "step {} of {}: {}, bits {}–{}",
        cursor + 1,
        bits.steps.len(),
        step.block(&bits.explanation),
        says.bits.start,
        says.bits.end.saturating_sub(1)
    );
    brush.text(area, 0, &safe(&head, usize::from(area.width)), theme.bold());
    brush.right(area, 0, says.rule(), theme.dim());
    if app.present {
        self::present(app, bits, &says, area, brush);
        return;
    }
    let below = area.height.saturating_sub(1);
    let list = (below / 3).max(1).min(below);
    steps(bits, cursor, slice(area, 1, list), brush);
    let rest = slice(area, 1 + list, below - list);
    output_and_source(app, bits, &says, rest, brush);
}

/// Some lines of an area.
fn slice(area: Rect, from: u16, height: u16) -> Rect {
    let from = from.min(area.height);
    Rect {
        y: area.y + from,
        height: height.min(area.height - from),
        ..area
    }
}

/// What there is to say where nothing was inflated.
fn plain(explanation: &Explanation, area: Rect, brush: &mut Brush<'_>) {
    let text = if explanation.compressed {
        "no bit of it could be decoded"
    } else {
        "the message is not compressed"
    };
    brush.text(area, 0, text, brush.theme.dim());
}

/// The steps around the cursor.
fn steps(bits: &Bits, cursor: usize, area: Rect, brush: &mut Brush<'_>) {
    let height = usize::from(area.height);
    let last = bits.steps.len().saturating_sub(height);
    let top = cursor.saturating_sub(height / 2).min(last);
    for (line, (at, step)) in (0_u16..).zip(bits.steps.iter().enumerate().skip(top).take(height)) {
        let Some(says) = step.says(&bits.explanation) else {
            continue;
        };
        let from = sources(&says, bits.explanation.number);
        let (start, digits, text) = (says.bits.start, says.digits(), says.text());
        let text = format!("{start:>6} {digits:<25} {text}{from}");
        let style = match (says.wrong(), says.sources.is_empty()) {
            (true, _) => brush.theme.severity(crate::finding::Severity::Error),
            (_, false) => brush.theme.kind(Kind::Text),
            _ => brush.theme.plain(),
        };
        brush.text(area, line, &safe(&text, usize::from(area.width)), style);
        if at == cursor {
            brush.style(area, line, brush.theme.selected());
        }
    }
}

fn sources(says: &Says<'_>, own: u64) -> String {
    let names: Vec<_> = says
        .sources
        .iter()
        .map(|stretch| match stretch.source {
            Source::Message(number) if number == own => "this message".to_owned(),
            Source::Message(number) => format!("message {number}"),
            Source::Earlier => "an earlier message".to_owned(),
            Source::Lost => "lost history".to_owned(),
        })
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(", {}", names.join(" and "))
    }
}

fn output_and_source(app: &App, bits: &Bits, says: &Says<'_>, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let earlier = says.earlier(bits.explanation.number);
    let below = if earlier.is_some() || area.height < 5 {
        area.height * 2 / 5
    } else {
        3.min(area.height / 3)
    };
    let above = slice(area, 0, area.height - below);
    let made = says
        .makes
        .map_or_else(|| made_before(app, bits), |(_, end)| end);
    let head = format!("output: {made} bytes so far");
    brush.style(above, 0, theme.head());
    brush.text(
        above,
        0,
        &safe(&head, usize::from(area.width)),
        theme.head(),
    );
    let body = slice(above, 1, above.height.saturating_sub(1));
    let lines = output(bits, says, made, usize::from(area.width));
    // What was made last stays in sight, and what it copies as far as it goes.
    let top = lines.len().saturating_sub(usize::from(body.height));
    brush.lines(body, lines.iter().skip(top));
    let below = slice(area, above.height, below);
    match earlier {
        Some((message, stretch)) => {
            source(app, &bits.explanation, message, stretch, below, brush);
        }
        None => meaning(bits, says, below, brush),
    }
}

/// Bytes made before the step, where it makes none.
fn made_before(app: &App, bits: &Bits) -> u64 {
    let cursor = app.message.cursor.min(bits.steps.len());
    let before = bits.steps.get(..cursor).unwrap_or_default().iter().rev();
    before
        .take(4096)
        .find_map(|step| step.says(&bits.explanation)?.makes)
        .map_or(0, |(_, end)| end)
}

/// The output so far, with what the step makes and, in the same message, what it copies.
fn output(bits: &Bits, says: &Says<'_>, made: u64, width: usize) -> Vec<Line> {
    let own = bits.explanation.number;
    let copied = says.sources.iter().find_map(|stretch| {
        let start = stretch
            .start
            .filter(|_| stretch.source == Source::Message(own))?;
        Some((start, start.saturating_add(stretch.len)))
    });
    let first = made.saturating_sub(AROUND);
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

/// The earlier message that the step copies from, the place marked.
fn source(
    app: &App,
    explanation: &Explanation,
    message: u64,
    stretch: &Stretch,
    area: Rect,
    brush: &mut Brush<'_>,
) {
    let theme = brush.theme;
    let (start, end) = stretch
        .start
        .map_or((0, 0), |start| (start, start.saturating_add(stretch.len)));
    let head = format!(
        "copied from message {message}, bytes {start}–{} (Enter goes there)",
        end.saturating_sub(1)
    );
    brush.style(area, 0, theme.head());
    brush.text(area, 0, &safe(&head, usize::from(area.width)), theme.head());
    let body = slice(area, 1, area.height.saturating_sub(1));
    let key = Key {
        conversing: explanation.conversing,
        message,
    };
    let Some(content) = app.message.cached(key, Depth::Payload) else {
        brush.text(body, 0, "reading…", theme.dim());
        return;
    };
    let kind = |at: u64| {
        if (start..end).contains(&at) {
            Kind::Source
        } else {
            Kind::Plain
        }
    };
    let payload = Bytes {
        bytes: &content.payload,
        holes: &content.holes,
    };
    let around = start.saturating_sub(AROUND)..end.saturating_add(AROUND);
    let lines = wrap(&payload.line(around, kind), usize::from(area.width));
    let marked = |line: &Line| line.has(Kind::Source);
    let first = lines.iter().position(marked).unwrap_or(0);
    let top = first.saturating_sub(usize::from(body.height) / 3);
    brush.lines(body, lines.iter().skip(top));
}

/// What the step means, and at the end how the payload ends.
fn meaning(bits: &Bits, says: &Says<'_>, area: Rect, brush: &mut Brush<'_>) {
    let ended = bits.explanation.deflated.last();
    let last = bits.steps.last();
    let last = last.and_then(|step| step.says(&bits.explanation));
    let text = match (ended, last) {
        (Some(deflated), Some(last)) if last.bits == says.bits => end_words(deflated.end),
        _ => format!("{} {}", says.digits(), says.text()),
    };
    brush.lines(area, &prose(Kind::Note, &text, usize::from(area.width)));
}

/// One step with much room around it.
fn present(app: &App, bits: &Bits, says: &Says<'_>, area: Rect, brush: &mut Brush<'_>) {
    let slide = Slide {
        digits: &says.digits(),
        about: (0, usize::MAX),
        title: &format!("{}{}", says.text(), sources(says, bits.explanation.number)),
        text: says.rule(),
    };
    let below = slice(area, 1, area.height.saturating_sub(1));
    let rest = present::draw(&slide, below, brush);
    output_and_source(app, bits, says, rest, brush);
}
