//! The text of `wscope stats`.
//!
//! Job: totals and compression per group and sender, and in all.
//! Input: [`Group`]s. Output: tables of 80 columns. [`super::stats_json`] has the JSON Lines.

use std::fmt::Write;

use strum::VariantArray;

use super::bars;
use super::cells::Columns;
use super::style::Style;
use crate::base::Peer;
use crate::page::redact::{Redact, secret};
use crate::page::words::{brief, count, percent, ratio, share};
use crate::page::{Kind as Meaning, escape};
use crate::stats::{By, Deep, Group, Groups, Kind, PeerStats, TlsCounts};

/// Columns of a group's name.
const NAME_WIDTH: usize = 60;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// What a row stands for.
    pub by: By,
    /// Only so many groups, those with most WebSocket bytes.
    pub top: Option<usize>,
    /// Bars too.
    pub histogram: bool,
    /// Only some messages count, so that what belongs to no message is left out.
    pub part: bool,
    /// How secrets in names are shown.
    pub redact: Redact,
}

impl Default for Shown {
    /// Every connection, no bars.
    fn default() -> Self {
        Self {
            by: By::Connection,
            top: None,
            histogram: false,
            part: false,
            redact: Redact::Secrets,
        }
    }
}

/// The groups that are shown.
pub(super) fn chosen(groups: &Groups, shown: &Shown) -> Vec<Group> {
    let mut chosen: Vec<_> = groups.groups.values().cloned().collect();
    for group in &mut chosen {
        let Some(name) = &mut group.name else {
            continue;
        };
        *name = match shown.by {
            By::Target | By::Host => shown.redact.target(name).into_owned(),
            By::Subprotocol if group.is_token && shown.redact == Redact::Secrets => secret(name),
            By::Subprotocol => shown.redact.subprotocols(name).into_owned(),
            By::Connection | By::Peer => continue,
        };
    }
    if let Some(top) = shown.top {
        chosen.sort_by_key(|group| std::cmp::Reverse(group.websocket_bytes()));
        chosen.truncate(top);
    }
    chosen
}

/// Both senders as one.
pub(super) fn both(group: &Group) -> (PeerStats, Option<Deep>) {
    let mut both = group.peers.client.clone();
    both.merge(&group.peers.server);
    let deep = group.deep.as_ref().map(|deep| {
        let mut both = deep.client.clone();
        both.merge(&deep.server);
        both
    });
    (both, deep)
}

/// The head of the table of groups.
pub(super) fn head(style: Style) -> String {
    let head = format!(
        "{:>5} {:<6} {:>8} {:>8} {:>9} {:>9} {:>6} {:>6} {:>6} {:>6}",
        "conn", "from", "messages", "deflated", "payload", "wire", "ratio", "p50", "p99", "max"
    );
    style.paint(Meaning::Head, head) + "\n"
}

/// A group's rows.
pub(super) fn rows(group: &Group, by: By, style: Style, out: &mut String) {
    let name = group.name.as_deref();
    let first = if by == By::Connection {
        name.unwrap_or_default().to_owned()
    } else {
        group_head(by, name, out);
        group.connections.to_string()
    };
    for (peer, peer_stats) in group.peers.iter() {
        if by != By::Peer || name == Some(peer.name()) {
            row(&first, Some(peer), peer_stats, style, out);
        }
    }
}

/// What comes after the rows, of which `more` are left out.
pub(super) fn rest(
    whole: &Group,
    tls: &TlsCounts,
    more: usize,
    shown: &Shown,
    style: Style,
) -> String {
    let mut out = String::new();
    if more > 0 {
        let _ = writeln!(out, "and {more} more");
    }
    out.push('\n');
    totals(whole, shown.part, style, &mut out);
    self::tls(tls, &mut out);
    if whole.deep.is_none() && !shown.part {
        out.push_str("\nSymbols, distances, what takeover saved, intervals, pings: --deep\n");
    }
    if shown.histogram {
        bars::all(whole, style, &mut out);
    }
    out
}

/// How many TLS connections there were, where there were any, and what was read of them.
fn tls(counts: &TlsCounts, out: &mut String) {
    if counts.total() == 0 {
        return;
    }
    let _ = write!(
        out,
        "\nTLS: {}, {} read, {} partly read, {} not read",
        count(counts.total(), "connection"),
        counts.read,
        counts.partly,
        counts.unread
    );
    let reasons = counts.reasons.iter();
    let reasons: Vec<_> = reasons
        .map(|(why, count)| format!("{why} {count}"))
        .collect();
    if !reasons.is_empty() {
        let _ = write!(out, "\n     why not: {}", reasons.join(", "));
    }
    out.push('\n');
}

/// A name from the wire on a line of its own.
fn group_head(by: By, name: Option<&str>, out: &mut String) {
    let _ = write!(out, "{} ", by.name());
    match name {
        Some(name) => {
            // Cut or not, it says so itself.
            let _ = escape::text(name, NAME_WIDTH, out);
        }
        None => out.push('-'),
    }
    out.push('\n');
}

fn row(name: &str, peer: Option<Peer>, stats: &PeerStats, style: Style, out: &mut String) {
    let from = format!("{:<6}", peer.map_or("both", Peer::name));
    let _ = writeln!(
        out,
        "{name:>5} {} {:>8} {:>8} {:>9} {:>9} {:>6} {:>6} {:>6} {:>6}",
        peer.map_or_else(|| from.clone(), |peer| style.paint(peer, &from)),
        stats.messages.total(),
        stats.compressed,
        brief(stats.payload_bytes),
        brief(stats.websocket_bytes),
        ratio(stats.inflated_bytes, stats.compressed_bytes),
        brief(stats.sizes.percentile(50)),
        brief(stats.sizes.percentile(99)),
        brief(stats.sizes.max()),
    );
}

fn totals(whole: &Group, part: bool, style: Style, out: &mut String) {
    let (together, deep) = both(whole);
    let columns = [&whole.peers.client, &whole.peers.server, &together];
    let title = format!("all {}", count(whole.connections, "connection"));
    let head = format!(
        "{title:<34} {:>14} {:>14} {:>14}",
        "client", "server", "both"
    );
    let _ = writeln!(out, "{}", style.paint(Meaning::Head, head));
    let mut columns = Columns(columns, out);
    counts(&mut columns);
    sizes(&mut columns, part);
    if !part {
        memory(whole, out);
    }
    if let (Some(each), Some(both)) = (&whole.deep, &deep) {
        out.push('\n');
        super::stats_deep::text([&each.client, &each.server, both], style, out);
    }
}

/// What zlib holds at each end by its formulas, all together and for one and for many like these.
fn memory(whole: &Group, out: &mut String) {
    let (client, server) = (whole.memory.client, whole.memory.server);
    let count = whole.compressing;
    let each = |bytes: &u64| bytes.checked_div(count).unwrap_or(0);
    let mut columns = Columns([&client, &server, &(client + server)], out);
    columns.figures("zlib memory for a connection", each);
    columns.figures(&format!("  for the {count} that compress"), |bytes| *bytes);
    columns.figures("  for 10000 such", |bytes| each(bytes) * 10_000);
}

fn counts(columns: &mut Columns<'_, PeerStats>) {
    for &kind in Kind::VARIANTS {
        columns.figures(&format!("{} messages", kind.name()), |s| {
            s.messages.get(kind)
        });
    }
    columns.figures("frames", |s| s.frames.total());
    columns.figures("  of these continuations", |s| {
        s.frames.get(Kind::Continuation)
    });
    columns.figures("data messages compressed", |s| s.compressed);
    columns.texts("  share", |s| share(s.compressed, s.compressed + s.plain));
    columns.figures("  of these grew", |s| s.grew);
    columns.figures("data messages plain", |s| s.plain);
    columns.figures("messages partial", |s| s.partial);
    columns.figures("messages lost", |s| s.lost);
}

fn sizes(columns: &mut Columns<'_, PeerStats>, part: bool) {
    columns.figures("payload bytes", |s| s.payload_bytes);
    columns.figures("  of these came compressed", |s| s.inflated_bytes);
    columns.texts("    share", |s| share(s.inflated_bytes, s.payload_bytes));
    columns.figures("compressed bytes", |s| s.compressed_bytes);
    columns.figures("WebSocket bytes", |s| s.websocket_bytes);
    let headers = |s: &PeerStats| s.websocket_bytes.saturating_sub(s.sent_bytes);
    columns.figures("  frame headers and masks", headers);
    if !part {
        columns.figures("TCP payload bytes", |s| s.tcp.payload_bytes);
        columns.figures("  missing in the capture", |s| s.tcp.missing_bytes);
        columns.figures("captured bytes", |s| s.tcp.captured_bytes);
        let below = |s: &PeerStats| s.tcp.captured_bytes.saturating_sub(s.tcp.payload_bytes);
        columns.figures("  headers of TCP and below", below);
        columns.figures("packets", |s| s.tcp.packets);
        columns.figures("  without payload", |s| s.tcp.empty_packets);
    }
    let inflation = |s: &PeerStats| ratio(s.inflated_bytes, s.compressed_bytes);
    columns.texts("ratio (inflated / compressed)", inflation);
    columns.texts("saving by compression", saving);
    for percent in [50, 90, 99] {
        let name = format!("payload size, {percent} % up to");
        columns.figures(&name, |s| s.sizes.percentile(percent));
    }
    columns.figures("payload size, largest", |s| s.sizes.max());
}

fn saving(stats: &PeerStats) -> String {
    let (wire, payload) = (
        i128::from(stats.compressed_bytes),
        i128::from(stats.inflated_bytes),
    );
    if payload == 0 {
        return "-".to_owned();
    }
    let per_mille = (payload - wire) * 1000 / payload;
    let sign = if per_mille < 0 { "-" } else { "" };
    let size = u64::try_from(per_mille.unsigned_abs()).unwrap_or(u64::MAX);
    format!("{sign}{}", percent(size))
}
