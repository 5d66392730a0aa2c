//! Which connections are forgotten.
//!
//! Job: end connections of which nothing more can come, and make room for new ones. Input: the time of
//! the capture. Output: the numbers of the connections that are forgotten. RFC 9293 §3.6.1.

use super::{ENDING_NANOS, Flows, SWEEP, Waiting};
use crate::base::Timestamp;
use crate::tcp::incarnation::LINGER_NANOS;
use crate::tcp::slot::Slot;

impl Flows {
    /// Resets that nothing spoke against end their connections, and so does a new connection on the
    /// four-tuple of one that was closed.
    #[cold]
    pub(super) fn settle(&mut self, now: Timestamp) {
        let due = |one: &Waiting| now.since(one.since) >= ENDING_NANOS;
        while self.waiting.front().is_some_and(due)
            && let Some(waiting) = self.waiting.pop_front()
        {
            let Some(slot) = self.table.get_mut(&waiting.key) else {
                continue;
            };
            let one = slot.all_mut().find(|one| one.number == waiting.number);
            if let Some(one) = one
                && one.closed()
                && !one.over
            {
                one.over = true;
                self.forgotten.push(waiting.number);
            }
            if slot.other.as_deref().is_some_and(|other| other.over) {
                slot.other = None;
            }
        }
    }

    pub(super) fn make_room(&mut self, now: Timestamp) {
        if self.closed >= self.sweep_at {
            self.forget(|slot| slot.closed() && now.since(slot.last()) >= LINGER_NANOS);
            // Each sweep is paid by as many closed connections as it looked at open ones.
            self.sweep_at = SWEEP.max(self.closed * 2).max(self.table.len() / 2);
        }
        if self.table.len() >= self.limits.connections.max(1) {
            // An eighth at once, so that the search is paid rarely.
            let mut worths: Vec<_> = self.table.slots().map(Slot::worth).collect();
            let (_, &mut last, _) = worths.select_nth_unstable(self.table.len() / 8);
            self.forget(|slot| slot.worth() <= last);
        }
    }

    fn forget(&mut self, goes: impl Fn(&Slot) -> bool) {
        let known = self.forgotten.len();
        let mut evicted = 0;
        self.table.retain(|slot| {
            let goes = goes(slot);
            if goes {
                self.closed -= usize::from(slot.closed());
                self.forgotten.extend(slot.untold());
                evicted += slot.untold().filter(|_| !slot.closed()).count() as u64;
            }
            !goes
        });
        self.evicted += evicted;
        self.twins.retain(|_, twin| self.table.get(twin).is_some());
        // The table's order is another one in each run.
        if let Some(new) = self.forgotten.get_mut(known..) {
            new.sort_unstable();
        }
    }
}
