//! Symbols of a small message, their copies all at once.
//!
//! Job: decode the first symbols that are as usual, and put them out together. Input: bits, codes.
//! Output: bytes into the window. RFC 1951 §3.2.3.
//!
//! With many connections most windows are not in the processor's caches, and each copy would wait
//! for its source. So some dozens of symbols are decoded first, and the sources of all their copies
//! are asked for together. Where more follows, the window is at hand, and [`fast`](super::fast)
//! decodes it with less to note.

#![expect(
    clippy::cast_possible_truncation,
    reason = "lengths end at 258, distances at 32,768, and the literals that are noted at 512"
)]

use std::ops::Range;

use super::bits::BitReader;
use super::fast::{Distances, PAIR_BITS, copy, few_literals, pair};
use super::header::Codes;
use super::record::{Copied, Recorder};
use super::window::{ROOM, Window};

/// Decodes symbols, and says why it stopped.
pub(super) fn run<R: Recorder>(
    codes: &Codes,
    reader: &mut BitReader<'_>,
    window: &mut Window,
    distances: &mut Distances,
    record: &mut R,
) -> Stop {
    let moved = window.moved();
    let (data, at, known_from) = window.parts();
    let mut ahead = Ahead {
        known_from,
        unremarkable: distances.unremarkable(),
        farthest: distances.farthest,
        at,
        end: data.len(),
        ..Ahead::EMPTY
    };
    let stop = ahead.decode(codes, reader, (moved, record));
    ahead.put_out(data, at, (moved, record));
    distances.farthest = ahead.farthest;
    window.advance(ahead.at);
    stop
}

/// Why decoding ahead stops.
pub(super) enum Stop {
    /// There is no room to note more.
    Full,
    /// The next symbol is not as usual, and is not taken.
    Unusual,
    /// The block has ended.
    End,
}

/// Literals, and the copy after them.
#[derive(Debug, Clone, Copy)]
struct Step {
    literals: u16,
    length: u16,
    distance: u16,
}

impl Step {
    #[inline]
    fn of(literals: usize, length: usize, distance: usize) -> Self {
        Self {
            literals: literals as u16,
            length: length as u16,
            distance: distance as u16,
        }
    }
}

/// How many copies are noted.
const STEPS: usize = 64;
/// How many literals are noted.
const LITERALS: usize = 512;
/// Literals are put out in chunks of this size, so that some bytes after the last one change, too.
const CHUNK: usize = 16;

/// Symbols that are decoded and not yet put out.
struct Ahead {
    steps: [Step; STEPS],
    taken: usize,
    literals: [u8; LITERALS + CHUNK],
    filled: usize,
    /// Up to where literals belong to a step.
    assigned: usize,
    /// Where the next byte will go.
    at: usize,
    /// The buffer's end.
    end: usize,
    known_from: usize,
    unremarkable: usize,
    farthest: usize,
}

impl Ahead {
    const EMPTY: Self = Self {
        steps: [Step {
            literals: 0,
            length: 0,
            distance: 0,
        }; STEPS],
        taken: 0,
        literals: [0; LITERALS + CHUNK],
        filled: 0,
        assigned: 0,
        at: 0,
        end: 0,
        known_from: 0,
        unremarkable: 0,
        farthest: 0,
    };

    /// Decodes what can be noted, where so many bytes have `moved` out before.
    #[inline]
    fn decode<R: Recorder>(
        &mut self,
        codes: &Codes,
        reader: &mut BitReader<'_>,
        (moved, record): (u64, &mut R),
    ) -> Stop {
        let mut bits = *reader;
        let stop = loop {
            bits.refill();
            if bits.have() < PAIR_BITS || self.at + ROOM > self.end {
                break Stop::Unusual;
            }
            let fresh = self.literals.get_mut(self.filled..LITERALS);
            let (Some(fresh), Some(step)) = (
                fresh.and_then(<[u8]>::first_chunk_mut::<3>),
                self.steps.get_mut(self.taken),
            ) else {
                break Stop::Full;
            };
            let mut entry = codes.literals.quick(bits.peek());
            if entry.is_literal() {
                let count = few_literals(codes, &mut bits, entry, fresh);
                self.filled += count;
                self.at += count;
                continue;
            }
            if entry.is_special() {
                entry = codes.literals.look(bits.peek());
                if entry.is_literal() {
                    bits.consume(entry.total());
                    fresh[0] = entry.byte();
                    self.filled += 1;
                    self.at += 1;
                    continue;
                }
                if entry.is_end() {
                    bits.consume(entry.total());
                    break Stop::End;
                }
                if entry.is_special() {
                    break Stop::Unusual;
                }
            }
            let mut later = bits;
            let Some((length, distance)) = pair(codes, entry, &mut later) else {
                break Stop::Unusual;
            };
            if distance > (self.at - self.known_from).min(self.unremarkable) {
                break Stop::Unusual;
            }
            record.copied(Copied {
                position: moved + self.at as u64,
                distance,
                length,
                bits: bits.have() - later.have(),
            });
            bits = later;
            self.farthest = self.farthest.max(distance);
            *step = Step::of(self.filled - self.assigned, length, distance);
            self.assigned = self.filled;
            self.taken += 1;
            self.at += length;
        };
        *reader = bits;
        stop
    }

    /// Puts out what is noted, from `at` on, where so many bytes have `moved` out before.
    #[inline]
    fn put_out<R: Recorder>(&self, data: &mut [u8], mut at: usize, (moved, record): (u64, &mut R)) {
        let steps = self.steps.get(..self.taken).unwrap_or_default();
        if steps.len() > 1 {
            ask_for(data, at, steps);
        }
        let mut from = 0;
        for step in steps {
            let (literals, length) = (usize::from(step.literals), usize::from(step.length));
            self.put_literals(data, at, from..from + literals);
            from += literals;
            at += literals;
            let distance = usize::from(step.distance);
            copy(data, at, distance, length);
            let made = data.get(at..at + length);
            record.made(moved + at as u64, distance, made.unwrap_or_default());
            at += length;
        }
        self.put_literals(data, at, from..self.filled);
    }

    #[inline]
    fn put_literals(&self, data: &mut [u8], to: usize, range: Range<usize>) {
        let mut done = 0;
        while done < range.len() {
            let source = self.literals.get(range.start + done..);
            let place = data.get_mut(to + done..);
            let (Some(source), Some(place)) = (
                source.and_then(<[u8]>::first_chunk::<CHUNK>),
                place.and_then(<[u8]>::first_chunk_mut::<CHUNK>),
            ) else {
                return;
            };
            *place = *source;
            done += CHUNK;
        }
    }
}

/// Reads a byte at both ends of what each copy loads, so that the processor fetches all of it at
/// the same time.
#[inline]
fn ask_for(data: &[u8], mut at: usize, steps: &[Step]) {
    let mut seen = 0;
    for step in steps {
        at += usize::from(step.literals);
        let from = at - usize::from(step.distance);
        at += usize::from(step.length);
        let last = from + usize::from(step.length.next_multiple_of(32)) - 1;
        seen ^= data.get(from).copied().unwrap_or(0) ^ data.get(last).copied().unwrap_or(0);
    }
    std::hint::black_box(seen);
}
