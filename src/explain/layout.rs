//! How much of an explanation is shown.

use crate::base::{Stamp, Timestamp};
use crate::page::redact::Redact;
use crate::page::words;

/// How much is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// How many symbols are shown, those that end blocks aside, where a number is wished for.
    pub symbols: Option<usize>,
    /// Nothing is cut.
    pub all: bool,
    /// Huffman codes of blocks with their own.
    pub tables: bool,
    /// The annotated dump of all bytes.
    pub bytes: bool,
    /// How secrets in a handshake are shown.
    pub redact: Redact,
    /// When the capture begins; times are shown since then.
    pub start: Timestamp,
}

impl Layout {
    /// Columns that suffice.
    pub const WIDTH: usize = 80;

    /// A packet with its time.
    pub(super) fn packet(&self, at: Stamp) -> String {
        let time = words::seconds(at.time.since(self.start));
        format!("{} at {time} s", words::packet(at.packet))
    }

    /// `most`, or everything where that is asked for.
    pub(super) fn most(&self, most: usize) -> usize {
        if self.all { usize::MAX } else { most }
    }
}
