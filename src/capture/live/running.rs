//! A capture that runs.
//!
//! Job: hand over what the capturing thread has put into the queue, and keep it where that is
//! wanted. Input: the queue. Output: [`Block`]s, through [`Live::read`].

use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::queue::{Queue, Turn};
use super::status::Monitor;
use crate::capture::packet::Block;
use crate::capture::store::Store;
use crate::error::Error;

/// How long the last packets are waited for, at a time.
const LAST: Duration = Duration::from_millis(100);

/// A capture that runs. Dropping it ends it.
pub struct Live {
    queue: Arc<Queue>,
    monitor: Monitor,
    thread: Option<JoinHandle<()>>,
    store: Option<Store>,
    failed: Option<Error>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("monitor", &self.monitor)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl Live {
    /// What `thread` captures, which puts blocks into `queue`.
    pub(super) fn new(queue: Arc<Queue>, monitor: Monitor, thread: JoinHandle<()>) -> Self {
        Self {
            queue,
            monitor,
            thread: Some(thread),
            store: None,
            failed: None,
        }
    }

    /// Puts the next packets into `block`, which is cleared first; waits for them no longer than
    /// `wait`. Packets come within about 50 ms, and many at once where there are many.
    pub fn read(&mut self, block: &mut Block, wait: Duration) -> Turn {
        let turn = self.queue.pop(block, wait);
        if turn == Turn::Packets
            && let Some(store) = &self.store
            && let Err(error) = store.write(block)
        {
            self.give_up(error);
        }
        if turn == Turn::Ended {
            self.finish();
        }
        turn
    }

    /// Keeps every packet in `store` before it is given.
    pub fn keep(&mut self, store: Store) {
        self.store = Some(store);
    }

    /// Ends the store, with what was lost.
    fn finish(&mut self) {
        if let Some(store) = self.store.take() {
            store.note_drops(self.monitor.status().drops);
            if let Err(error) = store.finish() {
                self.give_up(error);
            }
        }
    }

    /// The store stays as it is; packets are still given.
    fn give_up(&mut self, error: Error) {
        self.store = None;
        self.failed = Some(error);
    }

    /// Why nothing more is kept, once.
    pub fn take_failure(&mut self) -> Option<Error> {
        self.failed.take()
    }

    /// Watches and ends the capture from anywhere.
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.monitor.stop();
        // Whoever listens may have seen enough; what keeps packets has not.
        let mut block = Block::default();
        while self.store.is_some() && self.read(&mut block, LAST) != Turn::Ended {}
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, its packets were given all the same.
            let _ = thread.join();
        }
    }
}
