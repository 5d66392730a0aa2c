//! `stats --json`.
//!
//! Job: totals and compression per group and sender, and in all. Input: [`Group`]s.
//! Output: JSON Lines; docs/json.md has the fields.

use serde::Serialize;
use serde_json::{Map, Value};
use strum::VariantArray;

use super::account;
use super::json::{self, PerPeerLine};
use super::stats::Shown;
use super::transport::{TcpFields, TransportLine};
use crate::base::{Conversing, PerPeer};
use crate::deflate::Symbols;
use crate::event::{Account, TransportEnd};
use crate::stats::{By, Deep, Group, Histogram, Kind, PeerStats, TlsCounts};

/// Fields that a row has where none are named.
pub const USUAL: &[&str] = &[
    "connection",
    "stream",
    "by",
    "name",
    "connections",
    "client.messages.total",
    "server.messages.total",
    "both.messages.total",
    "both.websocket_bytes",
    "both.payload_bytes",
    "both.compressed_bytes",
    "both.ratio",
];

#[derive(Serialize)]
struct Line {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connections: Option<u64>,
    #[serde(flatten)]
    peers: PerPeerLine<Totals>,
    both: Totals,
    compressing_connections: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    zlib_memory_bytes: Option<PerPeerLine<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct TlsFields {
    read: u64,
    partly: u64,
    unread: u64,
    reasons: Map<String, Value>,
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
    frame_header_bytes: u64,
    #[serde(flatten)]
    tcp: Option<TcpFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saving: Option<f64>,
    sizes: Sizes,
    #[serde(skip_serializing_if = "Option::is_none")]
    intervals: Option<Sizes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trips: Option<Sizes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbols: Option<SymbolFields>,
}

#[derive(Serialize)]
struct Windows {
    #[serde(skip_serializing_if = "Option::is_none")]
    p90: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p99: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p100: Option<u8>,
}

#[derive(Serialize)]
struct SymbolFields {
    payloads: u64,
    bits: u64,
    header_bits: u64,
    literal_bytes: u64,
    literal_bits: u64,
    stored_bytes: u64,
    matches: u64,
    match_bytes: u64,
    match_bits: u64,
    earlier_matches: u64,
    earlier_bytes: u64,
    earlier_bits: u64,
    earlier_as_literals_bits: u64,
    takeover_saved_bytes: u64,
    blocks: BlockFields,
    window_bits: Windows,
    distances: Vec<[u64; 2]>,
    /// None: every symbol is counted.
    unseen: u64,
}

#[derive(Serialize)]
struct BlockFields {
    stored: u64,
    fixed: u64,
    dynamic: u64,
    flushes: u64,
}

impl SymbolFields {
    fn of(symbols: &Symbols) -> Self {
        Self {
            payloads: symbols.payloads,
            bits: symbols.bits,
            header_bits: symbols.header_bits,
            literal_bytes: symbols.literal_bytes,
            literal_bits: symbols.literal_bits,
            stored_bytes: symbols.stored_bytes,
            matches: symbols.matches,
            match_bytes: symbols.match_bytes,
            match_bits: symbols.match_bits,
            earlier_matches: symbols.across,
            earlier_bytes: symbols.across_bytes,
            earlier_bits: symbols.across_bits,
            earlier_as_literals_bits: symbols.across_as_literals,
            takeover_saved_bytes: symbols.saved(),
            blocks: BlockFields {
                stored: symbols.blocks.stored,
                fixed: symbols.blocks.fixed,
                dynamic: symbols.blocks.dynamic,
                flushes: symbols.blocks.flushes,
            },
            window_bits: Windows {
                p90: symbols.window_for(90),
                p99: symbols.window_for(99),
                p100: symbols.window_for(100),
            },
            distances: symbols
                .distances
                .iter()
                .enumerate()
                .filter(|(_, bytes)| **bytes > 0)
                .map(|(bits, bytes)| [1 << bits, *bytes])
                .collect(),
            unseen: 0,
        }
    }
}

#[derive(Serialize)]
struct Sizes {
    p50: u64,
    p90: u64,
    p99: u64,
    max: u64,
}

impl Sizes {
    fn of(sizes: &Histogram) -> Self {
        Self {
            p50: sizes.percentile(50),
            p90: sizes.percentile(90),
            p99: sizes.percentile(99),
            max: sizes.max(),
        }
    }

    fn of_any(sizes: &Histogram) -> Option<Self> {
        (sizes.count() > 0).then(|| Self::of(sizes))
    }
}

impl Totals {
    /// With `part`, nothing of what belongs to no message; TCP is a stream's no more than those.
    fn of(stats: &PeerStats, deep: Option<&Deep>, part: bool) -> Self {
        let by_kind = |counts: &dyn Fn(Kind) -> u64, total: u64| {
            let mut map: Map<String, Value> = Kind::VARIANTS
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
            frame_header_bytes: stats.websocket_bytes.saturating_sub(stats.sent_bytes),
            tcp: (!part).then(|| TcpFields::of(&stats.tcp)),
            ratio: fraction(stats.inflated_bytes, stats.compressed_bytes),
            saving: fraction(stats.compressed_bytes, stats.inflated_bytes)
                .map(|kept| ((1.0 - kept) * 1e4).round() / 1e4),
            sizes: Sizes::of(&stats.sizes),
            intervals: deep.and_then(|deep| Sizes::of_any(&deep.intervals)),
            round_trips: deep.and_then(|deep| Sizes::of_any(&deep.round_trips)),
            symbols: deep
                .map(|deep| &deep.symbols)
                .filter(|symbols| symbols.payloads > 0)
                .map(SymbolFields::of),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "rounded to four digits anyway")]
fn fraction(part: u64, whole: u64) -> Option<f64> {
    (whole > 0 && part > 0).then(|| ((part as f64 / whole as f64) * 1e4).round() / 1e4)
}

/// The JSON object of a group.
pub(super) fn group(group: &Group, shown: &Shown, out: &mut Vec<u8>) {
    json::line(&line(group, Some(shown.by), shown.part), out);
}

/// What TCP carried, of a connection with several conversations.
pub(super) fn transport(end: &TransportEnd, out: &mut Vec<u8>) {
    json::line(&TransportLine::of(end, None), out);
}

/// The JSON object of all connections.
pub(super) fn whole(
    whole: &Group,
    tls: &TlsCounts,
    account: &Account,
    shown: &Shown,
    out: &mut Vec<u8>,
) {
    let reasons = tls.reasons.iter();
    let whole = Line {
        bytes: (!shown.part).then(|| account::json(account)),
        tls: (tls.total() > 0).then(|| TlsFields {
            read: tls.read,
            partly: tls.partly,
            unread: tls.unread,
            reasons: reasons
                .map(|(why, count)| ((*why).to_owned(), (*count).into()))
                .collect(),
        }),
        ..line(whole, None, shown.part)
    };
    json::line(&whole, out);
}

fn line(group: &Group, by: Option<By>, part: bool) -> Line {
    let deep = |peer| group.deep.as_deref().map(|deep| &deep[peer]);
    let named = group.name.as_ref().filter(|_| by == Some(By::Connection));
    let number = named.and_then(|name| name.parse::<Conversing>().ok());
    let stream = number.and_then(Conversing::on_stream);
    let totals = |peer| Totals::of(&group.peers[peer], deep(peer), part || stream.is_some());
    let peers = PerPeer::from_fn(totals);
    let (both, both_deep) = super::stats::both(group);
    Line {
        kind: "stats",
        connection: match by {
            None => Some(Value::Null),
            Some(By::Connection) => Some(number.map(|number| number.connection).into()),
            Some(_) => None,
        },
        stream,
        by: by.filter(|by| *by != By::Connection).map(By::name),
        name: match by {
            None | Some(By::Connection) => None,
            Some(_) => Some(group.name.clone().into()),
        },
        connections: (by != Some(By::Connection)).then_some(group.connections),
        peers: PerPeerLine {
            client: peers.client,
            server: peers.server,
        },
        both: Totals::of(&both, both_deep.as_ref(), part || stream.is_some()),
        compressing_connections: group.compressing,
        zlib_memory_bytes: (!part).then_some(PerPeerLine {
            client: group.memory.client,
            server: group.memory.server,
        }),
        tls: None,
        bytes: None,
    }
}
