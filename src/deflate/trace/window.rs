//! The history of one direction, byte by byte known or not.
//!
//! Job: take literals and copies, hand the output on. Input: decoded symbols. Output: bytes with
//! marks into an [`Output`]. RFC 1951 §2: distances reach back 32,768 bytes at the most; the
//! window is as large as that whatever was agreed.

mod rest;

use std::ops::Range;

use crate::deflate::{Output, Packed};

/// The farthest distance.
pub(super) const FARTHEST: usize = 1 << 15;
/// Room that is made at once where a window begins.
const FIRST: usize = 1 << 10;
/// The largest buffer: a window, and output that fits before older bytes move out.
const WHOLE: usize = 2 * FARTHEST + ROOM;
/// What is free before a symbol is decoded: the most that one puts out (258 bytes), rounded up to
/// whole steps of copying.
pub(super) const ROOM: usize = 288;

/// A copy from before the beginning of a stream of which nothing was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooFar;

/// Where history begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Floor {
    /// At the stream's first byte, or the first one since a loss.
    at: usize,
    /// Whether there was more before, nobody knows how much.
    lost: bool,
}

/// History and fresh output in one buffer, which grows with what is put out.
#[derive(Debug)]
pub(super) struct Window {
    /// Zero where a byte is unknown. What lies behind `at` means nothing.
    data: Vec<u8>,
    /// One where a byte is unknown; zeros behind `unknown_end`. Empty where none is.
    marks: Vec<u8>,
    /// Where the next byte goes.
    at: usize,
    /// Up to where the output was handed on.
    taken: usize,
    floor: Floor,
    /// Where it would be without resets, for a sender that does not reset.
    kept: Option<Floor>,
    /// Behind the last unknown byte.
    unknown_end: usize,
    /// How many bytes have moved out.
    moved: u64,
    /// What `data` held, where it rests.
    packed: Option<Packed>,
}

impl Clone for Window {
    /// A copy of what copies can reach, all of which was handed on.
    fn clone(&self) -> Self {
        let gone = self.at.saturating_sub(FARTHEST);
        let part = |of: &Vec<u8>| of.get(gone..self.at).unwrap_or_default().to_vec();
        let mut window = Self {
            data: part(&self.data),
            marks: part(&self.marks),
            packed: self.packed.clone(),
            ..*self
        };
        window.count_out(gone);
        window
    }
}

impl Window {
    /// A window before a stream's first byte.
    pub(super) fn new() -> Self {
        Self::over(&[], false)
    }

    /// A window that holds the last bytes of a stream, before which more may have been lost.
    pub(super) fn over(history: &[u8], lost_before: bool) -> Self {
        let from = history.len().saturating_sub(FARTHEST);
        let data = history.get(from..).unwrap_or_default().to_vec();
        Self {
            at: data.len(),
            taken: data.len(),
            data,
            marks: Vec::new(),
            floor: Floor {
                at: 0,
                lost: lost_before,
            },
            kept: None,
            unknown_end: 0,
            moved: 0,
            packed: None,
        }
    }

    /// How many bytes were put out before the next one.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.moved + self.at as u64
    }

    /// How many bytes were put out before the buffer's first one.
    #[inline]
    pub(super) fn moved(&self) -> u64 {
        self.moved
    }

    /// The last `length` bytes.
    pub(super) fn last(&self, length: usize) -> &[u8] {
        let from = self.at.saturating_sub(length);
        self.data.get(from..self.at).unwrap_or_default()
    }

    /// Begins an empty window. What was before stays, for [`recall`](Self::recall).
    pub(super) fn reset(&mut self) {
        self.kept.get_or_insert(self.floor);
        self.floor = Floor {
            at: self.at,
            lost: false,
        };
    }

    /// Takes resets back: the sender did none. Returns whether there was one.
    pub(super) fn recall(&mut self) -> bool {
        let kept = self.kept.take();
        self.floor = kept.unwrap_or(self.floor);
        kept.is_some()
    }

    /// An unknown number of bytes is missing here.
    pub(super) fn lose(&mut self) {
        self.kept = None;
        self.floor = Floor {
            at: self.at,
            lost: true,
        };
    }

    /// Whether there was output before what is held of it, nobody knows how much.
    pub(super) fn is_lost_before(&self) -> bool {
        self.floor.lost
    }

    /// Whether every byte that a distance can reach is known, and how far the stream goes back.
    pub(super) fn is_known(&self) -> bool {
        let low = self.lowest();
        self.unknown_end <= low && (!self.floor.lost || self.at - self.floor.at >= FARTHEST)
    }

    /// The first byte that a distance can reach.
    fn lowest(&self) -> usize {
        self.floor.at.max(self.at.saturating_sub(FARTHEST))
    }

    /// The bytes that a distance can reach.
    pub(super) fn reachable(&self) -> &[u8] {
        self.data.get(self.lowest()..self.at).unwrap_or_default()
    }

    /// How many bytes a distance could reach if no reset held.
    pub(super) fn recallable(&self) -> u64 {
        let floor = self.kept.unwrap_or(self.floor).at;
        (self.at - floor).min(FARTHEST) as u64
    }

    /// The buffer, where the next byte goes, and the first byte from which all are known and of one
    /// stream: for who puts out bytes itself, and says [`advance`](Self::advance) then.
    #[inline]
    pub(super) fn parts(&mut self) -> (&mut [u8], usize, usize) {
        let known_from = self.floor.at.max(self.unknown_end);
        (&mut self.data, self.at, known_from)
    }

    /// Bytes were put out up to `at`.
    #[inline]
    pub(super) fn advance(&mut self, at: usize) {
        self.at = at;
    }

    /// Makes place for one symbol's output.
    #[inline]
    pub(super) fn make_room(&mut self, output: &mut Output) {
        if self.data.len() - self.at < ROOM {
            self.make_more_room(output);
        }
    }

    #[cold]
    fn make_more_room(&mut self, output: &mut Output) {
        if self.data.len() < WHOLE {
            // Half as much again: short streams need no whole window.
            let len = (self.data.len() / 2 * 3).max(self.at + FIRST).min(WHOLE);
            self.data.reserve_exact(len - self.data.len());
            self.data.resize(len, 0);
            if !self.marks.is_empty() {
                self.marks.resize(len, 0);
            }
        }
        if self.data.len() - self.at < ROOM {
            self.hand_on(output);
            self.move_out();
        }
    }

    /// Drops what no copy can reach.
    fn move_out(&mut self) {
        let gone = self.at.saturating_sub(FARTHEST);
        self.data.copy_within(gone..self.at, 0);
        if self.unknown_end <= gone {
            self.marks = Vec::new();
        } else {
            self.marks.copy_within(gone..self.at, 0);
            let stale = self.marks.get_mut(self.at - gone..self.at);
            stale.unwrap_or_default().fill(0);
        }
        self.count_out(gone);
    }

    /// The first `gone` bytes have moved out.
    fn count_out(&mut self, gone: usize) {
        self.at -= gone;
        self.taken = self.at;
        self.floor.at = self.floor.at.saturating_sub(gone);
        if let Some(kept) = &mut self.kept {
            kept.at = kept.at.saturating_sub(gone);
        }
        self.unknown_end = self.unknown_end.saturating_sub(gone);
        self.moved += gone as u64;
    }

    /// The next bytes, up to the end of `range`, are not known.
    fn mark(&mut self, range: Range<usize>) {
        if self.marks.is_empty() {
            self.marks.resize(self.data.len(), 0);
        }
        self.unknown_end = range.end;
        self.data.get_mut(range.clone()).unwrap_or_default().fill(0);
        self.marks.get_mut(range).unwrap_or_default().fill(1);
    }

    /// Hands on what was put out since the last time.
    pub(super) fn hand_on(&mut self, output: &mut Output) {
        let fresh = self.data.get(self.taken..self.at).unwrap_or_default();
        if self.unknown_end <= self.taken {
            output.push(fresh);
        } else {
            let marks = self.marks.get(self.taken..self.at).unwrap_or_default();
            output.push_marked(fresh, marks);
        }
        self.taken = self.at;
    }

    /// Puts out a byte.
    #[inline]
    pub(super) fn literal(&mut self, byte: u8) {
        if let Some(place) = self.data.get_mut(self.at) {
            *place = byte;
            self.at += 1;
        }
    }

    /// Puts out the bytes of a stored block.
    pub(super) fn literals(&mut self, mut bytes: &[u8], output: &mut Output) {
        while !bytes.is_empty() {
            self.make_room(output);
            let room = bytes.len().min(self.data.len() - self.at);
            let (now, later) = bytes.split_at(room);
            if let Some(place) = self.data.get_mut(self.at..self.at + room) {
                place.copy_from_slice(now);
            }
            self.at += room;
            bytes = later;
        }
    }

    /// Puts out `count` bytes that nobody knows.
    pub(super) fn unknown(&mut self, mut count: usize, output: &mut Output) {
        while count > 0 {
            self.make_room(output);
            let room = count.min(self.data.len() - self.at);
            self.mark(self.at..self.at + room);
            self.at += room;
            count -= room;
        }
    }

    /// Puts out `length` (at most 258) bytes, each a copy of the one `distance` before it.
    #[inline]
    pub(super) fn copy(&mut self, distance: usize, length: usize) -> Result<(), TooFar> {
        // RFC 1951 §3.2.3: a distance cannot refer past the beginning of the output stream.
        if distance > self.at - self.floor.at {
            if !self.floor.lost {
                return Err(TooFar);
            }
            self.copy_from_lost(distance, length);
            return Ok(());
        }
        let from = self.at - distance;
        replicate(&mut self.data, from, self.at, length);
        if from < self.unknown_end {
            self.copy_marks(from, length);
        }
        self.at += length;
        Ok(())
    }

    fn copy_marks(&mut self, from: usize, length: usize) {
        replicate(&mut self.marks, from, self.at, length);
        let fresh = self.marks.get(self.at..self.at + length);
        let last = fresh.and_then(|marks| marks.iter().rposition(|mark| *mark != 0));
        if let Some(last) = last {
            self.unknown_end = self.at + last + 1;
        }
    }

    /// A copy whose source lies before `floor`, at least in its beginning.
    fn copy_from_lost(&mut self, distance: usize, length: usize) {
        let missing = (distance - (self.at - self.floor.at)).min(length);
        self.mark(self.at..self.at + missing);
        self.at += missing;
        let (from, rest) = (self.at.saturating_sub(distance), length - missing);
        if rest > 0 {
            replicate(&mut self.data, from, self.at, rest);
            self.copy_marks(from, rest);
            self.at += rest;
        }
    }
}

/// Copies `length` bytes from `from` to `to`, where the source may run into the copy. RFC 1951
/// §3.2.3: with a distance below the length, the copy repeats its source.
#[inline]
pub(super) fn replicate(bytes: &mut [u8], from: usize, to: usize, length: usize) {
    let distance = to - from;
    if distance >= length {
        bytes.copy_within(from..from + length, to);
        return;
    }
    let mut done = 0;
    while done < length {
        // What is copied already repeats the source, so twice as much can be taken each time.
        let step = (distance + done).min(length - done);
        bytes.copy_within(from..from + step, to + done);
        done += step;
    }
}

#[cfg(test)]
mod tests;
