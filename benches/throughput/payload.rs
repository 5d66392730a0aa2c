//! What the applications say: JSON as tickers, chats and document stores send it.

use std::fmt::Write;

use super::random::Random;

const PRODUCTS: [&str; 12] = [
    "BTC-EUR", "ETH-EUR", "SOL-EUR", "ADA-EUR", "DOT-EUR", "XRP-USD", "LTC-USD", "BTC-USD",
    "ETH-USD", "AVAX-USD", "LINK-EUR", "ATOM-USD",
];
const NAMES: [&str; 10] = [
    "mira", "jonas", "aiko", "tariq", "lena", "pavel", "rosa", "emeka", "ingrid", "chidi",
];
const WORDS: [&str; 48] = [
    "the", "a", "we", "you", "it", "they", "can", "will", "should", "see", "send", "check",
    "deploy", "restart", "server", "socket", "order", "price", "market", "window", "message",
    "client", "today", "tomorrow", "again", "soon", "never", "with", "without", "from", "into",
    "over", "under", "report", "number", "customer", "ticket", "invoice", "please", "thanks",
    "looks", "works", "fails", "and", "or", "but", "because", "then",
];

/// Makes payloads of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    random: Random,
    sequence: u64,
    price: u64,
    room: u64,
}

impl Author {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            sequence: 1_000_000 + random.below(1 << 30),
            price: 100_000 + random.below(6_000_000),
            room: random.below(500),
            random,
        }
    }

    /// A message of about 200 bytes.
    pub(crate) fn small(&mut self, client: bool, out: &mut Vec<u8>) {
        let mut text = String::new();
        match (client, self.random.below(4)) {
            (true, 0..=2) | (false, 0) => self.chat(&mut text),
            (true, _) => self.order(&mut text),
            (false, _) => self.ticker(&mut text),
        }
        out.extend_from_slice(text.as_bytes());
    }

    /// A JSON array of at least `len` bytes.
    pub(crate) fn document(&mut self, len: usize, out: &mut Vec<u8>) {
        let mut text = String::from("{\"version\":3,\"records\":[");
        while text.len() < len {
            if text.ends_with('}') {
                text.push(',');
            }
            match self.random.below(5) {
                0 => self.chat(&mut text),
                1 => self.order(&mut text),
                2 => self.ticker(&mut text),
                _ => self.record(&mut text),
            }
        }
        text.push_str("]}");
        out.extend_from_slice(text.as_bytes());
    }

    /// Bytes of no pattern.
    pub(crate) fn binary(&mut self, len: usize, out: &mut Vec<u8>) {
        out.extend((0..len.div_ceil(8)).flat_map(|_| self.random.next().to_le_bytes()));
        out.truncate(len);
    }

    fn step(&mut self) -> (u64, u64, u64) {
        self.sequence += 1 + self.random.below(3);
        self.price = (self.price + self.random.below(400))
            .saturating_sub(200)
            .max(100);
        let spread = 1 + self.random.below(60);
        (
            self.price,
            self.price.saturating_sub(spread),
            self.price + spread,
        )
    }

    fn ticker(&mut self, text: &mut String) {
        let (price, bid, ask) = self.step();
        let (sequence, time) = (self.sequence, self.time());
        let product = self.random.pick(&PRODUCTS);
        let volume = self.random.below(90_000_000);
        let _ = write!(
            text,
            r#"{{"type":"ticker","sequence":{sequence},"product_id":"{product}","price":"{}.{:02}","bid":"{}.{:02}","ask":"{}.{:02}","volume_24h":"{}.{:04}","last_size":"0.{:06}","time":"{time}"}}"#,
            price / 100,
            price % 100,
            bid / 100,
            bid % 100,
            ask / 100,
            ask % 100,
            volume / 10_000,
            volume % 10_000,
            self.random.below(1_000_000),
        );
    }

    fn chat(&mut self, text: &mut String) {
        self.sequence += 1;
        let time = self.time();
        let words = 5 + self.random.below(16);
        let _ = write!(
            text,
            r#"{{"type":"chat","room":"room-{}","id":{},"from":"{}","time":"{time}","text":""#,
            self.room,
            self.sequence,
            self.random.pick(&NAMES),
        );
        for word in 0..words {
            text.push_str(if word == 0 { "" } else { " " });
            text.push_str(self.random.pick(&WORDS));
        }
        text.push_str(match self.random.below(12) {
            0 => " \u{2615}",
            1 => "\\n\\\"quoted\\\"",
            _ => ".",
        });
        let _ = write!(text, r#"","reply_to":{}}}"#, self.sequence - 1);
    }

    fn order(&mut self, text: &mut String) {
        let (price, ..) = self.step();
        let _ = write!(
            text,
            r#"{{"op":"order","id":"{:016x}-{:04x}","product_id":"{}","side":"{}","price":"{}.{:02}","size":"0.{:05}","post_only":{},"time":"{}"}}"#,
            self.random.next(),
            self.random.below(1 << 16),
            self.random.pick(&PRODUCTS),
            self.random.pick(&["buy", "sell"]),
            price / 100,
            price % 100,
            self.random.below(100_000),
            self.random.once_in(3),
            self.time(),
        );
    }

    fn record(&mut self, text: &mut String) {
        self.sequence += 1;
        let _ = write!(
            text,
            r#"{{"_id":"{:016x}","revision":{},"owner":"{}","tags":["{}","{}"],"score":{}.{:03},"active":{},"title":"{} {} {}"}}"#,
            self.random.next(),
            self.sequence,
            self.random.pick(&NAMES),
            self.random.pick(&WORDS),
            self.random.pick(&WORDS),
            self.random.below(100),
            self.random.below(1000),
            !self.random.once_in(4),
            self.random.pick(&WORDS),
            self.random.pick(&WORDS),
            self.random.pick(&WORDS),
        );
    }

    fn time(&mut self) -> String {
        let second = self.sequence / 7;
        format!(
            "2024-05-01T{:02}:{:02}:{:02}.{:06}Z",
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
            self.random.below(1_000_000)
        )
    }
}
