//! What can be agreed about compression.
//!
//! Job: name each sender's window and takeover, and what holds for a connection. Input and
//! output: none; [`agree`](super::agree()) reads them off a handshake. RFC 7692 §7.1.

use std::fmt;

use crate::base::PerPeer;

/// The size of a sliding window as a power of two: 8 (256 bytes) to 15 (32 KiB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 bytes.
    pub const MIN: Self = Self(8);
    /// 32 KiB, which holds where nothing is said.
    pub const MAX: Self = Self(15);

    /// `bits`, where they are 8 to 15.
    pub fn new(bits: u8) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&bits)
            .then_some(Self(bits))
    }

    /// 8 to 15.
    pub fn get(self) -> u8 {
        self.0
    }

    /// The window's size in bytes.
    pub fn bytes(self) -> usize {
        1 << self.0
    }

    /// RFC 7692 §7.1.2.1: a decimal integer from 8 to 15 without leading zeros.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let plain = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
        plain
            .then(|| value.parse().ok().and_then(Self::new))
            .flatten()
    }
}

impl Default for WindowBits {
    fn default() -> Self {
        Self::MAX
    }
}

impl fmt::Display for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What becomes of the window between two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Takeover {
    /// The next message may copy from earlier ones.
    #[default]
    Keep,
    /// Each message starts with an empty window.
    Reset,
}

/// How one sender compresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Parameters {
    /// The farthest it may copy from.
    pub window_bits: WindowBits,
    /// Whether its messages share a window.
    pub takeover: Takeover,
}

/// The compression that holds for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Agreement {
    /// None.
    #[default]
    None,
    /// RFC 7692: whole messages, RSV1 on the first frame.
    PermessageDeflate(PerPeer<Parameters>),
    /// An extension that wscope does not know.
    Unknown,
    /// `x-webkit-deflate-frame`: each frame, RSV1 on each.
    DeflateFrame(PerPeer<Parameters>),
}

impl Agreement {
    /// Each sender's parameters, where compression was agreed.
    pub fn parameters(&self) -> Option<&PerPeer<Parameters>> {
        match self {
            Self::None | Self::Unknown => None,
            Self::PermessageDeflate(parameters) | Self::DeflateFrame(parameters) => {
                Some(parameters)
            }
        }
    }
}
