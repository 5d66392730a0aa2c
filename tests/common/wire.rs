//! Conversations built byte by byte, and what wscope makes of them.
//!
//! [`Frame`] makes WebSocket bytes, [`Compressor`] payloads, [`Tcp`] packets; [`run`] feeds
//! packets to the pipeline and gathers the events.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use flate2::{Compress, Compression, FlushCompress, Status as ZStatus};
use wscope::base::{Limits, PacketRef, Peer, PerPeer, Timestamp};
use wscope::capture::{LinkType, Packet};
use wscope::event::{ConnectionInfo, Event, EventSink, Status};
use wscope::finding::Finding;
use wscope::pipeline::{Options, Pipeline, Tally};
use wscope::session::Detail;
use wscope::ws::OpCode;

pub const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame to be sent.
#[derive(Debug, Clone)]
pub struct Frame {
    pub first: u8,
    pub payload: Vec<u8>,
    pub mask: Option<[u8; 4]>,
    /// Length bytes in the long form whatever the length: 2 or 8.
    pub long: u8,
}

/// RFC 6455 §5.3: another key for each frame; the same ones in each run of a test.
fn fresh_key() -> [u8; 4] {
    thread_local!(static COUNT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    let count = COUNT.get().wrapping_add(1);
    COUNT.set(count);
    (u32::from_be_bytes(KEY) ^ count.wrapping_mul(0x9e37_79b9)).to_be_bytes()
}

impl Frame {
    pub fn new(from: Peer, first: u8, payload: &[u8]) -> Self {
        Self {
            first,
            payload: payload.to_vec(),
            mask: (from == Peer::Client).then(fresh_key),
            long: 0,
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        let len = self.payload.len();
        let mut out = vec![self.first];
        match (len, self.long) {
            (_, 8) | (65_536.., _) => {
                out.push(mask_bit | 0x7f);
                out.extend_from_slice(&(len as u64).to_be_bytes());
            }
            (_, 2) | (126.., _) => {
                out.push(mask_bit | 0x7e);
                out.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
            }
            _ => out.push(mask_bit | u8::try_from(len).unwrap()),
        }
        match self.mask {
            None => out.extend_from_slice(&self.payload),
            Some(key) => {
                out.extend_from_slice(&key);
                let masked = self.payload.iter().zip(key.iter().cycle());
                out.extend(masked.map(|(byte, key)| byte ^ key));
            }
        }
        out
    }
}

/// A whole frame of `from`, as bytes.
pub fn frame(from: Peer, first: u8, payload: &[u8]) -> Vec<u8> {
    Frame::new(from, first, payload).bytes()
}

/// One direction's compressor, as stock implementations use zlib.
pub struct Compressor {
    engine: Compress,
    reset: bool,
}

impl Compressor {
    pub fn new(level: u32, bits: u8, reset: bool) -> Self {
        let engine = Compress::new_with_window_bits(Compression::new(level), false, bits);
        Self { engine, reset }
    }

    /// RFC 7692 §7.2.1. Nothing at all where zlib has just flushed and nothing has come since.
    pub fn message(&mut self, plain: &[u8]) -> Vec<u8> {
        if self.reset {
            self.engine.reset();
        }
        let mut out = self.deflate(plain, FlushCompress::Sync);
        if out.is_empty() {
            return out;
        }
        assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
        out.truncate(out.len() - 4);
        out
    }

    /// A final block, and the empty block behind it.
    pub fn last_message(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut out = self.deflate(plain, FlushCompress::Finish);
        self.engine.reset();
        out.push(0);
        out
    }

    pub fn deflate(&mut self, mut plain: &[u8], flush: FlushCompress) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() + 1024);
        loop {
            let before = self.engine.total_in();
            let status = self.engine.compress_vec(plain, &mut out, flush).unwrap();
            plain = &plain[usize::try_from(self.engine.total_in() - before).unwrap()..];
            let done = match flush {
                FlushCompress::Finish => status == ZStatus::StreamEnd,
                _ => plain.is_empty() && out.len() < out.capacity(),
            };
            if done {
                return out;
            }
            out.reserve(4096);
        }
    }
}

/// The heads of an upgrade; `response` empty where no extension is agreed.
pub fn upgrade(offer: &str, response: &str) -> (Vec<u8>, Vec<u8>) {
    let line = |value: &str| match value {
        "" => String::new(),
        value => format!("Sec-WebSocket-Extensions: {value}\r\n"),
    };
    let request = format!(
        "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
        line(offer)
    );
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{}\r\n",
        line(response)
    );
    (request.into_bytes(), answer.into_bytes())
}

/// A packet: Ethernet, IPv4, TCP.
#[derive(Debug, Clone)]
pub struct Built {
    pub data: Vec<u8>,
    pub wire_len: usize,
    pub has_payload: bool,
}

/// A TCP connection that writes packets.
#[derive(Debug, Clone)]
pub struct Tcp {
    pub packets: Vec<Built>,
    pub seq: PerPeer<u32>,
    pub ports: (u16, u16),
    pub vlan: Option<u16>,
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;
pub const ACK: u8 = 0x10;

impl Tcp {
    pub fn silent(client_seq: u32, server_seq: u32) -> Self {
        Self {
            packets: Vec::new(),
            seq: PerPeer {
                client: client_seq,
                server: server_seq,
            },
            ports: (40_000, 8080),
            vlan: None,
        }
    }

    /// With the three packets of the opening.
    pub fn open() -> Self {
        let mut tcp = Self::silent(1000, 9000);
        tcp.handshake();
        tcp
    }

    pub fn handshake(&mut self) {
        let PerPeer { client, server } = self.seq;
        self.raw(Peer::Client, client, SYN, &[]);
        self.seq.client = client.wrapping_add(1);
        self.raw(Peer::Server, server, SYN | ACK, &[]);
        self.seq.server = server.wrapping_add(1);
        self.raw(Peer::Client, self.seq.client, ACK, &[]);
    }

    /// Opened, and upgraded with these extension headers.
    pub fn upgraded(offer: &str, response: &str) -> Self {
        let mut tcp = Self::open();
        let (request, answer) = upgrade(offer, response);
        tcp.send(Peer::Client, &request);
        tcp.send(Peer::Server, &answer);
        tcp
    }

    /// The next bytes of `from`, in one segment.
    pub fn send(&mut self, from: Peer, bytes: &[u8]) {
        let seq = self.seq[from];
        self.raw(from, seq, ACK, bytes);
        self.skip(from, bytes.len());
    }

    /// The next bytes in segments of `size`.
    pub fn send_cut(&mut self, from: Peer, bytes: &[u8], size: usize) {
        for piece in bytes.chunks(size) {
            self.send(from, piece);
        }
    }

    /// Bytes that the capture lacks, acknowledged by the other side.
    pub fn lose(&mut self, from: Peer, len: usize) {
        self.skip(from, len);
    }

    pub fn skip(&mut self, from: Peer, len: usize) {
        self.seq[from] = self.seq[from].wrapping_add(u32::try_from(len).unwrap());
    }

    pub fn ack(&mut self, from: Peer) {
        let seq = self.seq[from];
        self.raw(from, seq, ACK, &[]);
    }

    pub fn fin(&mut self, from: Peer) {
        let seq = self.seq[from];
        self.raw(from, seq, ACK | FIN, &[]);
        self.seq[from] = seq.wrapping_add(1);
    }

    pub fn raw(&mut self, from: Peer, seq: u32, flags: u8, payload: &[u8]) {
        let ack = self.seq[from.other()];
        let (mut source, mut destination) = (self.ports.0, self.ports.1);
        let (mut a, mut b) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        if from == Peer::Server {
            (source, destination) = (destination, source);
            (a, b) = (b, a);
        }
        let mut data = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        if let Some(vlan) = self.vlan {
            data.extend_from_slice(&[0x81, 0]);
            data.extend_from_slice(&vlan.to_be_bytes());
        }
        data.extend_from_slice(&[8, 0, 0x45, 0]);
        let total = u16::try_from(40 + payload.len()).unwrap();
        data.extend_from_slice(&total.to_be_bytes());
        data.extend_from_slice(&[0, 0, 0x40, 0, 64, 6, 0, 0]);
        data.extend_from_slice(&a);
        data.extend_from_slice(&b);
        data.extend_from_slice(&source.to_be_bytes());
        data.extend_from_slice(&destination.to_be_bytes());
        data.extend_from_slice(&seq.to_be_bytes());
        let ack = if flags & ACK == 0 { 0 } else { ack };
        data.extend_from_slice(&ack.to_be_bytes());
        data.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        data.extend_from_slice(payload);
        self.packets.push(Built {
            wire_len: data.len(),
            data,
            has_payload: !payload.is_empty(),
        });
    }
}

/// A message as an event told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub number: u64,
    pub from: Peer,
    pub opcode: OpCode,
    pub frames: u32,
    pub compressed: bool,
    pub wire_bytes: u64,
    pub payload_wire_bytes: u64,
    pub payload_bytes: Option<u64>,
    pub status: Status,
    pub payload: Vec<u8>,
    pub text: Option<String>,
    pub holes: Vec<(u64, u64)>,
    pub truncated: bool,
    pub packets: (u64, u64),
    pub connection: u64,
}

/// All that was told.
#[derive(Debug, Default)]
pub struct Told {
    pub connections: Vec<ConnectionInfo>,
    pub messages: Vec<Seen>,
    pub findings: Vec<Finding>,
    pub ends: usize,
}

impl Told {
    pub fn codes(&self) -> Vec<&'static str> {
        self.findings.iter().map(|f| f.code.name()).collect()
    }

    pub fn has(&self, code: &str) -> bool {
        self.codes().contains(&code)
    }

    pub fn from(&self, from: Peer) -> impl Iterator<Item = &Seen> {
        self.messages.iter().filter(move |m| m.from == from)
    }

    /// Texts of the complete messages of `from`.
    pub fn texts(&self, from: Peer) -> Vec<&str> {
        self.from(from)
            .map(|m| m.text.as_deref().unwrap_or("?"))
            .collect()
    }
}

impl EventSink for Told {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => self.connections.push(info.clone()),
            Event::Message(m) => {
                assert_eq!(
                    m.number,
                    1 + self
                        .messages
                        .iter()
                        .filter(|o| o.connection == m.conversing.connection)
                        .count() as u64
                );
                self.messages.push(Seen {
                    number: m.number,
                    from: m.from,
                    opcode: m.opcode,
                    frames: m.frames,
                    compressed: m.compressed,
                    wire_bytes: m.wire_bytes,
                    payload_wire_bytes: m.payload_wire_bytes,
                    payload_bytes: m.payload_bytes,
                    status: m.status,
                    payload: m.payload.to_vec(),
                    text: m.text.map(str::to_owned),
                    holes: m.holes.to_vec(),
                    truncated: m.truncated,
                    packets: (m.first.packet.number, m.last.packet.number),
                    connection: m.conversing.connection,
                });
                if matches!(m.status, Status::Lost(_)) {
                    assert!(m.payload.is_empty() && m.holes.is_empty(), "{m:?}");
                }
            }
            Event::Finding { finding, .. } => self.findings.push(finding.clone()),
            Event::End(_) => self.ends += 1,
        }
    }
}

/// What wscope makes of packets.
pub fn run(packets: &[Built]) -> Told {
    run_with(packets, Options::new(Detail::Payloads)).0
}

pub fn run_limited(packets: &[Built], limits: Limits) -> Told {
    let mut options = Options::new(Detail::Payloads);
    options.limits = limits;
    run_with(packets, options).0
}

pub fn run_with(packets: &[Built], options: Options) -> (Told, Tally) {
    let mut told = Told::default();
    let mut pipeline = Pipeline::new(options);
    for (number, packet) in (1..).zip(packets) {
        let packet = Packet {
            place: PacketRef { file: 0, number },
            time: Timestamp(number * 1_000_000),
            link: LinkType::ETHERNET,
            data: &packet.data,
            wire_len: u32::try_from(packet.wire_len).unwrap(),
        };
        pipeline.packet(&packet, &mut told);
    }
    let tally = pipeline.finish(&mut told);
    (told, tally)
}
