//! Many workers behind one front, with their output merged in packet order.
//!
//! Job: spread connections over threads and keep the output byte for byte what one thread
//! would print. Input: blocks of packets. Output: each worker's sink, and the rendered bytes
//! in order.
//!
//! A thread reads ahead; the front (the calling thread) routes; each block goes with a batch of steps
//! to all workers, each of which takes its own connections. What a step renders is marked with
//! its number, and blocks are written in order, so that the numbers decide.

mod batch;
mod merge;

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::base::Limits;
use crate::capture::{Block, Packet};
use crate::event::EventSink;
use crate::pipeline::{Front, Options, Tally, Worker};
use batch::Batch;
use merge::Merge;

/// Blocks on their way to each worker.
const AHEAD: usize = 3;

/// Blocks that are read ahead.
const READ: usize = 2;

/// Where packets come from.
pub trait Feed {
    /// Fills `block` with the next packets; false at the end.
    fn read(&mut self, block: &mut Block) -> bool;

    /// Whether some packets are not to be looked at.
    fn is_choosy(&self) -> bool;

    /// Whether a packet is to be looked at.
    fn wants(&mut self, packet: &Packet<'_>) -> bool;

    /// Fills `block` with the next packets that are wanted, perhaps with none; false at the end.
    fn next(&mut self, block: &mut Block) -> bool {
        let more = self.read(block);
        if more && self.is_choosy() {
            block.retain(|packet| self.wants(packet));
        }
        more
    }
}

/// What a run leaves.
#[derive(Debug)]
pub struct Run<S> {
    /// The workers' sinks.
    pub sinks: Vec<S>,
    /// What the capture held.
    pub tally: Tally,
    /// Why the output ended early, where it did.
    pub written: io::Result<()>,
}

/// A block with one worker's steps, on its way to the worker, the writer and back. Without a
/// block it is the worker's last.
#[derive(Debug)]
struct Job {
    block: Option<Arc<Block>>,
    batch: Batch,
}

/// Runs a whole capture over `threads` workers; what sinks render goes to `out` in packet order.
pub fn run<S: EventSink + Send>(
    threads: usize,
    options: Options,
    mut make: impl FnMut() -> S,
    feed: &mut (impl Feed + Send),
    out: &mut (dyn Write + Send),
) -> Run<S> {
    if threads <= 1 {
        return sequential(options, make(), feed, out);
    }
    thread::scope(|scope| {
        let (spare_in, spare) = bounded(AHEAD * 2);
        let (used_in, used) = bounded(AHEAD * 2 * threads);
        let mut jobs = Vec::new();
        let mut results = Vec::new();
        let mut workers: Vec<ScopedJoinHandle<'_, (S, Tally)>> = Vec::new();
        for _ in 0..threads {
            let (job_in, job_out) = bounded::<Job>(AHEAD);
            let (done_in, done_out) = bounded::<Job>(AHEAD);
            let hand = Hand::new(options.clone(), make());
            workers.push(scope.spawn(move || hand.work(&job_out, &done_in)));
            jobs.push(job_in);
            results.push(done_out);
        }
        let writer = scope.spawn(move || write_in_order(&results, &spare_in, &used_in, out));
        let (block_in, blocks) = bounded(READ);
        scope.spawn(move || read_ahead(feed, &spare, &block_in));
        let mut tally = deal(options.limits, &blocks, &jobs, &used);
        drop(jobs);
        drop(blocks);
        let mut sinks = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok((sink, seen)) => {
                    tally.add(&seen);
                    sinks.push(sink);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        let written = writer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Run {
            sinks,
            tally,
            written,
        }
    })
}

fn sequential<S: EventSink>(
    options: Options,
    sink: S,
    feed: &mut impl Feed,
    out: &mut (dyn Write + Send),
) -> Run<S> {
    let mut front = Front::new(options.limits);
    let mut hand = Hand::new(options, sink);
    let mut merge = Merge::default();
    let mut block = Block::default();
    let mut batch = Batch::default();
    let mut written = Ok(());
    while written.is_ok() && feed.next(&mut block) {
        batch.clear();
        route(&mut front, &block, std::slice::from_mut(&mut batch));
        hand.run(&block, &mut batch);
        written = merge.write(&[&batch], out);
    }
    batch.clear();
    batch.finish(&mut hand.worker, &mut hand.sink);
    let mut tally = front.into_tally();
    tally.add(&hand.worker.into_tally());
    Run {
        sinks: vec![hand.sink],
        tally,
        written: written.and_then(|()| merge.write(&[&batch], out)),
    }
}

/// Makes a block's packets into steps of the batches, one of each worker.
fn route(front: &mut Front, block: &Block, batches: &mut [Batch]) {
    let workers = batches.len() as u64;
    let of = |connection: u64| usize::try_from(connection % workers).unwrap_or(0);
    let mut number = 0;
    for (index, packet) in block.packets().enumerate() {
        let Some(routed) = front.packet(&packet) else {
            continue;
        };
        for connection in &routed.forgotten {
            if let Some(batch) = batches.get_mut(of(*connection)) {
                batch.forget(*connection, number);
            }
            number += 1;
        }
        if let Some(batch) = batches.get_mut(of(routed.connection)) {
            batch.segment(number, index, routed, block);
        }
        number += 1;
    }
    for batch in batches {
        batch.begin(front.start());
    }
}

/// Reads blocks while others are worked on.
fn read_ahead(feed: &mut impl Feed, spare: &Receiver<Block>, to: &Sender<Block>) {
    loop {
        let mut block = spare.try_recv().unwrap_or_default();
        // Where nobody takes it any more, the output has ended early.
        if !feed.next(&mut block) || to.send(block).is_err() {
            return;
        }
    }
}

/// Routes and deals out blocks.
fn deal(
    limits: Limits,
    blocks: &Receiver<Block>,
    jobs: &[Sender<Job>],
    used: &Receiver<Batch>,
) -> Tally {
    let mut front = Front::new(limits);
    for block in blocks {
        let mut batches: Vec<Batch> = jobs
            .iter()
            .map(|_| used.try_recv().unwrap_or_default())
            .collect();
        route(&mut front, &block, &mut batches);
        let block = Arc::new(block);
        for (to, batch) in jobs.iter().zip(batches) {
            let job = Job {
                block: Some(Arc::clone(&block)),
                batch,
            };
            if to.send(job).is_err() {
                return front.into_tally();
            }
        }
    }
    front.into_tally()
}

/// A worker with the sink that it tells.
struct Hand<S> {
    worker: Worker,
    sink: S,
    begun: bool,
}

impl<S: EventSink> Hand<S> {
    fn new(options: Options, sink: S) -> Self {
        Self {
            worker: Worker::new(options),
            sink,
            begun: false,
        }
    }

    fn run(&mut self, block: &Block, batch: &mut Batch) {
        if let (false, Some(start)) = (self.begun, batch.start()) {
            self.begun = true;
            self.sink.begin(start);
        }
        batch.run(block, &mut self.worker, &mut self.sink);
    }

    /// A worker's thread.
    fn work(mut self, jobs: &Receiver<Job>, done: &Sender<Job>) -> (S, Tally) {
        for Job { block, mut batch } in jobs {
            if let Some(block) = &block {
                self.run(block, &mut batch);
            }
            if done.send(Job { block, batch }).is_err() {
                return (self.sink, self.worker.into_tally());
            }
        }
        let mut batch = Batch::default();
        batch.finish(&mut self.worker, &mut self.sink);
        // Where the writer is gone, nobody misses the rest.
        let _ = done.send(Job { block: None, batch });
        (self.sink, self.worker.into_tally())
    }
}

/// Writes the workers' output block by block, and gives blocks and batches back.
fn write_in_order(
    results: &[Receiver<Job>],
    spare: &Sender<Block>,
    used: &Sender<Batch>,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let mut merge = Merge::default();
    loop {
        let done: Vec<Job> = results
            .iter()
            .filter_map(|result| result.recv().ok())
            .collect();
        if done.len() < results.len() {
            return Ok(());
        }
        let batches: Vec<&Batch> = done.iter().map(|job| &job.batch).collect();
        merge.write(&batches, out)?;
        // Full channels mean that there are spare ones enough.
        for Job { block, mut batch } in done {
            if let Some(mut block) = block.and_then(Arc::into_inner) {
                block.clear();
                let _ = spare.try_send(block);
            }
            batch.clear();
            let _ = used.try_send(batch);
        }
    }
}
