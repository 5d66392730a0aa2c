//! What all workers may hold.
//!
//! Job: give each block its share of what payloads may grow by, and say when silent connections are to
//! take less room or to give up what they keep of what went by. Input: what was held and kept when
//! blocks were done; how far each block can make that grow. Output: shares and [`Order`]s.
//!
//! What is said depends on packets and blocks only. As a rule it is enough to know what was kept some
//! blocks ago (`ledger::LAG`), and how far it can have grown since. Where that could be too much, the blocks that are on
//! their way are waited for.

use std::collections::VecDeque;

use super::ledger::Ledger;
use crate::base::Limits;
use crate::pipeline::Kept;

/// Connections that were heard in one of the last blocks are not made to rest.
const RECENT: u64 = 8;

/// Of the limit, in parts of it: where resting begins, what must be there to rest, and how far giving up
/// goes below it.
const REST_AT: (u64, u64) = (3, 4);
const WORTH: u64 = 16;
const BELOW: u64 = 8;

/// What workers tell of a block that is done.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    /// Payload bytes of messages in progress.
    pub(super) held: u64,
    /// By how much connections keep more of what went by.
    pub(super) kept: Kept,
}

impl Report {
    /// Adds what another worker tells.
    pub(super) fn merge(mut self, other: &Self) -> Self {
        self.held += other.held;
        self.kept.merge(&other.kept);
        self
    }
}

/// What silent connections are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Those that were not heard since this block take less room.
    Rest(u64),
    /// Those that were not heard since this block give up what they keep.
    LetGo(u64),
}

/// Bounds over all workers.
#[derive(Debug)]
pub(super) struct Bounds {
    ledger: Ledger,
    limit: u64,
    kept: Kept,
    /// How far blocks can have made that grow that are not done, as far as is known.
    growth: VecDeque<u64>,
    /// What was held when blocks were done that were waited for.
    early: VecDeque<u64>,
    /// Connections that were not heard since this block rest.
    rested: u64,
    /// The block at hand.
    block: u64,
}

impl Bounds {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            ledger: Ledger::new(limits.payload_total_bytes),
            limit: limits.kept_total_bytes as u64,
            kept: Kept::default(),
            growth: VecDeque::new(),
            early: VecDeque::new(),
            rested: 0,
            block: 0,
        }
    }

    /// The next block's number, from 1, and its share; `done` tells of the oldest block of which that is
    /// not known.
    pub(super) fn next(&mut self, mut done: impl FnMut() -> Report) -> (u64, u64) {
        self.block += 1;
        let Self {
            ledger,
            kept,
            growth,
            early,
            ..
        } = self;
        let share = ledger.share(|| {
            early.pop_front().unwrap_or_else(|| {
                let report = done();
                growth.pop_front();
                kept.merge(&report.kept);
                report.held
            })
        });
        (self.block, share)
    }

    /// What is to be done before the block at hand, which can make what is kept grow by `growth`, and all
    /// of it to no more than `most`. `done` as above; `carry_out` has an order carried out, and tells what
    /// changed.
    pub(super) fn keep(
        &mut self,
        (growth, most): (u64, u64),
        mut done: impl FnMut() -> Report,
        mut carry_out: impl FnMut(Order) -> Report,
    ) {
        let (part, of) = REST_AT;
        let easy = self.limit / of * part;
        let before: u64 = self.growth.iter().sum();
        self.growth.push_back(growth);
        let kept = self.kept.total();
        if kept.max(most.min(kept + before + growth)) <= easy {
            return;
        }
        while self.growth.len() > 1 {
            let report = done();
            self.growth.pop_front();
            self.kept.merge(&report.kept);
            self.early.push_back(report.held);
        }
        while let Some(order) = self.order(growth, easy) {
            let before = self.kept.total();
            self.kept.merge(&carry_out(order).kept);
            if matches!(order, Order::LetGo(_)) && self.kept.total() >= before {
                break;
            }
        }
    }

    fn order(&mut self, growth: u64, easy: u64) -> Option<Order> {
        let could = self.kept.total().saturating_add(growth);
        if could <= easy {
            return None;
        }
        let until = self.block.saturating_sub(RECENT);
        let rested = self.rested;
        let awake = self.kept.blocks();
        let awake = awake.filter(|(block, _)| (rested..until).contains(block));
        if awake.map(|(_, bytes)| bytes).sum::<u64>() >= self.limit / WORTH {
            self.rested = until;
            return Some(Order::Rest(until));
        }
        let mut excess = could.checked_sub(self.limit).filter(|excess| *excess > 0)?;
        // Some more, so that it is not asked for in each block.
        excess += self.limit / BELOW;
        let mut last = None;
        for (block, bytes) in self.kept.blocks() {
            last = Some(block);
            match excess.checked_sub(bytes) {
                Some(rest) if rest > 0 => excess = rest,
                _ => break,
            }
        }
        Some(Order::LetGo(last? + 1))
    }
}

#[cfg(test)]
mod tests;
