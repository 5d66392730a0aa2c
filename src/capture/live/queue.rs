//! Blocks on their way from the thread that captures to the one that analyses.
//!
//! Job: hold no more bytes than it may, and no block longer than needed. Input: blocks.
//! Output: the same, in order; emptied ones go back for use again.

use std::collections::VecDeque;
use std::mem::size_of;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::capture::packet::{Block, PacketRecord};

/// Empty blocks that are kept for use again.
const SPARE: usize = 4;

/// What a call of [`Live::read`](super::Live::read) found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Packets.
    Packets,
    /// Nothing yet.
    Quiet,
    /// The capture has ended, and all its packets have been given.
    Ended,
}

/// A queue bounded by bytes.
#[derive(Debug)]
pub(super) struct Queue {
    bound: usize,
    inner: Mutex<Inner>,
    /// A block has come, or the end.
    filled: Condvar,
    /// A block has gone, or the reader.
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    blocks: VecDeque<Block>,
    bytes: usize,
    spare: Vec<Block>,
    /// No more blocks come, or nobody takes any.
    closed: bool,
}

impl Queue {
    /// A queue of `bound` bytes and at least one block.
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound,
            inner: Mutex::default(),
            filled: Condvar::new(),
            emptied: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it holds the lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds `block`, and gives an empty one for it. Waits while the queue is full; `false` where
    /// nobody takes blocks any more.
    pub(super) fn push(&self, block: &mut Block) -> bool {
        let weight = weight(block);
        let mut inner = self.lock();
        while !inner.closed && !inner.blocks.is_empty() && inner.bytes + weight > self.bound {
            inner = self
                .emptied
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if inner.closed {
            return false;
        }
        let empty = inner.spare.pop().unwrap_or_default();
        inner.bytes += weight;
        inner.blocks.push_back(std::mem::replace(block, empty));
        drop(inner);
        self.filled.notify_one();
        true
    }

    /// Puts the next block into `block`, whose memory is used again. Waits for one no longer than
    /// `wait`.
    pub(super) fn pop(&self, block: &mut Block, wait: Duration) -> Turn {
        let inner = self.lock();
        let nothing = |inner: &mut Inner| inner.blocks.is_empty() && !inner.closed;
        let (mut inner, _) = self
            .filled
            .wait_timeout_while(inner, wait, nothing)
            .unwrap_or_else(PoisonError::into_inner);
        let Some(next) = inner.blocks.pop_front() else {
            block.clear();
            return if inner.closed {
                Turn::Ended
            } else {
                Turn::Quiet
            };
        };
        inner.bytes -= weight(&next);
        let mut used = std::mem::replace(block, next);
        if inner.spare.len() < SPARE {
            used.clear();
            inner.spare.push(used);
        }
        drop(inner);
        self.emptied.notify_one();
        Turn::Packets
    }

    /// No more blocks come, or nobody takes any; those that are there are still given.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
        self.emptied.notify_all();
    }
}

fn weight(block: &Block) -> usize {
    block.bytes().len() + block.len() * size_of::<PacketRecord>()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn block(bytes: &[u8]) -> Block {
        let mut block = Block::default();
        block.append(bytes);
        block
    }

    #[test]
    fn blocks_come_in_order_and_then_the_end() {
        let queue = Queue::new(1 << 20);
        for byte in 0..3 {
            assert!(queue.push(&mut block(&[byte])));
        }
        queue.close();
        assert!(!queue.push(&mut block(&[9])));
        let mut got = Block::default();
        for byte in 0..3 {
            assert_eq!(queue.pop(&mut got, LONG), Turn::Packets);
            assert_eq!(got.bytes(), [byte]);
        }
        assert_eq!(queue.pop(&mut got, LONG), Turn::Ended);
        assert!(got.bytes().is_empty());
    }

    #[test]
    fn an_empty_queue_is_quiet() {
        let queue = Queue::new(1 << 20);
        let mut got = block(&[1]);
        assert_eq!(queue.pop(&mut got, Duration::ZERO), Turn::Quiet);
        assert!(got.bytes().is_empty());
    }

    #[test]
    fn a_full_queue_waits_for_its_reader_and_holds_no_more_than_its_bound() {
        let queue = Arc::new(Queue::new(100));
        let writer = Arc::clone(&queue);
        let thread = thread::spawn(move || {
            for byte in 0..50_u8 {
                assert!(writer.push(&mut block(&[byte; 30])));
                assert!(writer.lock().bytes <= 100);
            }
            // One that is larger than the bound passes alone.
            assert!(writer.push(&mut block(&[50; 300])));
            writer.close();
        });
        let mut got = Block::default();
        let mut next = 0;
        while queue.pop(&mut got, LONG) == Turn::Packets {
            assert_eq!(got.bytes()[0], next);
            next += 1;
        }
        assert_eq!(next, 51);
        thread.join().unwrap();
    }

    #[test]
    fn a_writer_does_not_wait_for_a_reader_that_is_gone() {
        let queue = Arc::new(Queue::new(10));
        assert!(queue.push(&mut block(&[1; 10])));
        let writer = Arc::clone(&queue);
        let thread = thread::spawn(move || writer.push(&mut block(&[2; 10])));
        queue.close();
        assert!(!thread.join().unwrap());
    }
}
