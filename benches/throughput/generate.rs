//! Large captures: many connections, interleaved packet by packet; over HTTP/1.1, a WebSocket each, over TLS, or
//! over HTTP/2, with many streams on each.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::{Compress, Compression, FlushCompress};

use super::payload::Author;
use super::random::Random;
use wscope_testkit::tls::{self, Sealer};

/// What the connections carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
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

/// How many `WebSockets` there are, and what carries them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    /// TCP connections.
    pub(crate) connections: usize,
    /// Streams of HTTP/2 on each; without, each has one WebSocket over HTTP/1.1.
    pub(crate) streams: Option<usize>,
    /// All is under TLS. The key log is beside the capture, with the ending `keylog`.
    pub(crate) tls: bool,
}

/// How long a capture is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// So many bytes, at least.
    Bytes(u64),
    /// So many turns of those who speak.
    Turns(u64),
}

/// TCP payload of a full segment: Ethernet's 1,500 bytes with timestamps on.
const MSS: usize = 1448;

/// `permessage-deflate` cuts off what each flush ends in. RFC 7692 §7.2.1.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The longest frame of HTTP/2 that needs no permission. RFC 9113 §6.5.2.
const LONGEST: usize = 16_384;

/// Writes a pcap file, and says how many turns it has. As many turns of as many `WebSockets` say the same,
/// whatever carries them.
pub(crate) fn capture(
    path: &Path,
    kind: Kind,
    length: Length,
    carried: Carried,
) -> io::Result<u64> {
    let mut wire = Wire {
        out: BufWriter::with_capacity(1 << 20, File::create(path)?),
        written: 0,
        micros: 1_714_521_600_000_000,
    };
    wire.begin()?;
    let mut random = Random::new(7);
    let connections = carried.connections;
    let each = carried.streams.unwrap_or(1);
    let mut open: Vec<Connection> = (0..connections)
        .map(|number| Connection::new(number, carried))
        .collect();
    if carried.tls {
        let mut log = BufWriter::new(File::create(path.with_extension("keylog"))?);
        for number in 0..connections {
            log.write_all(tls::log(number).as_bytes())?;
        }
        log.flush()?;
    }
    let mut talks: Vec<Talk> = (0..connections * each)
        .map(|number| Talk::new(number, number % each, kind))
        .collect();
    for (number, connection) in open.iter_mut().enumerate() {
        connection.open(&mut wire)?;
        for talk in &mut talks[number * each..(number + 1) * each] {
            connection.handshake(talk, kind, &mut wire)?;
        }
    }
    let mut turns = 0;
    while match length {
        Length::Bytes(bytes) => wire.written < bytes,
        Length::Turns(all) => turns < all,
    } {
        turns += 1;
        let which = usize::try_from(random.below(talks.len() as u64)).unwrap_or(0);
        let connection = &mut open[which / each];
        talks[which].speak(kind, &mut random, connection, &mut wire)?;
    }
    for (number, connection) in open.iter_mut().enumerate() {
        for talk in &mut talks[number * each..(number + 1) * each] {
            talk.close(connection, &mut wire)?;
        }
        connection.close(&mut wire)?;
    }
    wire.out.flush()?;
    Ok(turns)
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
}

/// A TCP connection.
struct Connection {
    /// The client, then the server.
    sides: [Side; 2],
    number: usize,
    /// It speaks HTTP/2.
    http2: bool,
    /// It speaks TLS: what both sides seal with.
    tls: Option<[Sealer; 2]>,
}

/// What one WebSocket says.
struct Talk {
    /// The client's, then the server's.
    deflate: [Option<Compress>; 2],
    authors: [Author; 2],
    masks: Random,
    spoken: u64,
    payload: Vec<u8>,
    frames: Vec<u8>,
    /// Its stream of HTTP/2.
    stream: u32,
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
    fn new(number: usize, carried: Carried) -> Self {
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

    fn open(&mut self, wire: &mut Wire) -> io::Result<()> {
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

    fn handshake(&mut self, talk: &mut Talk, kind: Kind, wire: &mut Wire) -> io::Result<()> {
        if self.http2 {
            return self.connect(talk, kind, wire);
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
    fn connect(&mut self, talk: &mut Talk, kind: Kind, wire: &mut Wire) -> io::Result<()> {
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
        self.raw(0, &http2_head(talk.stream, &asks), wire)?;
        self.raw(1, &http2_head(talk.stream, &answers), wire)
    }

    /// Sends what a WebSocket says: as it is, or in DATA frames.
    fn send(&mut self, stream: u32, from: usize, bytes: &[u8], wire: &mut Wire) -> io::Result<()> {
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
        packet.extend((wire.micros as u32 / 1000).to_be_bytes());
        packet.extend((wire.micros as u32 / 1000).to_be_bytes());
        packet.extend_from_slice(bytes);
        let counts = bytes.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.sides[from].next = self.sides[from].next.wrapping_add(counts);
        wire.packet(&packet, 3 + bytes.len() as u64 / 100)
    }

    fn close(&mut self, wire: &mut Wire) -> io::Result<()> {
        self.segment(1, FIN | ACK, &[], wire)?;
        self.segment(0, FIN | ACK, &[], wire)?;
        self.segment(1, ACK, &[], wire)
    }
}

impl Talk {
    fn new(number: usize, place: usize, kind: Kind) -> Self {
        let seed = number as u64;
        let deflate = || (kind != Kind::Plain).then(|| Compress::new(Compression::new(6), false));
        Self {
            deflate: [deflate(), deflate()],
            authors: [Author::new(seed * 2 + 1), Author::new(seed * 2)],
            masks: Random::new(seed + 1_000_000),
            spoken: 0,
            payload: Vec::new(),
            frames: Vec::new(),
            // RFC 9113 §5.1.1: a client's streams have odd numbers.
            stream: place as u32 * 2 + 1,
        }
    }

    /// One side sends a message, or a few in one segment.
    fn speak(
        &mut self,
        kind: Kind,
        random: &mut Random,
        connection: &mut Connection,
        wire: &mut Wire,
    ) -> io::Result<()> {
        self.spoken += 1;
        let from = usize::from(!random.once_in(3));
        self.frames.clear();
        if self.spoken.is_multiple_of(150) {
            return self.ping(connection, wire);
        }
        let together = match kind {
            Kind::Small if random.once_in(10) => 2 + random.below(3),
            _ => 1,
        };
        for _ in 0..together {
            self.payload.clear();
            let author = &mut self.authors[from];
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
        connection.send(self.stream, from, &frames, wire)?;
        self.frames = frames;
        Ok(())
    }

    fn ping(&mut self, connection: &mut Connection, wire: &mut Wire) -> io::Result<()> {
        for (from, opcode) in [(1, 9), (0, 10)] {
            self.frames.clear();
            self.payload.clear();
            self.payload.extend(self.spoken.to_be_bytes());
            self.raw_frame(from, 0x80 | opcode, None);
            let frame = std::mem::take(&mut self.frames);
            connection.send(self.stream, from, &frame, wire)?;
        }
        Ok(())
    }

    /// Appends the payload as a data frame, compressed where that was agreed.
    fn frame(&mut self, from: usize, opcode: u8) {
        match &mut self.deflate[from] {
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

    fn close(&mut self, connection: &mut Connection, wire: &mut Wire) -> io::Result<()> {
        for from in [0, 1] {
            self.frames.clear();
            self.payload.clear();
            self.payload.extend(1000_u16.to_be_bytes());
            self.raw_frame(from, 0x88, None);
            connection.send(self.stream, from, &self.frames, wire)?;
        }
        Ok(())
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
