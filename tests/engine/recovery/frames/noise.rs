//! Numbers, texts and bytes that a seed determines.

use std::fmt::Write;

/// A generator.
#[derive(Debug, Clone)]
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).unwrap() % bound.max(1)
    }

    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[1]
    }

    pub fn key(&mut self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.next().to_le_bytes();
        [a, b, c, d]
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(len + 4);
        while bytes.len() < len {
            bytes.extend_from_slice(&self.key());
        }
        bytes.truncate(len);
        bytes
    }

    pub fn bytes_between(&mut self, least: usize, most: usize) -> Vec<u8> {
        let len = self.between(least, most);
        self.bytes(len)
    }

    pub fn digits(&mut self, least: usize, most: usize) -> Vec<u8> {
        let len = self.between(least, most);
        (0..len).map(|_| b'0' + self.byte() % 10).collect()
    }

    /// A small object, as an application sends it.
    pub fn json(&mut self) -> Vec<u8> {
        let kind = ["tick", "trade", "depth", "ack", "presence"][self.below(5)];
        let mut text = format!(
            "{{\"type\":\"{kind}\",\"seq\":{},\"price\":{}.{:02}",
            self.below(1_000_000),
            self.below(90_000),
            self.below(100)
        );
        for _ in 0..self.below(6) {
            let name = ["side", "room", "user", "note", "size"][self.below(5)];
            write!(text, ",\"{name}\":\"{:x}\"", self.next()).unwrap();
        }
        text.push('}');
        text.into_bytes()
    }

    /// Words of scripts whose bytes look like headers.
    pub fn unicode(&mut self) -> Vec<u8> {
        let words = [
            "привет",
            " мир",
            ", с ",
            "тест",
            "に、",
            "。",
            " ünï ",
            "あ",
            " б",
        ];
        let count = self.between(2, 60);
        let text: String = (0..count).map(|_| words[self.below(words.len())]).collect();
        text.into_bytes()
    }

    /// Sound near silence, small numbers in little-endian order, pixels.
    pub fn samples(&mut self) -> Vec<u8> {
        let len = self.between(8, 900);
        match self.below(3) {
            0 => (0..len).map(|_| 0x7e + self.byte() % 6).collect(),
            1 => (0..len / 4)
                .flat_map(|_| u32::try_from(self.below(700)).unwrap().to_le_bytes())
                .collect(),
            _ => {
                let pixel = [0, self.byte(), 0x82, 0xff];
                pixel.iter().cycle().take(len).copied().collect()
            }
        }
    }
}
