//! The header of a stored block.
//!
//! Job: read LEN and NLEN, and hold them against each other. Input: the bits after BTYPE. Output: the
//! fields. RFC 1951 §3.2.4.

use super::bits::{BitReader, Field, Span};
use super::block::Stored;
use super::fault::{FaultKind, Stop};

impl Stored {
    /// Whether its length is there.
    pub(in crate::deflate) fn has_len(&self) -> bool {
        !self.len.bits.is_empty()
    }

    /// Reads the header of a stored block after BTYPE; on failure with the fields up to there.
    pub(super) fn read(reader: &mut BitReader<'_>) -> Result<Self, (Stop, Self)> {
        let mut stored = Self {
            padding: reader.align(),
            ..Self::default()
        };
        let mut field = |into: &mut Field| {
            *into = reader.field(16)?;
            Ok::<_, Stop>(())
        };
        let read = field(&mut stored.len).and_then(|()| field(&mut stored.nlen));
        if let Err(stop) = read {
            return Err((stop, stored));
        }
        let (start, end) = (stored.len.bits.start, stored.nlen.bits.end);
        // RFC 1951 §3.2.4: NLEN is the one's complement of LEN.
        if stored.len.value ^ stored.nlen.value != 0xffff {
            let stop = Stop::fault(FaultKind::StoredLengths, start, end);
            return Err((stop, stored));
        }
        stored.data = Span::new(end, u64::from(stored.len.value) * 8);
        Ok(stored)
    }
}
