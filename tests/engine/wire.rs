//! Conversations built byte by byte, and what wscope makes of them.
//!
//! [`framed`] makes WebSocket bytes, [`Tcp`] packets; [`run`] feeds packets to the pipeline and
//! gathers the events.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use wscope::base::{Limits, PacketRef, Peer, PerPeer, Timestamp};
use wscope::capture::{LinkType, Packet};
use wscope::event::{ConnectionInfo, Event, EventSink, Status};
use wscope::finding::Finding;
use wscope::pipeline::{Options, Pipeline, Tally};
use wscope::session::Detail;
use wscope::ws::OpCode;
use wscope_testkit::{Frame, Segment, upgrade};

/// A frame of `from`, before it becomes bytes.
pub(crate) fn framed(from: Peer, first: u8, payload: &[u8]) -> Frame {
    match from {
        Peer::Client => Frame::masked(first, payload),
        Peer::Server => Frame::bare(first, payload),
    }
}

/// A whole frame of `from`, as bytes.
pub(crate) fn frame(from: Peer, first: u8, payload: &[u8]) -> Vec<u8> {
    framed(from, first, payload).bytes()
}

/// A packet: Ethernet, IPv4, TCP.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) data: Vec<u8>,
    pub(crate) wire_len: usize,
    pub(crate) has_payload: bool,
}

/// A TCP connection that writes packets.
#[derive(Debug, Clone)]
pub(crate) struct Tcp {
    pub(crate) packets: Vec<Built>,
    pub(crate) seq: PerPeer<u32>,
    pub(crate) ports: (u16, u16),
    /// The last bytes of the client's and the server's addresses, where they are others than usual.
    pub(crate) hosts: Option<(u8, u8)>,
    pub(crate) vlan: Option<u16>,
    /// Whether packets get a right TCP checksum or a wrong one; without an answer they have none,
    /// as where a network card fills it in.
    pub(crate) sound: Option<bool>,
}

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 0x10;

impl Tcp {
    pub(crate) fn silent(client_seq: u32, server_seq: u32) -> Self {
        Self {
            packets: Vec::new(),
            seq: PerPeer {
                client: client_seq,
                server: server_seq,
            },
            ports: (40_000, 8080),
            hosts: None,
            vlan: None,
            sound: None,
        }
    }

    /// With the three packets of the opening.
    pub(crate) fn open() -> Self {
        let mut tcp = Self::silent(1000, 9000);
        tcp.handshake();
        tcp
    }

    pub(crate) fn handshake(&mut self) {
        let PerPeer { client, server } = self.seq;
        self.raw(Peer::Client, client, SYN, &[]);
        self.seq.client = client.wrapping_add(1);
        self.raw(Peer::Server, server, SYN | ACK, &[]);
        self.seq.server = server.wrapping_add(1);
        self.raw(Peer::Client, self.seq.client, ACK, &[]);
    }

    /// Opened, and upgraded with these extension headers.
    pub(crate) fn upgraded(offer: &str, response: &str) -> Self {
        let mut tcp = Self::open();
        let (request, answer) = upgrade(offer, response);
        tcp.send(Peer::Client, &request);
        tcp.send(Peer::Server, &answer);
        tcp
    }

    /// The next bytes of `from`, in one segment.
    pub(crate) fn send(&mut self, from: Peer, bytes: &[u8]) {
        let seq = self.seq[from];
        self.raw(from, seq, ACK, bytes);
        self.skip(from, bytes.len());
    }

    /// The next bytes in segments of `size`.
    pub(crate) fn send_cut(&mut self, from: Peer, bytes: &[u8], size: usize) {
        for piece in bytes.chunks(size) {
            self.send(from, piece);
        }
    }

    /// Bytes that the capture lacks, acknowledged by the other side.
    pub(crate) fn lose(&mut self, from: Peer, len: usize) {
        self.skip(from, len);
    }

    pub(crate) fn skip(&mut self, from: Peer, len: usize) {
        self.seq[from] = self.seq[from].wrapping_add(u32::try_from(len).unwrap());
    }

    pub(crate) fn ack(&mut self, from: Peer) {
        let seq = self.seq[from];
        self.raw(from, seq, ACK, &[]);
    }

    pub(crate) fn fin(&mut self, from: Peer) {
        let seq = self.seq[from];
        self.raw(from, seq, ACK | FIN, &[]);
        self.seq[from] = seq.wrapping_add(1);
    }

    pub(crate) fn raw(&mut self, from: Peer, seq: u32, flags: u8, payload: &[u8]) {
        let segment = Segment {
            from_client: from == Peer::Client,
            ports: self.ports,
            vlan: self.vlan,
            seq,
            ack: self.seq[from.other()],
            flags,
            payload,
        };
        let mut data = segment.packet();
        if let Some((client, server)) = self.hosts {
            // Addresses of IPv4 end 16 and 20 bytes into its header, which is right before that of TCP.
            let start = data.len() - payload.len() - 40;
            let (source, target) = match from {
                Peer::Client => (client, server),
                Peer::Server => (server, client),
            };
            data[start + 15] = source;
            data[start + 19] = target;
        }
        if let Some(right) = self.sound {
            let start = data.len() - payload.len() - 20;
            checksum(&mut data, start, right);
        }
        self.packets.push(Built {
            wire_len: data.len(),
            data,
            has_payload: !payload.is_empty(),
        });
    }
}

/// Fills in the checksum of the TCP header at `start`, after an IPv4 header. RFC 9293 §3.1.
pub(crate) fn checksum(packet: &mut [u8], start: usize, right: bool) {
    packet[start + 16..start + 18].fill(0);
    let len = u32::try_from(packet.len() - start).unwrap();
    let mut sum = 6 + len;
    for pair in packet[start - 8..].chunks(2) {
        let word = [pair[0], pair.get(1).copied().unwrap_or(0)];
        sum += u32::from(u16::from_be_bytes(word));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let field = !u16::try_from(sum).unwrap() ^ u16::from(!right);
    packet[start + 16..start + 18].copy_from_slice(&field.to_be_bytes());
}

/// A message as an event told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) from: Peer,
    pub(crate) opcode: OpCode,
    pub(crate) frames: u32,
    pub(crate) compressed: bool,
    pub(crate) inferred: bool,
    pub(crate) wire_bytes: u64,
    pub(crate) payload_wire_bytes: u64,
    pub(crate) payload_bytes: Option<u64>,
    pub(crate) status: Status,
    pub(crate) payload: Vec<u8>,
    pub(crate) text: Option<String>,
    pub(crate) holes: Vec<(u64, u64)>,
    pub(crate) truncated: bool,
    pub(crate) packets: (u64, u64),
    pub(crate) connection: u64,
    pub(crate) stream: u32,
}

/// All that was told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) connections: Vec<ConnectionInfo>,
    pub(crate) messages: Vec<Seen>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) ends: usize,
}

impl Told {
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.findings.iter().map(|f| f.code.name()).collect()
    }

    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes().contains(&code)
    }

    pub(crate) fn from(&self, from: Peer) -> impl Iterator<Item = &Seen> {
        self.messages.iter().filter(move |m| m.from == from)
    }

    /// Texts of the complete messages of `from`.
    pub(crate) fn texts(&self, from: Peer) -> Vec<&str> {
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
                        .filter(|o| o.connection == m.conversing.connection
                            && o.stream == m.conversing.stream)
                        .count() as u64
                );
                self.messages.push(Seen {
                    number: m.number,
                    from: m.from,
                    opcode: m.opcode,
                    frames: m.frames,
                    compressed: m.compressed,
                    inferred: m.inferred,
                    wire_bytes: m.wire_bytes,
                    payload_wire_bytes: m.payload_wire_bytes,
                    payload_bytes: m.payload_bytes,
                    status: m.status,
                    payload: m.payload.to_vec(),
                    text: m.text.map(str::to_owned),
                    holes: m.holes.to_vec(),
                    truncated: m.truncated,
                    packets: (m.first.number, m.last.packet.number),
                    connection: m.conversing.connection,
                    stream: m.conversing.stream,
                });
                if matches!(m.status, Status::Lost(_)) {
                    assert!(m.payload.is_empty() && m.holes.is_empty(), "{m:?}");
                }
            }
            Event::Finding { finding, .. } => self.findings.push(finding.clone()),
            Event::Recognised { .. } | Event::Pending(_) | Event::Tls(_) | Event::Transport(_) => {}
            Event::End(_) => self.ends += 1,
        }
    }
}

/// What wscope makes of packets.
pub(crate) fn run(packets: &[Built]) -> Told {
    run_with(packets, Options::new(Detail::Payloads)).0
}

pub(crate) fn run_limited(packets: &[Built], limits: Limits) -> Told {
    let mut options = Options::new(Detail::Payloads);
    options.limits = limits;
    run_with(packets, options).0
}

pub(crate) fn run_with(packets: &[Built], options: Options) -> (Told, Tally) {
    let mut told = Told::default();
    let whole = options.only.is_all();
    let mut pipeline = Pipeline::new(options);
    for (number, packet) in (1..).zip(packets) {
        let packet = Packet {
            place: PacketRef::new(0, number),
            time: Timestamp(number * 1_000_000),
            link: LinkType::ETHERNET,
            data: &packet.data,
            wire_len: u32::try_from(packet.wire_len).unwrap(),
        };
        pipeline.packet(&packet, &mut told);
    }
    let tally = pipeline.finish(&mut told);
    let account = &tally.account;
    assert!(account.is_balanced(), "{account:#?}");
    assert!(!whole || account.captured == tally.payload_bytes);
    assert_eq!(tally.messages, told.messages.len() as u64);
    let mut told_of: Vec<_> = told.connections.iter().map(|c| c.conversing).collect();
    told_of.sort_unstable();
    told_of.dedup();
    assert_eq!(told.ends, told_of.len(), "each one that was told of ends");
    (told, tally)
}
