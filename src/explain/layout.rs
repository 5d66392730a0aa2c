//! How an explanation is laid out.

use crate::base::{Stamp, Timestamp};
use crate::output::style::Style;

/// How much is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Colours.
    pub style: Style,
    /// How many symbols are shown, those that end blocks aside, where a number is wished for.
    pub symbols: Option<usize>,
    /// Nothing is cut.
    pub all: bool,
    /// Huffman codes of blocks with their own.
    pub tables: bool,
    /// The annotated dump of all bytes.
    pub bytes: bool,
    /// When the capture begins; times are shown since then.
    pub start: Timestamp,
}

impl Layout {
    /// A packet with its time.
    pub(super) fn packet(&self, at: Stamp) -> String {
        let time = crate::output::text::seconds(at.time.since(self.start));
        let file = match at.packet.file {
            0 => String::new(),
            file => format!(" of file {file}"),
        };
        format!("packet {}{file} at {} s", at.packet.number, time.trim())
    }
}
