//! Traffic to be damaged: made here of several kinds, or recorded from real peers.

use std::fmt::Write;

use flate2::FlushCompress;
use wscope::base::{Limits, Peer, PerPeer, Timestamp};
use wscope::capture::{Block, Input, LinkType, Source};

use crate::common;
use crate::wire::{Tcp, framed};
use wscope_testkit::{Compressor, Noise, upgrade};

/// A captured packet with its number in the whole capture.
#[derive(Debug, Clone)]
pub(crate) struct Shot {
    pub(crate) number: u64,
    pub(crate) time: Timestamp,
    pub(crate) link: LinkType,
    pub(crate) data: Vec<u8>,
    pub(crate) wire_len: u32,
}

/// What an end handed to its compressor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) opcode: u8,
    pub(crate) plain: Vec<u8>,
}

/// A whole capture.
pub(crate) struct Traffic {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) shots: Vec<Shot>,
    /// Packets up to the end of the handshake.
    pub(crate) opening: usize,
    /// Index of the packet and offset in it of each byte of a frame header, where that is known.
    pub(crate) headers: Vec<(usize, usize)>,
    /// Data messages, where the traffic was made here.
    pub(crate) sent: Option<PerPeer<Vec<Sent>>>,
    /// No byte is in the capture twice, so a message's packets do not depend on what is dropped.
    pub(crate) exact: bool,
    /// Datagrams came in IP fragments, of which only the last one counts as a message's packet.
    pub(crate) fragments: bool,
}

/// One direction's habits.
#[derive(Clone, Copy)]
struct Habit {
    level: u32,
    bits: u8,
    reset: bool,
}

const HABIT: Habit = Habit {
    level: 6,
    bits: 15,
    reset: false,
};

/// Writes a conversation.
struct Writer {
    tcp: Tcp,
    noise: Noise,
    engines: Option<PerPeer<Compressor>>,
    /// Bytes of a segment at the most.
    segment: usize,
    /// Frames wait here until they are sent together.
    waiting: PerPeer<(Vec<u8>, Vec<usize>)>,
    headers: Vec<(usize, usize)>,
    sent: PerPeer<Vec<Sent>>,
    unacked: usize,
    opening: usize,
}

/// Ethernet, IPv4 and TCP.
const HEADS: usize = 14 + 20 + 20;

impl Writer {
    fn new(seed: u64, segment: usize, habits: Option<PerPeer<Habit>>) -> Self {
        let offer = "permessage-deflate; client_max_window_bits";
        let (request, answer) = match habits {
            None => upgrade("", ""),
            Some(habits) => upgrade(offer, &agreement(habits)),
        };
        let mut tcp = Tcp::open();
        tcp.send(Peer::Client, &request);
        tcp.send(Peer::Server, &answer);
        Self {
            opening: tcp.packets.len(),
            tcp,
            noise: Noise::new(seed),
            engines: habits.map(|both| {
                PerPeer::from_fn(|peer| {
                    let habit: Habit = both[peer];
                    Compressor::new(habit.level, habit.bits, habit.reset)
                })
            }),
            segment,
            waiting: PerPeer::default(),
            headers: Vec::new(),
            sent: PerPeer::default(),
            unacked: 0,
        }
    }

    fn frame(&mut self, from: Peer, first: u8, payload: &[u8]) {
        let mut frame = framed(from, first, payload);
        if frame.mask.is_some() {
            frame.mask = Some(self.noise.key());
        }
        let bytes = frame.bytes();
        let (waiting, headers) = &mut self.waiting[from];
        let header = bytes.len() - payload.len();
        headers.extend((0..header).map(|i| waiting.len() + i));
        waiting.extend(bytes);
    }

    /// A message in so many fragments, with a ping between them where asked for.
    fn message(&mut self, from: Peer, opcode: u8, plain: &[u8], how: (bool, usize, bool)) {
        let (compressed, fragments, ping) = how;
        let payload = match &mut self.engines {
            Some(engines) if compressed => engines[from].message(plain),
            _ => plain.to_vec(),
        };
        let rsv1 = if compressed && self.engines.is_some() {
            0x40
        } else {
            0
        };
        let each = payload.len().div_ceil(fragments).max(1);
        let mut pieces: Vec<&[u8]> = payload.chunks(each).collect();
        if pieces.is_empty() {
            pieces.push(&[]);
        }
        let last = pieces.len() - 1;
        for (index, piece) in pieces.into_iter().enumerate() {
            let first = if index == 0 { opcode | rsv1 } else { 0 };
            let fin = if index == last { 0x80 } else { 0 };
            self.frame(from, first | fin, piece);
            if ping && index < last {
                self.frame(from, 0x89, b"are you there?");
            }
        }
        self.sent[from].push(Sent {
            opcode,
            plain: plain.to_vec(),
        });
    }

    /// Sends what waits, in segments, and has the other side acknowledge every other one.
    fn flush(&mut self, from: Peer) {
        let (bytes, headers) = std::mem::take(&mut self.waiting[from]);
        let first = self.tcp.packets.len();
        let mut places = Vec::new();
        for piece in bytes.chunks(self.segment) {
            places.push(self.tcp.packets.len());
            self.tcp.send(from, piece);
            self.unacked += 1;
            if self.unacked.is_multiple_of(2) {
                self.tcp.ack(from.other());
            }
        }
        assert!(first < self.tcp.packets.len() || bytes.is_empty());
        let place = |at: usize| (places[at / self.segment], HEADS + at % self.segment);
        self.headers.extend(headers.into_iter().map(place));
    }

    fn finish(mut self, kind: &'static str, name: String) -> Traffic {
        for from in Peer::BOTH {
            self.frame(from, 0x88, &[0x03, 0xe8]);
            self.flush(from);
        }
        for from in Peer::BOTH {
            self.tcp.fin(from);
        }
        self.tcp.ack(Peer::Client);
        let shots = (1..).zip(&self.tcp.packets).map(|(number, packet)| Shot {
            number,
            time: Timestamp(number * 1_000_000),
            link: LinkType::ETHERNET,
            data: packet.data.clone(),
            wire_len: u32::try_from(packet.wire_len).unwrap(),
        });
        Traffic {
            kind,
            name,
            shots: shots.collect(),
            opening: self.opening,
            headers: self.headers,
            sent: Some(self.sent),
            exact: true,
            fragments: false,
        }
    }
}

fn agreement(habits: PerPeer<Habit>) -> String {
    let mut text = "permessage-deflate".to_owned();
    for (peer, habit) in habits.iter() {
        if habit.bits < 15 {
            write!(text, "; {peer}_max_window_bits={}", habit.bits).unwrap();
        }
        if habit.reset {
            write!(text, "; {peer}_no_context_takeover").unwrap();
        }
    }
    text
}

const SYMBOLS: [&str; 8] = [
    "BTC-EUR", "ETH-EUR", "XMR-USD", "ADA-EUR", "DOT-USD", "SOL-EUR", "LTC-USD", "XRP-EUR",
];

fn tick(noise: &mut Noise, serial: usize) -> String {
    format!(
        "{{\"type\":\"tick\",\"symbol\":\"{}\",\"bid\":{}.{:02},\"ask\":{}.{:02},\"seq\":{serial},\"venue\":\"north\"}}",
        SYMBOLS[noise.below(8)],
        noise.between(100, 60_000),
        noise.below(100),
        noise.between(100, 60_000),
        noise.below(100),
    )
}

const WORDS: [&str; 24] = [
    "window",
    "slides",
    "over",
    "the",
    "bytes",
    "that",
    "were",
    "sent",
    "before",
    "and",
    "copies",
    "from",
    "them",
    "what",
    "it",
    "can",
    "größer",
    "als",
    "前の",
    "メッセージ",
    "reading",
    "river",
    "stone",
    "lantern",
];

fn document(noise: &mut Noise, len: usize, serial: usize) -> String {
    let mut text = format!("{{\"document\":{serial},\"rows\":[");
    while text.len() < len {
        write!(
            text,
            "{{\"id\":\"{:08x}\",\"score\":{},\"note\":\"",
            noise.next() & 0xffff_ffff,
            noise.below(10_000)
        )
        .unwrap();
        for _ in 0..noise.between(4, 16) {
            text += WORDS[noise.below(WORDS.len())];
            text.push(' ');
        }
        text += "\"},";
    }
    text += "{}]}";
    text
}

const WHOLE: (bool, usize, bool) = (true, 1, false);

/// Small messages that resemble each other; context takeover.
fn ticks(seed: u64) -> Writer {
    many_ticks(seed, 160)
}

fn many_ticks(seed: u64, count: usize) -> Writer {
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| HABIT)));
    for serial in 0..count {
        let text = tick(&mut writer.noise, serial);
        writer.message(Peer::Server, 1, text.as_bytes(), WHOLE);
        if !writer.noise.one_in(6) {
            writer.flush(Peer::Server);
        }
        if writer.noise.one_in(5) {
            let text = format!("{{\"type\":\"order\",\"of\":{serial},\"side\":\"buy\"}}");
            writer.message(Peer::Client, 1, text.as_bytes(), WHOLE);
            writer.flush(Peer::Client);
        }
    }
    writer.flush(Peer::Server);
    writer
}

/// Long messages over many segments; context takeover.
fn documents(seed: u64) -> Writer {
    many_documents(seed, 14)
}

fn many_documents(seed: u64, count: usize) -> Writer {
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| HABIT)));
    for serial in 0..count {
        let ask = format!("{{\"get\":\"/documents/{serial}\"}}");
        writer.message(Peer::Client, 1, ask.as_bytes(), WHOLE);
        writer.flush(Peer::Client);
        let len = writer.noise.between(8 << 10, 64 << 10);
        let text = document(&mut writer.noise, len, serial);
        writer.message(Peer::Server, 1, text.as_bytes(), WHOLE);
        writer.flush(Peer::Server);
    }
    writer
}

/// Bytes that do not compress, so stored blocks; some that do, between; context takeover.
fn noise(seed: u64) -> Writer {
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| HABIT)));
    for serial in 0..50 {
        let from = if writer.noise.one_in(3) {
            Peer::Client
        } else {
            Peer::Server
        };
        let len = writer.noise.between(60, 6000);
        let mut plain = writer.noise.bytes(len);
        if writer.noise.one_in(4) {
            plain = tick(&mut writer.noise, serial).repeat(3).into_bytes();
        }
        writer.message(from, 2, &plain, WHOLE);
        writer.flush(from);
    }
    writer
}

/// Compressed and plain, in fragments with pings between; the server resets, and the client's
/// window is small; frames do not begin with segments.
fn mixed(seed: u64) -> Writer {
    let habits = PerPeer {
        client: Habit { bits: 10, ..HABIT },
        server: Habit {
            bits: 9,
            reset: true,
            level: 9,
        },
    };
    let mut writer = Writer::new(seed, 700, Some(habits));
    for serial in 0..90 {
        let from = if writer.noise.one_in(2) {
            Peer::Client
        } else {
            Peer::Server
        };
        let len = [40, 200, 900, 2500][writer.noise.below(4)];
        let text = document(&mut writer.noise, len, serial);
        let how = (
            !writer.noise.one_in(4),
            writer.noise.between(1, 4),
            writer.noise.one_in(2),
        );
        writer.message(from, 1, text.as_bytes(), how);
        if !writer.noise.one_in(3) {
            writer.flush(from);
        }
    }
    for from in Peer::BOTH {
        writer.flush(from);
    }
    writer
}

/// Long masked messages of the client, each a little like the last; context takeover.
fn uploads(seed: u64) -> Writer {
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| HABIT)));
    let mut last = Vec::new();
    for serial in 0..9 {
        let len = writer.noise.between(6 << 10, 120 << 10);
        let mut plain = document(&mut writer.noise, len, serial).into_bytes();
        if serial % 3 == 1 {
            let again = last.len() / 2;
            plain.extend_from_slice(&last[again..]);
        }
        writer.message(Peer::Client, 2, &plain, WHOLE);
        writer.flush(Peer::Client);
        let answer = format!("{{\"stored\":{serial},\"bytes\":{}}}", plain.len());
        writer.message(Peer::Server, 1, answer.as_bytes(), WHOLE);
        writer.flush(Peer::Server);
        last = plain;
    }
    writer
}

/// Small messages; neither side keeps its context.
fn resets(seed: u64) -> Writer {
    let habit = Habit {
        reset: true,
        ..HABIT
    };
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| habit)));
    for serial in 0..110 {
        let from = if writer.noise.one_in(3) {
            Peer::Client
        } else {
            Peer::Server
        };
        let text = tick(&mut writer.noise, serial).repeat(1 + writer.noise.below(4));
        writer.message(from, 1, text.as_bytes(), WHOLE);
        writer.flush(from);
    }
    writer
}

/// Small messages, and between them more or less than a window of what does not compress: copies
/// reach over it or do not; context takeover.
fn islands(seed: u64) -> Writer {
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| HABIT)));
    for serial in 0..48 {
        let text = tick(&mut writer.noise, serial);
        writer.message(Peer::Server, 1, text.as_bytes(), WHOLE);
        writer.flush(Peer::Server);
        if serial % 8 == 7 {
            for _ in 0..writer.noise.between(3, 9) {
                let plain = writer.noise.bytes(4 << 10);
                writer.message(Peer::Server, 2, &plain, WHOLE);
                writer.flush(Peer::Server);
            }
        }
    }
    writer
}

/// Messages that share few bytes with those before; context takeover.
fn varied(seed: u64) -> Writer {
    many_varied(seed, 70)
}

fn many_varied(seed: u64, count: usize) -> Writer {
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| HABIT)));
    for serial in 0..count {
        let len = writer.noise.between(200, 1800);
        let mut text = format!("{serial}:");
        for byte in writer.noise.bytes(len) {
            write!(text, "{byte:02x}").unwrap();
        }
        writer.message(Peer::Server, 1, text.as_bytes(), WHOLE);
        writer.flush(Peer::Server);
    }
    writer
}

/// The same without an extension.
fn plain(seed: u64) -> Writer {
    let mut writer = Writer::new(seed, 1000, None);
    for serial in 0..80 {
        let from = if writer.noise.one_in(2) {
            Peer::Client
        } else {
            Peer::Server
        };
        let len = [60, 300, 1500, 5000][writer.noise.below(4)];
        let text = document(&mut writer.noise, len, serial);
        let how = (false, writer.noise.between(1, 3), writer.noise.one_in(2));
        writer.message(from, 1, text.as_bytes(), how);
        if !writer.noise.one_in(4) {
            writer.flush(from);
        }
    }
    for from in Peer::BOTH {
        writer.flush(from);
    }
    writer
}

/// Writes a conversation from a seed.
type Maker = fn(u64) -> Writer;

const KINDS: [(&str, Maker); 9] = [
    ("ticks", ticks),
    ("documents", documents),
    ("noise", noise),
    ("mixed", mixed),
    ("uploads", uploads),
    ("resets", resets),
    ("varied", varied),
    ("islands", islands),
    ("plain", plain),
];

/// A conversation of each kind, or of the one that is named.
pub(crate) fn made(seed: u64, only: Option<&str>) -> Vec<Traffic> {
    KINDS
        .iter()
        .filter(|(kind, _)| only.is_none_or(|only| only == *kind))
        .map(|(kind, make)| make(seed).finish(kind, format!("{kind} of seed {seed}")))
        .collect()
}

/// What cannot be read even where it is whole, see `tests/cases/applogs.rs`. And a server that compresses
/// although its answer does not say so: without that answer, wscope reads what the server meant.
const UNREADABLE: [&str; 5] = [
    "wss-tls12",
    "wss-tls13",
    "http2",
    "bzip2",
    "nginx-hidden-answer",
];

/// Captures that are whole and hold no byte twice; others cannot be the truth.
const DAMAGED: [&str; 4] = ["lost", "late", "cut", "snap"];
const TWICE: [&str; 7] = [
    "bad-link",
    "gtp",
    "l2tp",
    "netty-deflate-frame",
    "nflog",
    "ws-takeover-dup",
    "ws-fragments-dup",
];

/// The recorded captures of real peers that are whole.
pub(crate) fn recorded() -> Vec<Traffic> {
    let mut found = Vec::new();
    for path in common::captures() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let stem = name.split('.').next().unwrap().to_owned();
        let damage = stem.rsplit_once('-').map_or("", |(_, end)| end);
        let damaged = DAMAGED.contains(&damage.trim_end_matches(char::is_numeric));
        if damaged || UNREADABLE.iter().any(|other| stem.starts_with(other)) {
            continue;
        }
        let exact = !TWICE.contains(&stem.as_str());
        let inputs = vec![Input::from(path.as_os_str())];
        let mut source = Source::new(inputs, Limits::default());
        let (mut block, mut shots) = (Block::default(), Vec::new());
        while source.read(&mut block).unwrap() {
            shots.extend(block.packets().map(|packet| Shot {
                number: packet.place.number,
                time: packet.time,
                link: packet.link,
                data: packet.data.to_vec(),
                wire_len: packet.wire_len,
            }));
        }
        found.push(Traffic {
            kind: "recorded",
            name,
            opening: shots.len().min(6),
            shots,
            headers: Vec::new(),
            sent: None,
            exact,
            fragments: ["ip-fragments", "vxlan-fragments"].contains(&stem.as_str()),
        });
    }
    found
}

/// A server that keeps its context: small messages, 48 KiB that do not compress, small messages.
/// Says how many data messages stand before and behind.
pub(crate) fn healing(seed: u64) -> (Traffic, usize) {
    const SMALL: usize = 30;
    let mut writer = Writer::new(seed, 1448, Some(PerPeer::from_fn(|_| HABIT)));
    for serial in 0..SMALL {
        let text = tick(&mut writer.noise, serial);
        writer.message(Peer::Server, 1, text.as_bytes(), WHOLE);
        writer.flush(Peer::Server);
    }
    for _ in 0..12 {
        let plain = writer.noise.bytes(4 << 10);
        writer.message(Peer::Server, 2, &plain, WHOLE);
        writer.flush(Peer::Server);
    }
    for serial in 0..SMALL {
        let text = tick(&mut writer.noise, serial);
        writer.message(Peer::Server, 1, text.as_bytes(), WHOLE);
        writer.flush(Peer::Server);
    }
    (
        writer.finish("healing", format!("healing of seed {seed}")),
        SMALL,
    )
}

/// Long conversations of senders that keep their context.
pub(crate) fn long(seed: u64) -> Vec<Traffic> {
    let name = |kind: &str| format!("long {kind} of seed {seed}");
    vec![
        many_ticks(seed, 12_000).finish("ticks", name("ticks")),
        many_varied(seed, 600).finish("varied", name("varied")),
        many_documents(seed, 40).finish("documents", name("documents")),
    ]
}

/// A payload of RFC 7692 that ends its stream, for the oracle's own test.
pub(crate) fn final_block(plain: &[u8]) -> Vec<u8> {
    let mut out = Compressor::new(6, 15, false).deflate(plain, FlushCompress::Finish);
    out.push(0);
    out
}
