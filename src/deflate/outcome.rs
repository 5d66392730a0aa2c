//! What becomes of a compressed message.
//!
//! Job: the values that [`super::decoder`] ends a message with. Input and output: none.
//! RFC 7692 §7.2.

use super::trace::{self, FaultKind};

/// Why a compressed message cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It copies from before the stream's beginning, although nothing was lost.
    DistanceTooFar,
    /// It begins with the header of another format: `zlib` or `gzip`.
    Wrapped(&'static str),
    /// It ends inside a block.
    Unfinished,
    /// It is not DEFLATE; zlib's word for it.
    Invalid(String),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
pub struct Outcome {
    /// Why it failed, where it did.
    pub fault: Option<Fault>,
    /// Bytes of it are missing: what came out is its beginning.
    pub cut: bool,
    /// The sender left `00 00 ff ff` on.
    pub kept_marker: bool,
    /// The sender kept its context although reset was agreed; from now on it is taken to.
    pub kept_context: bool,
    /// Where the fault or the copy from the kept context stands, if that is known.
    pub bit: Option<u64>,
    /// What is wrong with its end, where the four bytes that are cut off do not fit.
    pub misses_flush: Option<&'static str>,
    /// It has a final block.
    pub final_block: bool,
}

/// A copy from beyond the agreed window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// The farthest distance of the message.
    pub distance: usize,
    /// The agreed window in bytes.
    pub window: usize,
    /// The first bit of the first such copy.
    pub bit: u64,
}

/// Ends that are not as RFC 7692 §7.2.1 has them.
pub(super) const EMPTY: &str =
    "the compressed payload is empty; compressed, nothing is the one byte 00";
pub(super) const NOTHING_BEHIND: &str = "the byte 00 is missing behind the final block";
pub(super) const NOT_FLUSHED: &str =
    "the payload does not end in an empty block whose last four bytes were cut off";

impl Outcome {
    /// Of a message that breaks no rule.
    pub(super) const GOOD: Self = Self {
        fault: None,
        cut: false,
        kept_marker: false,
        kept_context: false,
        bit: None,
        misses_flush: None,
        final_block: false,
    };
}

impl From<trace::Fault> for Fault {
    fn from(fault: trace::Fault) -> Self {
        match fault.kind {
            FaultKind::DistanceTooFar => Self::DistanceTooFar,
            FaultKind::Unfinished => Self::Unfinished,
            kind => Self::Invalid(kind.word().to_owned()),
        }
    }
}
