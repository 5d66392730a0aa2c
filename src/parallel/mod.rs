//! Many workers behind one front, with their output merged in packet order.
//!
//! Job: spread connections over threads and keep the output what one thread would make. Input:
//! blocks of packets. Output: each worker's sink ([`fold`]); what sinks render, in order
//! ([`render`]).
//!
//! A thread reads ahead; the front (the calling thread) routes; each block goes with a batch of steps
//! to all workers, each of which takes its own connections. Where sinks render, workers hand on what
//! they rendered in portions, at a block's end and before, with the number of each step: the
//! numbers decide the order. A worker that is too far ahead waits, so that memory is bounded.

mod batch;
mod bounds;
mod ledger;
mod merge;
mod paced;
mod work;

pub use merge::Taker;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::thread::{self, Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::base::Limits;
use crate::capture::{Block, Filter};
use crate::event::{EventSink, Portion, Rendered, Renderer, Rendering};
use crate::pipeline::{Front, Options, Renewed, Tally, Worker};
use batch::Batch;
use bounds::{Bounds, Order, Report};
use ledger::{AHEAD, LAG};
use merge::Merge;
use paced::{Counting, Paced};
use work::{Belt, Hand, Job};

/// Blocks that are read ahead.
const READ: usize = 2;

/// Bytes at which a worker hands on what it rendered, where the limit leaves so much to each.
const PORTION: usize = 1 << 20;

/// A worker's ends: its jobs, and what it tells when each is done.
type Ends = (Receiver<Job>, Sender<Report>);

/// The other ends of the same.
type Dealt = (Sender<Job>, Receiver<Report>);

/// Where packets come from.
pub trait Feed {
    /// Fills `block` with the next packets; false at the end.
    fn read(&mut self, block: &mut Block) -> bool;

    /// Which packets are to be looked at, where not all are.
    fn filter(&mut self) -> Option<&mut Filter> {
        None
    }

    /// Secrets for the block that was read last and those after it, where there are newer ones.
    fn renewed(&mut self) -> Renewed {
        Renewed::default()
    }

    /// Fills `block` with the next packets that are wanted, perhaps with none; false at the end.
    fn next(&mut self, block: &mut Block) -> bool {
        let more = self.read(block);
        if more && let Some(filter) = self.filter() {
            block.retain(|packet| filter.matches(packet));
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
}

/// Runs a whole capture over `threads` workers whose sinks only count: the order of events is that
/// of packets within each connection only.
pub fn fold<S: EventSink + Send>(
    threads: usize,
    options: &Options,
    mut make: impl FnMut() -> S,
    feed: &mut (impl Feed + Send),
) -> Run<S> {
    if threads <= 1 {
        let mut sink = Counting(make());
        let tally = sequential(options, &mut sink, feed);
        let sinks = vec![sink.0];
        return Run { sinks, tally };
    }
    thread::scope(|scope| {
        let belt = Belt::new(threads);
        let spawn = |(jobs, done): Ends| {
            let (mut sink, belt) = (Counting(make()), belt.clone());
            let worker = Worker::new(options.clone());
            scope.spawn(move || {
                let tally = Hand::new(worker, &mut sink).work((&jobs, &done), &belt);
                (sink.0, tally)
            })
        };
        spread(scope, threads, options.limits, &belt, feed, spawn)
    })
}

/// Runs a whole capture over `threads` workers; what their sinks render goes to `out` in packet
/// order, at each block's end and before. The second value tells why it ended early, where it did.
pub fn render<S: Renderer>(
    threads: usize,
    options: &Options,
    mut make: impl FnMut() -> S,
    feed: &mut (impl Feed + Send),
    out: &mut Taker<'_, S::Output>,
) -> (Run<S>, io::Result<()>) {
    let full = portion_bytes(options.limits, threads);
    if threads <= 1 {
        return render_alone(options, make(), feed, (out, full));
    }
    thread::scope(|scope| {
        let belt = Belt::new(threads);
        let (spare_in, spare) = bounded(threads);
        let (to, from): (Vec<_>, Vec<_>) = (0..threads).map(|_| bounded(AHEAD)).unzip();
        let merge = Merge::new(from, spare_in, full);
        let writer = scope.spawn(move || merge.write(out));
        let mut outlets = to.into_iter();
        let spawn = |(jobs, done): Ends| {
            let (renderer, belt, spare) = (make(), belt.clone(), spare.clone());
            let worker = Worker::new(options.clone());
            let to = outlets.next();
            scope.spawn(move || {
                let mut take = |portion: &mut Portion<S::Output>| {
                    let empty = spare.try_recv().unwrap_or_default();
                    let portion = std::mem::replace(portion, empty);
                    // Where nobody takes it any more, the output has ended early.
                    to.as_ref().is_some_and(|to| to.send(portion).is_ok())
                };
                let mut sink = Rendering::new(renderer, full, &mut take);
                let tally = Hand::new(worker, &mut sink).work((&jobs, &done), &belt);
                (sink.into_renderer(), tally)
            })
        };
        let run = spread(scope, threads, options.limits, &belt, feed, spawn);
        let written = writer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (run, written)
    })
}

/// Of each worker there are at once a portion that it fills, [`AHEAD`] on their way, one that is
/// merged and a spare one; what is merged takes up to two.
fn portion_bytes(limits: Limits, threads: usize) -> usize {
    let portions = threads.saturating_mul(AHEAD + 3) + 2;
    (limits.rendered_bytes / portions).min(PORTION)
}

fn render_alone<S: Renderer>(
    options: &Options,
    renderer: S,
    feed: &mut impl Feed,
    (out, full): (&mut Taker<'_, S::Output>, usize),
) -> (Run<S>, io::Result<()>) {
    let mut written = Ok(());
    let mut take = |portion: &mut Portion<S::Output>| {
        if !portion.rendered.is_empty() {
            written = out(&mut portion.rendered);
        }
        written.is_ok()
    };
    let mut sink = Rendering::new(renderer, full, &mut take);
    let tally = sequential(options, &mut sink, feed);
    let sinks = vec![sink.into_renderer()];
    (Run { sinks, tally }, written)
}

fn sequential<P: Paced>(options: &Options, sink: &mut P, feed: &mut impl Feed) -> Tally {
    let mut front = Front::new(options.limits);
    let mut hand = Hand::new(Worker::new(options.clone()), sink);
    let mut block = Block::default();
    let mut batch = Batch::default();
    let mut bounds = Bounds::new(&options.limits);
    let mut reports = VecDeque::new();
    while feed.next(&mut block) {
        batch.clear();
        batch.renew(feed.renewed());
        let mut done = || reports.pop_front().unwrap_or_default();
        let share = bounds.next(&mut done);
        let grows = route(
            (&mut front, share),
            &block,
            std::slice::from_mut(&mut batch),
        );
        let first = bounds.keep(grows, &mut done, |order| {
            let mut batch = Batch::default();
            batch.order(Some(order));
            hand.run(&Block::default(), &mut batch);
            hand.end_block();
            hand.report()
        });
        batch.order(first);
        hand.run(&block, &mut batch);
        reports.push_back(hand.report());
        if !hand.end_block() {
            break;
        }
    }
    // Secrets that came after the last packet.
    batch.clear();
    batch.renew(feed.renewed());
    hand.run(&block, &mut batch);
    let mut tally = front.into_tally();
    tally.add(&hand.finish());
    tally
}

/// Reads, routes and deals out a whole capture to workers that `spawn` starts.
fn spread<'s, S>(
    scope: &'s Scope<'s, '_>,
    threads: usize,
    limits: Limits,
    belt: &Belt,
    feed: &'s mut (impl Feed + Send),
    mut spawn: impl FnMut(Ends) -> ScopedJoinHandle<'s, (S, Tally)>,
) -> Run<S> {
    let mut jobs = Vec::new();
    let mut workers = Vec::new();
    for _ in 0..threads {
        let (job_in, job_out) = bounded(AHEAD);
        let (done_in, done) = bounded(LAG);
        workers.push(spawn((job_out, done_in)));
        jobs.push((job_in, done));
    }
    let (block_in, blocks) = bounded(READ);
    let reader = belt.clone();
    scope.spawn(move || read_ahead(feed, &reader, &block_in));
    let mut tally = deal(limits, &blocks, &jobs, belt);
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
    Run { sinks, tally }
}

/// What a segment with a payload can make its connection keep more: two windows, or a window and what
/// waits until the subprotocol is recognised.
const GROWTH: u64 = 128 << 10;

/// No window grows more by a byte than this. RFC 1951: 258 bytes for two bits, and room for half as much.
const GROWTH_A_BYTE: u64 = 258 * 4 * 3 / 2 * 2;

/// What one connection keeps at the most, but for one with several streams: two windows, of which parts
/// may be unknown, or what is searched.
const MOST: u64 = 256 << 10;

/// What keeping a segment's bytes takes beside them.
const GROWTH_A_SEGMENT: u64 = 256;

/// Makes a block's packets into steps of the batches, one of each worker. Tells how much more
/// connections can keep then, and how much at the most.
fn route(
    (front, (block_number, share)): (&mut Front, (u64, u64)),
    block: &Block,
    batches: &mut [Batch],
) -> (u64, u64) {
    let workers = batches.len() as u64;
    let of = |connection: u64| usize::try_from(connection % workers).unwrap_or(0);
    let (mut number, mut bytes, mut grows) = (0, 0, 0_u64);
    for (index, packet) in block.packets().enumerate() {
        let Some(mut routed) = front.packet(&packet) else {
            continue;
        };
        let len = routed.segment.payload.len() as u64;
        bytes += len;
        if len > 0 {
            grows += GROWTH.min(len * GROWTH_A_BYTE) + 2 * len + GROWTH_A_SEGMENT;
        }
        let relieved = std::mem::take(&mut routed.relieved);
        for connection in &routed.forgotten {
            if let Some(batch) = batches.get_mut(of(*connection)) {
                batch.forget(*connection, number);
            }
            number += 1;
        }
        if let Some(batch) = batches.get_mut(of(routed.connection)) {
            batch.segment(number, index, routed);
        }
        number += 1;
        for connection in relieved {
            if let Some(batch) = batches.get_mut(of(connection)) {
                batch.relieve(connection, number);
            }
            number += 1;
        }
    }
    for batch in batches {
        batch.begin(front.start(), (block_number, (share, bytes)));
    }
    (grows, front.open_now() as u64 * MOST)
}

/// Reads blocks while others are worked on.
fn read_ahead(feed: &mut impl Feed, belt: &Belt, to: &Sender<(Block, Renewed)>) {
    loop {
        let mut block = belt.block();
        let more = feed.next(&mut block);
        if !more {
            // Secrets that came after the last packet.
            block.clear();
        }
        // Where nobody takes it any more, the output has ended early.
        if to.send((block, feed.renewed())).is_err() || !more {
            return;
        }
    }
}

/// Routes and deals out blocks.
fn deal(limits: Limits, blocks: &Receiver<(Block, Renewed)>, jobs: &[Dealt], belt: &Belt) -> Tally {
    let mut front = Front::new(limits);
    let mut bounds = Bounds::new(&limits);
    // Each worker tells it for each job; one that has ended early holds nothing.
    let done = || {
        let reports = jobs.iter().map(|(_, done)| done.recv().unwrap_or_default());
        reports.fold(Report::default(), |all, report| all.merge(&report))
    };
    for (block, renewed) in blocks {
        let mut batches: Vec<Batch> = jobs.iter().map(|_| belt.batch()).collect();
        for batch in &mut batches {
            batch.renew(renewed.clone());
        }
        let share = bounds.next(done);
        let grows = route((&mut front, share), &block, &mut batches);
        let first = bounds.keep(grows, done, |order| {
            send(&Arc::default(), ordered(order, jobs, belt), jobs);
            done()
        });
        for batch in &mut batches {
            batch.order(first);
        }
        if !send(&Arc::new(block), batches, jobs) {
            break;
        }
    }
    front.into_tally()
}

/// Batches that carry out an order.
fn ordered(order: Order, jobs: &[Dealt], belt: &Belt) -> Vec<Batch> {
    let batch = |_| {
        let mut batch = belt.batch();
        batch.order(Some(order));
        batch
    };
    jobs.iter().map(batch).collect()
}

/// Gives each worker its part of a block; false where one has ended early.
fn send(block: &Arc<Block>, batches: Vec<Batch>, jobs: &[Dealt]) -> bool {
    jobs.iter().zip(batches).all(|((to, _), batch)| {
        let block = Arc::clone(block);
        to.send(Job { block, batch }).is_ok()
    })
}

#[cfg(test)]
mod tests;
