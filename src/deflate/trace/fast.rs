//! Symbols as fast as they go.
//!
//! Job: decode symbols and tell of copies, as long as all is as usual: bits for the longest
//! pair and room for the longest copy are left, and copies are of known bytes. Input: bits, codes.
//! Output: bytes into the window. RFC 1951 §3.2.3.
//!
//! Whatever is not as usual is left where it is for [`decode`](super::decode), which does all
//! there is to do, one symbol at a time.

use super::bits::BitReader;
use super::entry::Entry;
use super::header::Codes;
use super::record::{Copied, Recorder};
use super::window::{ROOM, Window, replicate};

/// A length/distance pair takes up to 48 bits: two codes of 15, 5 and 13 extra bits.
pub(super) const PAIR_BITS: u32 = 48;

/// What is noted of the distances in a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Distances {
    /// The agreed window in bytes.
    pub(super) agreed: usize,
    /// The farthest so far.
    pub(super) farthest: usize,
    /// The first bit of a copy from beyond the agreed window.
    pub(super) beyond: Option<u64>,
}

impl Distances {
    /// None so far.
    pub(super) fn new(agreed: usize) -> Self {
        Self {
            agreed,
            farthest: 0,
            beyond: None,
        }
    }

    /// The farthest distance of which there is nothing else to note.
    pub(super) fn unremarkable(&self) -> usize {
        match self.beyond {
            None => self.agreed,
            Some(_) => usize::MAX,
        }
    }
}

/// Decodes symbols. Returns whether the last one was the end of the block.
pub(super) fn run<R: Recorder>(
    codes: &Codes,
    reader: &mut BitReader<'_>,
    window: &mut Window,
    distances: &mut Distances,
    record: &mut R,
) -> bool {
    let mut bits = *reader;
    let unremarkable = distances.unremarkable();
    let mut farthest = distances.farthest;
    let moved = window.moved();
    let (data, mut at, known_from) = window.parts();
    let ends = loop {
        let Some(mut entry) = literals(codes, &mut bits, data, &mut at) else {
            break false;
        };
        if entry.is_special() {
            entry = codes.literals.look(bits.peek());
            if entry.is_literal()
                && let Some(place) = data.get_mut(at)
            {
                bits.consume(entry.total());
                *place = entry.byte();
                at += 1;
                continue;
            }
            if entry.is_special() {
                if entry.is_end() {
                    bits.consume(entry.total());
                }
                break entry.is_end();
            }
        }
        let mut ahead = bits;
        let Some((length, distance)) = pair(codes, entry, &mut ahead) else {
            break false;
        };
        if distance > (at - known_from).min(unremarkable) {
            break false;
        }
        let position = moved + at as u64;
        record.copied(Copied {
            position,
            distance,
            length,
            bits: bits.have() - ahead.have(),
        });
        bits = ahead;
        farthest = farthest.max(distance);
        copy(data, at, distance, length);
        let made = data.get(at..at + length);
        record.made(position, distance, made.unwrap_or_default());
        at += length;
    };
    window.advance(at);
    distances.farthest = farthest;
    *reader = bits;
    ends
}

/// Puts out literals with short codes, as many as come. Returns what is next, which is not taken
/// yet and for which there are bits and room; nothing, where these may not suffice.
#[inline]
fn literals(
    codes: &Codes,
    bits: &mut BitReader<'_>,
    data: &mut [u8],
    at: &mut usize,
) -> Option<Entry> {
    loop {
        bits.refill();
        if bits.have() < PAIR_BITS {
            return None;
        }
        let room = data.get_mut(*at..)?.first_chunk_mut::<ROOM>()?;
        let entry = codes.literals.quick(bits.peek());
        if !entry.is_literal() {
            return Some(entry);
        }
        *at += few_literals(codes, bits, entry, room.first_chunk_mut()?);
    }
}

/// Takes up to three literals with short codes, which have 30 bits at the most; `entry` is the
/// first. Returns how many they are.
#[inline]
pub(super) fn few_literals(
    codes: &Codes,
    bits: &mut BitReader<'_>,
    mut entry: Entry,
    fresh: &mut [u8; 3],
) -> usize {
    let mut count = 0;
    for place in fresh {
        bits.consume(entry.total());
        *place = entry.byte();
        count += 1;
        entry = codes.literals.quick(bits.peek());
        if !entry.is_literal() {
            break;
        }
    }
    count
}

/// Reads a length, whose entry this is, and a distance: 48 bits at the most.
#[inline]
pub(super) fn pair(
    codes: &Codes,
    length: Entry,
    bits: &mut BitReader<'_>,
) -> Option<(usize, usize)> {
    let number = length.number_in(bits.peek());
    bits.consume(length.total());
    let mut distance = codes.distances.quick(bits.peek());
    if distance.is_special() {
        distance = codes.distances.look(bits.peek());
        if distance.is_special() {
            return None;
        }
    }
    let far = distance.number_in(bits.peek());
    bits.consume(distance.total());
    Some((number, far))
}

/// Copies as [`replicate`] does, in steps, as far as each step's source was there before it. What
/// follows the copy may change.
#[inline]
pub(super) fn copy(data: &mut [u8], at: usize, distance: usize, length: usize) {
    if distance >= 32 {
        steps::<32>(data, at, distance, length);
    } else if distance >= 16 {
        steps::<16>(data, at, distance, length);
    } else {
        replicate(data, at - distance, at, length);
    }
}

#[inline]
fn steps<const STEP: usize>(data: &mut [u8], at: usize, distance: usize, length: usize) {
    let mut done = 0;
    while done < length {
        let (from, to) = (at + done - distance, at + done);
        let source = data.get(from..).and_then(|from| from.first_chunk());
        let step: Option<[u8; STEP]> = source.copied();
        let place = data.get_mut(to..).and_then(|to| to.first_chunk_mut());
        let (Some(step), Some(place)) = (step, place) else {
            // There is no room for a whole step.
            return replicate(data, from, to, length - done);
        };
        *place = step;
        done += STEP;
    }
}
