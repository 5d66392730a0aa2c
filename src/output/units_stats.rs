//! Statistics of units: what `wscope stats --by subject` and `--by kind` print.
//!
//! Job: a row for each topic, event, method or kind: counts, bytes, rate, latency. Input:
//! [`UnitStats`]. Output: a table of 80 columns and a name, or JSON Lines.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Serialize;

use super::json;
use super::style::Style;
use crate::page::redact::Redact;
use crate::page::words::{brief, ratio, span};
use crate::page::{Kind, escape, units};
use crate::stats::{Histogram, UnitGroup, UnitStats};

/// Fields that a row has where none are named.
pub const USUAL: &[&str] = &[
    "by",
    "protocol",
    "name",
    "units",
    "client",
    "server",
    "errors",
    "payload_bytes",
    "wire_bytes",
    "ratio",
    "per_second",
    "latency.p50",
    "latency.p99",
    "latency.max",
];

/// Columns of a name.
const NAME_WIDTH: usize = 60;

/// Columns before a name.
const FIGURES: usize = 77;

/// Columns of a name beside its figures, at least; else it has a line of its own.
const NARROWEST: usize = 24;

/// The table, of `top` rows where that is asked for, in so many columns.
pub fn text(
    stats: &UnitStats,
    (top, redact): (Option<usize>, Redact),
    width: Option<usize>,
    style: Style,
) -> String {
    let mut out = String::new();
    let room = width.map(|width| width.saturating_sub(FIGURES));
    let above = room.is_some_and(|room| room < NARROWEST);
    let room = if above { width } else { room };
    let mut head = format!(
        "{:>8} {:>6} {:>8} {:>8} {:>6} {:>7} {:>8} {:>8} {:>8}",
        "units", "errors", "payload", "wire", "ratio", "per s", "p50", "p99", "max"
    );
    if !above {
        let _ = write!(head, "  {}", stats.by().name());
    }
    let _ = writeln!(out, "{}", style.paint(Kind::Head, head));
    let all = stats.sorted();
    for ((protocol, name), group) in all.iter().take(top.unwrap_or(usize::MAX)) {
        let name = redact.subject(name.as_deref().unwrap_or("-"));
        let name = format!("{} {name}", units::title(protocol));
        let mut shown = String::new();
        let room = room.unwrap_or(NAME_WIDTH + 1 + units::title(protocol).len());
        let _ = escape::text(&name, room, &mut shown);
        let figures = figures(group, stats.seconds());
        let _ = if above {
            writeln!(out, "{shown}\n{figures}")
        } else {
            writeln!(out, "{figures}  {shown}")
        };
    }
    let more = all.len().saturating_sub(top.unwrap_or(usize::MAX));
    if more > 0 {
        let _ = writeln!(out, "and {more} more");
    }
    if stats.left_out > 0 {
        let _ = writeln!(out, "{} units are left out: too many names", stats.left_out);
    }
    if all.is_empty() {
        out.push_str("no units: no subprotocol was recognised\n");
    }
    out
}

/// What stands beside a name, over so many seconds.
fn figures(group: &UnitGroup, seconds: f64) -> String {
    let latency = |percent| latency(&group.latency, percent);
    format!(
        "{:>8} {:>6} {:>8} {:>8} {:>6} {:>7} {:>8} {:>8} {:>8}",
        brief(group.count()),
        brief(group.errors),
        brief(group.payload_bytes),
        brief(group.wire_bytes),
        ratio(group.payload_bytes, group.wire_bytes),
        rate(group, seconds),
        latency(50),
        latency(99),
        latency(100),
    )
}

fn latency(histogram: &Histogram, percent: u64) -> String {
    if histogram.count() == 0 {
        return "-".to_owned();
    }
    let micros = histogram.percentile(percent);
    span(i64::try_from(micros.saturating_mul(1_000)).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "a rate of two figures")]
fn per_second(group: &UnitGroup, seconds: f64) -> Option<f64> {
    (seconds > 0.0).then(|| group.count() as f64 / seconds)
}

fn rate(group: &UnitGroup, seconds: f64) -> String {
    per_second(group, seconds).map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"))
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    by: &'static str,
    protocol: &'static str,
    name: Option<Cow<'a, str>>,
    units: u64,
    client: u64,
    server: u64,
    errors: u64,
    payload_bytes: u64,
    wire_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<Latency>,
}

/// Microseconds.
#[derive(Serialize)]
struct Latency {
    answered: u64,
    p50: u64,
    p90: u64,
    p99: u64,
    max: u64,
}

/// An object for each group.
#[expect(clippy::cast_precision_loss, reason = "a ratio of two figures")]
pub fn json(stats: &UnitStats, top: Option<usize>, redact: Redact, out: &mut Vec<u8>) {
    for ((protocol, name), group) in stats.sorted().into_iter().take(top.unwrap_or(usize::MAX)) {
        let latency = &group.latency;
        let (payload, wire) = (group.payload_bytes, group.wire_bytes);
        json::line(
            &Line {
                kind: "units",
                by: stats.by().name(),
                protocol,
                name: name.as_deref().map(|name| redact.subject(name)),
                units: group.count(),
                client: group.units.client,
                server: group.units.server,
                errors: group.errors,
                payload_bytes: payload,
                wire_bytes: wire,
                ratio: (wire > 0).then(|| payload as f64 / wire as f64),
                per_second: per_second(group, stats.seconds()),
                latency: (latency.count() > 0).then(|| Latency {
                    answered: latency.count(),
                    p50: latency.percentile(50),
                    p90: latency.percentile(90),
                    p99: latency.percentile(99),
                    max: latency.max(),
                }),
            },
            out,
        );
    }
}
