//! Times and marks of messages in few columns.
//!
//! Job: what the columns of both tables show alike. Input: times and rows. Output: text.

use crate::base::Timestamp;
use crate::event::Status;
use crate::output::text::TimeFormat;
use crate::page::words::{brief, clock, seconds};
use crate::tui::index::Row;

/// A time in a format; `before` is what a difference is taken from.
pub(super) fn time(
    now: Timestamp,
    start: Timestamp,
    before: Option<Timestamp>,
    format: TimeFormat,
) -> String {
    match format {
        TimeFormat::Absolute => clock(now),
        TimeFormat::Relative => seconds(now.since(start)),
        TimeFormat::Delta => seconds(before.map_or(0, |before| now.since(before))),
    }
}

/// `z` compressed, `f3` three frames, `P` partial, `L` lost, `T` cut by the limit, `!` finding.
pub(super) fn flags(row: &Row) -> String {
    let mut flags = String::new();
    if row.finding.is_some() {
        flags.push('!');
    }
    match row.status {
        Status::Complete => {}
        Status::Partial(_) => flags.push('P'),
        Status::Lost(_) => flags.push('L'),
    }
    if row.compressed {
        flags.push('z');
    }
    if row.truncated {
        flags.push('T');
    }
    if row.frames > 1 {
        flags.push('f');
        flags.push_str(&brief(row.frames.into()));
    }
    flags
}
