//! What steps rendered whose numbers do not rise.
//!
//! Job: keep what such steps rendered until it can be handed on in the order of their numbers. Input: a
//! portion whose pieces come in any order. Output: its pieces, the lowest first.

use std::ops::Range;

use super::{Outlet, Portion, Rendered};

/// So many times as much as a portion is kept aside. What one step renders may come on top.
pub const PORTIONS: usize = 4;

/// What was rendered aside.
#[derive(Debug)]
pub(super) struct Aside<R> {
    portion: Portion<R>,
    /// Each step's number, and where its units are; the highest number first.
    pieces: Vec<(u64, Range<usize>)>,
    /// Bytes of memory at which a portion is handed on while numbers rise.
    full: usize,
}

impl<R: Rendered> Default for Aside<R> {
    fn default() -> Self {
        Self {
            portion: Portion::default(),
            pieces: Vec::new(),
            full: 0,
        }
    }
}

impl<R> Aside<R> {
    /// Bytes of memory that are kept, more or less.
    pub(super) fn most(&self) -> usize {
        self.full.saturating_mul(PORTIONS)
    }
}

impl<R: Rendered> Outlet<'_, R> {
    pub(super) fn begin_aside(&mut self) {
        std::mem::swap(&mut self.portion, &mut self.aside.portion);
        // Nothing is handed on.
        self.aside.full = std::mem::replace(&mut self.full, usize::MAX);
    }

    pub(super) fn end_aside(&mut self) {
        std::mem::swap(&mut self.portion, &mut self.aside.portion);
        self.full = self.aside.full;
        let Aside {
            portion, pieces, ..
        } = &mut self.aside;
        let mut start = 0;
        pieces.extend(portion.pieces.drain(..).map(|piece| {
            let range = start..piece.end;
            start = piece.end;
            (piece.number, range)
        }));
        pieces.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
    }

    /// What was rendered aside by steps before `number` takes its place.
    #[inline]
    pub(super) fn release_aside(&mut self, number: u64) {
        while let Some((lowest, _)) = self.aside.pieces.last()
            && *lowest < number
        {
            self.release_lowest();
        }
    }

    fn release_lowest(&mut self) {
        if let Some((lowest, range)) = self.aside.pieces.pop() {
            self.number = lowest;
            let from = &mut self.aside.portion.rendered;
            self.portion.rendered.append(from, range);
            self.mark();
            if self.portion.rendered.bytes() >= self.full {
                self.hand_on();
            }
        }
        if self.aside.pieces.is_empty() {
            self.aside.portion.clear();
        }
    }
}
