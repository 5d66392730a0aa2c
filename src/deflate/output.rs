//! What a message decodes to, as far as it is known.
//!
//! Job: keep the first bytes of the payload and say which of them are not known. Input: runs of
//! bytes with a mark for each unknown one. Output: [`Output`].

use super::trace::Span;

/// A message's payload.
///
/// Its first bytes are kept, the rest is counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// The kept bytes, zeros where they are not known.
    pub bytes: Vec<u8>,
    /// Which of the kept bytes are not known, in order, with known ones between them.
    pub holes: Vec<Span>,
    /// All bytes that were put out, kept or not.
    pub total: u64,
    /// How many of all bytes are not known.
    pub unknown: u64,
    /// How many bytes are kept at the most.
    limit: usize,
}

/// Holes that are kept. Past it the last one grows over the known bytes before the next unknown
/// ones: less is said to be known, and nothing wrong.
const MOST_HOLES: usize = 1 << 16;

/// A place in an [`Output`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    kept: usize,
    holes: usize,
    total: u64,
    unknown: u64,
}

impl Output {
    /// An empty payload that will keep `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self::reuse(Vec::new(), limit)
    }

    /// The same with a buffer that was used before.
    pub fn reuse(mut buffer: Vec<u8>, limit: usize) -> Self {
        buffer.clear();
        Self {
            bytes: buffer,
            holes: Vec::new(),
            total: 0,
            unknown: 0,
            limit,
        }
    }

    /// An empty payload that keeps nothing and counts.
    pub fn counting() -> Self {
        Self::new(0)
    }

    /// From here on `limit` bytes are kept at the most. Once bytes were left out, a higher limit
    /// changes nothing any more.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Keeps its first bytes only; the others count as not kept.
    pub fn keep_first(&mut self, len: usize) {
        if len >= self.bytes.len() {
            return;
        }
        self.bytes.truncate(len);
        self.bytes.shrink_to_fit();
        let end = len as u64;
        self.holes.retain(|hole| hole.start < end);
        if let Some(last) = self.holes.last_mut() {
            last.end = last.end.min(end);
        }
    }

    /// How many of the next `len` bytes will be kept.
    pub fn room(&self, len: usize) -> usize {
        let whole = self.bytes.len() as u64 == self.total;
        let free = self.limit.saturating_sub(self.bytes.len());
        if whole { free.min(len) } else { 0 }
    }

    /// Where it stands, to come back to.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            kept: self.bytes.len(),
            holes: self.holes.len(),
            total: self.total,
            unknown: self.unknown,
        }
    }

    /// Takes back what came since `mark`.
    pub(super) fn rewind(&mut self, mark: Mark) {
        self.bytes.truncate(mark.kept);
        self.holes.truncate(mark.holes);
        self.total = mark.total;
        self.unknown = mark.unknown;
    }

    /// Whether every byte is known.
    pub fn is_known(&self) -> bool {
        self.unknown == 0
    }

    /// Whether the byte at `index` is kept and known.
    pub fn knows(&self, index: u64) -> bool {
        let behind = self.holes.partition_point(|hole| hole.end <= index);
        let in_hole = self
            .holes
            .get(behind)
            .is_some_and(|hole| hole.start <= index);
        index < self.bytes.len() as u64 && !in_hole
    }

    /// The known parts of the kept bytes, each with where it begins.
    pub fn known(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let ends = self.bytes.len() as u64;
        let starts = std::iter::once(0).chain(self.holes.iter().map(|hole| hole.end));
        let stops = self.holes.iter().map(|hole| hole.start);
        starts
            .zip(stops.chain(std::iter::once(ends)))
            .filter_map(|(start, stop)| {
                let range = usize::try_from(start).ok()?..usize::try_from(stop).ok()?;
                let part = self.bytes.get(range).filter(|part| !part.is_empty())?;
                Some((start, part))
            })
    }

    /// Appends bytes that are all known.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let keep = bytes.get(..self.room(bytes.len()));
        self.bytes.extend_from_slice(keep.unwrap_or_default());
        self.total += bytes.len() as u64;
    }

    /// Appends bytes; a mark other than zero says that the byte in its place is unknown.
    pub(super) fn push_marked(&mut self, bytes: &[u8], marks: &[u8]) {
        let start = self.total;
        self.push(bytes);
        let kept = self.bytes.len() as u64;
        let mut at = start;
        for run in marks.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            let span = Span::new(at, run.len() as u64);
            at = span.end;
            if run.first().is_some_and(|mark| *mark != 0) {
                self.unknown += span.len();
                self.hole(span.start, span.end.min(kept));
            }
        }
    }

    /// Counts `len` bytes that are not known, with zeros in their place.
    pub fn skip(&mut self, len: u64) {
        let (start, room) = (
            self.total,
            self.room(usize::try_from(len).unwrap_or(usize::MAX)),
        );
        self.bytes.resize(self.bytes.len() + room, 0);
        self.total = start.saturating_add(len);
        self.unknown = self.unknown.saturating_add(len);
        self.hole(start, start.saturating_add(room as u64));
    }

    fn hole(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        let full = self.holes.len() >= MOST_HOLES;
        match self.holes.last_mut() {
            Some(last) if last.end >= start || full => last.end = end,
            _ => self.holes.push(Span { start, end }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_behind_some_that_were_left_out_are_left_out() {
        let mut output = Output::new(2);
        output.push(b"abc");
        output.set_limit(9);
        output.push(b"d");
        output.push_marked(b"\0", &[1]);
        assert_eq!((output.bytes.as_slice(), output.total), (&b"ab"[..], 5));
        assert!(output.holes.is_empty() && output.unknown == 1);
    }

    #[test]
    fn what_is_taken_back_was_never_there() {
        let mut output = Output::new(9);
        output.push_marked(b"a\0", &[0, 1]);
        let (before, mark) = (output.clone(), output.mark());
        output.push_marked(b"\0b\0", &[0, 0, 1]);
        output.rewind(mark);
        assert_eq!(output, before);
    }

    #[test]
    fn runs_that_touch_are_one_hole() {
        let mut output = Output::new(7);
        output.push_marked(b"ab\0", &[0, 0, 1]);
        output.skip(1);
        output.push(b"c");
        output.push(b"d");
        output.push_marked(b"\0\0e", &[1, 1, 0]);
        assert_eq!(output.bytes, b"ab\0\0cd\0");
        assert_eq!(output.holes, [Span::new(2, 2), Span::new(6, 1)]);
        assert_eq!((output.total, output.unknown), (9, 4));
        let known: Vec<_> = output.known().collect();
        assert_eq!(known, [(0, &b"ab"[..]), (4, b"cd")]);
        let each: Vec<_> = (0..9).filter(|i| output.knows(*i)).collect();
        assert_eq!(each, [0, 1, 4, 5]);
    }

    #[test]
    fn the_first_bytes_keep_their_holes() {
        let mut output = Output::new(9);
        output.push_marked(b"ab\0\0c\0", &[0, 0, 1, 1, 0, 1]);
        for (len, holes) in [
            (5, &[Span::new(2, 2)][..]),
            (3, &[Span::new(2, 1)]),
            (2, &[]),
        ] {
            output.keep_first(len);
            assert_eq!((output.bytes.len(), output.holes.as_slice()), (len, holes));
        }
        assert_eq!(output.total, 6);
    }
}
