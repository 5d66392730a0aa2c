//! Distributions as bars.
//!
//! Job: how many messages have which size, and how far matches reach, told by length. Input: a
//! [`Group`]. Output: text of 80 columns.

use std::fmt::Write;

use super::style::Style;
use crate::base::Peer;
use crate::page::bar;
use crate::stats::{Deep, Group};

/// Columns of the longest bar.
const WIDTH: usize = 40;

/// All distributions of a group, for each sender.
pub(super) fn all(group: &Group, style: Style, out: &mut String) {
    for (peer, stats) in group.peers.iter() {
        let rows = ranges(&stats.sizes.octaves());
        chart(peer, "data messages by payload size", rows, style, out);
    }
    let Some(deep) = &group.deep else { return };
    for (peer, deep) in deep.iter() {
        let rows = times(&deep.intervals.octaves());
        chart(peer, "time since the data message before", rows, style, out);
        chart(
            peer,
            "copied bytes by distance",
            distances(deep),
            style,
            out,
        );
    }
}

/// Classes of bytes from one power of two to the next.
fn ranges(octaves: &[(u64, u64)]) -> Vec<(String, u64)> {
    let name = |least: u64| match least {
        0 => "0 B".to_owned(),
        1 => "1 B".to_owned(),
        _ => format!("{least}-{} B", least * 2 - 1),
    };
    octaves
        .iter()
        .map(|(least, count)| (name(*least), *count))
        .collect()
}

/// The same of microseconds, in a unit that reads well.
fn times(octaves: &[(u64, u64)]) -> Vec<(String, u64)> {
    let name = |least: u64| {
        let below = (least * 2).max(1);
        let (unit, name) = match least {
            0..1_000 => (1, "us"),
            1_000..1_000_000 => (1_000, "ms"),
            _ => (1_000_000, "s"),
        };
        let figure = |micros: u64| match micros / unit {
            0..10 if unit > 1 => format!("{}.{}", micros / unit, micros % unit * 10 / unit),
            whole => whole.to_string(),
        };
        format!("{} to {} {name}", figure(least), figure(below))
    };
    octaves
        .iter()
        .map(|(least, count)| (name(*least), *count))
        .collect()
}

fn distances(deep: &Deep) -> Vec<(String, u64)> {
    let places = deep.symbols.distances.iter().enumerate();
    let rows = places.map(|(bits, bytes)| (format!("up to {}", 1u64 << bits), *bytes));
    let first = rows.clone().position(|(_, bytes)| bytes > 0);
    let last = deep.symbols.distances.iter().rposition(|bytes| *bytes > 0);
    match (first, last) {
        (Some(first), Some(last)) => rows.take(last + 1).skip(first).collect(),
        _ => Vec::new(),
    }
}

fn chart(peer: Peer, title: &str, rows: Vec<(String, u64)>, style: Style, out: &mut String) {
    let Some(most) = rows.iter().map(|(_, count)| *count).max() else {
        return;
    };
    let _ = writeln!(out, "\n{}", style.paint(peer, format!("{peer}: {title}")));
    for (name, count) in rows {
        let bar = bar(count, most, WIDTH);
        let _ = writeln!(
            out,
            "{}",
            format!("  {name:>20} {count:>11} {bar}").trim_end()
        );
    }
}
