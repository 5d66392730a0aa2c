//! Blocks from their first bytes.
//!
//! Job: tell what a block is and how long, without reading it whole. Input: its first bytes, its
//! options. Output: its [`TypeAndLength`], its comments. §3.1, §3.5.

use super::block::{BlockType, SECTION_HEADER, section_endian};
use super::options::options;
use crate::capture::bytes::{Endian, index};

/// How a block begins.
pub(in crate::capture) struct TypeAndLength {
    kind: BlockType,
    /// Bytes of the whole block.
    pub(in crate::capture) length: usize,
}

impl TypeAndLength {
    /// Reads type, length and one word more, which in a section header names the byte order of
    /// what follows. `None` where no block begins like this.
    pub(in crate::capture) fn read(head: &[u8; 12], endian: &mut Option<Endian>) -> Option<Self> {
        if head.starts_with(&SECTION_HEADER.to_le_bytes()) {
            *endian = Some(section_endian(head)?);
        }
        let [kind, length] = (*endian)?.words(head)?;
        let kind = BlockType(kind);
        kind.may_have(length).then_some(Self {
            kind,
            length: index(length).next_multiple_of(4),
        })
    }

    /// Bytes between what [`Self::read`] reads of it and its options, those of a packet left out;
    /// `None` where it has none, or nobody looks at them.
    pub(in crate::capture) fn before_options(&self) -> Option<usize> {
        match self.kind {
            // §4.2: snaplen, beside the link type.
            BlockType::INTERFACE => Some(4),
            // §4.1: version and length of the section; §4.3: time and captured length.
            BlockType(SECTION_HEADER) | BlockType::ENHANCED_PACKET => Some(12),
            _ => None,
        }
    }

    /// Whether a packet is before its options.
    pub(in crate::capture) fn is_packet(&self) -> bool {
        self.kind == BlockType::ENHANCED_PACKET
    }

    /// Whether it is a decryption secrets block.
    pub(in crate::capture) fn holds_secrets(&self) -> bool {
        self.kind == BlockType::SECRETS
    }
}

/// The comments among the options of a block, §3.5.
pub(in crate::capture) fn comments(endian: Endian, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const COMMENT: u16 = 1;
    options(endian, bytes)
        .filter(|(code, _)| *code == COMMENT)
        .map(|(_, comment)| comment)
}
