//! The closer look of `wscope stats --deep`.
//!
//! Job: symbols, what takeover saved, distances, intervals and round trips, in the columns of the
//! totals. Input: [`Deep`] of both senders and of both together. Output: text.

use super::cells::cells;
use super::style::Style;
use crate::deflate::Symbols;
use crate::page::Kind;
use crate::page::words::share;
use crate::stats::{Deep, Histogram};

type Columns<'a> = [&'a Deep; 3];

/// The lines.
pub(super) fn text(columns: Columns<'_>, style: Style, out: &mut String) {
    out.push_str(&style.paint(Kind::Head, "compressed payloads, symbol by symbol"));
    out.push('\n');
    bytes(columns, out);
    takeover(columns, out);
    let mut line = |name: &str, value: &dyn Fn(&Symbols) -> String| {
        cells(name, &columns.map(|deep| value(&deep.symbols)), out);
    };
    for share in [90, 99, 100] {
        line(&format!("window bits for {share} % of copies"), &|s| {
            s.window_for(share)
                .map_or_else(|| "-".to_owned(), |bits| bits.to_string())
        });
    }
    line("blocks with codes of their own", &|s| {
        s.blocks.dynamic.to_string()
    });
    line("blocks with fixed codes", &|s| s.blocks.fixed.to_string());
    line("stored blocks", &|s| s.blocks.stored.to_string());
    line("empty blocks of flushes", &|s| s.blocks.flushes.to_string());
    // Every one is counted.
    line("symbols and blocks not looked at", &|_| 0.to_string());
    times(
        "time between messages",
        |deep| &deep.intervals,
        columns,
        out,
    );
    times(
        "round trip of pings",
        |deep| &deep.round_trips,
        columns,
        out,
    );
}

fn bytes(columns: Columns<'_>, out: &mut String) {
    let mut line = |name: &str, value: &dyn Fn(&Symbols) -> String| {
        cells(name, &columns.map(|deep| value(&deep.symbols)), out);
    };
    line("bytes by literals", &|s| s.literal_bytes.to_string());
    line("  share", &|s| share(s.literal_bytes, s.made));
    line("  bits each", &|s| tenths(s.literal_bits, s.literal_bytes));
    line("bytes by matches", &|s| s.match_bytes.to_string());
    line("  share", &|s| share(s.match_bytes, s.made));
    line("  bits each", &|s| tenths(s.match_bits, s.match_bytes));
    line("bytes as they are", &|s| s.stored_bytes.to_string());
    line("bytes of block headers", &|s| {
        (s.header_bits / 8).to_string()
    });
}

fn takeover(columns: Columns<'_>, out: &mut String) {
    let mut line = |name: &str, value: &dyn Fn(&Symbols) -> String| {
        cells(name, &columns.map(|deep| value(&deep.symbols)), out);
    };
    line("copied from earlier messages", &|s| {
        s.across_bytes.to_string()
    });
    line("  share", &|s| share(s.across_bytes, s.made));
    line("  bits that took", &|s| s.across_bits.to_string());
    line("  bits as literals, estimated", &|s| {
        s.across_as_literals.to_string()
    });
    line("  bytes that takeover saved, est.", &|s| {
        s.saved().to_string()
    });
}

fn times(name: &str, of: impl Fn(&Deep) -> &Histogram, columns: Columns<'_>, out: &mut String) {
    for share in [50, 90, 99] {
        let value = |deep| {
            let times = of(deep);
            if times.count() == 0 {
                return "-".to_owned();
            }
            milliseconds(times.percentile(share))
        };
        cells(&format!("{name}, {share} %"), &columns.map(value), out);
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
