//! Figures of the last minutes, second by second.
//!
//! Job: enough for rates and a small chart of them. Input: rows. Output: [`Step`]s.

use std::collections::VecDeque;

use super::row::Row;
use super::series::Step;
use crate::base::Timestamp;

/// Seconds that are remembered.
const SECONDS: usize = 128;

/// Nanoseconds in one.
const SECOND: u64 = 1_000_000_000;

/// What messages of the last seconds came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates {
    /// The second of the last step.
    last: u64,
    steps: VecDeque<Step>,
    newest: Timestamp,
}

impl Rates {
    /// Counts a message.
    pub fn add(&mut self, row: &Row) {
        self.newest = self.newest.max(row.time);
        let second = row.time.0 / SECOND;
        if self.steps.is_empty() || second > self.last + SECONDS as u64 {
            self.steps.clear();
            self.steps.push_back(Step::default());
            self.last = second;
        }
        while self.last < second {
            self.last += 1;
            self.steps.push_back(Step::default());
            if self.steps.len() > SECONDS {
                self.steps.pop_front();
            }
        }
        // Interfaces of one capture may differ a little in time.
        let back = usize::try_from(self.last - second.min(self.last)).unwrap_or(usize::MAX);
        let step = self.steps.len().checked_sub(back.saturating_add(1));
        if let Some(step) = step.and_then(|at| self.steps.get_mut(at)) {
            step.messages += 1;
            step.wire += row.wire;
            step.payload += row.payload().unwrap_or(0);
        }
    }

    /// The time of the newest message.
    pub fn newest(&self) -> Timestamp {
        self.newest
    }

    /// The last `count` whole seconds before `now`, the oldest first. While there is only one second, it is
    /// the last one.
    pub fn before(&self, now: Timestamp, count: usize) -> Vec<Step> {
        let begin = (self.last + 1).saturating_sub(self.steps.len() as u64);
        let end = now.0 / SECOND;
        let end = if end == begin { end + 1 } else { end };
        let first = end.saturating_sub(count as u64);
        let step = |second: u64| {
            let at = usize::try_from(second.checked_sub(begin)?).ok()?;
            self.steps.get(at).copied()
        };
        (first..end)
            .map(|second| step(second).unwrap_or_default())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::testing::sound_row;
    use super::*;

    #[test]
    fn the_first_second_counts_while_it_goes_on() {
        let mut rates = Rates::default();
        let row = sound_row(0);
        let time = row.time;
        for _ in 0..3 {
            rates.add(&row);
        }
        let messages = |now: u64| {
            let steps = rates.before(Timestamp(now), 2);
            steps.iter().map(|step| step.messages).collect::<Vec<_>>()
        };
        assert_eq!(rates.newest(), time);
        assert_eq!(messages(time.0), [0, 3]);
        assert_eq!(messages(time.0 + SECOND), [0, 3]);
        assert_eq!(messages(time.0 + 2 * SECOND), [3, 0]);
        assert_eq!(messages(time.0 + 3 * SECOND), [0, 0]);
    }
}
