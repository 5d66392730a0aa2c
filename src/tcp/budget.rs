//! What early segments may cost.
//!
//! Job: count the bytes that all reassemblers of a worker hold, and say how much each may. What all
//! may hold together is decided in the order of packets, by [`super::Flows`], since what one worker
//! holds depends on how many there are. Input and output: none; the queues add and take.

use crate::base::Limits;

/// What numbers alone do not show (damaged copies that are kept apart) the front does not bound: the
/// worker does, so far above that nothing else depends on it.
const SLACK: usize = 4 << 20;

/// Bytes held by all reassemblers that share it.
///
/// What a connection holds comes back with [`Connection::finish`](super::Connection::finish);
/// dropping one without it would leave its bytes counted.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    held: usize,
}

impl Budget {
    /// A budget of `limits`.
    pub fn new(limits: Limits) -> Self {
        Self { limits, held: 0 }
    }

    /// Bytes held now, with the bookkeeping that each held segment costs.
    pub fn held(&self) -> usize {
        self.held
    }

    pub(super) fn take(&mut self, bytes: usize) {
        self.held += bytes;
    }

    pub(super) fn give_back(&mut self, bytes: usize) {
        debug_assert!(bytes <= self.held, "more given back than was taken");
        self.held = self.held.saturating_sub(bytes);
    }

    /// Bytes that a direction holds after an acknowledged hole; `None` where time decides.
    pub(super) fn late_bytes(&self) -> Option<usize> {
        self.limits.late_bytes
    }

    /// Whether a direction that holds `bytes` in `segments` must let some go.
    pub(super) fn exceeded(&self, bytes: usize, segments: usize) -> bool {
        bytes > self.limits.reorder_bytes
            || segments > self.limits.reorder_segments
            || self.held > self.limits.reorder_total_bytes.saturating_add(SLACK)
    }
}
