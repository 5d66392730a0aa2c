//! The handshake of a connection.
//!
//! Job: what `explain --handshake` shows. Input: the state. Output: lines. RFC 6455 §4.

use crate::explain::{Layout, handshake};
use crate::finding::Finding;
use crate::page::{Kind, Line, words};
use crate::tui::app::App;
use crate::tui::layout;

/// The lines of the tab.
pub(super) fn lines(app: &App) -> Vec<Line> {
    let Some(connection) = app.connection() else {
        return vec![Line::of(Kind::Note, "no connection is selected")];
    };
    let conversing = connection.conversing();
    let first = app
        .index
        .find(conversing, 1)
        .and_then(|place| app.index.get(place));
    let before = |finding: &Finding| {
        finding.message.is_none() && first.is_none_or(|row| finding.at.time <= row.time)
    };
    let of_handshake = app.index.findings.iter();
    let of_handshake = of_handshake.filter(|(of, finding)| *of == conversing && before(finding));
    let findings: Vec<_> = of_handshake.map(|(_, finding)| finding.clone()).collect();
    let layout = Layout {
        width: usize::from(layout::areas(app).pane.width.saturating_sub(1)),
        symbols: None,
        all: false,
        tables: false,
        bytes: false,
        redact: app.redact,
        start: app.index.start.unwrap_or_default(),
    };
    let lines = handshake::page(&connection.info, &findings, &layout);
    if let Some(because) = connection.unread_because() {
        return vec![Line::of(Kind::Note, because)];
    }
    if lines.is_empty() {
        return vec![Line::of(Kind::Note, words::upgrade(&connection.info))];
    }
    lines
}
