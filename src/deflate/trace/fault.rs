//! What can be wrong with DEFLATE data.
//!
//! Job: name the fault and its place. Input: none. Output: [`Fault`], whose words are zlib's.
//! RFC 1951 §3.2.

use std::fmt;

use super::bits::{Short, Span};

/// Which rule the data break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// RFC 1951 §3.2.3: there is no block type 3.
    BlockType,
    /// RFC 1951 §3.2.4: NLEN is not the complement of LEN.
    StoredLengths,
    /// RFC 1951 §3.2.5 and §3.2.7: more than 286 literal/length or 30 distance codes.
    TooManySymbols,
    /// RFC 1951 §3.2.7: the lengths of the code length codes make no code.
    CodeLengthsSet,
    /// RFC 1951 §3.2.7: a repetition without a length before it, or beyond the last length.
    LengthRepeat,
    /// RFC 1951 §3.2.7: no code for the end of the block.
    NoEndOfBlock,
    /// RFC 1951 §3.2.7: the literal/length code lengths make no code.
    LiteralSet,
    /// RFC 1951 §3.2.7: the distance code lengths make no code.
    DistanceSet,
    /// RFC 1951 §3.2.6: bits that are no literal/length code, or one that never occurs.
    LiteralCode,
    /// RFC 1951 §3.2.6: bits that are no distance code, or one that never occurs.
    DistanceCode,
    /// RFC 1951 §3.2.3: a copy from before the beginning of the stream.
    DistanceTooFar,
    /// RFC 7692 §7.2.1: the payload ends inside a block.
    Unfinished,
}

impl FaultKind {
    /// zlib's word for it, but for [`Unfinished`](Self::Unfinished), where zlib waits for more.
    pub fn word(self) -> &'static str {
        match self {
            Self::BlockType => "invalid block type",
            Self::StoredLengths => "invalid stored block lengths",
            Self::TooManySymbols => "too many length or distance symbols",
            Self::CodeLengthsSet => "invalid code lengths set",
            Self::LengthRepeat => "invalid bit length repeat",
            Self::NoEndOfBlock => "invalid code -- missing end-of-block",
            Self::LiteralSet => "invalid literal/lengths set",
            Self::DistanceSet => "invalid distances set",
            Self::LiteralCode => "invalid literal/length code",
            Self::DistanceCode => "invalid distance code",
            Self::DistanceTooFar => "invalid distance too far back",
            Self::Unfinished => "the payload ends inside a block",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A fault and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The bits that are wrong; decoding stopped at their end.
    pub bits: Span,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at bit {}", self.kind, self.bits.start)
    }
}

/// Why decoding does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// More input is needed.
    Short,
    /// The input is wrong.
    Fault(Fault),
}

impl From<Short> for Stop {
    fn from(_: Short) -> Self {
        Self::Short
    }
}

impl Stop {
    /// A fault in the bits from `start` to `end`.
    pub(super) fn fault(kind: FaultKind, start: u64, end: u64) -> Self {
        let bits = Span { start, end };
        Self::Fault(Fault { kind, bits })
    }
}
