//! All measurements as one table.

use std::fmt::Write;

use super::programs::{FLOOR, Program, STATS, TSHARK};

/// What was measured on one capture.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) title: String,
    /// What is on the capture, in words.
    pub(crate) about: String,
    pub(crate) bytes: u64,
    pub(crate) programs: Vec<Program>,
}

const HEAD: [&str; 8] = [
    "capture",
    "run",
    "ms",
    "MB/s",
    "× tshark",
    "÷ floor",
    "÷ stats",
    "peak MB",
];

/// Columns of words; figures stand at the right.
const WORDS: usize = 2;

/// The table in Markdown, and what is on each capture.
pub(crate) fn page(parts: &[Part]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(parts.iter().flat_map(rows_of));
    let widths: [usize; HEAD.len()] = std::array::from_fn(|column| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    });
    let mut page = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _ = match column {
                ..WORDS => write!(page, "| {cell:width$} "),
                _ => write!(page, "| {cell:>width$} "),
            };
        }
        page.push_str("|\n");
        if number == 0 {
            for (column, width) in widths.into_iter().enumerate() {
                let right = if column < WORDS { '-' } else { ':' };
                let _ = write!(page, "|{}{right}", "-".repeat(width + 1));
            }
            page.push_str("|\n");
        }
    }
    page.push('\n');
    for Part { title, about, .. } in parts {
        let _ = writeln!(page, "{title}: {about}");
    }
    page
}

fn rows_of(part: &Part) -> impl Iterator<Item = [String; HEAD.len()]> {
    let seconds = |name| part.programs.iter().find(|one| one.name == name)?.seconds();
    let (floor, stats, tshark) = (seconds(FLOOR), seconds(STATS), seconds(TSHARK));
    part.programs.iter().filter_map(move |program| {
        let seconds = program.seconds()?;
        Some([
            part.title.clone(),
            program.name.to_owned(),
            format!("{:.0}", seconds * 1000.0),
            format!("{:.0}", mega(part.bytes) / seconds),
            figure(tshark.map(|tshark| tshark / seconds), 1),
            figure(floor.map(|floor| seconds / floor), 2),
            figure(stats.map(|stats| seconds / stats), 2),
            figure(program.peak.map(mega), 1),
        ])
    })
}

fn figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

/// Millions.
#[expect(clippy::cast_precision_loss, reason = "it is printed with one digit")]
pub(crate) fn mega(count: u64) -> f64 {
    count as f64 / 1e6
}
