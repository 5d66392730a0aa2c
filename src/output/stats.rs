//! Statistics: what `wscope stats` prints.
//!
//! Job: totals and compression per connection and sender, and in all.
//! Input: [`Stats`]. Output: a table of 80 columns, or JSON Lines.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value};

use super::json::{self, PerPeerLine};
use super::style::Style;
use super::text::ratio;
use crate::base::{Peer, PerPeer};
use crate::stats::{Kind, PeerStats, Stats};

#[derive(Serialize)]
struct Line {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connections: Option<u64>,
    #[serde(flatten)]
    peers: PerPeerLine<Totals>,
    both: Totals,
}

#[derive(Serialize)]
struct Totals {
    messages: Map<String, Value>,
    frames: Map<String, Value>,
    compressed_messages: u64,
    plain_messages: u64,
    partial_messages: u64,
    lost_messages: u64,
    grown_messages: u64,
    payload_bytes: u64,
    inflated_bytes: u64,
    compressed_bytes: u64,
    websocket_bytes: u64,
    tcp_bytes: u64,
    missing_bytes: u64,
    captured_bytes: u64,
    packets: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saving: Option<f64>,
    sizes: Sizes,
}

#[derive(Serialize)]
struct Sizes {
    p50: u64,
    p90: u64,
    p99: u64,
    max: u64,
}

impl Totals {
    fn of(stats: &PeerStats) -> Self {
        let by_kind = |counts: &dyn Fn(Kind) -> u64, total: u64| {
            let mut map: Map<String, Value> = Kind::ALL
                .iter()
                .filter(|kind| counts(**kind) > 0)
                .map(|kind| (kind.name().to_owned(), counts(*kind).into()))
                .collect();
            map.insert("total".to_owned(), total.into());
            map
        };
        Self {
            messages: by_kind(&|kind| stats.messages.get(kind), stats.messages.total()),
            frames: by_kind(&|kind| stats.frames.get(kind), stats.frames.total()),
            compressed_messages: stats.compressed,
            plain_messages: stats.plain,
            partial_messages: stats.partial,
            lost_messages: stats.lost,
            grown_messages: stats.grew,
            payload_bytes: stats.payload_bytes,
            inflated_bytes: stats.inflated_bytes,
            compressed_bytes: stats.compressed_bytes,
            websocket_bytes: stats.websocket_bytes,
            tcp_bytes: stats.tcp.payload_bytes,
            missing_bytes: stats.tcp.missing_bytes,
            captured_bytes: stats.tcp.captured_bytes,
            packets: stats.tcp.packets,
            ratio: fraction(stats.inflated_bytes, stats.compressed_bytes),
            saving: fraction(stats.compressed_bytes, stats.inflated_bytes)
                .map(|kept| ((1.0 - kept) * 1e4).round() / 1e4),
            sizes: Sizes {
                p50: stats.sizes.percentile(50),
                p90: stats.sizes.percentile(90),
                p99: stats.sizes.percentile(99),
                max: stats.sizes.max(),
            },
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "rounded to four digits anyway")]
fn fraction(part: u64, whole: u64) -> Option<f64> {
    (whole > 0 && part > 0).then(|| ((part as f64 / whole as f64) * 1e4).round() / 1e4)
}

fn both(peers: &PerPeer<PeerStats>) -> PeerStats {
    let mut both = peers.client.clone();
    both.merge(&peers.server);
    both
}

/// One JSON object for each connection and one for all.
pub fn json(stats: &Stats, out: &mut Vec<u8>) {
    let mut put = |connection: Option<u64>, peers: &PerPeer<PeerStats>| {
        let line = Line {
            kind: "stats",
            connection,
            connections: connection
                .is_none()
                .then_some(stats.connections.len() as u64),
            peers: PerPeerLine::of(peers, Totals::of),
            both: Totals::of(&both(peers)),
        };
        json::line(&line, out);
    };
    for (number, connection) in &stats.connections {
        put(Some(*number), &connection.peers);
    }
    put(None, &stats.all());
}

/// The tables.
pub fn text(stats: &Stats, style: Style) -> String {
    let mut out = String::new();
    let head = format!(
        "{:>5} {:<6} {:>8} {:>8} {:>9} {:>9} {:>6} {:>6} {:>6} {:>6}",
        "conn", "from", "messages", "deflated", "payload", "wire", "ratio", "p50", "p99", "max"
    );
    let _ = writeln!(out, "{}", style.head(head));
    for (number, connection) in &stats.connections {
        for (peer, peer_stats) in connection.peers.iter() {
            row(&number.to_string(), Some(peer), peer_stats, style, &mut out);
        }
    }
    out.push('\n');
    totals(stats, style, &mut out);
    out
}

fn row(name: &str, peer: Option<Peer>, stats: &PeerStats, style: Style, out: &mut String) {
    let from = format!("{:<6}", peer.map_or("both", Peer::name));
    let _ = writeln!(
        out,
        "{name:>5} {} {:>8} {:>8} {:>9} {:>9} {:>6} {:>6} {:>6} {:>6}",
        peer.map_or_else(|| from.clone(), |peer| style.peer(peer, &from)),
        stats.messages.total(),
        stats.compressed,
        human(stats.payload_bytes),
        human(stats.websocket_bytes),
        ratio(stats.inflated_bytes, stats.compressed_bytes),
        human(stats.sizes.percentile(50)),
        human(stats.sizes.percentile(99)),
        human(stats.sizes.max()),
    );
}

fn totals(stats: &Stats, style: Style, out: &mut String) {
    let all = stats.all();
    let together = both(&all);
    let columns = [&all.client, &all.server, &together];
    let count = stats.connections.len();
    let title = format!("all {count} connections");
    let head = format!(
        "{title:<34} {:>14} {:>14} {:>14}",
        "client", "server", "both"
    );
    let _ = writeln!(out, "{}", style.head(head));
    let mut line = |name: &str, value: &dyn Fn(&PeerStats) -> String| {
        let cells: Vec<String> = columns.iter().map(|stats| value(stats)).collect();
        if cells.iter().all(|cell| cell == "0" || cell == "-") {
            return;
        }
        let _ = write!(out, "  {name:<32}");
        for cell in cells {
            let _ = write!(out, " {cell:>14}");
        }
        out.push('\n');
    };
    for kind in Kind::ALL {
        line(&format!("{} messages", kind.name()), &|s| {
            s.messages.get(kind).to_string()
        });
    }
    line("frames", &|s| s.frames.total().to_string());
    line("  of these continuations", &|s| {
        s.frames.get(Kind::Continuation).to_string()
    });
    line("data messages compressed", &|s| s.compressed.to_string());
    line("  of these grew", &|s| s.grew.to_string());
    line("data messages plain", &|s| s.plain.to_string());
    line("messages partial", &|s| s.partial.to_string());
    line("messages lost", &|s| s.lost.to_string());
    line("payload bytes", &|s| s.payload_bytes.to_string());
    line("  of these came compressed", &|s| {
        s.inflated_bytes.to_string()
    });
    line("compressed bytes", &|s| s.compressed_bytes.to_string());
    line("WebSocket bytes", &|s| s.websocket_bytes.to_string());
    line("TCP payload bytes", &|s| s.tcp.payload_bytes.to_string());
    line("  missing in the capture", &|s| {
        s.tcp.missing_bytes.to_string()
    });
    line("captured bytes", &|s| s.tcp.captured_bytes.to_string());
    line("packets", &|s| s.tcp.packets.to_string());
    line("ratio (inflated / compressed)", &|s| {
        ratio(s.inflated_bytes, s.compressed_bytes)
    });
    line("saving by compression", &|s| saving(s));
    for percent in [50, 90, 99] {
        line(&format!("payload size, {percent} % up to"), &|s| {
            s.sizes.percentile(percent).to_string()
        });
    }
    line("payload size, largest", &|s| s.sizes.max().to_string());
}

fn saving(stats: &PeerStats) -> String {
    let (wire, payload) = (
        i128::from(stats.compressed_bytes),
        i128::from(stats.inflated_bytes),
    );
    if payload == 0 {
        return "-".to_owned();
    }
    let tenths = (payload - wire) * 1000 / payload;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{} %", (tenths / 10).abs(), (tenths % 10).abs())
}

/// A count of bytes in at most six columns: `999`, `12.3k`, `4.56M`.
pub fn human(bytes: u64) -> String {
    let mut unit = 1u64;
    for suffix in ["", "k", "M", "G", "T", "P", "E"] {
        let tenths = u128::from(bytes) * 10 / u128::from(unit);
        if suffix.is_empty() && bytes < 100_000 {
            return bytes.to_string();
        }
        if tenths < 1000 {
            let hundredths = u128::from(bytes) * 100 / u128::from(unit);
            return format!("{}.{:02}{suffix}", hundredths / 100, hundredths % 100);
        }
        if tenths < 10_000 {
            return format!("{}.{}{suffix}", tenths / 10, tenths % 10);
        }
        unit = unit.saturating_mul(1000);
    }
    bytes.to_string()
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn sizes_fit_their_columns() {
        assert_eq!(human(0), "0");
        assert_eq!(human(99_999), "99999");
        assert_eq!(human(123_456), "123.4k");
        assert_eq!(human(1_234_567), "1.23M");
        assert_eq!(human(12_345_678), "12.34M");
        for power in 0..20 {
            assert!(
                human(10u64.pow(power)).len() <= 6,
                "{}",
                human(10u64.pow(power))
            );
        }
        assert!(human(u64::MAX).len() <= 6);
    }
}
