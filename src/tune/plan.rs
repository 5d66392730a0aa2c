//! What a run of `tune` does, and how it is seen from outside.

use std::sync::atomic::{AtomicBool, AtomicU64};

use super::settings::Grid;

/// Nanoseconds of processor time of the thread that asks.
pub type Clock = fn() -> u64;

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The settings.
    pub grid: Grid,
    /// Threads to use.
    pub threads: usize,
    /// Where given, time is measured; it is the one thing that differs between two runs.
    pub clock: Option<Clock>,
}

impl Default for Plan {
    /// zlib's default level, one thread, no clock.
    fn default() -> Self {
        Self {
            grid: Grid::default(),
            threads: 1,
            clock: None,
        }
    }
}

/// A run as seen from beside it.
#[derive(Debug, Default)]
pub struct Watch {
    /// Bytes to compress in all, over all settings, with what each message takes beside; known once
    /// the run has begun.
    pub total: AtomicU64,
    /// How many of them are done.
    pub done: AtomicU64,
    /// Set it to have the run stop soon.
    pub cancel: AtomicBool,
}
