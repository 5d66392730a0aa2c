//! What all workers may hold.
//!
//! Job: give each block its share of what payloads may grow by, and say when silent connections are to
//! take less room or to give up what they keep of what went by. Input: what was held and kept when
//! blocks were done; how far each block can make that grow. Output: shares and [`Order`]s.
//!
//! What is said depends on packets and blocks only. As a rule it is enough to know what was kept some
//! blocks ago (`ledger::LAG`), and how far it can have grown since. Where that could be too much, the
//! blocks that are on their way are waited for.

use std::collections::VecDeque;

use super::ledger::Ledger;
use crate::base::Limits;
use crate::pipeline::{Kept, Rest};

/// Connections that were heard in one of the last blocks are left as they are.
const RECENT: u64 = 8;

/// Bytes from which on silent connections take less room, and are packed, however high the limit is.
const TRIM_FROM: u64 = 512 << 20;
const PACK_FROM: u64 = 768 << 20;

/// What can be trimmed or packed at once must be such a part of the bytes from which on it is done.
const WORTH: u64 = 8;

/// Giving up goes such a part of the limit below it, so that it is not asked for in each block.
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
    Rest(u64, Rest),
    /// Those that were not heard since this block give up what they keep.
    LetGo(u64),
}

/// Connections that were not heard since some block rest, where much is kept.
#[derive(Debug)]
struct Resting {
    rest: Rest,
    /// How much is kept then.
    from: u64,
    /// The block.
    until: u64,
}

impl Resting {
    /// What is asked for at the block `now`, where as much as this is kept.
    fn order(&mut self, kept: &Kept, now: u64) -> Option<Order> {
        let until = now.saturating_sub(RECENT);
        let awake = self.until..until;
        if kept.total() < self.from || awake.is_empty() {
            return None;
        }
        let awake = kept.blocks().filter(|(block, _)| awake.contains(block));
        let worth = awake.map(|(_, bytes)| bytes).sum::<u64>() >= self.from / WORTH;
        worth.then(|| {
            self.until = until;
            Order::Rest(until, self.rest)
        })
    }
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
    packed: Resting,
    trimmed: Resting,
    /// The block at hand.
    block: u64,
}

impl Bounds {
    pub(super) fn new(limits: &Limits) -> Self {
        let limit = limits.kept_total_bytes as u64;
        let resting = |rest, from| Resting {
            rest,
            from,
            until: 0,
        };
        Self {
            ledger: Ledger::new(limits.payload_total_bytes),
            limit,
            kept: Kept::default(),
            growth: VecDeque::new(),
            early: VecDeque::new(),
            packed: resting(Rest::Packed, PACK_FROM.min(limit / 4 * 3)),
            trimmed: resting(Rest::Trimmed, TRIM_FROM.min(limit / 2)),
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

    /// Keeps the bound before the block at hand, which can make what is kept grow by `growth`, and all of it
    /// to no more than `most`. `done` as above; `carry_out` has an order carried out, and tells what
    /// changed. Returns what is to be done before the block's first step.
    pub(super) fn keep(
        &mut self,
        (growth, most): (u64, u64),
        mut done: impl FnMut() -> Report,
        mut carry_out: impl FnMut(Order) -> Report,
    ) -> Option<Order> {
        let before: u64 = self.growth.iter().sum();
        self.growth.push_back(growth);
        let kept = self.kept.total();
        if kept.max(most.min(kept + before + growth)) > self.limit {
            while self.growth.len() > 1 {
                let report = done();
                self.growth.pop_front();
                self.kept.merge(&report.kept);
                self.early.push_back(report.held);
            }
            while let Some(order) = self.excess(growth) {
                let before = self.kept.total();
                self.kept.merge(&carry_out(order).kept);
                if matches!(order, Order::LetGo(_)) && self.kept.total() >= before {
                    break;
                }
            }
        }
        let Self {
            packed,
            trimmed,
            kept,
            block,
            ..
        } = self;
        let pack = packed.order(kept, *block);
        pack.or_else(|| trimmed.order(kept, *block))
    }

    /// What brings down what is kept, where it can grow above the limit.
    fn excess(&mut self, growth: u64) -> Option<Order> {
        let could = self.kept.total().saturating_add(growth);
        let mut excess = could.checked_sub(self.limit).filter(|excess| *excess > 0)?;
        if let Some(pack) = self.packed.order(&self.kept, self.block) {
            return Some(pack);
        }
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
