//! Text into cells.
//!
//! Job: put text where it fits and cut it where it does not. Input: safe text. Output: cells.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::page::Line;
use crate::page::escape;

/// Draws into cells.
pub(super) struct Brush<'a> {
    pub(super) buffer: &'a mut Buffer,
    pub(super) theme: Theme<'a>,
}

impl<'a> Brush<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, theme: Theme<'a>) -> Self {
        Self { buffer, theme }
    }

    /// The line `line` of an area, where it has one.
    pub(super) fn line(area: Rect, line: u16) -> Option<Rect> {
        (line < area.height).then(|| Rect {
            y: area.y + line,
            height: 1,
            ..area
        })
    }

    /// What is left of an area below its first `lines` lines.
    pub(super) fn below(area: Rect, lines: u16) -> Rect {
        let lines = lines.min(area.height);
        Rect {
            y: area.y + lines,
            height: area.height - lines,
            ..area
        }
    }

    /// Puts safe text at the start of a line of an area; the columns it took.
    pub(super) fn text(&mut self, area: Rect, line: u16, text: &str, style: Style) -> u16 {
        self.at(area, line, 0, text, style)
    }

    /// Puts safe text `column` columns into a line of an area; the columns it took.
    pub(super) fn at(
        &mut self,
        area: Rect,
        line: u16,
        column: u16,
        text: &str,
        style: Style,
    ) -> u16 {
        let area = area.intersection(self.buffer.area);
        if line >= area.height || column >= area.width {
            return 0;
        }
        let room = usize::from(area.width - column);
        let mut fitted = String::new();
        let text = if text.width() > room {
            escape::text(text, room, &mut fitted);
            &fitted
        } else {
            text
        };
        let (x, y) = (area.x + column, area.y + line);
        let (end, _) = self.buffer.set_stringn(x, y, text, room, style);
        end.saturating_sub(x)
    }

    /// Puts safe text at the end of a line of an area; the columns it took.
    pub(super) fn right(&mut self, area: Rect, line: u16, text: &str, style: Style) -> u16 {
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
        let column = area.width.saturating_sub(width);
        self.at(area, line, column, text, style)
    }

    /// Puts a line of spans.
    pub(super) fn spans(&mut self, area: Rect, line: u16, spans: &Line) {
        let mut column = 0;
        for span in spans.spans() {
            let style = self.theme.kind(span.kind);
            column += self.at(area, line, column, span.text(), style);
        }
    }

    /// Puts lines from the first of an area on; how many.
    pub(super) fn lines<'l>(
        &mut self,
        area: Rect,
        lines: impl IntoIterator<Item = &'l Line>,
    ) -> u16 {
        let mut count = 0;
        for (at, line) in (0..area.height).zip(lines) {
            self.spans(area, at, line);
            count = at + 1;
        }
        count
    }

    /// Styles a line of an area over what stands there.
    pub(super) fn style(&mut self, area: Rect, line: u16, style: Style) {
        if let Some(rect) = Self::line(area.intersection(self.buffer.area), line) {
            self.buffer.set_style(rect, style);
        }
    }
}

pub(super) use escape::fitted as safe;
