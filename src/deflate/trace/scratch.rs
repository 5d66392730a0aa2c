//! What decoders share that run on one thread.
//!
//! Job: hold the codes of the block at hand, and of blocks whose rest is yet to come, so that no
//! direction needs tables of its own. Input: code lengths. Output: codes.
//!
//! What comes out never depends on what is here: codes are made anew where they are gone.

use std::cell::RefCell;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::header::{CodeLengths, Codes, Lengths};

/// Blocks of which the codes are kept while other directions are decoded: 8 KiB each.
const PARKED_MAX: usize = 256;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Tables and buffers of a thread.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) tables: Tables,
    /// Input that was left over, with what came after it.
    pub(super) joined: Vec<u8>,
}

/// Codes of dynamic blocks.
#[derive(Debug)]
pub(super) struct Tables {
    /// Those of the block at hand.
    pub(super) codes: Box<Codes>,
    pub(super) code_lengths: CodeLengths,
    /// Those of others, by their lengths.
    parked: Vec<Option<Box<Codes>>>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            tables: Tables {
                codes: Box::new(Codes::new()),
                code_lengths: CodeLengths::new(),
                parked: Vec::new(),
            },
            joined: Vec::new(),
        }
    }
}

impl Scratch {
    /// Lends this thread's.
    pub(super) fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        SCRATCH.with_borrow_mut(work)
    }
}

impl Tables {
    /// The block at hand goes on later: its lengths go to `lengths`.
    pub(super) fn park(&mut self, lengths: &mut Option<Box<Lengths>>) {
        match lengths {
            Some(lengths) => (**lengths).clone_from(&self.codes.lengths),
            None => *lengths = Some(Box::new(self.codes.lengths.clone())),
        }
        let place = place(&self.codes.lengths);
        self.parked.resize_with(PARKED_MAX, || None);
        if let Some(slot) = self.parked.get_mut(place) {
            let spare = slot.take().unwrap_or_else(|| Box::new(Codes::new()));
            *slot = Some(std::mem::replace(&mut self.codes, spare));
        }
    }

    /// The block with these lengths goes on.
    pub(super) fn resume(&mut self, lengths: &Lengths) {
        let place = place(lengths);
        match self.parked.get_mut(place) {
            Some(Some(codes)) if codes.lengths == *lengths => {
                std::mem::swap(&mut self.codes, codes);
            }
            _ => self.codes.remake(lengths),
        }
    }
}

/// Where codes with these lengths are parked.
#[expect(clippy::cast_possible_truncation, reason = "any bits of the hash do")]
fn place(lengths: &Lengths) -> usize {
    FixedState::default().hash_one(lengths) as usize % PARKED_MAX
}
