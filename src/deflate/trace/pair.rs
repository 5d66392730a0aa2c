//! Codes with their extra bits.
//!
//! Job: take a code, or a length and a distance, where all of it is there and means something.
//! Input: bits, codes. Output: numbers, and the codes as they stood for whoever looks.
//! RFC 1951 §3.2.5.

use super::bits::BitReader;
use super::code::Extra;
use super::entry::Entry;
use super::fault::{FaultKind, Stop};
use super::header::Codes;
use super::symbol::{DISTANCES, LENGTHS, Match};

/// Takes a code with its extra bits; `reader` stands before it.
#[inline]
pub(super) fn take(entry: Entry, kind: FaultKind, reader: &mut BitReader<'_>) -> Result<(), Stop> {
    if entry.len() > reader.have() {
        return Err(Stop::Short);
    }
    if entry.is_special() && !entry.is_end() {
        let start = reader.position();
        return Err(Stop::fault(kind, start, start + u64::from(entry.len())));
    }
    if entry.total() > reader.have() {
        return Err(Stop::Short);
    }
    reader.consume(entry.total());
    Ok(())
}

/// A length/distance pair as it was read.
pub(super) struct Pair {
    pub(super) length: usize,
    pub(super) distance: usize,
    length_entry: Entry,
    distance_entry: Entry,
}

impl Pair {
    /// Reads what follows a length with its extra bits.
    #[inline]
    pub(super) fn read(
        codes: &Codes,
        length_entry: Entry,
        raw: u64,
        reader: &mut BitReader<'_>,
    ) -> Result<Self, Stop> {
        let next = reader.peek();
        let distance_entry = codes.distances.look(next);
        take(distance_entry, FaultKind::DistanceCode, reader)?;
        Ok(Self {
            length: length_entry.number_in(raw),
            distance: distance_entry.number_in(next),
            length_entry,
            distance_entry,
        })
    }

    /// How many bits it takes.
    #[inline]
    pub(super) fn bits(&self) -> u32 {
        self.length_entry.total() + self.distance_entry.total()
    }

    /// `raw` are the bits that it was read from, first one lowest.
    pub(super) fn tell(&self, raw: u64, beyond_window: bool) -> Match {
        let next = raw >> self.length_entry.total();
        let small = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
        let extra = |entry: Entry, bits| Extra {
            value: entry.extra(bits),
            len: entry.extra_len(),
        };
        Match {
            length: small(self.length),
            distance: small(self.distance),
            length_code: self.length_entry.code(257, &LENGTHS, raw),
            length_extra: extra(self.length_entry, raw),
            distance_code: self.distance_entry.code(0, &DISTANCES, next),
            distance_extra: extra(self.distance_entry, next),
            beyond_window,
        }
    }
}
