//! A block of a pcapng file.
//!
//! Job: the shape that all blocks have. Source: draft-ietf-opsawg-pcapng §3.1 (general block
//! structure), §4.1 (the byte order of a section), §10.1 (block types).

use crate::capture::bytes::Endian;

/// Type of a section header block; reads the same in both byte orders.
pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
/// Bytes of a block's type and total length.
pub(super) const BLOCK_HEADER: usize = 8;
/// Bytes of the smallest block: type, total length, total length.
pub(super) const SMALLEST: usize = 12;

/// Type of a block, §10.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockType(pub(super) u32);

impl BlockType {
    pub(super) const INTERFACE: Self = Self(1);
    pub(super) const OLD_PACKET: Self = Self(2);
    pub(super) const SIMPLE_PACKET: Self = Self(3);
    const NAME_RESOLUTION: Self = Self(4);
    pub(super) const INTERFACE_STATISTICS: Self = Self(5);
    pub(super) const ENHANCED_PACKET: Self = Self(6);
    const JOURNAL: Self = Self(9);
    pub(super) const SECRETS: Self = Self(10);
    const CUSTOM: Self = Self(0x0bad);
    const CUSTOM_NO_COPY: Self = Self(0x4000_0bad);

    /// Whether a block can have this length: §3.1 wants a multiple of four. Some programs did not
    /// count the padding of a packet, or wrote none.
    pub(super) fn may_have(self, length: u32) -> bool {
        length.is_multiple_of(4)
            || matches!(
                self,
                Self::OLD_PACKET | Self::SIMPLE_PACKET | Self::ENHANCED_PACKET
            )
    }

    /// Bytes that a block of this type has at least; `None` where the type is not known.
    pub(super) fn smallest(self) -> Option<usize> {
        match self {
            Self(SECTION_HEADER) => Some(28),
            Self::INTERFACE | Self::SECRETS => Some(20),
            Self::OLD_PACKET | Self::ENHANCED_PACKET => Some(32),
            Self::SIMPLE_PACKET | Self::CUSTOM | Self::CUSTOM_NO_COPY => Some(16),
            Self::INTERFACE_STATISTICS => Some(24),
            Self::NAME_RESOLUTION | Self::JOURNAL => Some(SMALLEST),
            Self(_) => None,
        }
    }
}

/// The byte order that a section header's third word names, §4.1.
pub(super) fn section_endian(bytes: &[u8]) -> Option<Endian> {
    match bytes.get(8..12)? {
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(Endian::Little),
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(Endian::Big),
        _ => None,
    }
}

/// A block that is whole, without its frame.
pub(super) struct Block<'a> {
    pub(super) kind: BlockType,
    pub(super) endian: Endian,
    pub(super) body: &'a [u8],
    /// Where the body begins in the window.
    pub(super) at: usize,
}
