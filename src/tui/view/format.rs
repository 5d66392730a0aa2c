//! Times and marks of messages in few columns.
//!
//! Job: what the columns of both tables show alike. Input: times and rows. Output: text.

use crate::base::Timestamp;
use crate::output::text::TimeFormat;
use crate::page::words::{self, seconds};
use crate::tui::index::Row;

/// A time in a format; `from` is what a difference is taken from.
pub(super) fn time(now: Timestamp, from: Timestamp, format: TimeFormat) -> String {
    let moment = format.short(now);
    moment.unwrap_or_else(|| seconds(now.since(from)))
}

/// `!` where a finding stands on it, and what the message is.
pub(super) fn flags(row: &Row) -> String {
    let finding = if row.finding.is_some() { "!" } else { "" };
    finding.to_owned() + &words::flags(&row.facts())
}
