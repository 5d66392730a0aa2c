//! Help.
//!
//! Job: what every key does here, from the table that binds them. Input: the state.
//! Output: cells.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::scroll;
use crate::base::Peer;
use crate::finding::Severity;
use crate::page::{Kind, Line};
use crate::tui::app::App;
use crate::tui::keymap::Place;

/// Signs that the screens use, for those who see them first.
const SIGNS: &[(&str, &str)] = &[
    ("z", "compressed (permessage-deflate)"),
    ("f3", "in three frames"),
    ("P L", "partial: some bytes are known; lost: none is"),
    ("!", "a finding stands on it"),
    ("T", "longer than wscope keeps"),
    (
        "15 15r",
        "window bits; r: the window is reset after each message",
    ),
    ("2E 1W 3N", "findings: errors, warnings, notes"),
];

fn build(app: &App) -> Vec<Line> {
    let mut lines = legend();
    let mut places = app.places();
    // What other screens have comes last, so that all keys are here.
    let all = app.keys.bindings.iter().map(|binding| binding.place);
    let here = places.len();
    for place in all {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let mut shown = app.keys.active(places.get(..here).unwrap_or_default());
    for place in places.get(here..).unwrap_or_default() {
        shown.extend(app.keys.active(&[*place]));
    }
    for (place, bindings) in shown {
        if bindings.is_empty() {
            continue;
        }
        lines.push(Line::of(Kind::Word, place.title()));
        for binding in bindings {
            let keys: Vec<_> = binding.keys.iter().map(|key| key.name()).collect();
            lines.push(named(&keys.join(" "), binding.help));
        }
        if place == Place::Everywhere {
            let does = "wheel scrolls, click selects, click on a head sorts";
            lines.push(named("mouse", does));
        }
        lines.push(Line::new());
    }
    lines
}

/// What signs and colours mean, each as it looks.
fn legend() -> Vec<Line> {
    let mut lines = vec![Line::of(Kind::Word, "Signs and colours")];
    let column = 18;
    for (kind, sign, meaning) in [
        (Kind::Peer(Peer::Client), "→", "from the client"),
        (Kind::Peer(Peer::Server), "←", "from the server"),
        (
            Kind::Hole,
            "[░12] ░░",
            "bytes that are not known, and how many",
        ),
        (Kind::Found, "found", "what is looked for"),
        (
            Kind::Severity(Severity::Error),
            "error",
            "a peer broke a rule",
        ),
        (
            Kind::Severity(Severity::Warning),
            "warning",
            "something is likely wrong",
        ),
        (Kind::Severity(Severity::Note), "note", "worth knowing"),
    ] {
        lines.push(Line::of(kind, sign).padded(column).plain(meaning));
    }
    for (sign, meaning) in SIGNS {
        lines.push(named(sign, meaning));
    }
    lines.push(Line::new());
    lines
}

fn named(name: &str, meaning: &str) -> Line {
    let line = Line::of(Kind::Label, name);
    let column = 18.max(line.width() + 1);
    line.padded(column).plain(meaning)
}

/// How many lines help has.
pub fn lines(app: &App) -> usize {
    build(app).len()
}

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let title = format!("Help: {}", app.screen.title());
    brush.text(
        area,
        0,
        &safe(&title, usize::from(area.width)),
        theme.head(),
    );
    let body = Brush::below(area, 1);
    let lines = build(app);
    scroll::lines(app.help.unwrap_or(0), &lines, body, brush);
}
