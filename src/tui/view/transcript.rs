//! The transcript of a conversation.
//!
//! Job: its rows from the top one on, the selected one marked. Input: the state. Output: cells.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::scroll;
use crate::page::words::count;
use crate::tui::app::App;
use crate::tui::rows;

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    if area.height == 0 {
        return;
    }
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let Some(conversing) = app.transcript.conversing() else {
        brush.text(area, 0, "Transcript", theme.head());
        brush.at(area, 2, 1, "no connection yet", theme.plain());
        return;
    };
    let head = head(app, &conversing.to_string());
    let width = usize::from(area.width);
    brush.text(area, 0, &safe(&head, width), theme.head());
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    let text = Rect {
        width: body.width.saturating_sub(1),
        ..body
    };
    let most = (usize::from(body.height) * 2 / 3).saturating_sub(2).max(1);
    let mut line = 0;
    let mut seen = 0;
    for number in app.transcript.cursor.top..app.transcript.rows.len() {
        if line >= body.height {
            break;
        }
        let lines = rows::lines(app, number, usize::from(text.width), most);
        let begin = line;
        for one in &lines {
            brush.spans(text, line, one);
            line += 1;
        }
        if number == app.transcript.cursor.selected {
            for at in begin..line {
                brush.style(cut(text, 12), at, theme.selected());
            }
        }
        seen += 1;
    }
    let all = app.transcript.rows.len();
    scroll::bar(all, seen, app.transcript.cursor.top, body, brush);
}

/// The first columns of an area: the times, which show what is selected.
fn cut(area: Rect, width: u16) -> Rect {
    Rect {
        width: area.width.min(width),
        ..area
    }
}

fn head(app: &App, conversing: &str) -> String {
    let messages = app.transcript.rows.len() as u64;
    let mut text = format!(
        "Transcript of connection {conversing}, {}",
        count(messages, "row")
    );
    if app.reference.is_some() {
        text.push_str("; time from a message");
    }
    if app.follow {
        text.push_str("; following");
    }
    text
}
