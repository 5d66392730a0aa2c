//! Totals and charts.
//!
//! Job: what compression did, when, to what sizes, and where. Input: the state. Output: cells.

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::brush::{Brush, safe};
use super::compression;
use super::pair::bars;
use crate::base::Peer;
use crate::page::{self, words};
use crate::stats::Traffic;
use crate::tui::app::{App, StatsPane};
use crate::tui::index::{Connection, Sizes};
use crate::tui::layout;

/// Where each pane stands: two by two, or the focused one alone.
fn panes(app: &App, area: Rect) -> Vec<(StatsPane, Rect)> {
    if app.zoomed || area.height < 14 || area.width < 60 {
        return vec![(app.stats, area)];
    }
    let left = area.width / 2;
    let top = area.height / 2;
    let at =
        |x: u16, y: u16, width: u16, height: u16| Rect::new(area.x + x, area.y + y, width, height);
    let right = area.width - left;
    let below = area.height - top;
    if matches!(app.stats, StatsPane::Takeover | StatsPane::Distances) {
        return vec![
            (StatsPane::Takeover, at(0, 0, left - 1, area.height)),
            (StatsPane::Distances, at(left, 0, right, area.height)),
        ];
    }
    vec![
        (StatsPane::Totals, at(0, 0, left - 1, top)),
        (StatsPane::Time, at(left, 0, right, top)),
        (StatsPane::Sizes, at(0, top, left - 1, below)),
        (StatsPane::Busiest, at(left, top, right, below)),
    ]
}

/// The pane at a place.
pub fn at(app: &App, position: Position) -> Option<StatsPane> {
    panes(app, layout::areas(app).pane)
        .into_iter()
        .find(|(_, area)| area.contains(position))
        .map(|(pane, _)| pane)
}

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    for (pane, area) in panes(app, area) {
        let theme = brush.theme;
        brush.style(area, 0, theme.head());
        let style = if pane == app.stats {
            theme.selected()
        } else {
            theme.head()
        };
        let column = brush.text(area, 0, pane.title(), style);
        if matches!(pane, StatsPane::Sizes | StatsPane::Distances) {
            legend(area, column + 2, brush);
        }
        let body = Rect {
            y: area.y + 1,
            height: area.height.saturating_sub(1),
            ..area
        };
        match pane {
            StatsPane::Totals => totals(app, body, brush),
            StatsPane::Time => time(app, body, brush),
            StatsPane::Sizes => sizes(app, body, brush),
            StatsPane::Busiest => busiest(app, body, brush),
            StatsPane::Takeover => compression::takeover(app, body, brush),
            StatsPane::Distances => compression::distances(app, body, brush),
        }
    }
}

fn sum(app: &App, peer: Peer) -> Traffic {
    let mut sum = Traffic::default();
    for connection in app.index.connections() {
        sum.merge(&connection.peers[peer]);
    }
    sum
}

fn totals(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let (client, server) = (sum(app, Peer::Client), sum(app, Peer::Server));
    let mut both = client;
    both.merge(&server);
    let columns = |label: &str, values: [String; 3]| {
        let [client, server, both] = values;
        format!("{label:<11}{client:>8}{server:>8}{both:>8}")
    };
    let count = |get: fn(&Traffic) -> u64| {
        [&client, &server, &both].map(|totals| words::brief(get(totals)))
    };
    let ratio = |totals: &Traffic| words::ratio(totals.inflated_bytes, totals.compressed_bytes);
    let saved = |totals: &Traffic| {
        totals
            .inflated_bytes
            .saturating_sub(totals.compressed_bytes)
    };
    let mut lines = vec![
        columns("", ["client".into(), "server".into(), "both".into()]),
        columns("messages", count(|t| t.messages.total())),
        columns("compressed", count(|t| t.compressed)),
        columns("not whole", count(Traffic::incomplete)),
        columns("wire", count(|t| t.websocket_bytes)),
        columns("payload", count(|t| t.payload_bytes)),
        columns("ratio", [ratio(&client), ratio(&server), ratio(&both)]),
        columns(
            "saved",
            [&client, &server, &both].map(|totals| words::brief(saved(totals))),
        ),
    ];
    lines.push(format!(
        "{}, {}",
        words::count(app.index.websockets().count() as u64, "connection"),
        words::count(app.index.len() as u64, "message")
    ));
    if let Some(loaded) = &app.load.loaded {
        lines.push(loaded.tally.describe());
        lines.extend(loaded.errors.iter().cloned());
        lines.extend(loaded.warnings.iter().cloned());
    }
    for (at, line) in (0_u16..).zip(&lines) {
        let style = match at {
            0 => theme.bold(),
            _ => theme.plain(),
        };
        brush.text(area, at, &safe(line, usize::from(area.width)), style);
    }
}

/// Eighths of a column of blocks, for a value against the largest.
fn column(brush: &mut Brush<'_>, area: Rect, x: u16, (value, max): (u64, u64), style: Style) {
    let height = u64::from(area.height);
    let scaled = u128::from(value) * u128::from(height * 8) / u128::from(max.max(1));
    let mut eighths = u64::try_from(scaled).unwrap_or(0);
    if value > 0 {
        eighths = eighths.max(1);
    }
    for line in 0..area.height {
        let here = eighths.saturating_sub(u64::from(line) * 8).min(8);
        let mark = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
        let text = mark.get(usize::try_from(here).unwrap_or(0)).unwrap_or(&" ");
        brush.at(area, area.height - 1 - line, x, text, style);
    }
}

/// Payload bytes above, bytes on the wire below, on one scale.
fn time(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    if area.height < 4 || app.index.is_empty() {
        return;
    }
    let (steps, width) = app.index.series.columns(usize::from(area.width));
    let most = steps.iter().map(|step| step.payload.max(step.wire)).max();
    let most = most.unwrap_or(0);
    let half = (area.height - 2) / 2;
    let charts = [
        (
            "payload",
            half + (area.height - 2) % 2,
            theme.peer(Peer::Server),
        ),
        ("wire", half, theme.peer(Peer::Client)),
    ];
    let mut y = 0;
    for (name, height, style) in charts {
        let chart = Rect {
            y: area.y + y + 1,
            height,
            ..area
        };
        for (x, step) in (0_u16..area.width).zip(&steps) {
            let value = if name == "wire" {
                step.wire
            } else {
                step.payload
            };
            column(brush, chart, x, (value, most), style);
        }
        let label = if y == 0 {
            let most = words::brief(most);
            format!(
                "{name}, {most} B at most in {}",
                words::span(i64::try_from(width).unwrap_or(i64::MAX))
            )
        } else {
            format!("{name}, same scale")
        };
        brush.at(
            area,
            y,
            0,
            &safe(&label, usize::from(area.width)),
            theme.dim(),
        );
        y += height + 1;
    }
}

/// Which part of a bar is whose.
fn legend(area: Rect, mut column: u16, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    for peer in [Peer::Client, Peer::Server] {
        let text = format!("{} {peer}", theme.shade(peer).unwrap_or("█"));
        column += brush.at(area, 0, column, &text, theme.peer(peer)) + 2;
    }
}

/// A bar for each power of two.
fn sizes(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let counts = &app.index.sizes.counts;
    let both: Vec<(u64, u64)> = counts
        .client
        .iter()
        .zip(&counts.server)
        .map(|(client, server)| (*client, *server))
        .collect();
    let used: Vec<usize> = (0..both.len())
        .filter(|at| both.get(*at).is_some_and(|(c, s)| c + s > 0))
        .collect();
    let (Some(first), Some(last)) = (used.first(), used.last()) else {
        return;
    };
    let most = both.iter().map(|(c, s)| c + s).max().unwrap_or(0);
    let mut first = *first;
    // Where they do not all fit, small sizes are left out.
    first = first.max((last + 1).saturating_sub(usize::from(area.height)));
    for (line, bucket) in (0_u16..).zip(first..=*last) {
        let Some((client, server)) = both.get(bucket) else {
            continue;
        };
        let (from, to) = Sizes::range(bucket);
        let label = if from == to {
            from.to_string()
        } else {
            format!("{}–{}", words::brief(from), words::brief(to))
        };
        bars((area, line), &label, (*client, *server), most, brush);
    }
}

fn busiest(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let mut all: Vec<&Connection> = app.index.websockets().collect();
    all.sort_by_key(|connection| {
        (
            std::cmp::Reverse(connection.totals().websocket_bytes),
            connection.conversing(),
        )
    });
    let most = all
        .first()
        .map_or(0, |connection| connection.totals().websocket_bytes);
    let head = format!("{:>4} {:>6} {:>6} {:>6} ", "#", "msgs", "wire", "ratio");
    let room = usize::from(area.width).saturating_sub(head.len() + 1);
    brush.text(area, 0, &safe(&head, usize::from(area.width)), theme.bold());
    for (line, connection) in (1..area.height).zip(all) {
        let totals = connection.totals();
        let ratio = words::ratio(totals.inflated_bytes, totals.compressed_bytes);
        let label = format!(
            "{:>4} {:>6} {:>6} {ratio:>6} ",
            connection.conversing(),
            words::brief(totals.messages.total()),
            words::brief(totals.websocket_bytes)
        );
        let column = brush.text(area, line, &label, theme.plain());
        let bar = page::bar(totals.websocket_bytes, most, room);
        brush.at(area, line, column, &bar, theme.key());
    }
}
