//! What messages are asked while they come.
//!
//! Job: hand the filter that is set to the workers of a live capture, so that payloads are asked when
//! they are there. Input: filters. Output: answers in [`Row`](super::Row)s, each with the number of
//! the filter that it was asked.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::Timestamp;
use crate::event::{Event, Message};
use crate::filter::{Filter, Surroundings, Verdict};

/// The filter that new messages are asked. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Asked(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    number: AtomicU32,
    set: Mutex<Set>,
}

/// A filter and its number.
type Set = (u32, Option<Arc<Filter>>);

impl Asked {
    /// From now on `filter` is asked, whose number is `number`.
    pub fn set(&self, number: u32, filter: Option<Arc<Filter>>) {
        let mut set = self.lock();
        *set = (number, filter);
        self.0.number.store(number, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Set> {
        // Whatever panicked, both are whole.
        self.0.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks messages on one worker.
#[derive(Debug, Default)]
pub(super) struct Asker {
    asked: Option<Asked>,
    set: Set,
    around: Surroundings,
}

/// What a filter says of a message: its number, whether it matches if a finding is on the message,
/// and whether it does if none is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said(u32);

impl Said {
    fn new(number: u32, Verdict { without, with }: Verdict) -> Self {
        Self(number << 2 | u32::from(with) << 1 | u32::from(without))
    }

    /// As it is written.
    pub(super) fn figure(self) -> u32 {
        self.0
    }

    /// As it was written.
    pub(super) fn of_figure(figure: u32) -> Self {
        Self(figure)
    }

    /// Whether it was the filter of that number that said it.
    pub fn is_of(self, number: u32) -> bool {
        self.0 >> 2 == number
    }

    /// Whether the message matches, with a finding on it or without.
    pub fn matches(self, finding: bool) -> bool {
        self.0 & if finding { 2 } else { 1 } != 0
    }
}

impl Asker {
    pub(super) fn new(asked: Option<Asked>) -> Self {
        Self {
            asked,
            ..Self::default()
        }
    }

    pub(super) fn begin(&mut self, start: Timestamp) {
        self.around.begin(start);
    }

    /// Notes what filters ask of connections.
    pub(super) fn event(&mut self, event: Event<'_>) {
        if self.asked.is_some() {
            self.around.follow(&event);
        }
    }

    /// What the filter that is set says of a message.
    pub(super) fn ask(&mut self, message: &Message<'_>) -> Said {
        let Some(asked) = &self.asked else {
            return Said::default();
        };
        if asked.0.number.load(Ordering::Acquire) != self.set.0 {
            self.set = asked.lock().clone();
        }
        let (number, Some(filter)) = &self.set else {
            return Said::default();
        };
        Said::new(*number, self.around.verdict(filter, message))
    }
}
