//! Large captures: many connections, interleaved packet by packet.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::{Compress, Compression, FlushCompress};

use super::payload::Author;
use super::random::Random;

/// What the connections carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Messages of about 200 bytes, compressed with context takeover.
    Small,
    /// Documents of 8 to 64 KB, compressed with context takeover.
    Documents,
    /// 200 bytes to 16 KB, without an extension; one in eight is binary.
    Plain,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Small, Self::Documents, Self::Plain];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Documents => "documents",
            Self::Plain => "plain",
        }
    }
}

/// TCP payload of a full segment: Ethernet's 1,500 bytes with timestamps on.
const MSS: usize = 1448;

/// `permessage-deflate` cuts off what each flush ends in. RFC 7692 §7.2.1.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Writes a pcap file of at least `bytes`.
pub(crate) fn capture(path: &Path, kind: Kind, bytes: u64, connections: usize) -> io::Result<()> {
    let mut wire = Wire {
        out: BufWriter::with_capacity(1 << 20, File::create(path)?),
        written: 0,
        micros: 1_714_521_600_000_000,
    };
    wire.begin()?;
    let mut random = Random::new(7);
    let mut open: Vec<Connection> = (0..connections)
        .map(|number| Connection::new(number, kind))
        .collect();
    for connection in &mut open {
        connection.handshake(kind, &mut wire)?;
    }
    while wire.written < bytes {
        let which = usize::try_from(random.below(connections as u64)).unwrap_or(0);
        open[which].speak(kind, &mut random, &mut wire)?;
    }
    for connection in &mut open {
        connection.close(&mut wire)?;
    }
    wire.out.flush()
}

/// The capture file with its clock.
struct Wire {
    out: BufWriter<File>,
    written: u64,
    micros: u64,
}

impl Wire {
    fn begin(&mut self) -> io::Result<()> {
        let mut header = Vec::new();
        header.extend(0xa1b2_c3d4_u32.to_le_bytes());
        header.extend([2, 0, 4, 0]);
        header.extend([0; 8]);
        header.extend(262_144_u32.to_le_bytes());
        header.extend(1_u32.to_le_bytes());
        self.put(&header)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn packet(&mut self, packet: &[u8], gap: u64) -> io::Result<()> {
        self.micros += gap;
        let seconds = u32::try_from(self.micros / 1_000_000).unwrap();
        let micros = u32::try_from(self.micros % 1_000_000).unwrap();
        let len = u32::try_from(packet.len()).unwrap();
        for word in [seconds, micros, len, len] {
            self.put(&word.to_le_bytes())?;
        }
        self.put(packet)
    }
}

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
    deflate: Option<Compress>,
    author: Author,
}

struct Connection {
    /// The client, then the server.
    sides: [Side; 2],
    masks: Random,
    spoken: u64,
    payload: Vec<u8>,
    frames: Vec<u8>,
}

impl Connection {
    fn new(number: usize, kind: Kind) -> Self {
        let seed = number as u64;
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
            deflate: (kind != Kind::Plain).then(|| Compress::new(Compression::new(6), false)),
            author: Author::new(seed * 2 + u64::from(client)),
        };
        Self {
            sides: [side(true), side(false)],
            masks: Random::new(seed + 1_000_000),
            spoken: 0,
            payload: Vec::new(),
            frames: Vec::new(),
        }
    }

    fn handshake(&mut self, kind: Kind, wire: &mut Wire) -> io::Result<()> {
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
        self.segment(0, SYN, &[], wire)?;
        self.segment(1, SYN | ACK, &[], wire)?;
        self.segment(0, ACK, &[], wire)?;
        self.send(0, request.as_bytes(), wire)?;
        self.send(1, response.as_bytes(), wire)?;
        self.segment(0, ACK, &[], wire)
    }

    /// One side sends a message, or a few in one segment.
    fn speak(&mut self, kind: Kind, random: &mut Random, wire: &mut Wire) -> io::Result<()> {
        self.spoken += 1;
        let from = usize::from(!random.once_in(3));
        self.frames.clear();
        if self.spoken.is_multiple_of(150) {
            return self.ping(wire);
        }
        let together = match kind {
            Kind::Small if random.once_in(10) => 2 + random.below(3),
            _ => 1,
        };
        for _ in 0..together {
            self.payload.clear();
            let author = &mut self.sides[from].author;
            let mut opcode = 1;
            match kind {
                Kind::Small => author.small(from == 0, &mut self.payload),
                Kind::Documents => author.document(spread(random, 8 << 10, 3), &mut self.payload),
                Kind::Plain if random.once_in(8) => {
                    opcode = 2;
                    author.binary(spread(random, 200, 6), &mut self.payload);
                }
                Kind::Plain => match spread(random, 200, 6) {
                    ..400 => author.small(from == 0, &mut self.payload),
                    len => author.document(len, &mut self.payload),
                },
            }
            self.frame(from, opcode);
        }
        let frames = std::mem::take(&mut self.frames);
        self.send(from, &frames, wire)?;
        self.frames = frames;
        Ok(())
    }

    fn ping(&mut self, wire: &mut Wire) -> io::Result<()> {
        for (from, opcode) in [(1, 9), (0, 10)] {
            self.frames.clear();
            self.payload.clear();
            self.payload.extend(self.spoken.to_be_bytes());
            self.raw_frame(from, 0x80 | opcode, None);
            let frame = std::mem::take(&mut self.frames);
            self.send(from, &frame, wire)?;
        }
        Ok(())
    }

    /// Appends the payload as a data frame, compressed where that was agreed.
    fn frame(&mut self, from: usize, opcode: u8) {
        match &mut self.sides[from].deflate {
            None => self.raw_frame(from, 0x80 | opcode, None),
            Some(deflate) => {
                let packed = pack(deflate, &self.payload);
                self.raw_frame(from, 0xc0 | opcode, Some(&packed));
            }
        }
    }

    fn raw_frame(&mut self, from: usize, first: u8, packed: Option<&[u8]>) {
        let body = packed.unwrap_or(&self.payload);
        let mask_bit = if from == 0 { 0x80 } else { 0 };
        self.frames.push(first);
        match body.len() {
            len @ ..126 => self.frames.push(mask_bit | len as u8),
            len @ ..0x1_0000 => {
                self.frames.push(mask_bit | 0x7e);
                self.frames.extend((len as u16).to_be_bytes());
            }
            len => {
                self.frames.push(mask_bit | 0x7f);
                self.frames.extend((len as u64).to_be_bytes());
            }
        }
        if from == 0 {
            let key = (self.masks.next() as u32).to_le_bytes();
            self.frames.extend(key);
            self.frames
                .extend(body.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k));
        } else {
            self.frames.extend_from_slice(body);
        }
    }

    /// Sends `bytes` in segments; the receiver acknowledges every second one.
    fn send(&mut self, from: usize, bytes: &[u8], wire: &mut Wire) -> io::Result<()> {
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
        packet.extend((wire.micros as u32 / 1000).to_be_bytes());
        packet.extend((wire.micros as u32 / 1000).to_be_bytes());
        packet.extend_from_slice(bytes);
        let counts = bytes.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.sides[from].next = self.sides[from].next.wrapping_add(counts);
        wire.packet(&packet, 3 + bytes.len() as u64 / 100)
    }

    fn close(&mut self, wire: &mut Wire) -> io::Result<()> {
        for from in [0, 1] {
            self.frames.clear();
            self.payload.clear();
            self.payload.extend(1000_u16.to_be_bytes());
            self.raw_frame(from, 0x88, None);
            let frame = std::mem::take(&mut self.frames);
            self.send(from, &frame, wire)?;
        }
        self.segment(1, FIN | ACK, &[], wire)?;
        self.segment(0, FIN | ACK, &[], wire)?;
        self.segment(1, ACK, &[], wire)
    }
}

/// A length from `least` to `least << doublings`, each doubling equally likely.
fn spread(random: &mut Random, least: usize, doublings: u64) -> usize {
    let base = least << random.below(doublings);
    base + usize::try_from(random.below(base as u64)).unwrap_or(0)
}

fn pack(deflate: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(payload.len() + 64);
    let before = deflate.total_in();
    loop {
        let used = usize::try_from(deflate.total_in() - before).unwrap();
        deflate
            .compress_vec(&payload[used..], &mut packed, FlushCompress::Sync)
            .unwrap();
        if packed.len() < packed.capacity() {
            break;
        }
        packed.reserve(64 + packed.len());
    }
    assert!(
        packed.ends_with(&FLUSH_MARKER),
        "a flush ends in its marker"
    );
    packed.truncate(packed.len() - FLUSH_MARKER.len());
    packed
}
