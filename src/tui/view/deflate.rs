//! A compressed payload, step by step.
//!
//! Job: the steps around the cursor, the window as a strip, and below it what is asked for. Input:
//! the state. Output: cells. RFC 1951 §3.2, RFC 7692 §7.2.

use ratatui::layout::Rect;

use super::below;
use super::brush::{Brush, safe};
use super::present::{self, Slide};
use crate::explain::{Explanation, Says, Step, derivation, from, strip};
use crate::page::Kind;
use crate::tui::app::App;
use crate::tui::message::Bits;

/// Lines from which on the strip is shown.
const ROOMY: u16 = 14;

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
    let rest = slice(area, 1, area.height.saturating_sub(1));
    if app.present {
        self::present(app, bits, (cursor, step, &says), rest, brush);
        return;
    }
    let window = if area.height >= ROOMY {
        strip_of(bits, step, area.width)
    } else {
        Vec::new()
    };
    let strip = u16::try_from(window.len()).unwrap_or(0);
    let left = rest.height.saturating_sub(strip);
    let list = (left / 3).clamp(1, 10).min(left);
    steps(bits, cursor, slice(rest, 0, list), brush);
    brush.lines(slice(rest, list, strip), &window);
    let rest = slice(rest, list + strip, left - list);
    below::draw(app, bits, (cursor, step, &says), rest, brush);
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

fn strip_of(bits: &Bits, step: &Step, width: u16) -> Vec<crate::page::Line> {
    let own = bits.explanation.number;
    let window = bits.explanation.window(step);
    window.map_or_else(Vec::new, |window| strip(&window, own, width.into()))
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
        let from = from(&says.sources, bits.explanation.number);
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

/// One step with much room around it, then the window.
fn present(
    app: &App,
    bits: &Bits,
    (cursor, step, says): (usize, &Step, &Says<'_>),
    area: Rect,
    brush: &mut Brush<'_>,
) {
    let from = from(&says.sources, bits.explanation.number);
    let slide = Slide {
        digits: &says.digits(),
        about: (0, usize::MAX),
        title: &format!("{}{from}", says.text()),
        text: &derivation(says).join(" "),
    };
    let rest = present::draw(&slide, area, brush);
    let window = strip_of(bits, step, area.width);
    let used = brush.lines(rest, &window);
    let rest = slice(rest, used, rest.height.saturating_sub(used));
    below::draw(app, bits, (cursor, step, says), rest, brush);
}
