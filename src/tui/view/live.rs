//! The line of a live capture.
//!
//! Job: how the capture stands, and how much comes. Input: the state. Output: cells.

use std::fmt::Write;

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::brush::{Brush, safe};
use crate::capture::State;
use crate::finding::Severity;
use crate::page::words;
use crate::tui::app::{App, Live, Standing};
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
    let mut packets = format!("  {} packets", words::brief(standing.status.packets));
    if live.paused {
        let _ = write!(packets, ", {} since", words::brief(live.since));
    }
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
        ("B/s wire", values(|step| step.wire)),
        ("B/s payload", values(|step| step.payload)),
    ];
    for (unit, values) in rates {
        let now = values.last().copied().unwrap_or(0);
        let text = format!("  {} {unit} ", words::brief(now));
        put(&text, theme.plain(), brush);
        put(&spark(&values), theme.key(), brush);
    }
    put(&format!("  {}", kept(live)), theme.dim(), brush);
}

/// Where packets are kept, and how much that is.
pub(super) fn kept(live: &Live) -> String {
    let (bytes, bound) = live.standing.kept;
    let bytes = words::brief(bytes);
    let bytes = match bound {
        Some(bound) => format!("{bytes} of {} B", words::brief(bound)),
        None => format!("{bytes} B"),
    };
    match &live.standing.unkept {
        Some(_) => format!("{bytes} and no more in {}", live.standing.place),
        None => format!("{bytes} in {}", live.standing.place),
    }
}

/// What a live capture that has shown nothing yet waits for.
pub(super) fn waiting(live: &Live) -> String {
    let Standing {
        interface,
        filter,
        status,
        ..
    } = &live.standing;
    let filter = if filter.is_empty() {
        "all packets".to_owned()
    } else {
        format!("packets that match {filter}")
    };
    format!(
        "listening on {interface} to {filter}: {} so far, no WebSocket among them; kept: {}",
        words::count(status.packets, "packet"),
        kept(live)
    )
}

/// The interface and its state, and whether something is wrong with it.
fn link(live: &Live) -> (String, bool) {
    let name = &live.standing.interface;
    match &live.standing.status.state {
        State::Failed(why) => (format!("■ {name} ended: {why}"), true),
        State::Ended if live.standing.unkept.is_some() => {
            (format!("■ {name} ended, not kept"), true)
        }
        State::Ended => (format!("■ {name} ended"), false),
        State::Down => (format!("○ {name} is down"), true),
        State::Up if live.standing.unkept.is_some() && !live.paused => {
            (format!("● {name}, not kept"), true)
        }
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
