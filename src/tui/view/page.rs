//! Text over the whole terminal.
//!
//! Job: a report to read, or how far it is. Input: the state. Output: cells.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::scroll;
use crate::page::words;
use crate::tui::app::{App, Page};

pub(super) fn draw(app: &App, page: &Page, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let width = usize::from(area.width);
    brush.style(area, 0, theme.head());
    brush.text(area, 0, &safe(&page.title, width), theme.head());
    let body = Brush::below(area, 1);
    if page.lines.is_empty() {
        let text = format!("working: {}; Esc stops it", progress(app.study.progress));
        brush.text(body, 1, &safe(&text, width), theme.dim());
        return;
    }
    let lines = page.lines.iter().skip(page.top);
    for (at, line) in (0_u16..).zip(lines.take(usize::from(body.height))) {
        brush.text(body, at, &safe(line, width), theme.plain());
    }
    let seen = usize::from(body.height);
    scroll::bar(page.lines.len(), seen, page.top, body, brush);
}

/// How far a question's answer is.
pub(super) fn progress((done, total): (u64, Option<u64>)) -> String {
    match total {
        Some(total) if total > 0 => format!("{} %", done.saturating_mul(100) / total),
        _ => format!("{} bytes", words::brief(done)),
    }
}
