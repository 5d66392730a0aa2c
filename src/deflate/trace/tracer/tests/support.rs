//! Traffic to decode, and bits to write.

use proptest::prelude::*;
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Strategy as Huff};

use crate::deflate::{Parameters, Takeover, WindowBits};

/// How a sender compresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender {
    pub(super) level: i32,
    pub(super) strategy: Huff,
    pub(super) window_bits: u8,
    pub(super) mem_level: i32,
    pub(super) takeover: Takeover,
}

impl Sender {
    pub(super) const USUAL: Self = Self {
        level: 6,
        strategy: Huff::Default,
        window_bits: 15,
        mem_level: 8,
        takeover: Takeover::Keep,
    };

    pub(super) fn parameters(self) -> Parameters {
        Parameters {
            window_bits: WindowBits::new(self.window_bits).unwrap(),
            takeover: self.takeover,
        }
    }

    /// The compressed payloads of messages, without `00 00 ff ff`.
    pub(super) fn compress(self, messages: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut engine = Deflate::new_with_config(DeflateConfig {
            level: self.level,
            window_bits: -i32::from(self.window_bits),
            mem_level: self.mem_level,
            strategy: self.strategy,
            ..DeflateConfig::default()
        });
        let mut scratch = vec![0; 4 << 20];
        let one = |message: &Vec<u8>| {
            if self.takeover == Takeover::Reset {
                engine.reset();
            }
            let before = engine.total_out();
            engine
                .compress(message, &mut scratch, DeflateFlush::SyncFlush)
                .unwrap();
            let made = (engine.total_out() - before) as usize;
            let payload = scratch[..made].strip_suffix(&[0, 0, 0xff, 0xff]);
            // zlib does not flush twice; RFC 7692 §7.2.3.6 has the empty message as one byte.
            payload.map_or(vec![0], <[u8]>::to_vec)
        };
        messages.iter().map(one).collect()
    }
}

pub(super) fn sender() -> impl Strategy<Value = Sender> {
    let strategies = [
        Huff::Default,
        Huff::Filtered,
        Huff::HuffmanOnly,
        Huff::Rle,
        Huff::Fixed,
    ];
    let takeover = prop_oneof![3 => Just(Takeover::Keep), 1 => Just(Takeover::Reset)];
    (
        0..=9i32,
        prop::sample::select(strategies.to_vec()),
        9..=15u8,
        1..=9i32,
        takeover,
    )
        .prop_map(
            |(level, strategy, window_bits, mem_level, takeover)| Sender {
                level,
                strategy,
                window_bits,
                mem_level,
                takeover,
            },
        )
}

/// A message as a seed: what it is like, and how long.
pub(super) fn messages(most: usize) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let len = prop_oneof![3 => 0usize..300, 2 => 0usize..5000, 1 => 0usize..60_000];
    let one = (0u8..5, len, any::<u64>()).prop_map(|(kind, len, seed)| payload(kind, len, seed));
    prop::collection::vec(one, 1..most)
}

/// A small generator of numbers (xorshift).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % sides.max(1)
    }
}

pub(super) fn payload(kind: u8, len: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed | 1);
    let words = [
        "price", "volume", "user", "the", "hello", "{\"id\":", "},", "null", "2024-01-", "true",
    ];
    let mut bytes = Vec::new();
    while bytes.len() < len {
        match kind {
            0 => bytes.push(dice.roll(256) as u8),
            1 => bytes.extend(vec![dice.roll(4) as u8; dice.roll(700) as usize + 1]),
            2 => {
                let (id, price) = (dice.roll(1000), dice.roll(100_000));
                let line =
                    format!("{{\"symbol\":\"S{id}\",\"price\":{price}.5,\"side\":\"buy\"}}\n");
                bytes.extend(line.into_bytes());
            }
            3 => bytes.extend(words[dice.roll(10) as usize].bytes()),
            _ => bytes.push((dice.roll(16) * dice.roll(16)) as u8),
        }
    }
    bytes.truncate(len);
    bytes
}

/// Writes bits in the order of RFC 1951 §3.1.1.
#[derive(Default)]
pub(super) struct BitWriter {
    pub(super) bits: Vec<bool>,
}

impl BitWriter {
    /// A number, least significant bit first.
    pub(super) fn number(mut self, value: u32, len: u32) -> Self {
        self.bits.extend((0..len).map(|i| value >> i & 1 == 1));
        self
    }

    /// A Huffman code, most significant bit first.
    pub(super) fn code(mut self, code: &str) -> Self {
        self.bits.extend(code.bytes().map(|bit| bit == b'1'));
        self
    }

    /// Zeros to the end of the byte, and then these bytes.
    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.bits.resize(self.bits.len().next_multiple_of(8), false);
        bytes
            .iter()
            .fold(self, |w, byte| w.number(u32::from(*byte), 8))
    }

    pub(super) fn done(self) -> Vec<u8> {
        let whole = self.bytes(&[]).bits;
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |b, bit| b << 1 | u8::from(*bit));
        whole.chunks(8).map(byte).collect()
    }
}
