//! How much room a window takes.
//!
//! Job: take less while nothing comes, and none where all of it is given up. Input: a window between two
//! messages. Output: the same.

use super::{FARTHEST, Window};
use crate::deflate::Packed;

impl Window {
    /// Bytes of memory that a copy takes.
    pub(in crate::deflate::trace) fn held(&self) -> usize {
        let marks = if self.unknown_end > 0 { 2 } else { 1 };
        self.at.min(FARTHEST) * marks
    }

    /// Bytes that it takes.
    pub(in crate::deflate::trace) fn takes(&self) -> usize {
        let packed = self.packed.as_ref().map_or(0, Packed::takes);
        self.data.capacity() + self.marks.capacity() + packed
    }

    /// Nothing comes for a time: it takes no more than what copies can reach, and less where it is to
    /// `pack`. All was handed on.
    pub(in crate::deflate::trace) fn rest(&mut self, pack: bool) {
        let gone = self.at.saturating_sub(FARTHEST);
        if self.packed.is_some() || self.data.is_empty() {
            return;
        }
        let known = pack && self.unknown_end <= gone;
        let reach = self.data.get(gone..self.at).filter(|_| known);
        if let Some(packed) = reach.and_then(Packed::of) {
            self.packed = Some(packed);
            (self.data, self.marks) = (Vec::new(), Vec::new());
            self.count_out(gone);
        } else if self.data.len() > self.at - gone {
            *self = self.clone();
        }
    }

    /// Its bytes. They may be taken out, and must be put back before anything else comes.
    pub(in crate::deflate::trace) fn bytes(&mut self) -> [&mut Vec<u8>; 2] {
        [&mut self.data, &mut self.marks]
    }

    /// Whether its bytes are not at hand.
    pub(in crate::deflate::trace) fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    /// Makes its bytes ready.
    #[inline]
    pub(in crate::deflate::trace) fn wake(&mut self) {
        if self.packed.is_some() {
            self.unpack();
        }
    }

    #[cold]
    fn unpack(&mut self) {
        let packed = self.packed.take();
        match packed.and_then(|packed| packed.unpack()) {
            Some(data) => self.data = data,
            None => self.let_go(),
        }
    }

    /// Gives its bytes up: they are unknown from here on.
    pub(in crate::deflate::trace) fn let_go(&mut self) {
        self.count_out(self.at);
        (self.data, self.marks, self.packed) = (Vec::new(), Vec::new(), None);
        self.lose();
    }
}
