//! Totals and charts.
//!
//! Job: what compression did, when, to what sizes, and where. Input: the state. Output: cells.

use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Sparkline, Widget};

use super::brush::{Brush, safe};
use super::compression;
use super::pair::bars;
use crate::base::Peer;
use crate::page::{self, Role, words};
use crate::stats::Traffic;
use crate::tui::app::{App, StatsPane};
use crate::tui::index::{Connection, Sizes, Step};
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
        let body = Brush::below(area, 1);
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

/// What a connection's messages come to: of all, or of those that match the filter.
fn of(app: &App, connection: &Connection, peer: Peer) -> Traffic {
    match &app.matches {
        Some(matches) if !app.messages.marking => {
            let traffic = matches.traffic.get(&connection.conversing());
            traffic.map_or_else(Traffic::default, |both| both[peer])
        }
        _ => connection.peers[peer],
    }
}

fn both(app: &App, connection: &Connection) -> Traffic {
    let mut both = of(app, connection, Peer::Client);
    both.merge(&of(app, connection, Peer::Server));
    both
}

fn sum(app: &App, peer: Peer) -> Traffic {
    let mut sum = Traffic::default();
    for connection in app.index.websockets() {
        sum.merge(&of(app, connection, peer));
    }
    sum
}

/// What the figures are of.
fn subject(app: &App) -> String {
    let all = words::count(app.index.len() as u64, "message");
    let connections = app.index.websockets().count() as u64;
    let connections = words::count(connections, "connection");
    match &app.matches {
        Some(matches) if !app.messages.marking => format!(
            "the {} of {all} that match, on {} of {connections}",
            words::grouped(matches.count as u64),
            matches.by_connection.len()
        ),
        _ => format!("all {all} of {connections}"),
    }
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
    lines.push(format!("of {}", subject(app)));
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

/// What a chart is called, what it shows, the most of that, and how it is coloured.
type Chart = (String, fn(&Step) -> u64, u64, Role);

/// So many in a stretch of so many nanoseconds, in one second.
fn per_second(count: u64, width: u64) -> String {
    let hundredths = u128::from(count) * 100_000_000_000 / u128::from(width.max(1));
    let whole = u64::try_from(hundredths / 100).unwrap_or(u64::MAX);
    if whole >= 10 {
        words::brief(whole)
    } else {
        format!("{whole}.{:02}", hundredths % 100)
    }
}

/// Values as columns against the largest.
fn columns(
    values: impl Iterator<Item = u64>,
    (most, role): (u64, Role),
    area: Rect,
    brush: &mut Brush<'_>,
) {
    // An eighth of a line: what is little is seen, too.
    let least = most.div_ceil(u64::from(area.height.max(1)) * 8);
    let seen = |value| if value == 0 { 0 } else { least.max(value) };
    Sparkline::default()
        .data(values.map(seen))
        .max(most)
        .style(brush.theme.chart(role))
        .render(area.intersection(brush.buffer.area), brush.buffer);
}

/// Payload bytes above, bytes on the wire below on the same scale, messages at the bottom.
fn time(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    if area.height < 4 || app.index.is_empty() {
        return;
    }
    let series = match &app.matches {
        Some(matches) if !app.messages.marking => &matches.series,
        _ => &app.index.series,
    };
    let (steps, width) = series.columns(usize::from(area.width));
    let most = steps.iter().map(|step| step.payload.max(step.wire)).max();
    let most = most.unwrap_or(0);
    let count = steps.iter().map(|step| step.messages).max().unwrap_or(0);
    let span = words::span(i64::try_from(width).unwrap_or(i64::MAX));
    let charts: [Chart; 3] = [
        (
            format!("payload, {} B at most in {span}", words::brief(most)),
            |step| step.payload,
            most,
            Role::Payload,
        ),
        (
            "wire, same scale".to_owned(),
            |step| step.wire,
            most,
            Role::Wire,
        ),
        (
            format!(
                "messages, {} at most, {} /s",
                count,
                per_second(count, width)
            ),
            |step| step.messages,
            count,
            Role::Label,
        ),
    ];
    let shown = if area.height < 6 { 2 } else { 3 };
    let room = area.height - shown;
    let mut y = 0;
    for (number, (label, value, most, role)) in (0..shown).zip(charts) {
        let height = room / shown + u16::from(number < room % shown);
        let chart = Rect {
            y: area.y + y + 1,
            height,
            ..area
        };
        let values = steps.iter().map(value);
        columns(values, (most, role), chart, brush);
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
    let counts = match &app.matches {
        Some(matches) if !app.messages.marking => &matches.sizes.counts,
        _ => &app.index.sizes.counts,
    };
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
    let all = app.index.websockets();
    let mut all: Vec<_> = all.map(|one| (one.conversing(), both(app, one))).collect();
    all.retain(|(_, totals)| totals.messages.total() > 0);
    all.sort_by_key(|(number, totals)| (std::cmp::Reverse(totals.websocket_bytes), *number));
    let most = all.first().map_or(0, |(_, totals)| totals.websocket_bytes);
    let digits = app.index.widest.max(4);
    let head = format!(
        "{:>digits$} {:>6} {:>6} {:>6} ",
        "#", "msgs", "wire", "ratio"
    );
    let room = usize::from(area.width).saturating_sub(head.len() + 1);
    brush.text(area, 0, &safe(&head, usize::from(area.width)), theme.bold());
    for (line, (number, totals)) in (1..area.height).zip(all) {
        let ratio = words::ratio(totals.inflated_bytes, totals.compressed_bytes);
        let label = format!(
            "{:>digits$} {:>6} {:>6} {ratio:>6} ",
            number,
            words::brief(totals.messages.total()),
            words::brief(totals.websocket_bytes)
        );
        let column = brush.text(area, line, &label, theme.plain());
        let bar = page::bar(totals.websocket_bytes, most, room);
        brush.at(area, line, column, &bar, theme.key());
    }
}
