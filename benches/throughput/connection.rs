//! TCP connections that are written: segments and acknowledgements, TLS records, HTTP/1.1 and HTTP/2 around what
//! `WebSockets` say.

use std::io;

use super::kind::{Carried, Kind};
use super::wire::Wire;
use wscope_testkit::tls::{self, Sealer};

/// TCP payload of a full segment: Ethernet's 1,500 bytes with timestamps on.
const MSS: usize = 1448;

/// The longest frame of HTTP/2 that needs no permission. RFC 9113 §6.5.2.
const LONGEST: usize = 16_384;

const FIN: u8 = 1;
const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;

/// One side of a connection.
struct Side {
    address: [u8; 4],
    port: u16,
    next: u32,
    /// Segments received and not yet acknowledged.
    owed: u32,
}

/// A TCP connection.
pub(crate) struct Connection {
    /// The client, then the server.
    sides: [Side; 2],
    number: usize,
    /// It speaks HTTP/2.
    http2: bool,
    /// It speaks TLS: what both sides seal with.
    tls: Option<[Sealer; 2]>,
}

/// A frame of HTTP/2. RFC 9113 §4.1.
fn http2_frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A whole head, without references.
fn http2_head(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for part in [name, value] {
            block.push(part.len() as u8);
            block.extend_from_slice(part.as_bytes());
        }
    }
    http2_frame(1, 4, stream, &block)
}

impl Connection {
    pub(crate) fn new(number: usize, carried: Carried) -> Self {
        let side = |client: bool| Side {
            address: if client {
                [10, 1, (number >> 8) as u8, number as u8]
            } else {
                [10, 2, 0, (number % 4) as u8 + 1]
            },
            port: if client {
                32_768 + (number * 7 % 28_000) as u16
            } else {
                8080
            },
            next: 0x8000_0000_u32
                .wrapping_mul(number as u32)
                .wrapping_sub(9_999),
            owed: 0,
        };
        Self {
            sides: [side(true), side(false)],
            number,
            http2: carried.streams.is_some(),
            tls: carried
                .tls
                .then(|| [0, 1].map(|side| Sealer::traffic(number, side))),
        }
    }

    pub(crate) fn open(&mut self, wire: &mut Wire) -> io::Result<()> {
        self.segment(0, SYN, &[], wire)?;
        self.segment(1, SYN | ACK, &[], wire)?;
        self.segment(0, ACK, &[], wire)?;
        if self.tls.is_some() {
            for (from, records) in tls::handshake(self.number) {
                self.segments(from, &records, wire)?;
            }
        }
        if self.http2 {
            // SETTINGS_INITIAL_WINDOW_SIZE and a WINDOW_UPDATE: nobody waits for a window.
            let largest = 0x7fff_0000_u32.to_be_bytes();
            let settings = |more: &[u8]| {
                let payload = [&[0, 4], &largest[..], more].concat();
                [
                    http2_frame(4, 0, 0, &payload),
                    http2_frame(8, 0, 0, &largest),
                ]
                .concat()
            };
            let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
            self.raw(0, &[&preface[..], &settings(&[])].concat(), wire)?;
            self.raw(1, &settings(&[0, 8, 0, 0, 0, 1]), wire)?;
            self.raw(0, &http2_frame(4, 1, 0, &[]), wire)?;
        }
        Ok(())
    }

    pub(crate) fn handshake(&mut self, stream: u32, kind: Kind, wire: &mut Wire) -> io::Result<()> {
        if self.http2 {
            return self.connect(stream, kind, wire);
        }
        let (offer, answer) = if kind == Kind::Plain {
            ("", "")
        } else {
            (
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
                "Sec-WebSocket-Extensions: permessage-deflate\r\n",
            )
        };
        let request = format!(
            "GET /feed HTTP/1.1\r\nHost: feed.example:8080\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Version: 13\r\n{offer}\r\n"
        );
        let response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{answer}\r\n"
        );
        self.raw(0, request.as_bytes(), wire)?;
        self.raw(1, response.as_bytes(), wire)?;
        self.segment(0, ACK, &[], wire)
    }

    /// RFC 8441 §5: an extended CONNECT and its answer.
    fn connect(&mut self, stream: u32, kind: Kind, wire: &mut Wire) -> io::Result<()> {
        let mut asks = vec![
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":authority", "feed.example:8080"),
            (":path", "/feed"),
            ("sec-websocket-version", "13"),
        ];
        let mut answers = vec![(":status", "200")];
        if kind != Kind::Plain {
            let name = "sec-websocket-extensions";
            asks.push((name, "permessage-deflate; client_max_window_bits"));
            answers.push((name, "permessage-deflate"));
        }
        self.raw(0, &http2_head(stream, &asks), wire)?;
        self.raw(1, &http2_head(stream, &answers), wire)
    }

    /// Sends what a WebSocket says: as it is, or in DATA frames.
    pub(crate) fn send(
        &mut self,
        stream: u32,
        from: usize,
        bytes: &[u8],
        wire: &mut Wire,
    ) -> io::Result<()> {
        if !self.http2 {
            return self.raw(from, bytes, wire);
        }
        let frames = bytes
            .chunks(LONGEST)
            .map(|part| http2_frame(0, 0, stream, part));
        let frames: Vec<u8> = frames.flatten().collect();
        self.raw(from, &frames, wire)
    }

    /// Sends `bytes`, in TLS records where the connection has them.
    fn raw(&mut self, from: usize, bytes: &[u8], wire: &mut Wire) -> io::Result<()> {
        let Some(sealers) = &mut self.tls else {
            return self.segments(from, bytes, wire);
        };
        let mut records = Vec::new();
        sealers[from].seal(bytes, &mut records);
        self.segments(from, &records, wire)
    }

    /// Sends `bytes` in segments; the receiver acknowledges every second one.
    fn segments(&mut self, from: usize, bytes: &[u8], wire: &mut Wire) -> io::Result<()> {
        let to = 1 - from;
        let last = bytes.len().div_ceil(MSS);
        for (index, part) in bytes.chunks(MSS).enumerate() {
            let push = if index + 1 == last { PSH } else { 0 };
            self.segment(from, ACK | push, part, wire)?;
            self.sides[to].owed += 1;
            if self.sides[to].owed == 2 {
                self.segment(to, ACK, &[], wire)?;
            }
        }
        Ok(())
    }

    fn segment(&mut self, from: usize, flags: u8, bytes: &[u8], wire: &mut Wire) -> io::Result<()> {
        let ack = if flags & ACK == 0 {
            0
        } else {
            self.sides[1 - from].next
        };
        self.sides[from].owed = 0;
        let (a, b) = (&self.sides[from], &self.sides[1 - from]);
        let mut packet = Vec::with_capacity(66 + bytes.len());
        packet.extend([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00]);
        let total = (52 + bytes.len()) as u16;
        packet.extend([0x45, 0]);
        packet.extend(total.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        packet.extend(a.address);
        packet.extend(b.address);
        packet.extend(a.port.to_be_bytes());
        packet.extend(b.port.to_be_bytes());
        packet.extend(a.next.to_be_bytes());
        packet.extend(ack.to_be_bytes());
        packet.extend([0x80, flags, 0xff, 0xff, 0, 0, 0, 0]);
        // Two no-operations and the timestamps. RFC 7323 §3.
        packet.extend([1, 1, 8, 10]);
        packet.extend(wire.millis().to_be_bytes());
        packet.extend(wire.millis().to_be_bytes());
        packet.extend_from_slice(bytes);
        let counts = bytes.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.sides[from].next = self.sides[from].next.wrapping_add(counts);
        wire.packet(&packet, 3 + bytes.len() as u64 / 100)
    }

    pub(crate) fn close(&mut self, wire: &mut Wire) -> io::Result<()> {
        self.segment(1, FIN | ACK, &[], wire)?;
        self.segment(0, FIN | ACK, &[], wire)?;
        self.segment(1, ACK, &[], wire)
    }
}
