//! Lines of which only some are seen.
//!
//! Job: those from a place on, and a bar that shows which they are. Input: lines. Output: cells.

use ratatui::layout::Rect;
use ratatui::widgets::{Scrollbar, ScrollbarOrientation, ScrollbarState, StatefulWidget};

use super::brush::Brush;
use crate::page::Line;

/// Lines from the scrolled place on, with a bar where there are more.
pub(super) fn lines(top: usize, lines: &[Line], area: Rect, brush: &mut Brush<'_>) {
    let text = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    brush.lines(text, lines.iter().skip(top));
    bar(lines.len(), usize::from(area.height), top, area, brush);
}

/// How much there is, of which `seen` are seen from the one at `top` on.
pub(super) fn bar(all: usize, seen: usize, top: usize, area: Rect, brush: &mut Brush<'_>) {
    if all <= seen {
        return;
    }
    let bar = Scrollbar::new(ScrollbarOrientation::VerticalRight)
        .begin_symbol(None)
        .end_symbol(None)
        .track_symbol(Some("│"))
        .style(brush.theme.dim());
    // It counts the places that one can scroll to.
    let mut state = ScrollbarState::new(all - seen + 1)
        .position(top)
        .viewport_content_length(seen);
    let area = area.intersection(brush.buffer.area);
    StatefulWidget::render(bar, area, brush.buffer, &mut state);
}
