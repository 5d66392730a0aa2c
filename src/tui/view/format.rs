//! Times and marks of messages in few columns.
//!
//! Job: what the columns of both tables show alike. Input: times and rows. Output: text.

use crate::base::Timestamp;
use crate::output::text::TimeFormat;
use crate::page::words::{self, seconds};
use crate::tui::index::Row;

/// A time in a format; `before` is what a difference is taken from.
pub(super) fn time(
    now: Timestamp,
    start: Timestamp,
    before: Option<Timestamp>,
    format: TimeFormat,
) -> String {
    if let Some(moment) = format.short(now) {
        return moment;
    }
    if format == TimeFormat::Delta {
        seconds(before.map_or(0, |before| now.since(before)))
    } else {
        seconds(now.since(start))
    }
}

/// `!` where a finding stands on it, and what the message is.
pub(super) fn flags(row: &Row) -> String {
    let finding = if row.finding.is_some() { "!" } else { "" };
    finding.to_owned() + &words::flags(&row.facts())
}
