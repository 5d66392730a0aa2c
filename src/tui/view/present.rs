//! One step, to be seen from the last row.
//!
//! Job: bits in large digits, with what they mean below. Input: digits and texts. Output: cells.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use crate::page::{Kind, Sheet};

/// Columns of a large digit, the gap behind it included.
const STEP: u16 = 4;

/// Lines of a large digit.
const TALL: u16 = 5;

const ZERO: [&str; 5] = ["███", "█ █", "█ █", "█ █", "███"];
const ONE: [&str; 5] = [" █ ", "██ ", " █ ", " █ ", "███"];

/// What is to be shown.
pub(super) struct Slide<'a> {
    /// Zeros and ones, with blanks between groups; others are shown as they are.
    pub(super) digits: &'a str,
    /// Which of the digits, blanks not counted, it is about: from and to.
    pub(super) about: (usize, usize),
    /// What they are.
    pub(super) title: &'a str,
    /// What they mean.
    pub(super) text: &'a str,
}

/// Draws a slide; what is left of the area below it.
pub(super) fn draw(slide: &Slide<'_>, area: Rect, brush: &mut Brush<'_>) -> Rect {
    let theme = brush.theme;
    let width = usize::from(area.width.saturating_sub(4));
    let mut line = 1;
    line += if fits(slide.digits, area) {
        large(slide, area, line, brush)
    } else {
        brush.at(area, line, 2, &safe(slide.digits, width), theme.key());
        2
    };
    let mut page = Sheet::new(width + 2);
    page.paragraph(Kind::Head, slide.title, 2);
    page.paragraph(Kind::Plain, slide.text, 2);
    for text in &page.lines {
        brush.spans(area, line, text);
        line += 1;
    }
    Brush::below(area, line + 1)
}

fn fits(digits: &str, area: Rect) -> bool {
    let wide = digits.chars().map(|c| if c == ' ' { 2 } else { STEP });
    let wide: usize = wide.map(usize::from).sum();
    !digits.is_empty()
        && digits.chars().all(|c| matches!(c, '0' | '1' | ' '))
        && wide + 2 <= usize::from(area.width)
        && area.height >= 2 * TALL
}

/// Draws large digits; the lines they took.
fn large(slide: &Slide<'_>, area: Rect, line: u16, brush: &mut Brush<'_>) -> u16 {
    let theme = brush.theme;
    let mut column = 2;
    let mut count = 0;
    for digit in slide.digits.chars() {
        let glyph = match digit {
            '0' => ZERO,
            '1' => ONE,
            _ => {
                column += 2;
                continue;
            }
        };
        let about = (slide.about.0..slide.about.1).contains(&count);
        let style = if about { theme.key() } else { theme.dim() };
        for (row, text) in (line..).zip(glyph) {
            // Without colours or bold type the others have to differ by what they are made of.
            let text = if about {
                text.to_owned()
            } else {
                text.replace('█', "░")
            };
            brush.at(area, row, column, &text, style);
        }
        column += STEP;
        count += 1;
    }
    TALL + 1
}
