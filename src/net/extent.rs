//! Captured bytes that remember how long they were on the wire.
//!
//! Job: let every header reader tell "the capture was cut here" from "the sender wrote nonsense",
//! and carry the true length down to the TCP payload.
//! Input: a packet's bytes and wire length. Output: shorter extents of the same bytes.

use super::other::Other;

/// The captured part of a run of bytes; the run itself may have been longer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent<'a> {
    bytes: &'a [u8],
    /// Where it begins in what it was first taken from.
    start: usize,
    /// Never less than `bytes.len()`.
    wire_len: usize,
}

impl<'a> Extent<'a> {
    /// `bytes`, of which `wire_len` were on the wire; a smaller `wire_len` is a careless recorder's.
    pub(super) fn new(bytes: &'a [u8], wire_len: usize) -> Self {
        Self {
            bytes,
            start: 0,
            wire_len: wire_len.max(bytes.len()),
        }
    }

    /// The end of `whole`, all of which was captured, without the first `start` bytes.
    #[inline]
    pub(super) fn end_of(whole: &'a [u8], start: usize) -> Self {
        let bytes = whole.get(start..).unwrap_or_default();
        Self {
            bytes,
            start,
            wire_len: bytes.len(),
        }
    }

    /// Where it begins in the packet, or in the datagram that came out of fragments.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// What was captured.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What there was on the wire.
    pub(super) fn wire_len(&self) -> usize {
        self.wire_len
    }

    /// Whether bytes are missing at the end.
    pub(super) fn is_cut(&self) -> bool {
        self.bytes.len() < self.wire_len
    }

    /// Why a header does not fit: the capture lacks it, or the wire did.
    pub(super) fn short(&self) -> Other {
        if self.is_cut() {
            Other::Cut
        } else {
            Other::Malformed
        }
    }

    /// The first `N` bytes, and the rest.
    pub(super) fn take<const N: usize>(self) -> Result<(&'a [u8; N], Self), Other> {
        let (head, rest) = self
            .bytes
            .split_first_chunk::<N>()
            .ok_or_else(|| self.short())?;
        let wire_len = self.wire_len.saturating_sub(N);
        Ok((
            head,
            Self {
                bytes: rest,
                start: self.start + N,
                wire_len,
            },
        ))
    }

    /// All but the first `count` bytes, which need not have been captured.
    pub(super) fn skip(self, count: usize) -> Result<Self, Other> {
        let wire_len = self.wire_len.checked_sub(count).ok_or(Other::Malformed)?;
        Ok(Self {
            bytes: self.bytes.get(count..).unwrap_or_default(),
            start: self.start + count,
            wire_len,
        })
    }

    /// The first `wire_len` bytes by the word of a length field, which also overrules the wire
    /// length that the capture recorded.
    pub(super) fn limit(self, wire_len: usize) -> Self {
        Self {
            bytes: self.bytes.get(..wire_len).unwrap_or(self.bytes),
            wire_len,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_is_never_shorter_than_the_capture() {
        let extent = Extent::new(b"abc", 0);
        assert_eq!(extent.wire_len(), 3);
        assert!(!extent.is_cut());
    }

    #[test]
    fn a_missing_header_is_cut_or_malformed() {
        assert_eq!(Extent::new(b"abc", 4).take::<4>().err(), Some(Other::Cut));
        assert_eq!(
            Extent::new(b"abc", 3).take::<4>().err(),
            Some(Other::Malformed)
        );
    }

    #[test]
    fn skipping_past_the_capture_keeps_the_true_length() {
        let rest = Extent::new(b"abc", 10).skip(5).unwrap();
        assert_eq!((rest.bytes(), rest.wire_len()), (&b""[..], 5));
        assert!(Extent::new(b"abc", 10).skip(11).is_err());
    }

    #[test]
    fn a_limit_takes_padding_away_and_restores_what_was_cut() {
        let short = Extent::new(b"abcdef", 6).limit(4);
        assert_eq!((short.bytes(), short.wire_len()), (&b"abcd"[..], 4));
        let long = Extent::new(b"abc", 3).limit(4);
        assert_eq!((long.bytes(), long.wire_len()), (&b"abc"[..], 4));
    }
}
