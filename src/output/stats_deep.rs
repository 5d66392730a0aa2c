//! The closer look of `wscope stats --deep`.
//!
//! Job: symbols, what takeover saved, distances, intervals and round trips, in the columns of the
//! totals. Input: [`Deep`] of both senders and of both together. Output: text.

use super::cells::Columns;
use super::style::Style;
use crate::deflate::Symbols;
use crate::page::Kind;
use crate::page::words::share;
use crate::stats::{Deep, Histogram};

/// The lines.
pub(super) fn text(each: [&Deep; 3], style: Style, out: &mut String) {
    out.push_str(&style.paint(Kind::Head, "compressed payloads, symbol by symbol"));
    out.push('\n');
    let mut columns = Columns(each.map(|deep| &deep.symbols), out);
    bytes(&mut columns);
    takeover(&mut columns);
    for share in [90, 99, 100] {
        columns.texts(&format!("window bits for {share} % of copies"), |s| {
            s.window_for(share)
                .map_or_else(|| "-".to_owned(), |bits| bits.to_string())
        });
    }
    columns.figures("blocks with codes of their own", |s| s.blocks.dynamic);
    columns.figures("blocks with fixed codes", |s| s.blocks.fixed);
    columns.figures("stored blocks", |s| s.blocks.stored);
    columns.figures("empty blocks of flushes", |s| s.blocks.flushes);
    // Every one is counted.
    columns.figures("symbols and blocks not looked at", |_| 0);
    times(
        "time between messages",
        each.map(|deep| &deep.intervals),
        out,
    );
    times(
        "round trip of pings",
        each.map(|deep| &deep.round_trips),
        out,
    );
}

fn bytes(columns: &mut Columns<'_, Symbols>) {
    columns.figures("bytes by literals", |s| s.literal_bytes);
    columns.texts("  share", |s| share(s.literal_bytes, s.made));
    columns.texts("  bits each", |s| tenths(s.literal_bits, s.literal_bytes));
    columns.figures("bytes by matches", |s| s.match_bytes);
    columns.texts("  share", |s| share(s.match_bytes, s.made));
    columns.texts("  bits each", |s| tenths(s.match_bits, s.match_bytes));
    columns.figures("bytes as they are", |s| s.stored_bytes);
    columns.figures("bytes of block headers", |s| s.header_bits / 8);
}

fn takeover(columns: &mut Columns<'_, Symbols>) {
    columns.figures("copied from earlier messages", |s| s.across_bytes);
    columns.texts("  share", |s| share(s.across_bytes, s.made));
    columns.figures("  bits that took", |s| s.across_bits);
    columns.figures("  bits as literals, estimated", |s| s.across_as_literals);
    columns.figures("  bytes that takeover saved, est.", Symbols::saved);
}

fn times(name: &str, each: [&Histogram; 3], out: &mut String) {
    let mut columns = Columns(each, out);
    for share in [50, 90, 99] {
        columns.texts(&format!("{name}, {share} %"), |times| match times.count() {
            0 => "-".to_owned(),
            _ => milliseconds(times.percentile(share)),
        });
    }
}

/// Microseconds as `12.345 ms`.
fn milliseconds(micros: u64) -> String {
    format!("{}.{:03} ms", micros / 1000, micros % 1000)
}

/// A quotient with one digit behind the point.
fn tenths(part: u64, whole: u64) -> String {
    match (part * 10).checked_div(whole) {
        Some(tenths) => format!("{}.{}", tenths / 10, tenths % 10),
        None => "-".to_owned(),
    }
}
