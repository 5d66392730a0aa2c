//! Packets from an interface, through libpcap.
//!
//! Job: open an interface, read it on a thread of its own, and hand blocks over. Input:
//! [`Settings`]. Output: [`Block`]s through [`Live::read`], and how it stands through [`Monitor`].
//!
//! The thread does nothing but copy packets out of the kernel's buffer. When the analysis falls
//! behind, the queue between them fills, then the thread waits, then the kernel's buffer fills,
//! and then the kernel drops packets *and counts them*: one place where packets are lost, and one
//! counter. A queue that dropped on its own would free the processor no earlier, and lose
//! packets that the kernel's buffer still had room for.
//!
//! This is the one place of the library that looks at a clock: `Settings::duration` must end a
//! capture on an interface on which nothing happens.

mod interface;
mod open;
mod queue;
mod reader;
mod status;

use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use interface::{Interface, interfaces};
pub use open::Listener;
pub use status::Monitor;

use super::packet::Block;
use super::store::Store;
use crate::error::Error;
use queue::Queue;

/// How long the last packets are waited for, at a time.
const LAST: Duration = Duration::from_millis(100);

/// Bytes that wait for the analysis at most.
const QUEUE: usize = 64 << 20;

/// What is to be captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The interface's name; `any` is all of them on Linux.
    pub interface: String,
    /// Only packets that match this BPF expression; the kernel applies it.
    pub filter: Option<String>,
    /// Packets for other machines, too, where the network brings them.
    pub promiscuous: bool,
    /// Bytes of the kernel's buffer.
    pub buffer: usize,
    /// Bytes captured of each packet.
    pub snaplen: u32,
    /// Ends the capture after this time.
    pub duration: Option<Duration>,
    /// Ends the capture after so many packets.
    pub packets: Option<u64>,
}

impl Settings {
    /// Bytes of the kernel's buffer, unless told otherwise.
    pub const BUFFER: usize = 32 << 20;
    /// Bytes captured of each packet: all of any.
    pub const SNAPLEN: u32 = 256 << 10;

    /// Everything on `interface`, until told to stop.
    pub fn new(interface: &str) -> Self {
        Self {
            interface: interface.to_owned(),
            filter: None,
            promiscuous: true,
            buffer: Self::BUFFER,
            snaplen: Self::SNAPLEN,
            duration: None,
            packets: None,
        }
    }
}

/// What a call of [`Live::read`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Packets.
    Packets,
    /// Nothing yet.
    Quiet,
    /// The capture has ended, and all its packets have been given.
    Ended,
}

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

/// What libpcap says.
fn text(error: &pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(message) => message.clone(),
        other => other.to_string(),
    }
}
