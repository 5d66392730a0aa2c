//! Numbers, texts and bytes that a seed determines.

use std::fmt::Write;
use std::ops::{Deref, DerefMut};

/// The testkit's generator, with what is sent in conversations on top.
#[derive(Debug, Clone)]
pub struct Noise(wscope_testkit::Noise);

impl Deref for Noise {
    type Target = wscope_testkit::Noise;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Noise {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(wscope_testkit::Noise::new(seed.wrapping_add(1)))
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
