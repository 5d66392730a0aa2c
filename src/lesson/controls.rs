//! What can be set in the lab.
//!
//! Job: name each control, and hold values against what zlib and the RFCs allow. Input: words.
//! Output: [`Controls`]. RFC 7692 §7.1, RFC 6455 §5.3, §5.4.

use std::fmt::Write;

use wscope_stock_zlib::{Settings, Strategy as Zlib};

use super::hex;
use crate::base::{Peer, PerPeer};
use crate::deflate::{Agreement, Parameters, Takeover, WindowBits};

/// RFC 6455 §5.7: the masking key of the examples.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Which symbols and codes the compressors use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// zlib chooses.
    #[default]
    Default,
    /// The fixed codes only.
    Fixed,
    /// Literals only.
    Huffman,
    /// Stored blocks: level 0.
    Stored,
}

/// What a proxy between the two takes out of the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxy {
    /// Nothing, or there is none.
    #[default]
    Passes,
    /// `Sec-WebSocket-Extensions` of the request: the server sees no offer.
    StripsOffer,
    /// `Sec-WebSocket-Extensions` of the response: the client sees no answer.
    StripsAnswer,
}

/// How the two sides send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Controls {
    /// Compression is offered and agreed.
    pub compression: bool,
    /// Window and takeover of each sender.
    pub sides: PerPeer<Parameters>,
    /// zlib's level, 0 to 9.
    pub level: u8,
    /// zlib's memory level, 1 to 9.
    pub memory_level: u8,
    /// Which symbols and codes it uses.
    pub strategy: Strategy,
    /// The most payload bytes of a frame; 0 for no limit.
    pub fragment: usize,
    /// What the client masks with.
    pub key: [u8; 4],
    /// Messages with fewer bytes go as they are.
    pub threshold: usize,
    /// What is between the two.
    pub proxy: Proxy,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            compression: true,
            sides: PerPeer::from_fn(|_| Parameters::default()),
            level: Settings::DEFAULT.level,
            memory_level: Settings::DEFAULT.memory_level,
            strategy: Strategy::Default,
            fragment: 0,
            key: KEY,
            threshold: 0,
            proxy: Proxy::Passes,
        }
    }
}

/// Each control: its name, the values it takes, and what it does.
pub const NAMES: [(&str, &str, &str); 14] = [
    ("compression", "on|off", "permessage-deflate is agreed"),
    ("window", "9-15", "window bits of both sides"),
    ("client-window", "9-15", "window bits of the client"),
    ("server-window", "9-15", "window bits of the server"),
    (
        "takeover",
        "keep|reset",
        "what both sides do with their windows between messages",
    ),
    ("client-takeover", "keep|reset", "the same, of the client"),
    ("server-takeover", "keep|reset", "the same, of the server"),
    ("level", "0-9", "zlib's level"),
    ("memory-level", "1-9", "zlib's memory level"),
    (
        "strategy",
        "default|fixed|huffman|stored",
        "which codes zlib uses",
    ),
    (
        "fragment",
        "BYTES",
        "the most payload bytes of a frame; 0 for one frame",
    ),
    ("key", "HEX", "the client's masking key, four bytes"),
    (
        "threshold",
        "BYTES",
        "messages with fewer bytes are not compressed",
    ),
    (
        "proxy",
        "none|offer|answer",
        "what a proxy takes out of the handshake",
    ),
];

impl Controls {
    /// Sets a control by its name. What comes back is to be said: the value was made another.
    pub fn set(&mut self, name: &str, value: &str) -> Result<Option<&'static str>, String> {
        let Some((name, takes, _)) = NAMES.iter().find(|(known, ..)| *known == name) else {
            return Err(unknown(name));
        };
        let wrong = || format!("{name} takes {takes}, not {value:?}");
        let (peers, plain) = sides_of(name);
        match plain {
            "compression" => {
                self.compression =
                    one_of(value, &[("on", true), ("off", false)]).ok_or_else(wrong)?;
            }
            "window" => {
                let bits = value
                    .parse()
                    .ok()
                    .and_then(WindowBits::new)
                    .ok_or_else(wrong)?;
                let smallest = bits == WindowBits::MIN;
                let bits = if smallest {
                    WindowBits::new(9).unwrap_or(bits)
                } else {
                    bits
                };
                for peer in peers {
                    self.sides[*peer].window_bits = bits;
                }
                return Ok(smallest
                    .then_some("zlib compresses with no window below 9 bits: 8 is taken for 9"));
            }
            "takeover" => {
                let known = [("keep", Takeover::Keep), ("reset", Takeover::Reset)];
                let takeover = one_of(value, &known).ok_or_else(wrong)?;
                for peer in peers {
                    self.sides[*peer].takeover = takeover;
                }
            }
            "level" => self.level = within(value, 0, 9).ok_or_else(wrong)?,
            "memory-level" => self.memory_level = within(value, 1, 9).ok_or_else(wrong)?,
            "strategy" => self.strategy = one_of(value, &STRATEGIES).ok_or_else(wrong)?,
            "fragment" => self.fragment = value.parse().map_err(|_| wrong())?,
            "threshold" => self.threshold = value.parse().map_err(|_| wrong())?,
            "key" => {
                let bytes = hex::bytes(value).map_err(|_| wrong())?;
                self.key = bytes.try_into().map_err(|_| wrong())?;
            }
            _ => self.proxy = one_of(value, &PROXIES).ok_or_else(wrong)?,
        }
        Ok(None)
    }
}

const STRATEGIES: [(&str, Strategy); 4] = [
    ("default", Strategy::Default),
    ("fixed", Strategy::Fixed),
    ("huffman", Strategy::Huffman),
    ("stored", Strategy::Stored),
];

const PROXIES: [(&str, Proxy); 3] = [
    ("none", Proxy::Passes),
    ("offer", Proxy::StripsOffer),
    ("answer", Proxy::StripsAnswer),
];

/// Whose control it is, and its name without them.
fn sides_of(name: &str) -> (&'static [Peer], &str) {
    match name.split_once('-') {
        Some(("client", plain)) => (&[Peer::Client], plain),
        Some(("server", plain)) => (&[Peer::Server], plain),
        _ => (&Peer::BOTH, name),
    }
}

fn one_of<T: Copy>(value: &str, known: &[(&str, T)]) -> Option<T> {
    let found = known.iter().find(|(name, _)| *name == value);
    found.map(|(_, meant)| *meant)
}

fn name_of<T: PartialEq>(value: &T, known: &[(&'static str, T)]) -> &'static str {
    let found = known.iter().find(|(_, meant)| meant == value);
    found.map_or("", |(name, _)| name)
}

fn within(value: &str, first: u8, last: u8) -> Option<u8> {
    value
        .parse()
        .ok()
        .filter(|value| (first..=last).contains(value))
}

fn unknown(name: &str) -> String {
    let near = NAMES
        .iter()
        .map(|(known, ..)| (strsim::damerau_levenshtein(name, known), known));
    if let Some((0..=3, known)) = near.min() {
        return format!("there is no control {name:?}; is it {known:?}?");
    }
    let names: Vec<_> = NAMES.iter().map(|(name, ..)| *name).collect();
    format!(
        "there is no control {name:?}; there are {}",
        names.join(", ")
    )
}

impl Controls {
    /// A control's value as it is typed; of both sides where they are the same, else the client's
    /// and the server's with a slash between.
    pub fn value(&self, name: &str) -> String {
        let (peers, plain) = sides_of(name);
        let each = |of: &dyn Fn(Parameters) -> String| {
            let mut values: Vec<_> = peers.iter().map(|peer| of(self.sides[*peer])).collect();
            values.dedup();
            values.join("/")
        };
        match plain {
            "compression" => if self.compression { "on" } else { "off" }.to_owned(),
            "window" => each(&|side| side.window_bits.to_string()),
            "takeover" => each(&|side| match side.takeover {
                Takeover::Keep => "keep".to_owned(),
                Takeover::Reset => "reset".to_owned(),
            }),
            "level" => self.level.to_string(),
            "memory-level" => self.memory_level.to_string(),
            "strategy" => name_of(&self.strategy, &STRATEGIES).to_owned(),
            "fragment" => self.fragment.to_string(),
            "threshold" => self.threshold.to_string(),
            "key" => crate::page::words::hex(&self.key, |_| true),
            "proxy" => name_of(&self.proxy, &PROXIES).to_owned(),
            _ => String::new(),
        }
    }

    /// Sets a control to its next value, or to the one before it.
    pub fn turn(&mut self, name: &str, by: isize) {
        let values: Vec<String> = match sides_of(name).1 {
            "window" => (9..=15).map(|bits: u8| bits.to_string()).collect(),
            "level" => (0..=9).map(|level: u8| level.to_string()).collect(),
            "memory-level" => (1..=9).map(|level: u8| level.to_string()).collect(),
            "fragment" => ["0", "1", "3", "10", "125", "126", "1000"]
                .map(str::to_owned)
                .to_vec(),
            "threshold" => ["0", "8", "32", "64", "128", "1024"]
                .map(str::to_owned)
                .to_vec(),
            "key" => ["37 fa 21 3d", "00 00 00 00", "ff 00 ff 00"]
                .map(str::to_owned)
                .to_vec(),
            _ => {
                let takes = NAMES.iter().find(|(known, ..)| *known == name);
                let takes = takes.map_or("", |(_, takes, _)| *takes);
                takes.split('|').map(str::to_owned).collect()
            }
        };
        let value = self.value(name);
        let last = values.len().saturating_sub(1);
        let to = match values.iter().position(|known| *known == value) {
            // Lists that are no scale go round.
            Some(at) if by < 0 && at == 0 && values.iter().all(|v| v.parse::<u32>().is_err()) => {
                last
            }
            Some(at)
                if at == last && by > 0 && values.iter().all(|v| v.parse::<u32>().is_err()) =>
            {
                0
            }
            Some(at) => at.saturating_add_signed(by).min(last),
            None => 0,
        };
        if let Some(value) = values.get(to) {
            // It is one of those that it takes.
            let _ = self.set(name, value);
        }
    }

    /// Those that are not as they are at first, as words: `server-window 9, level 1`.
    pub fn changed(&self) -> String {
        let first = Self::default();
        let mut said = Vec::new();
        for (name, ..) in NAMES {
            let value = self.value(name);
            let sided = name.starts_with("client-") || name.starts_with("server-");
            let plain = sides_of(name).1;
            // Both sides are said together where they are the same.
            let together = !self.value(plain).contains('/');
            if value != first.value(name) && sided != together {
                said.push(format!("{name} {value}"));
            }
        }
        said.join(", ")
    }

    /// What the handshake agrees on, as both sides see it where no proxy is between.
    pub fn agreement(&self) -> Agreement {
        if self.compression && self.proxy == Proxy::Passes {
            Agreement::PermessageDeflate(self.sides)
        } else {
            Agreement::None
        }
    }

    /// What the client offers.
    pub fn offer(&self) -> Option<String> {
        self.compression
            .then(|| "permessage-deflate; client_max_window_bits".to_owned())
    }

    /// What the server answers to the offer that reaches it. RFC 7692 §7.1.
    pub fn answer(&self) -> Option<String> {
        if !self.compression || self.proxy == Proxy::StripsOffer {
            return None;
        }
        let mut answer = "permessage-deflate".to_owned();
        for (peer, side) in self.sides.iter() {
            let name = peer.name();
            if side.takeover == Takeover::Reset {
                let _ = write!(answer, "; {name}_no_context_takeover");
            }
            if side.window_bits != WindowBits::MAX {
                let _ = write!(answer, "; {name}_max_window_bits={}", side.window_bits);
            }
        }
        Some(answer)
    }

    /// Whether `peer` compresses: it believes what reached it.
    pub fn compresses(&self, peer: Peer) -> bool {
        self.compression
            && match self.proxy {
                Proxy::Passes => true,
                Proxy::StripsOffer => false,
                // The server has answered and believes that it holds.
                Proxy::StripsAnswer => peer == Peer::Server,
            }
    }

    /// How zlib is set up for `peer`.
    pub(super) fn settings(&self, peer: Peer) -> Settings {
        let stored = self.strategy == Strategy::Stored;
        Settings {
            window_bits: self.sides[peer].window_bits.get().max(9),
            memory_level: self.memory_level,
            level: if stored { 0 } else { self.level },
            strategy: match self.strategy {
                Strategy::Default | Strategy::Stored => Zlib::Default,
                Strategy::Fixed => Zlib::Fixed,
                Strategy::Huffman => Zlib::HuffmanOnly,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_takes_its_values_and_says_them() {
        let mut controls = Controls::default();
        assert_eq!(controls.changed(), "");
        for (name, value) in [
            ("compression", "off"),
            ("window", "9"),
            ("takeover", "reset"),
            ("level", "1"),
            ("memory-level", "2"),
            ("strategy", "huffman"),
            ("fragment", "3"),
            ("key", "01 02 03 04"),
            ("threshold", "50"),
            ("proxy", "offer"),
        ] {
            assert_eq!(controls.set(name, value), Ok(None), "{name}");
            assert_eq!(controls.value(name), value);
        }
        assert_eq!(
            controls.changed(),
            "compression off, window 9, takeover reset, level 1, memory-level 2, strategy huffman, \
             fragment 3, key 01 02 03 04, threshold 50, proxy offer"
        );
        let mut controls = Controls::default();
        assert_eq!(controls.set("server-window", "10"), Ok(None));
        assert_eq!(controls.set("client-takeover", "reset"), Ok(None));
        assert_eq!(
            controls.changed(),
            "server-window 10, client-takeover reset"
        );
        assert_eq!(controls.value("window"), "15/10");
    }

    #[test]
    fn every_control_turns_through_its_values() {
        for (name, ..) in NAMES {
            let mut controls = Controls::default();
            let first = controls.value(name);
            let mut seen = vec![first.clone()];
            for by in [-1, 1] {
                for _ in 0..10 {
                    controls.turn(name, by);
                    seen.push(controls.value(name));
                }
            }
            seen.sort();
            seen.dedup();
            assert!(seen.len() > 1, "{name}: {seen:?}");
            let mut again = Controls::default();
            for value in &seen {
                assert_eq!(again.set(name, value), Ok(None), "{name} {value}");
            }
        }
        let mut controls = Controls::default();
        controls.turn("client-window", 1);
        assert_eq!(controls.value("window"), "15");
        controls.turn("client-window", -1);
        assert_eq!(controls.value("window"), "14/15");
    }

    #[test]
    fn eight_bits_are_nine_as_zlib_has_it() {
        let mut controls = Controls::default();
        assert!(controls.set("window", "8").is_ok_and(|said| said.is_some()));
        assert_eq!(controls.value("window"), "9");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let mut controls = Controls::default();
        for (name, value, says) in [
            ("window", "16", "window takes 9-15, not \"16\""),
            ("key", "1 2", "key takes HEX, not \"1 2\""),
            (
                "stratgy",
                "fixed",
                "there is no control \"stratgy\"; is it \"strategy\"?",
            ),
        ] {
            assert_eq!(controls.set(name, value), Err(says.to_owned()));
        }
        assert_eq!(controls, Controls::default());
    }

    #[test]
    fn the_answer_says_what_is_not_the_default() {
        let mut controls = Controls::default();
        assert_eq!(controls.answer().as_deref(), Some("permessage-deflate"));
        assert!(
            controls
                .set("server-window", "9")
                .and(controls.set("client-takeover", "reset"))
                .is_ok()
        );
        assert_eq!(
            controls.answer().as_deref(),
            Some("permessage-deflate; client_no_context_takeover; server_max_window_bits=9")
        );
    }
}
