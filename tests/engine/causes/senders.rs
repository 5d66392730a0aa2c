//! Senders with the faults of real libraries, each in a few lines on top of zlib.

use flate2::{Compress, Compression, FlushCompress};
use wscope::base::{PacketRef, Stamp, Timestamp};
use wscope::check::causes::{Direction, Sent};
use wscope::deflate::{Parameters, Takeover, WindowBits};
use wscope_testkit::Noise;

/// What is wrong with a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Keeps its context although reset was agreed.
    KeepsContext,
    /// Resets although it may keep: legal.
    ResetsContext,
    /// Compresses, sends the plain message where that is shorter, and keeps the window.
    ThrowsAway,
    /// Sends a message that another compressor made.
    Elsewhere(usize),
    /// Compresses a message twice and sends the first result.
    Retries(usize),
    /// A zlib stream for each message, with its checksum.
    Zlib,
    /// One zlib stream for all messages.
    ZlibOnce,
    /// A gzip file for each message.
    Gzip,
    /// Each frame flushed and cut off on its own.
    PerFrame,
}

/// A faulty sender that speaks `say`.
pub(crate) struct Sender {
    engine: Compress,
    fault: Fault,
    resets: bool,
    pub(crate) direction: Direction,
}

pub(crate) fn deflate(engine: &mut Compress, plain: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() * 2 + 1024);
    engine.compress_vec(plain, &mut out, flush).unwrap();
    out
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]));
    bytes.truncate(bytes.len() - 4);
    bytes
}

impl Sender {
    pub(crate) fn new(fault: Fault, agreed: Parameters, bits: u8) -> Self {
        let wrapped = fault == Fault::ZlibOnce;
        let level = Compression::new(6);
        Self {
            engine: Compress::new_with_window_bits(level, wrapped, bits),
            fault,
            resets: match fault {
                Fault::KeepsContext => false,
                Fault::ResetsContext => true,
                _ => agreed.takeover == Takeover::Reset,
            },
            direction: Direction {
                parameters: agreed,
                ..Direction::default()
            },
        }
    }

    pub(crate) fn say(&mut self, plain: &[u8], is_text: bool) {
        let index = self.direction.messages.len();
        if self.resets {
            self.engine.reset();
        }
        let pieces: Vec<&[u8]> = match self.fault {
            Fault::PerFrame => plain.chunks(plain.len() / 3 + 1).collect(),
            _ => vec![plain],
        };
        let mut compressed = true;
        let mut frames = Vec::new();
        for piece in pieces {
            frames.push(match self.fault {
                Fault::Zlib => {
                    let mut engine = Compress::new(Compression::new(6), true);
                    deflate(&mut engine, piece, FlushCompress::Finish)
                }
                Fault::Gzip => {
                    let mut engine = Compress::new_gzip(Compression::new(6), 15);
                    deflate(&mut engine, piece, FlushCompress::Finish)
                }
                Fault::Elsewhere(at) if at == index => {
                    let mut engine = Compress::new(Compression::new(6), false);
                    cut(deflate(&mut engine, piece, FlushCompress::Sync))
                }
                _ => cut(deflate(&mut self.engine, piece, FlushCompress::Sync)),
            });
        }
        if self.fault == Fault::Retries(index) {
            deflate(&mut self.engine, plain, FlushCompress::Sync);
        }
        if self.fault == Fault::ThrowsAway && frames[0].len() >= plain.len() {
            compressed = false;
            frames = vec![plain.to_vec()];
        }
        self.push(frames, compressed, is_text);
    }

    pub(crate) fn push(&mut self, frames: Vec<Vec<u8>>, compressed: bool, is_text: bool) {
        let number = self.direction.messages.len() as u64 + 1;
        self.direction.messages.push(Sent {
            number,
            is_text,
            compressed,
            frames,
            at: Stamp {
                packet: PacketRef::new(0, number),
                time: Timestamp(number),
            },
            lost: false,
        });
    }
}

const WORDS: [&str; 24] = [
    "order", "market", "price", "élan", "quantity", "filled", "venue", "naïve", "session",
    "latency", "trader", "über", "spread", "volume", "closing", "auction", "quote", "symbol",
    "depth", "tick", "margin", "hedge", "curve", "swap",
];

/// Kinds of payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Prose,
    Binary,
}

pub(crate) fn payload(kind: Kind, numbers: &mut Noise) -> Vec<u8> {
    let mut word = || WORDS[numbers.below(24)];
    match kind {
        Kind::Json => {
            let words: Vec<_> = (0..6).map(|_| word()).collect();
            let keys = words.join("\",\"");
            let (a, b) = (numbers.below(1_000_000), numbers.below(100_000));
            format!(
                "{{\"type\":\"{}\",\"id\":{a},\"tags\":[\"{keys}\"],\"value\":{b}}}",
                words[0]
            )
            .into_bytes()
        }
        Kind::Prose => {
            let words: Vec<_> = (0..40).map(|_| word()).collect();
            words.join(" ").into_bytes()
        }
        Kind::Binary => {
            let mut bytes = Vec::new();
            for _ in 0..30 {
                let kind = numbers.below(4) as u8;
                bytes.extend_from_slice(&[kind, 0, 0x10, 0x20 + kind, 0, 7]);
                let value = numbers.below(5000) as u64;
                bytes.extend_from_slice(&value.to_be_bytes());
            }
            bytes
        }
    }
}

/// Bytes that do not shrink, as text.
pub(crate) fn noise(numbers: &mut Noise) -> Vec<u8> {
    let len = 12 + numbers.below(20);
    (0..len).map(|_| 33 + numbers.below(90) as u8).collect()
}

pub(crate) fn parameters(takeover: Takeover, bits: u8) -> Parameters {
    Parameters {
        takeover,
        window_bits: WindowBits::new(bits).unwrap(),
    }
}
