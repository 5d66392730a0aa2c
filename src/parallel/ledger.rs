//! How much the payloads of messages in progress may grow in each block.
//!
//! Job: keep what all workers hold within a bound by a rule that does not depend on how many there
//! are. Input: what was held when blocks were done. Output: a share for each next block.
//!
//! A block's share is given out before it is known how much the blocks before it take of theirs: so
//! it counts theirs as taken, until the block that lies [`LAG`] blocks back has told what is held.

use std::collections::VecDeque;

/// Blocks on their way to each worker, and portions on their way from it.
pub(super) const AHEAD: usize = 3;

/// Blocks that can be on their way to a worker or in its hands, and the one that is dealt.
pub(super) const LAG: usize = AHEAD + 2;

/// Shares of blocks.
#[derive(Debug)]
pub(super) struct Ledger {
    limit: u64,
    /// What was held when the last block was done of which that is known.
    held: u64,
    /// Shares of the blocks since.
    given: VecDeque<u64>,
}

impl Ledger {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit: limit as u64,
            held: 0,
            given: VecDeque::new(),
        }
    }

    /// The share of the next block; `done` tells what was held when the oldest block of which that
    /// is not known was done.
    pub(super) fn share(&mut self, done: impl FnOnce() -> u64) -> u64 {
        if self.given.len() == LAG {
            self.held = done();
            self.given.pop_front();
        }
        let free = self.limit.saturating_sub(self.held);
        let taken: u64 = self.given.iter().sum();
        let share = (free / LAG as u64).min(free.saturating_sub(taken));
        self.given.push_back(share);
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_stays_within_the_limit() {
        let mut seed = 7_u64;
        for _ in 0..200 {
            let mut ledger = Ledger::new(1000);
            let (mut held, mut told) = (0, VecDeque::new());
            for block in 0..100 {
                let share = ledger.share(|| told.pop_front().unwrap());
                assert!(block > 0 || share == 1000 / LAG as u64);
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // All of the share, or some of it, or something is let go.
                held = match seed >> 62 {
                    0 => held + share,
                    1 => held + share / 2,
                    2 => held,
                    _ => held / 2,
                };
                assert!(held <= 1000, "{held} after block {block}");
                told.push_back(held);
            }
        }
    }

    #[test]
    fn as_long_as_nothing_is_held_each_block_gets_the_same() {
        let mut ledger = Ledger::new(1000);
        let shares: Vec<_> = (0..20).map(|_| ledger.share(|| 0)).collect();
        assert_eq!(shares, vec![1000 / LAG as u64; 20]);
    }
}
