//! How a live capture stands.
//!
//! Job: counts and state, written by the thread that captures, read by anyone. Input: libpcap's
//! counters, which are 32 bits wide and wrap. Output: [`Status`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::capture::status::Status;
use crate::capture::stop::Stop;

/// A capture's status from anywhere, and the way to end it.
#[derive(Debug, Clone)]
pub struct Monitor {
    interface: Arc<str>,
    status: Arc<Mutex<Status>>,
    stop: Stop,
}

impl Monitor {
    pub(super) fn new(interface: Arc<str>, stop: Stop) -> Self {
        Self {
            interface,
            status: Arc::default(),
            stop,
        }
    }

    /// The interface's name.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// How it stands now.
    pub fn status(&self) -> Status {
        self.lock().clone()
    }

    /// Asks it to end; what was captured is still given.
    pub fn stop(&self) {
        self.stop.set();
    }

    pub(super) fn wants_stop(&self) -> bool {
        self.stop.is_set()
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        // Nothing panics while it holds the lock.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A counter of 32 bits that wraps, as one that does not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unwrapped {
    last: u32,
    total: u64,
}

impl Unwrapped {
    /// The count, now that the counter stands at `now`; right as long as it is asked once in
    /// 2^32 packets.
    pub(super) fn at(&mut self, now: u32) -> u64 {
        self.total += u64::from(now.wrapping_sub(self.last));
        self.last = now;
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_wraps_goes_on_counting() {
        let mut counter = Unwrapped::default();
        assert_eq!(counter.at(5), 5);
        assert_eq!(counter.at(5), 5);
        assert_eq!(counter.at(u32::MAX), u64::from(u32::MAX));
        assert_eq!(counter.at(0), 1 << 32);
        assert_eq!(counter.at(9), (1 << 32) + 9);
    }

    #[test]
    fn all_monitors_of_a_capture_see_the_same() {
        let one = Monitor::new("x".into(), Stop::default());
        let other = one.clone();
        one.update(|status| status.packets = 7);
        assert_eq!(other.status().packets, 7);
        other.stop();
        assert!(one.wants_stop());
    }
}
