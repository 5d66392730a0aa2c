//! A connection as `wscope connections` prints it.
//!
//! Job: handshake, negotiated parameters, totals and end of each connection.
//! Input: a [`Summary`]. Output: text or a JSON object.

use std::fmt::Write;

use serde::Serialize;

use super::json::{self, ConnectionLine, PerPeerLine, TlsLine};
use super::outcome::{self, EndLine};
use super::style::Style;
use super::transport::TransportLine;
use crate::base::{Peer, PerPeer};
use crate::event::UnderTls;
use crate::page::Kind;
use crate::page::escape;
use crate::page::redact::Redact;
use crate::page::units;
use crate::page::words::{self, brief};
use crate::stats::{SameAs, Summary, Traffic, Transport};
use crate::tcp::Flow;
use crate::tls::Why;

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    connection: ConnectionLine,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<ProtocolLine>,
    ending: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<EndLine>,
    last_time: String,
    last_packet: u64,
    close_codes: PerPeerLine<Option<u16>>,
    findings: Findings,
    totals: PerPeerLine<Totals>,
}

/// The subprotocol that was recognised.
#[derive(Serialize)]
struct ProtocolLine {
    name: &'static str,
    why: &'static str,
    message: u64,
    pending: u64,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    tcp_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_bytes: Option<u64>,
}

/// A TLS connection that was not read.
#[derive(Serialize)]
struct UnreadLine {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: u64,
    client: String,
    server: String,
    time: String,
    first_packet: u64,
    #[serde(skip_serializing_if = "json::is_zero")]
    file: u32,
    #[serde(flatten)]
    tls: TlsLine,
    #[serde(skip_serializing_if = "String::is_empty")]
    proxied_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl UnreadLine {
    fn of(unread: &UnderTls) -> Self {
        let flow = &unread.flow;
        Self {
            kind: "tls",
            connection: unread.conversing.connection,
            client: flow.client().to_string(),
            server: flow.server().to_string(),
            time: flow.first.time.to_string(),
            first_packet: flow.first.packet.number,
            file: flow.first.packet.file,
            tls: TlsLine::of(&unread.facts),
            proxied_from: words::proxied_addresses(&unread.proxied_from),
            text: unread.facts.why.map(|why| why.to_string()),
        }
    }
}

impl Totals {
    /// Of a stream nothing of TCP.
    fn of(stats: &Traffic, is_stream: bool) -> Self {
        let tcp = (!is_stream).then_some(&stats.tcp);
        Self {
            messages: stats.messages.total(),
            compressed_messages: stats.compressed,
            incomplete_messages: stats.partial + stats.lost,
            websocket_bytes: stats.websocket_bytes,
            compressed_bytes: stats.compressed_bytes,
            inflated_bytes: stats.inflated_bytes,
            payload_bytes: stats.payload_bytes,
            tcp_bytes: tcp.map(|tcp| tcp.payload_bytes),
            missing_bytes: tcp.map(|tcp| tcp.missing_bytes),
        }
    }
}

/// The JSON object of a connection.
pub(super) fn json(summary: &Summary, redact: Redact, out: &mut Vec<u8>) {
    let [error, warning, note] = summary.findings;
    let is_stream = summary.info.conversing.on_stream().is_some();
    let line = Line {
        connection: json::connection(&summary.info, redact),
        protocol: summary.recognised.map(|recognised| ProtocolLine {
            name: recognised.name,
            why: recognised.why.name(),
            message: recognised.message,
            pending: summary.pending,
        }),
        ending: summary.ending.name(),
        ended_by: summary.ending.by().map(Peer::name),
        reset_code: words::reset_code(summary.stream),
        end: summary.outcome.as_ref().map(|one| EndLine::of(one, redact)),
        last_time: summary.last.time.to_string(),
        last_packet: summary.last.packet.number,
        close_codes: PerPeerLine::of(&summary.close_codes, |code| *code),
        findings: Findings {
            error,
            warning,
            note,
        },
        totals: PerPeerLine::of(&summary.peers, |stats| Totals::of(stats, is_stream)),
    };
    json::line(&line, out);
}

/// The JSON object of a TCP connection under several streams.
pub(super) fn transport_json(transport: &Transport, out: &mut Vec<u8>) {
    let line = TransportLine::of(&transport.end, transport.tls.as_ref());
    json::line(&line, out);
}

/// The JSON object of a TLS connection that was not read.
pub(super) fn unread_json(unread: &UnderTls, out: &mut Vec<u8>) {
    json::line(&UnreadLine::of(unread), out);
}

/// The line with the ends of a connection.
fn head(name: &str, flow: &Flow, style: Style, out: &mut String) {
    let head = format!("{name}  {} -> {}", flow.client(), flow.server());
    let _ = writeln!(out, "{}", style.paint(Kind::Head, head));
}

/// A line with a name, where there is something to say.
fn row(name: &str, value: &str, style: Style, out: &mut String) {
    if !value.is_empty() {
        let name = style.paint(Kind::Note, format_args!("{name:<11}"));
        out.push_str("  ");
        out.push_str(&name);
        out.push(' ');
        escape::text(value, usize::MAX, out);
        out.push('\n');
    }
}

/// A TLS connection that was not read, and what to do about it.
pub(super) fn unread(unread: &UnderTls, style: Style, out: &mut String) {
    let name = format!("connection {}", unread.conversing);
    head(&name, &unread.flow, style, out);
    let mut row = |name: &str, value: &str| row(name, value, style, out);
    row("proxied", &words::proxied(&unread.proxied_from));
    row("tls", &words::tls(&unread.facts));
    row("certificate", &words::certificate(&unread.facts));
    row("advice", unread.facts.why.map_or("", Why::advice));
    out.push('\n');
}

/// A TCP connection under several streams.
pub(super) fn transport(transport: &Transport, style: Style, out: &mut String) {
    let end = &transport.end;
    let name = format!("transport {}", end.flow.number);
    head(&name, &end.flow, style, out);
    let mut row = |name: &str, value: &str| row(name, value, style, out);
    if let Some(facts) = &transport.tls {
        row("tls", &words::tls(facts));
    }
    for (peer, tcp) in end.tcp.iter() {
        let (packets, payload) = (
            words::count(tcp.packets, "packet"),
            brief(tcp.payload_bytes),
        );
        let mut line = format!("{packets}, {payload} over TCP");
        if tcp.missing_bytes > 0 {
            let missing = brief(tcp.missing_bytes);
            let _ = write!(line, "; {missing} missing in the capture");
        }
        row(peer.name(), &line);
    }
    row("ended", &words::ending(end.ending));
    out.push('\n');
}

/// The line of a connection that is another leg of `first`.
pub(super) fn same_as((first, by): SameAs, style: Style) -> String {
    let mut line = String::new();
    let first = words::same_as(Some((first, by.words())));
    row("same as", &first, style, &mut line);
    line
}

/// A few lines for a connection.
pub(super) fn text(summary: &Summary, redact: Redact, style: Style, out: &mut String) {
    let name = format!("connection {}", summary.info.conversing);
    head(&name, &summary.info.flow, style, out);
    let mut row = |name: &str, value: String| row(name, &value, style, out);
    row("proxied", words::proxied(&summary.info.proxied_from));
    row("process", words::processes(&summary.info.processes));
    if let Some(facts) = &summary.info.tls {
        row("tls", words::tls(facts));
        row("certificate", words::certificate(facts));
    }
    row("upgrade", words::upgrade(&summary.info));
    if let Some(handshake) = &summary.info.handshake {
        let host = handshake.host().unwrap_or_default();
        row("host", redact.target(&host).into_owned());
        let target = handshake.request_target().unwrap_or_default();
        row("target", redact.target(&target).into_owned());
        row("subprotocol", redact.agreed(handshake).unwrap_or_default());
        row("offered", handshake.offered().unwrap_or_default());
        row("agreed", handshake.agreed().unwrap_or_default());
    }
    if let Some(recognised) = &summary.recognised {
        let mut line = units::recognised(recognised);
        if summary.pending > 0 {
            let _ = write!(line, "; {} never answered", summary.pending);
        }
        row("protocol", line);
    }
    for (peer, parameters) in summary.info.parameters().iter().flat_map(PerPeer::iter) {
        let parameters = words::parameters(*parameters, summary.info.inferred);
        row(&format!("{peer} sends"), format!("with a {parameters}"));
    }
    if summary.info.upgrade.is_websocket() {
        for (peer, stats) in summary.peers.iter() {
            row(peer.name(), totals(stats));
        }
    }
    row("findings", words::findings(summary.findings));
    if summary.info.upgrade.is_websocket()
        && let Some(outcome) = &summary.outcome
    {
        row("end", outcome::sentence(outcome, redact));
    }
    row("ended", end(summary));
    out.push('\n');
}

fn totals(stats: &Traffic) -> String {
    let mut line = format!(
        "{}, {} on the wire",
        words::count(stats.messages.total(), "message"),
        brief(stats.websocket_bytes)
    );
    if stats.compressed > 0 {
        let _ = write!(
            line,
            "; {} compressed, {} -> {}, ratio {}",
            stats.compressed,
            brief(stats.compressed_bytes),
            brief(stats.inflated_bytes),
            words::ratio(stats.inflated_bytes, stats.compressed_bytes)
        );
    }
    if stats.partial + stats.lost > 0 {
        let _ = write!(line, "; {} partial, {} lost", stats.partial, stats.lost);
    }
    if stats.tcp.missing_bytes > 0 {
        let _ = write!(
            line,
            "; {} missing in the capture",
            brief(stats.tcp.missing_bytes)
        );
    }
    line
}

fn end(summary: &Summary) -> String {
    let mut line = match summary.stream {
        Some(stream) => words::stream_ending(summary.ending, stream),
        None => words::ending(summary.ending),
    };
    for (peer, code) in summary.close_codes.iter() {
        if let Some(code) = code {
            let _ = write!(line, "; {peer} sent close {code}");
        }
    }
    line
}
