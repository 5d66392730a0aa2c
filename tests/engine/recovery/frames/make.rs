//! Conversations of many kinds of senders, of which every segment and every frame is known.
//!
//! Job: make what a loss is then cut out of. Input: a seed. Output: [`Talk`]s.

use flate2::{Compress, Compression, FlushCompress};
use wscope::base::{Peer, PerPeer};

use super::noise::Noise;

/// A frame of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Offset of its header among the bytes of its direction.
    pub at: u64,
    /// Bytes of its header.
    pub header: u64,
    /// Bytes of its payload.
    pub payload: u64,
    /// Number of its message in its direction.
    pub message: usize,
}

impl Frame {
    /// Offset of the first byte after it.
    pub fn end(&self) -> u64 {
        self.at + self.header + self.payload
    }
}

/// A TCP segment.
#[derive(Debug, Clone)]
pub struct Segment {
    pub from: Peer,
    /// Offset of its first byte among the bytes of its direction.
    pub at: u64,
    pub bytes: Vec<u8>,
}

/// A conversation after its handshake.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    pub segments: Vec<Segment>,
    pub frames: PerPeer<Vec<Frame>>,
    /// Compression was agreed.
    pub deflate: bool,
    /// What its senders do, for whoever reads a failure.
    pub styles: String,
}

/// How a sender cuts its frames into segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One write a frame.
    Each,
    /// A write holds up to so many frames.
    Several(usize),
    /// The header is a write of its own, and the payload another one.
    Apart,
    /// Frames are written faster than they are sent: segments are full, wherever frames begin.
    Stream,
}

/// What a sender says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    Json,
    Unicode,
    Random,
    Samples,
    /// The same message again and again.
    Same,
    /// Messages of a few bytes.
    Short,
    /// Messages of up to so many KiB.
    Large(usize),
    /// Something of everything.
    Mixed,
}

/// One sender.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub layout: Layout,
    pub words: Words,
    pub binary: bool,
    /// One message in so many is sent in fragments; 0: none.
    pub fragments: usize,
    /// A ping comes before one message in so many; 0: none.
    pub pings: usize,
    /// Bytes of a segment at the most.
    pub segment: usize,
}

impl Style {
    fn any(noise: &mut Noise) -> Self {
        let layout = match noise.below(10) {
            0..=3 => Layout::Each,
            4..=5 => Layout::Several(noise.between(2, 8)),
            6..=7 => Layout::Apart,
            _ => Layout::Stream,
        };
        let words = match noise.below(14) {
            0..=2 => Words::Json,
            3 => Words::Unicode,
            4..=5 => Words::Random,
            6 => Words::Samples,
            7 => Words::Same,
            8..=9 => Words::Short,
            10 => Words::Large(16),
            11 => Words::Large(120),
            _ => Words::Mixed,
        };
        Self {
            layout,
            words,
            binary: noise.one_in(3),
            fragments: if noise.one_in(4) { 3 } else { 0 },
            pings: if noise.one_in(4) { 8 } else { 0 },
            segment: [1448, 1448, 1448, 1460, 1220, 536, 8948][noise.below(7)],
        }
    }
}

struct Sender {
    from: Peer,
    style: Style,
    engine: Option<(Compress, bool)>,
    same: Vec<u8>,
    /// Bytes written and not sent.
    waiting: Vec<u8>,
    /// Where the waiting bytes are cut: a write ends.
    frames_waiting: usize,
    written: u64,
    sent: u64,
    messages: usize,
}

/// Makes a conversation of about so many messages in each direction.
pub fn talk(seed: u64, messages: usize) -> Talk {
    let noise = &mut Noise::new(seed);
    let deflate = noise.one_in(3);
    let mut senders = PerPeer::from_fn(|from| {
        let style = Style::any(noise);
        let level = Compression::new([1, 6, 9][noise.below(3)]);
        let engine = (deflate && !noise.one_in(6)).then(|| {
            let engine = Compress::new_with_window_bits(level, false, 15);
            (engine, noise.one_in(4))
        });
        Sender {
            from,
            style,
            engine,
            same: noise.bytes_between(3, 90),
            waiting: Vec::new(),
            frames_waiting: 0,
            written: 0,
            sent: 0,
            messages: 0,
        }
    });
    let mut talk = Talk {
        deflate,
        styles: format!("{:?}", PerPeer::from_fn(|peer| senders[peer].style)),
        ..Talk::default()
    };
    let turns = noise.between(1, 4);
    while senders.iter().any(|(_, sender)| sender.messages < messages) {
        let from = if noise.one_in(turns + 1) {
            Peer::Client
        } else {
            Peer::Server
        };
        let pinged = senders[from].turn(noise, &mut talk);
        if let Some(payload) = pinged {
            let other = &mut senders[from.other()];
            other.frame(0x8a, &payload, noise, &mut talk);
            other.messages += 1;
            other.flush(&mut talk);
        }
    }
    for from in Peer::BOTH {
        senders[from].flush(&mut talk);
    }
    talk
}

impl Sender {
    /// A message, and the payload of the ping before it.
    fn turn(&mut self, noise: &mut Noise, talk: &mut Talk) -> Option<Vec<u8>> {
        let pings = self.style.pings > 0 && noise.one_in(self.style.pings);
        let ping = pings.then(|| {
            let len = if noise.one_in(2) {
                0
            } else {
                noise.between(2, 20)
            };
            let payload = noise.bytes(len);
            self.frame(0x89, &payload, noise, talk);
            self.messages += 1;
            payload
        });
        let (plain, text) = self.words(noise);
        let (payload, rsv1) = match &mut self.engine {
            Some((engine, reset)) if plain.len() > 1 => (deflate(engine, *reset, &plain), 0x40),
            _ => (plain, 0),
        };
        let opcode = if text { 1 } else { 2 } | rsv1;
        let apart = self.style.fragments > 0 && noise.one_in(self.style.fragments);
        let pieces = if apart { noise.between(2, 5) } else { 1 };
        let each = payload.len().div_ceil(pieces).max(1);
        let pieces: Vec<&[u8]> = payload.chunks(each).collect();
        let last = pieces.len().max(1) - 1;
        for index in 0..=last {
            let piece = pieces.get(index).copied().unwrap_or_default();
            let first = if index == 0 { opcode } else { 0 };
            let fin = if index == last { 0x80 } else { 0 };
            self.frame(first | fin, piece, noise, talk);
        }
        self.messages += 1;
        if self.style.layout != Layout::Stream || noise.one_in(30) {
            let more =
                matches!(self.style.layout, Layout::Several(most) if self.frames_waiting < most);
            if !more || noise.one_in(4) {
                self.flush(talk);
            }
        }
        ping
    }

    fn words(&mut self, noise: &mut Noise) -> (Vec<u8>, bool) {
        let words = match self.style.words {
            Words::Mixed => {
                [Words::Json, Words::Random, Words::Short, Words::Large(4)][noise.below(4)]
            }
            words => words,
        };
        let text = !self.style.binary;
        let bytes = match words {
            Words::Json | Words::Mixed => noise.json(),
            Words::Unicode => noise.unicode(),
            Words::Random => return (noise.bytes_between(1, 700), false),
            Words::Samples => return (noise.samples(), false),
            Words::Same if text => noise_free_text(&self.same),
            Words::Same => self.same.clone(),
            Words::Short if text => noise.digits(0, 9),
            Words::Short => noise.bytes_between(0, 9),
            Words::Large(most) => {
                let len = noise.between(200, most << 10);
                if !text {
                    return (noise.bytes(len), false);
                }
                let mut bytes = Vec::new();
                while bytes.len() < len {
                    bytes.extend(noise.json());
                }
                bytes
            }
        };
        (bytes, text)
    }

    fn frame(&mut self, first: u8, payload: &[u8], noise: &mut Noise, talk: &mut Talk) {
        let key = (self.from == Peer::Client).then(|| noise.key());
        let header = header(first, payload.len(), key);
        talk.frames[self.from].push(Frame {
            at: self.written,
            header: header.len() as u64,
            payload: payload.len() as u64,
            message: self.messages,
        });
        self.written += (header.len() + payload.len()) as u64;
        self.waiting.extend_from_slice(&header);
        if self.style.layout == Layout::Apart && !payload.is_empty() {
            self.flush(talk);
        }
        match key {
            None => self.waiting.extend_from_slice(payload),
            Some(key) => {
                let masked = payload.iter().zip(key.iter().cycle());
                self.waiting.extend(masked.map(|(byte, key)| byte ^ key));
            }
        }
        self.frames_waiting += 1;
        match self.style.layout {
            Layout::Each | Layout::Apart => self.flush(talk),
            Layout::Several(_) => {}
            Layout::Stream => {
                let full = self.waiting.len() / self.style.segment * self.style.segment;
                self.send(full, talk);
            }
        }
    }

    fn flush(&mut self, talk: &mut Talk) {
        self.send(self.waiting.len(), talk);
        self.frames_waiting = 0;
    }

    fn send(&mut self, len: usize, talk: &mut Talk) {
        let rest = self.waiting.split_off(len);
        for piece in self.waiting.chunks(self.style.segment) {
            talk.segments.push(Segment {
                from: self.from,
                at: self.sent,
                bytes: piece.to_vec(),
            });
            self.sent += piece.len() as u64;
        }
        self.waiting = rest;
    }
}

/// RFC 6455 §5.2.
pub fn header(first: u8, len: usize, key: Option<[u8; 4]>) -> Vec<u8> {
    let mask = if key.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match len {
        0..126 => bytes.push(mask | u8::try_from(len).unwrap()),
        126..65_536 => {
            bytes.push(mask | 0x7e);
            bytes.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(mask | 0x7f);
            bytes.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    bytes.extend(key.into_iter().flatten());
    bytes
}

/// RFC 7692 §7.2.1.
fn deflate(engine: &mut Compress, reset: bool, mut plain: &[u8]) -> Vec<u8> {
    if reset {
        engine.reset();
    }
    let mut out = Vec::with_capacity(plain.len() + 1024);
    loop {
        let before = engine.total_in();
        engine
            .compress_vec(plain, &mut out, FlushCompress::Sync)
            .unwrap();
        plain = &plain[usize::try_from(engine.total_in() - before).unwrap()..];
        if plain.is_empty() && out.len() < out.capacity() {
            out.truncate(out.len() - 4);
            return out;
        }
        out.reserve(4096);
    }
}

fn noise_free_text(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| b'a' + byte % 26).collect()
}
