//! Events as JSON Lines: the contract of `docs/json.md`.
//!
//! Job: one object a line. Input: [`Event`]s. Output: bytes.

use std::borrow::Cow;
use std::io::Write;

use base64::Engine;
use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Serializer;

use super::censored::Censored;
use super::escaped::{self, Escaped};
use super::units_json::{PendingLine, Units, span};
use crate::base::{Conversing, PerPeer, Stamp, Timestamp};
use crate::deflate::{Agreement, Takeover};
use crate::event::{ConnectionInfo, Event, Message, Outlet, Renderer, Status};
use crate::finding::{Figure, Finding, Sentence};
use crate::http::{Accept, Handshake};
use crate::page::redact::Redact;
use crate::page::words;
use crate::payload::{Encoding, encoding, shown};
use crate::tcp::Process;
use crate::tls::{Facts, KeySource, Why};

/// Renders events as JSON Lines.
#[derive(Debug, Default)]
pub struct JsonSink {
    redact: Redact,
    decode: bool,
}

impl JsonSink {
    /// A sink that shows secrets so.
    pub fn new(redact: Redact) -> Self {
        Self {
            redact,
            decode: false,
        }
    }

    /// The same, which gives what is inside compressed and binary payloads, too.
    #[must_use]
    pub fn decoding(self, decode: bool) -> Self {
        Self { decode, ..self }
    }
}

impl Renderer for JsonSink {
    type Output = Vec<u8>;

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        match event {
            Event::Connection(info) => line(&connection(info, self.redact), out),
            Event::Message(message) => {
                let censored = Censored::of(message, self.redact);
                let mut object = MessageLine::of(message, &censored, self.redact);
                if self.decode && censored == Censored::No {
                    object.decoded = decoded(message);
                }
                line(&object, out);
            }
            Event::Finding {
                conversing,
                finding,
            } => line(&FindingLine::of(conversing, finding), out),
            Event::Pending(pending) => line(&PendingLine::of(pending), out),
            _ => {}
        }
    }
}

/// Adds `value` as one line to an output that cannot fail.
pub fn line(value: &impl Serialize, out: &mut impl Write) {
    let mut serializer = Serializer::with_formatter(&mut *out, Escaped::default());
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok(), "{written:?}");
    let _ = out.write_all(b"\n");
}

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

/// A value for each sender.
#[derive(Debug, Clone, Serialize)]
pub struct PerPeerLine<T> {
    /// What the client sends.
    pub client: T,
    /// What the server sends.
    pub server: T,
}

impl<T> PerPeerLine<T> {
    /// The JSON shape of `both`.
    pub fn of<S>(both: &PerPeer<S>, shape: impl Fn(&S) -> T) -> Self {
        Self {
            client: shape(&both.client),
            server: shape(&both.server),
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
        host: handshake.host(),
        status: handshake.status(),
        accept: handshake.accept().map(Accept::name),
        subprotocol: handshake
            .subprotocol()
            .map(|agreed| redact.subprotocols(&agreed).into_owned()),
        offered: handshake.offered(),
        agreed: handshake.agreed(),
    }
}

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
struct MessageLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    message: u64,
    from: &'static str,
    #[serde(serialize_with = "display")]
    opcode: crate::ws::OpCode,
    #[serde(serialize_with = "display")]
    time: Timestamp,
    first_packet: u64,
    last_packet: u64,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
    frames: u32,
    compressed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inferred: bool,
    wire_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    compressed_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_bytes: Option<u64>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "escaped::text"
    )]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<Base64<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    holes: &'a [(u64, u64)],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decoded: Option<DecodedLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Units::is_empty")]
    units: Units<'a>,
}

impl<'a> MessageLine<'a> {
    fn of(message: &Message<'a>, censored: &Censored, redact: Redact) -> Self {
        let close = message.close();
        Self {
            kind: "message",
            connection: message.conversing.connection,
            stream: message.conversing.on_stream(),
            message: message.number,
            from: message.from.name(),
            opcode: message.opcode,
            time: message.last.time,
            first_packet: message.first.number,
            last_packet: message.last.packet.number,
            file: message.last.packet.file,
            frames: message.frames,
            compressed: message.compressed,
            inferred: message.inferred,
            wire_bytes: message.wire_bytes,
            compressed_bytes: message.compressed_bytes(),
            payload_bytes: message.payload_bytes,
            status: message.status.name(),
            reason: message.reason().map(crate::event::Reason::name),
            text: match censored {
                Censored::No => message.text.map(Cow::Borrowed),
                Censored::Text(text) => Some(Cow::Owned(text.clone())),
                Censored::All => None,
            },
            base64: (message.text.is_none() && !message.is_lost() && *censored == Censored::No)
                .then_some(Base64(message.payload)),
            redacted: *censored != Censored::No,
            payload_encoding: (message.inflated.map(|inflated| inflated.encoding))
                .or_else(|| Some(encoding(binary(message)?, PROVEN)?.encoding))
                .map(Encoding::name),
            decoded: None,
            holes: message.holes,
            truncated: message.truncated,
            close_code: close.and_then(|body| body.code),
            close_reason: close
                .filter(|body| body.code.is_some())
                .map(|body| String::from_utf8_lossy(body.reason)),
            units: Units(message.units, redact),
        }
    }
}

/// What a payload says.
#[derive(Serialize)]
struct DecodedLine {
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holes: Vec<(u64, u64)>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// Bytes that have to inflate before a payload is said to be compressed, where it has so many.
const PROVEN: usize = 1 << 16;

/// Bytes that are given of what is inside a payload.
pub(super) const DECODED: usize = 1 << 20;

/// A whole payload that is no text, or only seems to be some, as a short piece of a compressed stream can.
pub(super) fn binary<'a>(message: &Message<'a>) -> Option<&'a [u8]> {
    let whole = message.status == Status::Complete && !message.truncated;
    let text = message.text.is_some() && message.inflated.is_none();
    let data = !message.opcode.is_control() && !text;
    (whole && data).then_some(message.payload)
}

fn decoded(message: &Message<'_>) -> Option<DecodedLine> {
    let shown = shown(binary(message)?, message.inflated, DECODED)?;
    let inflated = shown.inflated.filter(|_| shown.text.is_none());
    Some(DecodedLine {
        from: shown.was,
        truncated: inflated.as_ref().is_some_and(|inside| inside.cut),
        base64: (inflated.as_ref()).map(|inside| STANDARD.encode(&inside.bytes)),
        holes: inflated.map_or_else(Vec::new, |inside| inside.holes),
        text: shown.text,
    })
}

/// A finding as every command shows it.
#[derive(Debug, Serialize)]
pub struct FindingLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    code: &'static str,
    severity: &'static str,
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<u64>,
    packet: u64,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
    #[serde(serialize_with = "display")]
    time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit: Option<u64>,
    rule: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Figures::is_empty")]
    figures: Figures<'a>,
}

/// The figures of a sentence, by name; time spans in seconds with nine digits.
#[derive(Debug)]
pub(crate) struct Figures<'a>(pub(crate) &'a Sentence);

impl Figures<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.figures().is_empty()
    }
}

impl Serialize for Figures<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let figures = self.0.figures();
        let mut map = serializer.serialize_map(Some(figures.len()))?;
        for (name, figure) in figures {
            match *figure {
                Figure::Count(number) | Figure::Id(number) | Figure::Bytes(number) => {
                    map.serialize_entry(name, &number)?;
                }
                Figure::Nanos(nanos) => {
                    map.serialize_entry(name, &span(nanos))?;
                }
            }
        }
        map.end()
    }
}

impl<'a> FindingLine<'a> {
    /// The JSON object of a finding.
    pub fn of(conversing: Conversing, finding: &'a Finding) -> Self {
        let Stamp { packet, time } = finding.at;
        Self {
            kind: "finding",
            code: finding.code.name(),
            severity: finding.code.severity().name(),
            connection: conversing.connection,
            stream: conversing.on_stream(),
            from: finding.from.map(crate::base::Peer::name),
            message: finding.message,
            packet: packet.number,
            file: packet.file,
            time,
            bit: finding.bit,
            rule: finding.code.rule(),
            text: &finding.text,
            figures: Figures(&finding.text),
        }
    }
}

fn display<S: serde::Serializer>(
    value: &impl std::fmt::Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Bytes that are written in base64.
pub(crate) struct Base64<'a>(pub(crate) &'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(crate) fn is_zero(value: &u32) -> bool {
    *value == 0
}
