//! What a layer that puts bytes in order hands on.
//!
//! Job: the one type between a stream of bytes and its reader. Input and output: none.

use std::fmt;

/// What comes out of one direction, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// Bytes as the peer sent them.
    Chunk {
        /// The bytes.
        bytes: &'a [u8],
        /// A write of the sender begins here: a TCP segment, a TLS record or a DATA frame. So it
        /// does where the segment before ends, whatever brought the bytes.
        begins: bool,
    },
    /// Bytes were sent that are not known.
    Gap(Missing),
    /// A second copy of bytes differed from the first, which was used.
    Conflict {
        /// Offset of the first byte that differs, from the beginning of the direction; `None`
        /// after a gap of unknown length.
        at: Option<u64>,
        /// How many bytes differ.
        bytes: u64,
    },
}

impl<'a> Delivery<'a> {
    /// Bytes with which a write of the sender begins.
    pub fn write(bytes: &'a [u8]) -> Self {
        Self::Chunk {
            bytes,
            begins: true,
        }
    }

    /// Bytes that it moves the direction on, as far as their number is known.
    pub fn span(&self) -> u64 {
        match self {
            Self::Chunk { bytes, .. } => bytes.len() as u64,
            Self::Gap(missing) => missing.exactly().unwrap_or(0),
            Self::Conflict { .. } => 0,
        }
    }
}

/// How many bytes are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// So many.
    Bytes(u64),
    /// At most so many, perhaps none.
    AtMost(u64),
    /// Nobody knows.
    Unknown,
}

impl Missing {
    /// How many, where it is known.
    pub fn exactly(self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::AtMost(_) | Self::Unknown => None,
        }
    }

    /// What two gaps with nothing between them are together.
    #[must_use]
    pub fn and(self, next: Self) -> Self {
        match (self, next) {
            (Self::Bytes(one), Self::Bytes(other)) => Self::Bytes(one.saturating_add(other)),
            (Self::Bytes(one) | Self::AtMost(one), Self::Bytes(other) | Self::AtMost(other)) => {
                Self::AtMost(one.saturating_add(other))
            }
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{bytes} bytes"),
            Self::AtMost(bytes) => write!(f, "at most {bytes} bytes"),
            Self::Unknown => f.write_str("an unknown number of bytes"),
        }
    }
}
