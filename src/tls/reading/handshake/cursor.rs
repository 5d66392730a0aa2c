//! A place in a handshake message.
//!
//! Job: read numbers and vectors one after the other. Input: bytes. Output: numbers and slices;
//! `None` where the bytes end. RFC 8446 §3.4.

/// Reads from the front of what it holds.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (part, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*part)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn short(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// A vector with its length in one byte before it.
    pub(super) fn vector8(&mut self) -> Option<Self> {
        let length = self.byte()?;
        self.take(usize::from(length)).map(Self)
    }

    /// A vector with its length in two bytes before it.
    pub(super) fn vector16(&mut self) -> Option<Self> {
        let length = self.short()?;
        self.take(usize::from(length)).map(Self)
    }

    /// A vector with its length in three bytes before it.
    pub(super) fn vector24(&mut self) -> Option<Self> {
        let [high, middle, low] = self.array()?;
        let length = u32::from_be_bytes([0, high, middle, low]);
        self.take(usize::try_from(length).ok()?).map(Self)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}
