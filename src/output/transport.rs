//! TCP connections under several streams of HTTP/2, as JSON.
//!
//! Job: the totals of TCP that objects of streams lack. Input: a connection's end. Output: a line;
//! docs/json.md has the fields.

use serde::Serialize;

use super::json::{PerPeerLine, TlsLine, is_zero};
use crate::base::Peer;
use crate::event::{TcpTotals, TransportEnd};
use crate::tls::Facts;

/// A TCP connection.
#[derive(Debug, Serialize)]
pub(super) struct TransportLine {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: u64,
    client: String,
    server: String,
    time: String,
    first_packet: u64,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
    transport: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsLine>,
    ending: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<&'static str>,
    last_time: String,
    last_packet: u64,
    totals: PerPeerLine<TcpFields>,
}

/// What one sender sent over TCP.
#[derive(Debug, Serialize)]
pub(super) struct TcpFields {
    tcp_bytes: u64,
    missing_bytes: u64,
    captured_bytes: u64,
    packets: u64,
    empty_packets: u64,
}

impl TransportLine {
    /// The JSON shape of `end`, under the TLS of `tls`.
    pub(super) fn of(end: &TransportEnd, tls: Option<&Facts>) -> Self {
        let flow = &end.flow;
        Self {
            kind: "transport",
            connection: flow.number,
            client: flow.client().to_string(),
            server: flow.server().to_string(),
            time: flow.first.time.to_string(),
            first_packet: flow.first.packet.number,
            file: flow.first.packet.file,
            transport: "h2",
            tls: tls.map(TlsLine::of),
            ending: end.ending.name(),
            ended_by: end.ending.by().map(Peer::name),
            last_time: end.last.time.to_string(),
            last_packet: end.last.packet.number,
            totals: PerPeerLine::of(&end.tcp, TcpFields::of),
        }
    }
}

impl TcpFields {
    pub(super) fn of(tcp: &TcpTotals) -> Self {
        Self {
            tcp_bytes: tcp.payload_bytes,
            missing_bytes: tcp.missing_bytes,
            captured_bytes: tcp.captured_bytes,
            packets: tcp.packets,
            empty_packets: tcp.empty_packets,
        }
    }
}
