//! Connections: what `wscope connections` prints.
//!
//! Job: handshake, negotiated parameters, totals and end of each connection.
//! Input: [`Summaries`]. Output: text or JSON Lines.

use std::fmt::Write;

use serde::Serialize;

use super::json::{self, ConnectionLine, PerPeerLine};
use super::stats::human;
use super::style::Style;
use super::{escape, text};
use crate::base::Peer;
use crate::deflate::{Agreement, Takeover};
use crate::event::Upgrade;
use crate::stats::{PeerStats, Summaries, Summary};
use crate::tcp::Ending;

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    connection: ConnectionLine,
    ending: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<&'static str>,
    last_time: String,
    last_packet: u64,
    close_codes: PerPeerLine<Option<u16>>,
    findings: Findings,
    totals: PerPeerLine<Totals>,
}

#[derive(Serialize)]
struct Findings {
    error: u64,
    warning: u64,
    note: u64,
}

#[derive(Serialize)]
struct Totals {
    messages: u64,
    compressed_messages: u64,
    incomplete_messages: u64,
    websocket_bytes: u64,
    compressed_bytes: u64,
    inflated_bytes: u64,
    payload_bytes: u64,
    tcp_bytes: u64,
    missing_bytes: u64,
}

impl Totals {
    fn of(stats: &PeerStats) -> Self {
        Self {
            messages: stats.messages.total(),
            compressed_messages: stats.compressed,
            incomplete_messages: stats.partial + stats.lost,
            websocket_bytes: stats.websocket_bytes,
            compressed_bytes: stats.compressed_bytes,
            inflated_bytes: stats.inflated_bytes,
            payload_bytes: stats.payload_bytes,
            tcp_bytes: stats.tcp.payload_bytes,
            missing_bytes: stats.tcp.missing_bytes,
        }
    }
}

/// One JSON object for each connection.
pub fn json(summaries: &Summaries, out: &mut Vec<u8>) {
    for summary in summaries.connections.values() {
        let (ending, by) = ending(summary.ending);
        let [error, warning, note] = summary.findings;
        let line = Line {
            connection: json::connection(&summary.info),
            ending,
            ended_by: by.map(Peer::name),
            last_time: summary.last.time.to_string(),
            last_packet: summary.last.packet.number,
            close_codes: PerPeerLine::of(&summary.close_codes, |code| *code),
            findings: Findings {
                error,
                warning,
                note,
            },
            totals: PerPeerLine::of(&summary.peers, Totals::of),
        };
        json::line(&line, out);
    }
}

/// `open`, `half-closed`, `closed` or `reset`, and by whom.
fn ending(ending: Ending) -> (&'static str, Option<Peer>) {
    match ending {
        Ending::Open => ("open", None),
        Ending::HalfClosed(by) => ("half-closed", Some(by)),
        Ending::Closed => ("closed", None),
        Ending::Reset(by) => ("reset", Some(by)),
    }
}

/// A few lines for each connection.
pub fn text(summaries: &Summaries, style: Style) -> String {
    let mut out = String::new();
    for summary in summaries.connections.values() {
        one(summary, style, &mut out);
    }
    out
}

fn one(summary: &Summary, style: Style, out: &mut String) {
    let flow = &summary.info.flow;
    let ends = format!("{} -> {}", flow.client(), flow.server());
    let head = format!("connection {}  {ends}", summary.info.conversing);
    let _ = writeln!(out, "{}", style.head(head));
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            let mut shown = String::new();
            escape::text(&value, usize::MAX, &mut shown);
            let _ = writeln!(out, "  {} {shown}", style.dim(format_args!("{name:<11}")));
        }
    };
    row("upgrade", upgrade(summary));
    if let Some(handshake) = &summary.info.handshake {
        let host = handshake.host().unwrap_or_default();
        row("host", host);
        row("target", handshake.request_target().unwrap_or_default());
        row("subprotocol", handshake.subprotocol().unwrap_or_default());
        row("offered", handshake.offered().unwrap_or_default());
        row("agreed", handshake.agreed().unwrap_or_default());
    }
    for (peer, parameters) in summary
        .info
        .parameters()
        .iter()
        .flat_map(super::super::base::PerPeer::iter)
    {
        let takeover = match parameters.takeover {
            Takeover::Keep => "context takeover",
            Takeover::Reset => "no context takeover",
        };
        let guess = if summary.info.inferred {
            ", inferred"
        } else {
            ""
        };
        let bits = parameters.window_bits.get();
        let name = format!("{peer} sends");
        row(
            &name,
            format!("with a window of {bits} bits, {takeover}{guess}"),
        );
    }
    if summary.info.upgrade != Upgrade::Refused && summary.info.upgrade != Upgrade::Unanswered {
        for (peer, stats) in summary.peers.iter() {
            row(peer.name(), totals(stats));
        }
    }
    row("findings", findings(summary.findings));
    row("ended", end(summary));
    out.push('\n');
}

fn upgrade(summary: &Summary) -> String {
    let handshake = summary.info.handshake.as_deref();
    let status = handshake.and_then(crate::http::Handshake::status);
    match (summary.info.upgrade, status) {
        (Upgrade::Accepted, _) => {
            let accept = handshake.and_then(crate::http::Handshake::accept);
            let accept = accept.map(|a| format!(", Sec-WebSocket-Accept {}", a.name()));
            format!("accepted with 101{}", accept.unwrap_or_default())
                + match summary.info.agreement {
                    Agreement::None => ", no compression",
                    Agreement::Unknown => ", an extension that wscope does not know",
                    Agreement::PermessageDeflate(_) | Agreement::DeflateFrame(_) => "",
                }
        }
        (Upgrade::Refused, Some(status)) => format!("refused with {status}"),
        (Upgrade::Refused, None) => "refused".to_owned(),
        (Upgrade::AnswerMissing, _) => "the answer is missing in the capture".to_owned(),
        (Upgrade::Unanswered, _) => "not answered".to_owned(),
        (Upgrade::NotCaptured, _) => "not captured; recognised by its frames".to_owned(),
    }
}

fn totals(stats: &PeerStats) -> String {
    let mut line = format!(
        "{} messages, {} on the wire",
        stats.messages.total(),
        human(stats.websocket_bytes)
    );
    if stats.compressed > 0 {
        let _ = write!(
            line,
            "; {} compressed, {} -> {}, ratio {}",
            stats.compressed,
            human(stats.compressed_bytes),
            human(stats.inflated_bytes),
            text::ratio(stats.inflated_bytes, stats.compressed_bytes)
        );
    }
    if stats.partial + stats.lost > 0 {
        let _ = write!(line, "; {} partial, {} lost", stats.partial, stats.lost);
    }
    if stats.tcp.missing_bytes > 0 {
        let _ = write!(
            line,
            "; {} missing in the capture",
            human(stats.tcp.missing_bytes)
        );
    }
    line
}

fn findings([errors, warnings, notes]: [u64; 3]) -> String {
    let mut parts = Vec::new();
    for (count, word) in [(errors, "error"), (warnings, "warning"), (notes, "note")] {
        match count {
            0 => {}
            1 => parts.push(format!("1 {word}")),
            _ => parts.push(format!("{count} {word}s")),
        }
    }
    parts.join(", ")
}

fn end(summary: &Summary) -> String {
    let (tcp, by) = ending(summary.ending);
    let mut line = match by {
        Some(by) => format!("{tcp} by the {by}"),
        None if summary.ending == Ending::Open => "still open where the capture ends".to_owned(),
        None => tcp.to_owned(),
    };
    for (peer, code) in summary.close_codes.iter() {
        if let Some(code) = code {
            let _ = write!(line, "; {peer} sent close {code}");
        }
    }
    line
}
