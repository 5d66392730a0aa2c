//! The nine bytes that every frame begins with.
//!
//! Job: read them, and hold them against what a frame of that kind can be. Input: bytes.
//! Output: a [`Head`]. RFC 9113 §4.1, §4.2, §6.

use std::fmt;

use super::wrong::Wrong;

/// What a frame is. Others are skipped. RFC 9113 §4.1, §6, §11.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u8);

impl Kind {
    /// Bytes of a stream.
    pub const DATA: Self = Self(0);
    /// A header block begins.
    pub const HEADERS: Self = Self(1);
    /// How streams depend on each other; obsolete.
    pub const PRIORITY: Self = Self(2);
    /// A stream ends at once.
    pub const RST_STREAM: Self = Self(3);
    /// What the sender can do and allows.
    pub const SETTINGS: Self = Self(4);
    /// The server announces a request that it makes up.
    pub const PUSH_PROMISE: Self = Self(5);
    /// Whether the other end is there.
    pub const PING: Self = Self(6);
    /// No new streams.
    pub const GOAWAY: Self = Self(7);
    /// More may be sent.
    pub const WINDOW_UPDATE: Self = Self(8);
    /// A header block goes on.
    pub const CONTINUATION: Self = Self(9);

    /// The name in RFC 9113.
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 10] = [
            "DATA",
            "HEADERS",
            "PRIORITY",
            "RST_STREAM",
            "SETTINGS",
            "PUSH_PROMISE",
            "PING",
            "GOAWAY",
            "WINDOW_UPDATE",
            "CONTINUATION",
        ];
        NAMES.get(usize::from(self.0)).copied()
    }

    /// The flags that mean something in such a frame.
    fn flags(self) -> u8 {
        match self {
            Self::DATA => Flags::END_STREAM | Flags::PADDED,
            Self::HEADERS => {
                Flags::END_STREAM | Flags::END_HEADERS | Flags::PADDED | Flags::PRIORITY
            }
            Self::SETTINGS | Self::PING => Flags::ACK,
            Self::PUSH_PROMISE => Flags::END_HEADERS | Flags::PADDED,
            Self::CONTINUATION => Flags::END_HEADERS,
            _ => 0,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "frame of kind {}", self.0),
        }
    }
}

/// The flags of a frame; what they mean depends on its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    const END_STREAM: u8 = 1;
    const ACK: u8 = 1;
    const END_HEADERS: u8 = 4;
    const PADDED: u8 = 8;
    const PRIORITY: u8 = 0x20;

    /// The sender says no more on the stream (DATA, HEADERS).
    pub fn end_stream(self) -> bool {
        self.0 & Self::END_STREAM != 0
    }

    /// It answers one of the other end (SETTINGS, PING).
    pub fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }

    /// The header block ends with it.
    pub fn end_headers(self) -> bool {
        self.0 & Self::END_HEADERS != 0
    }

    /// It has padding.
    pub fn padded(self) -> bool {
        self.0 & Self::PADDED != 0
    }

    /// It says how the stream depends on others.
    pub fn priority(self) -> bool {
        self.0 & Self::PRIORITY != 0
    }
}

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes of payload after it.
    pub length: u32,
    /// What it is.
    pub kind: Kind,
    /// Its flags.
    pub flags: Flags,
    /// The stream that it belongs to; 0 is the connection.
    pub stream: u32,
    /// The reserved bit before the stream's number, which receivers ignore.
    pub reserved: bool,
}

impl Head {
    /// Its length.
    pub const BYTES: usize = 9;

    /// Reads a head.
    pub fn read(bytes: &[u8; Self::BYTES]) -> Self {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = *bytes;
        let stream = u32::from_be_bytes([s0, s1, s2, s3]);
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind: Kind(kind),
            flags: Flags(flags),
            stream: stream & 0x7fff_ffff,
            reserved: stream >> 31 != 0,
        }
    }

    /// It as it was sent.
    pub fn bytes(&self) -> [u8; Self::BYTES] {
        let [_, l0, l1, l2] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = (self.stream | u32::from(self.reserved) << 31).to_be_bytes();
        [l0, l1, l2, self.kind.0, self.flags.0, s0, s1, s2, s3]
    }

    /// Reads the head that `bytes` begin with.
    pub fn first(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().map(Self::read)
    }

    /// The rule of its kind that it breaks.
    pub fn wrong(&self) -> Option<Wrong> {
        let connection = match self.kind {
            // RFC 9113 §6.5, §6.7, §6.8: these are about the connection.
            Kind::SETTINGS | Kind::PING | Kind::GOAWAY => true,
            Kind::WINDOW_UPDATE => self.stream == 0,
            Kind(0..=9) => false,
            _ => return None,
        };
        if connection && self.stream != 0 {
            return Some(Wrong::OnStream);
        }
        // RFC 9113 §6.1 to §6.4, §6.6, §6.10: these belong to a stream.
        if !connection && self.stream == 0 {
            return Some(Wrong::NoStream);
        }
        let fits = match self.kind {
            // RFC 9113 §6.3, §6.4, §6.7, §6.9: fixed lengths.
            Kind::PRIORITY => self.length == 5,
            Kind::RST_STREAM | Kind::WINDOW_UPDATE => self.length == 4,
            Kind::PING => self.length == 8,
            // RFC 9113 §6.5: six bytes a setting, and an answer has none.
            Kind::SETTINGS if self.flags.ack() => self.length == 0,
            Kind::SETTINGS => self.length.is_multiple_of(6),
            Kind::GOAWAY => self.length >= 8,
            _ => true,
        };
        (!fits).then_some(Wrong::Size)
    }

    /// Whether a sender that keeps the rules may send it, in a frame of at most `longest` bytes.
    pub fn is_plausible(&self, longest: u32) -> bool {
        self.kind.name().is_some()
            && self.length <= longest
            && !self.reserved
            && self.flags.0 & !self.kind.flags() == 0
            && self.wrong().is_none()
            // RFC 9113 §5.1.1: streams that a client opens have odd numbers. Servers push none of
            // what is looked for here.
            && (self.stream == 0 || self.stream % 2 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let sent = [0, 1, 2, 0, 9, 0x80, 0, 0, 5];
        let head = Head::read(&sent);
        assert_eq!(head.bytes(), sent);
        assert_eq!((head.length, head.kind, head.stream), (258, Kind::DATA, 5));
        assert!(head.flags.end_stream() && head.flags.padded() && head.reserved);
        assert!(!head.is_plausible(16_384));
    }

    #[test]
    fn each_kind_has_its_rules() {
        let wrong = |length: u8, kind, flags, stream| {
            Head::read(&[0, 0, length, kind, flags, 0, 0, 0, stream]).wrong()
        };
        assert_eq!(wrong(6, 4, 0, 0), None);
        assert_eq!(wrong(6, 4, 1, 0), Some(Wrong::Size));
        assert_eq!(wrong(7, 4, 0, 0), Some(Wrong::Size));
        assert_eq!(wrong(0, 4, 0, 1), Some(Wrong::OnStream));
        assert_eq!(wrong(1, 0, 0, 0), Some(Wrong::NoStream));
        assert_eq!(wrong(8, 6, 0, 0), None);
        assert_eq!(wrong(3, 8, 0, 0), Some(Wrong::Size));
        assert_eq!(wrong(4, 8, 0, 3), None);
        assert_eq!(wrong(4, 3, 0, 0), Some(Wrong::NoStream));
        assert_eq!(wrong(4, 7, 0, 0), Some(Wrong::Size));
        assert_eq!(wrong(4, 99, 0, 0), None);
    }
}
