//! The history of one direction, byte by byte known or not.
//!
//! Job: take literals and copies, hand the output on. Input: decoded symbols. Output: bytes with
//! marks into an [`Output`]. RFC 1951 §2: distances reach back 32,768 bytes at the most; the
//! window is as large as that whatever was agreed.

use crate::deflate::History;
use crate::deflate::Output;

/// The farthest distance.
pub(super) const FARTHEST: usize = History::SIZE;
/// Output that fits before older bytes move out.
const ROOM: usize = 1 << 15;
/// The most that one symbol puts out.
const LONGEST: usize = 258;

/// A copy from before the beginning of a stream of which nothing was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooFar;

/// History and fresh output in one buffer.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// Zero where a byte is unknown.
    data: Vec<u8>,
    /// One where a byte is unknown; zeros behind `unknown_end`.
    marks: Vec<u8>,
    /// Where the next byte goes.
    at: usize,
    /// Up to where the output was handed on.
    taken: usize,
    /// Where history begins: at the stream's first byte, or the first one since a loss.
    floor: usize,
    /// Whether there was more before `floor`, nobody knows how much.
    lost: bool,
    /// Behind the last unknown byte.
    unknown_end: usize,
    /// How many bytes have moved out.
    moved: u64,
}

impl Window {
    /// A window before a stream's first byte.
    pub(super) fn new() -> Self {
        Self {
            data: vec![0; FARTHEST + ROOM],
            marks: vec![0; FARTHEST + ROOM],
            at: 0,
            taken: 0,
            floor: 0,
            lost: false,
            unknown_end: 0,
            moved: 0,
        }
    }

    /// A window that holds the last bytes of a stream, before which more may have been lost.
    pub(super) fn from_history(history: &History, lost_before: bool) -> Self {
        let mut window = Self::new();
        window.lost = lost_before;
        let bytes = history.to_vec();
        if let Some(place) = window.data.get_mut(..bytes.len()) {
            place.copy_from_slice(&bytes);
            window.at = bytes.len();
            window.taken = bytes.len();
        }
        window
    }

    /// How many bytes were put out before the next one.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.moved + self.at as u64
    }

    /// Begins an empty window.
    pub(super) fn reset(&mut self) {
        self.floor = self.at;
        self.lost = false;
    }

    /// An unknown number of bytes is missing here.
    pub(super) fn lose(&mut self) {
        self.floor = self.at;
        self.lost = true;
    }

    /// Whether there was output before what is held of it, nobody knows how much.
    pub(super) fn is_lost_before(&self) -> bool {
        self.lost
    }

    /// Whether every byte that a distance can reach is known, and how far the stream goes back.
    pub(super) fn is_known(&self) -> bool {
        let low = self.floor.max(self.at.saturating_sub(FARTHEST));
        self.unknown_end <= low && (!self.lost || self.at - self.floor >= FARTHEST)
    }

    /// The bytes that a distance can reach.
    pub(super) fn reachable(&self) -> &[u8] {
        let low = self.floor.max(self.at.saturating_sub(FARTHEST));
        self.data.get(low..self.at).unwrap_or_default()
    }

    /// Makes place for one symbol's output.
    #[inline]
    pub(super) fn make_room(&mut self, output: &mut Output) {
        if self.data.len() - self.at < LONGEST {
            self.slide(output);
        }
    }

    #[cold]
    fn slide(&mut self, output: &mut Output) {
        self.hand_on(output);
        let gone = self.at.saturating_sub(FARTHEST);
        self.data.copy_within(gone..self.at, 0);
        if self.unknown_end > 0 {
            self.marks.copy_within(gone..self.at, 0);
            let stale = self.marks.get_mut(self.at - gone..self.at);
            stale.unwrap_or_default().fill(0);
        }
        self.at -= gone;
        self.taken = self.at;
        self.floor = self.floor.saturating_sub(gone);
        self.unknown_end = self.unknown_end.saturating_sub(gone);
        self.moved += gone as u64;
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
            let range = self.at..self.at + room;
            self.data.get_mut(range.clone()).unwrap_or_default().fill(0);
            self.marks.get_mut(range).unwrap_or_default().fill(1);
            self.at += room;
            self.unknown_end = self.at;
            count -= room;
        }
    }

    /// Puts out `length` (at most 258) bytes, each a copy of the one `distance` before it.
    #[inline]
    pub(super) fn copy(&mut self, distance: usize, length: usize) -> Result<(), TooFar> {
        // RFC 1951 §3.2.3: a distance cannot refer past the beginning of the output stream.
        if distance > self.at - self.floor {
            if !self.lost {
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
        let missing = (distance - (self.at - self.floor)).min(length);
        let range = self.at..self.at + missing;
        self.data.get_mut(range.clone()).unwrap_or_default().fill(0);
        self.marks.get_mut(range).unwrap_or_default().fill(1);
        self.at += missing;
        self.unknown_end = self.at;
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
fn replicate(bytes: &mut [u8], from: usize, to: usize, length: usize) {
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
