//! Numbers in the byte order of a capture file.
//!
//! Job: read 16- and 32-bit words without ever indexing. Input: bytes. Output: numbers, or `None`
//! where the bytes end.

/// The byte order in which a file, or a section of one, was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

impl Endian {
    /// The first `N` 32-bit words of `bytes`.
    #[inline]
    pub(super) fn words<const N: usize>(self, bytes: &[u8]) -> Option<[u32; N]> {
        let (words, _) = bytes.as_chunks::<4>();
        let words = words.first_chunk::<N>()?;
        Some(match self {
            Self::Little => words.map(u32::from_le_bytes),
            Self::Big => words.map(u32::from_be_bytes),
        })
    }

    /// The first `N` 16-bit words of `bytes`.
    #[inline]
    pub(super) fn halves<const N: usize>(self, bytes: &[u8]) -> Option<[u16; N]> {
        let (halves, _) = bytes.as_chunks::<2>();
        let halves = halves.first_chunk::<N>()?;
        Some(match self {
            Self::Little => halves.map(u16::from_le_bytes),
            Self::Big => halves.map(u16::from_be_bytes),
        })
    }

    /// The first 64-bit word of `bytes`.
    pub(super) fn long(self, bytes: &[u8]) -> Option<u64> {
        let bytes = *bytes.first_chunk::<8>()?;
        Some(match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        })
    }
}

/// A length from a file as an index; more than the machine can address becomes the largest index.
#[inline]
pub(super) fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// An index as a file offset.
#[inline]
pub(super) fn offset(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX)
}
