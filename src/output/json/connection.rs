//! A connection as JSON.
//!
//! Job: what is known of it when it is reported. Input: its information. Output: the object.

use serde::Serialize;

use super::shapes::{PerPeerLine, is_zero};
use crate::deflate::{Agreement, Takeover};
use crate::event::ConnectionInfo;
use crate::http::{Accept, Handshake};
use crate::page::redact::Redact;
use crate::page::words;
use crate::tcp::Process;
use crate::tls::{Facts, KeySource, Why};

/// A connection as every command shows it.
#[derive(Debug, Serialize)]
pub struct ConnectionLine {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    client: String,
    server: String,
    time: String,
    first_packet: u64,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
    upgrade: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    handshake: Option<HandshakeLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deflate: Option<PerPeerLine<DeflateLine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inferred: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsLine>,
    #[serde(skip_serializing_if = "String::is_empty")]
    proxied_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_process: Option<ProcessLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_process: Option<ProcessLine>,
}

/// A process that has an end.
#[derive(Debug, Serialize)]
struct ProcessLine {
    pid: u32,
    name: String,
}

impl ProcessLine {
    fn of(process: &Process) -> Self {
        Self {
            pid: process.pid,
            name: process.name.to_string(),
        }
    }
}

/// The TLS that a connection is under.
#[derive(Debug, Serialize)]
pub struct TlsLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sni: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alpn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<CertificateLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<&'static str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// The server's certificate.
#[derive(Debug, Serialize)]
struct CertificateLine {
    names: Vec<String>,
    not_before: String,
    not_after: String,
}

impl TlsLine {
    /// The JSON shape of `facts`.
    pub fn of(facts: &Facts) -> Self {
        Self {
            version: facts.version.map(|version| version.to_string()),
            cipher: facts.suite.map(|suite| suite.to_string()),
            sni: facts.name.clone(),
            alpn: facts.protocol.clone(),
            certificate: facts.certificate.as_ref().map(|it| CertificateLine {
                names: it.names.clone(),
                not_before: format!("{}.000000000", it.not_before),
                not_after: format!("{}.000000000", it.not_after),
            }),
            keys: facts.keys.map(KeySource::name),
            status: facts.status.name(),
            reason: facts.why.map(Why::name),
        }
    }
}

#[derive(Debug, Serialize)]
struct HandshakeLine {
    request_target: Option<String>,
    host: Option<String>,
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accept: Option<&'static str>,
    subprotocol: Option<String>,
    offered: Option<String>,
    agreed: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct DeflateLine {
    window_bits: u8,
    takeover: bool,
}

/// The JSON object of a connection.
pub fn connection(info: &ConnectionInfo, redact: Redact) -> ConnectionLine {
    ConnectionLine {
        kind: "connection",
        connection: info.conversing.connection,
        stream: info.conversing.on_stream(),
        client: info.flow.client().to_string(),
        server: info.flow.server().to_string(),
        time: info.flow.first.time.to_string(),
        first_packet: info.flow.first.packet.number,
        file: info.flow.first.packet.file,
        upgrade: info.upgrade.name(),
        handshake: info
            .handshake
            .as_deref()
            .map(|heads| handshake(heads, redact)),
        deflate: info.parameters().map(|both| {
            PerPeerLine::of(&both, |parameters| DeflateLine {
                window_bits: parameters.window_bits.get(),
                takeover: parameters.takeover == Takeover::Keep,
            })
        }),
        extension: match info.agreement {
            Agreement::None | Agreement::Unknown => None,
            agreement => Some(words::extension(agreement)),
        },
        inferred: info.inferred,
        tls: info.tls.as_deref().map(TlsLine::of),
        proxied_from: words::proxied_addresses(&info.proxied_from),
        transport: info.conversing.on_stream().map(|_| "h2"),
        client_process: info.processes.client.as_ref().map(ProcessLine::of),
        server_process: info.processes.server.as_ref().map(ProcessLine::of),
    }
}

fn handshake(handshake: &Handshake, redact: Redact) -> HandshakeLine {
    HandshakeLine {
        request_target: handshake
            .request_target()
            .map(|target| redact.target(&target).into_owned()),
        host: handshake
            .host()
            .map(|host| redact.target(&host).into_owned()),
        status: handshake.status(),
        accept: handshake.accept().map(Accept::name),
        subprotocol: redact.agreed(handshake),
        offered: handshake.offered(),
        agreed: handshake.agreed(),
    }
}
