//! The output of all workers in packet order.
//!
//! Job: put together what the workers rendered of each block. Input: [`Portion`]s of each worker, whose
//! pieces rise by their step's number, the last one of a block marked. Output: what was rendered, in the
//! order of steps.
//!
//! Each worker may be ahead by as many portions as its channel holds. Where nothing more is known of a
//! worker, the merge waits for that one, whose channel is empty then: so the worker with the lowest
//! open step can always go on, and no two wait for each other.

use std::io;

use crossbeam_channel::{Receiver, Sender};

use super::Taker;
use crate::event::{Portion, Rendered};

/// Merges output; memory goes round.
pub(super) struct Merge<R> {
    lanes: Vec<Lane<R>>,
    /// Where portions go that were taken.
    spare: Sender<Portion<R>>,
    merged: R,
    /// Bytes of memory at which what is merged is given away.
    full: usize,
}

/// What comes of one worker.
struct Lane<R> {
    from: Receiver<Portion<R>>,
    portion: Portion<R>,
    /// The piece that comes next, and the unit it begins with.
    next: usize,
    start: usize,
}

impl<R: Rendered> Merge<R> {
    /// A merge of what comes `from` the workers.
    pub(super) fn new(
        from: Vec<Receiver<Portion<R>>>,
        spare: Sender<Portion<R>>,
        full: usize,
    ) -> Self {
        let lane = |from| Lane {
            from,
            portion: Portion::default(),
            next: 0,
            start: 0,
        };
        Self {
            lanes: from.into_iter().map(lane).collect(),
            spare,
            merged: R::default(),
            full,
        }
    }

    /// Gives everything to `out`, until the workers are at their end or `out` fails.
    pub(super) fn write(mut self, out: &mut Taker<'_, R>) -> io::Result<()> {
        loop {
            for lane in &mut self.lanes {
                lane.portion.is_last = false;
            }
            loop {
                let spare = &self.spare;
                if !self.lanes.iter_mut().all(|lane| lane.fill(spare)) {
                    return Ok(());
                }
                let Some((lowest, until)) = self.turn() else {
                    break;
                };
                if let Some(lane) = self.lanes.get_mut(lowest) {
                    lane.take(until, &mut self.merged);
                }
                if self.merged.bytes() >= self.full {
                    self.give(out)?;
                }
            }
            self.give(out)?;
        }
    }

    /// The lane with the lowest step, and up to which step it goes on alone.
    fn turn(&self) -> Option<(usize, u64)> {
        let mut lowest: Option<(usize, u64)> = None;
        let mut until = u64::MAX;
        for (index, lane) in self.lanes.iter().enumerate() {
            let Some(number) = lane.number() else {
                continue;
            };
            match lowest {
                Some((_, least)) if least <= number => until = until.min(number),
                _ => {
                    until = lowest.map_or(u64::MAX, |(_, least)| least);
                    lowest = Some((index, number));
                }
            }
        }
        lowest.map(|(index, _)| (index, until))
    }

    fn give(&mut self, out: &mut Taker<'_, R>) -> io::Result<()> {
        if !self.merged.is_empty() {
            out(&mut self.merged)?;
            self.merged.truncate(0);
        }
        Ok(())
    }
}

impl<R: Rendered> Lane<R> {
    /// The number of the next piece's step; nothing where the block is over.
    fn number(&self) -> Option<u64> {
        Some(self.portion.pieces.get(self.next)?.number)
    }

    /// Waits until the next piece or the block's end is known; false where nothing more comes.
    fn fill(&mut self, spare: &Sender<Portion<R>>) -> bool {
        while self.number().is_none() && !self.portion.is_last {
            let Ok(portion) = self.from.recv() else {
                return false;
            };
            let mut taken = std::mem::replace(&mut self.portion, portion);
            taken.clear();
            // A full channel means that there are spare ones enough.
            let _ = spare.try_send(taken);
            (self.next, self.start) = (0, 0);
        }
        true
    }

    /// Moves the next piece, and those after it whose steps come before `until`.
    fn take(&mut self, until: u64, merged: &mut R) {
        let pieces = self.portion.pieces.get(self.next..).unwrap_or_default();
        let (mut count, mut end) = (0, self.start);
        for piece in pieces {
            if count > 0 && piece.number >= until {
                break;
            }
            (count, end) = (count + 1, piece.end);
        }
        if merged.is_empty() && count == self.portion.pieces.len() {
            std::mem::swap(merged, &mut self.portion.rendered);
        } else {
            merged.append(&mut self.portion.rendered, self.start..end);
        }
        self.next += count;
        self.start = end;
    }
}

#[cfg(test)]
mod tests;
