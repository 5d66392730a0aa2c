//! Figures over time and by size, in bounded memory.
//!
//! Job: enough for a chart, whatever the capture's length. Input: rows. Output: [`Series`],
//! [`Sizes`].

use super::row::Row;
use crate::base::{PerPeer, Timestamp};

/// Steps that a series has at most; then pairs are joined.
const STEPS: usize = 1024;

/// The width of a step at first.
const FIRST_WIDTH: u64 = 1_000_000;

/// Bytes in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// Of frames.
    pub wire: u64,
    /// Of payloads after inflation.
    pub payload: u64,
    /// Messages.
    pub messages: u64,
}

/// Bytes over time, in steps whose width doubles as the capture grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    start: Option<Timestamp>,
    /// Nanoseconds of a step.
    pub width: u64,
    /// The steps from the first message on.
    pub steps: Vec<Step>,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            start: None,
            width: FIRST_WIDTH,
            steps: Vec::new(),
        }
    }
}

impl Series {
    /// Counts a message.
    pub fn add(&mut self, row: &Row) {
        let start = *self.start.get_or_insert(row.time);
        let since = row.time.0.saturating_sub(start.0);
        while since / self.width >= STEPS as u64 {
            self.join();
        }
        let step = usize::try_from(since / self.width).unwrap_or(0);
        if self.steps.len() <= step {
            self.steps.resize(step + 1, Step::default());
        }
        if let Some(step) = self.steps.get_mut(step) {
            step.wire += row.wire;
            step.payload += row.payload().unwrap_or(0);
            step.messages += 1;
        }
    }

    fn join(&mut self) {
        self.width = self.width.saturating_mul(2);
        self.steps = self
            .steps
            .chunks(2)
            .map(|pair| {
                pair.iter().fold(Step::default(), |sum, step| Step {
                    wire: sum.wire + step.wire,
                    payload: sum.payload + step.payload,
                    messages: sum.messages + step.messages,
                })
            })
            .collect();
    }

    /// The steps joined to at most `columns`, with the width of each in nanoseconds.
    pub fn columns(&self, columns: usize) -> (Vec<Step>, u64) {
        let per = self.steps.len().div_ceil(columns.max(1)).max(1);
        let joined = self.steps.chunks(per).map(|steps| {
            steps.iter().fold(Step::default(), |sum, step| Step {
                wire: sum.wire + step.wire,
                payload: sum.payload + step.payload,
                messages: sum.messages + step.messages,
            })
        });
        (joined.collect(), self.width.saturating_mul(per as u64))
    }
}

/// Data messages by payload size: powers of two, per sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// Counts: none, 1, 2–3, 4–7 and so on.
    pub counts: PerPeer<[u64; 65]>,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            counts: PerPeer::from_fn(|_| [0; 65]),
        }
    }
}

impl Sizes {
    /// Counts a message.
    pub fn add(&mut self, row: &Row) {
        if let (false, Some(payload)) = (row.opcode.is_control(), row.payload()) {
            let bits = usize::try_from(u64::BITS - payload.leading_zeros()).unwrap_or(0);
            if let Some(count) = self.counts[row.from].get_mut(bits) {
                *count += 1;
            }
        }
    }

    /// The smallest and largest size of a bucket.
    pub fn range(bucket: usize) -> (u64, u64) {
        match bucket {
            0 => (0, 0),
            64.. => (1 << 63, u64::MAX),
            bits => (1 << (bits - 1), (1 << bits) - 1),
        }
    }
}
