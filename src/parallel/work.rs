//! What a worker does with a block.
//!
//! Job: run a worker's batches until there are no more, and end its connections. Input: [`Job`]s.
//! Output: events to a [`Paced`] sink; blocks and batches to be used again.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::batch::Batch;
use super::bounds::Report;
use super::ledger::AHEAD;
use super::paced::Paced;
use crate::capture::Block;
use crate::pipeline::{Tally, Worker};

/// A worker with the sink that it tells.
pub(super) struct Hand<'s, P> {
    worker: Worker,
    sink: &'s mut P,
    begun: bool,
}

impl<'s, P: Paced> Hand<'s, P> {
    pub(super) fn new(worker: Worker, sink: &'s mut P) -> Self {
        Self {
            worker,
            sink,
            begun: false,
        }
    }

    /// Runs a worker's part of a block.
    pub(super) fn run(&mut self, block: &Block, batch: &mut Batch) {
        if let (false, Some(start)) = (self.begun, batch.start()) {
            self.begun = true;
            self.sink.begin(start);
        }
        batch.run(block, &mut self.worker, self.sink);
    }

    /// What is held and kept now that a block is done.
    pub(super) fn report(&mut self) -> Report {
        Report {
            held: self.worker.held() as u64,
            kept: self.worker.take_kept(),
        }
    }

    /// See [`Paced::end_block`].
    pub(super) fn end_block(&mut self) -> bool {
        self.sink.end_block()
    }

    /// Ends all connections, the capture having ended.
    pub(super) fn finish(mut self) -> Tally {
        for connection in self.worker.open_connections() {
            self.sink.step(connection);
            self.worker.forget(connection, self.sink);
        }
        // Where nobody wants more, this is the end all the same.
        self.sink.end_block();
        self.worker.into_tally()
    }

    /// What a worker's thread does.
    pub(super) fn work(
        mut self,
        (jobs, done): (&Receiver<Job>, &Sender<Report>),
        belt: &Belt,
    ) -> Tally {
        for Job { block, mut batch } in jobs {
            self.run(&block, &mut batch);
            belt.give_back(block, batch);
            // Where nobody takes it any more, no block follows.
            let _ = done.send(self.report());
            if !self.end_block() {
                return self.worker.into_tally();
            }
        }
        self.finish()
    }
}

/// A block with one worker's steps.
pub(super) struct Job {
    pub(super) block: Arc<Block>,
    pub(super) batch: Batch,
}

/// Blocks and batches on their way back to be used again.
#[derive(Clone)]
pub(super) struct Belt {
    blocks: (Sender<Block>, Receiver<Block>),
    batches: (Sender<Batch>, Receiver<Batch>),
}

impl Belt {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            blocks: bounded(AHEAD * 2),
            batches: bounded(AHEAD * 2 * threads),
        }
    }

    /// An empty block.
    pub(super) fn block(&self) -> Block {
        self.blocks.1.try_recv().unwrap_or_default()
    }

    /// An empty batch.
    pub(super) fn batch(&self) -> Batch {
        self.batches.1.try_recv().unwrap_or_default()
    }

    /// A worker is done with its part. Full channels mean that there are spare ones enough.
    fn give_back(&self, block: Arc<Block>, mut batch: Batch) {
        if let Some(mut block) = Arc::into_inner(block) {
            block.clear();
            let _ = self.blocks.0.try_send(block);
        }
        batch.clear();
        let _ = self.batches.0.try_send(batch);
    }
}
