//! The line of a live capture.
//!
//! Job: how the capture stands, and how much comes. Input: the state. Output: cells.

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::brush::{Brush, safe};
use crate::capture::State;
use crate::finding::Severity;
use crate::page::words;
use crate::tui::app::{App, Live};
use crate::tui::index::Step;

/// Seconds that a spark line shows, where there is room and where there is less.
const SECONDS: (usize, usize) = (12, 4);

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let Some(live) = &app.live else {
        return;
    };
    let theme = brush.theme;
    let mut column = 0;
    let mut put = |text: &str, style: Style, brush: &mut Brush<'_>| {
        let room = usize::from(area.width.saturating_sub(column));
        // A word that does not fit is left out rather than cut.
        if text.width() <= room {
            column += brush.at(area, 0, column, text, style);
        }
    };
    let (words, wrong) = link(live);
    let style = if wrong {
        theme.severity(Severity::Warning)
    } else {
        theme.bold()
    };
    put(&safe(&words, usize::from(area.width)), style, brush);
    let standing = &live.standing;
    let packets = format!("  {} packets", words::brief(standing.status.packets));
    put(&packets, theme.plain(), brush);
    let style = if standing.status.drops.sum() > 0 {
        theme.severity(Severity::Error)
    } else {
        theme.dim()
    };
    let dropped = format!("  {} dropped", words::brief(standing.status.drops.sum()));
    put(&dropped, style, brush);
    let seconds = if area.width < 110 {
        SECONDS.1
    } else {
        SECONDS.0
    };
    let steps = app.index.rates.before(standing.now, seconds);
    let values = |get: fn(&Step) -> u64| steps.iter().map(get).collect::<Vec<u64>>();
    let rates = [
        ("msg/s", values(|step| step.messages)),
        ("wire/s", values(|step| step.wire)),
        ("payload/s", values(|step| step.payload)),
    ];
    for (name, values) in rates {
        let now = values.last().copied().unwrap_or(0);
        let text = format!("  {name} {} ", words::brief(now));
        put(&text, theme.plain(), brush);
        put(&spark(&values), theme.key(), brush);
    }
}

/// The interface and its state, and whether something is wrong with it.
fn link(live: &Live) -> (String, bool) {
    let name = &live.standing.interface;
    match &live.standing.status.state {
        State::Failed(why) => (format!("■ {name} ended: {why}"), true),
        State::Ended => (format!("■ {name} ended"), false),
        State::Down => (format!("○ {name} is down"), true),
        State::Up if live.paused => (format!("‖ {name} paused"), false),
        State::Up => (format!("● {name}"), false),
    }
}

/// Values as small columns against the largest.
fn spark(values: &[u64]) -> String {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let mark = |value: &u64| match *value {
        0 => ' ',
        value => {
            let eighth = (u128::from(value) * 7 / u128::from(most)).min(7);
            let marks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
            let at = usize::try_from(eighth).unwrap_or(0);
            marks.get(at).copied().unwrap_or('█')
        }
    };
    values.iter().map(mark).collect()
}
