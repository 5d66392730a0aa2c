//! Many workers behind one front, with their output merged in packet order.
//!
//! Job: spread connections over threads and keep the output byte for byte what one thread
//! would print. Input: blocks of packets. Output: each worker's sink, and the rendered bytes
//! in order.
//!
//! The front (the calling thread) reads and routes; each block goes with its routed segments
//! to all workers, each of which takes its own connections. What a worker renders is marked
//! with the packet it came from, and blocks are written in order, so that the marks decide.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::base::{Peer, Stamp, Timestamp};
use crate::capture::{Block, Packet};
use crate::event::EventSink;
use crate::net::Segment;
use crate::pipeline::{Front, Options, Pipeline, Routed, Tally, Worker};
use crate::tcp::Flow;

/// Blocks on their way to each worker.
const AHEAD: usize = 3;

/// Where packets come from.
pub trait Feed {
    /// Fills `block` with the next packets; false at the end.
    fn read(&mut self, block: &mut Block) -> bool;

    /// Whether a packet is to be looked at.
    fn wants(&mut self, packet: &Packet<'_>) -> bool;
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

/// Runs a whole capture over `threads` workers; what sinks render goes to `out` in packet order.
pub fn run<S: EventSink + Send>(
    threads: usize,
    options: Options,
    mut make: impl FnMut() -> S,
    feed: &mut impl Feed,
    out: &mut (dyn Write + Send),
) -> Run<S> {
    if threads <= 1 {
        return sequential(options, make(), feed, out);
    }
    thread::scope(|scope| {
        let (spare_in, spare) = bounded(AHEAD * 2);
        let mut jobs = Vec::new();
        let mut results = Vec::new();
        let mut workers: Vec<ScopedJoinHandle<'_, (S, Tally)>> = Vec::new();
        for _ in 0..threads {
            let (job_in, job_out) = bounded::<Job>(AHEAD);
            let (done_in, done_out) = bounded::<Done>(AHEAD);
            let sink = make();
            workers.push(scope.spawn(move || work(options, sink, &job_out, &done_in)));
            jobs.push(job_in);
            results.push(done_out);
        }
        let writer = scope.spawn(move || write_in_order(&results, &spare_in, out));
        let mut tally = deal(options, feed, &jobs, &spare);
        drop(jobs);
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
    mut sink: S,
    feed: &mut impl Feed,
    out: &mut (dyn Write + Send),
) -> Run<S> {
    let mut pipeline = Pipeline::new(options);
    let mut block = Block::default();
    let mut written = Ok(());
    while written.is_ok() && feed.read(&mut block) {
        for packet in block.packets() {
            if feed.wants(&packet) {
                pipeline.packet(&packet, &mut sink);
            }
        }
        written = flush(&mut sink, out);
    }
    let tally = pipeline.finish(&mut sink);
    let written = written.and_then(|()| flush(&mut sink, out));
    Run {
        sinks: vec![sink],
        tally,
        written,
    }
}

fn flush(sink: &mut impl EventSink, out: &mut (dyn Write + Send)) -> io::Result<()> {
    match sink.rendered() {
        Some(bytes) if !bytes.is_empty() => {
            out.write_all(bytes)?;
            bytes.clear();
            out.flush()
        }
        _ => Ok(()),
    }
}

/// Where a segment's payload lies.
#[derive(Debug)]
enum Payload {
    /// In the block: start and length.
    Block(usize, usize),
    /// In bytes of its own: a datagram put together from fragments.
    Own(Box<[u8]>),
}

/// A routed segment without its borrow.
#[derive(Debug)]
struct Item {
    connection: u64,
    from: Peer,
    opened: Option<Flow>,
    segment: Segment<'static>,
    payload: Payload,
    stamp: Stamp,
    captured: usize,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are segments")]
enum Step {
    Segment(Item),
    Forget(u64),
}

/// Packet in the block, then connection: the order of output within a block.
type Key = (u64, u64);

/// A block with the steps of one worker.
#[derive(Debug)]
struct Job {
    block: Arc<Block>,
    steps: Vec<(Key, Step)>,
    start: Timestamp,
}

/// What a worker made of a block.
#[derive(Debug, Default)]
struct Done {
    block: Option<Arc<Block>>,
    bytes: Vec<u8>,
    /// Where the bytes of each step that rendered any end.
    marks: Vec<(Key, usize)>,
}

/// Reads, routes and deals out blocks.
fn deal(
    options: Options,
    feed: &mut impl Feed,
    jobs: &[Sender<Job>],
    spare: &Receiver<Block>,
) -> Tally {
    let mut front = Front::new(options.limits);
    let workers = jobs.len() as u64;
    loop {
        let mut block = spare.try_recv().unwrap_or_default();
        if !feed.read(&mut block) {
            break;
        }
        let mut steps: Vec<Vec<(Key, Step)>> = jobs.iter().map(|_| Vec::new()).collect();
        let mut put = |connection: u64, key: Key, step| {
            let worker = usize::try_from(connection % workers).unwrap_or(0);
            if let Some(steps) = steps.get_mut(worker) {
                steps.push((key, step));
            }
        };
        for (index, packet) in (0..).zip(block.packets()) {
            if !feed.wants(&packet) {
                continue;
            }
            let Some(routed) = front.packet(&packet) else {
                continue;
            };
            for number in &routed.forgotten {
                put(*number, (index, *number), Step::Forget(*number));
            }
            put(
                routed.connection,
                (index, u64::MAX),
                Step::Segment(item(&routed, &block)),
            );
        }
        let block = Arc::new(block);
        let start = front.start().unwrap_or_default();
        for (job, steps) in jobs.iter().zip(steps) {
            if job
                .send(Job {
                    block: Arc::clone(&block),
                    steps,
                    start,
                })
                .is_err()
            {
                return front.into_tally();
            }
        }
    }
    front.into_tally()
}

fn item(routed: &Routed<'_>, block: &Block) -> Item {
    let payload = routed.segment.payload;
    let bytes = block.bytes();
    let start = payload.as_ptr().addr().wrapping_sub(bytes.as_ptr().addr());
    let inside = start
        .checked_add(payload.len())
        .is_some_and(|end| end <= bytes.len());
    Item {
        connection: routed.connection,
        from: routed.from,
        opened: routed.opened,
        segment: Segment {
            payload: &[],
            ..routed.segment
        },
        payload: if inside {
            Payload::Block(start, payload.len())
        } else {
            Payload::Own(payload.into())
        },
        stamp: routed.stamp,
        captured: routed.captured,
    }
}

/// One worker's thread.
fn work<S: EventSink>(
    options: Options,
    mut sink: S,
    jobs: &Receiver<Job>,
    done: &Sender<Done>,
) -> (S, Tally) {
    let mut worker = Worker::new(options);
    let mut begun = false;
    for Job {
        block,
        steps,
        start,
    } in jobs
    {
        if !std::mem::replace(&mut begun, true) {
            sink.begin(start);
        }
        let mut marks = Vec::new();
        for (key, step) in steps {
            match step {
                Step::Forget(number) => worker.forget(number, &mut sink),
                Step::Segment(item) => segment(&mut worker, &item, &block, &mut sink),
            }
            mark(&mut sink, key, &mut marks);
        }
        let bytes = sink.rendered().map(std::mem::take).unwrap_or_default();
        if done
            .send(Done {
                block: Some(block),
                bytes,
                marks,
            })
            .is_err()
        {
            return (sink, worker.into_tally());
        }
    }
    let mut marks = Vec::new();
    for number in worker.open_connections() {
        worker.forget(number, &mut sink);
        mark(&mut sink, (u64::MAX, number), &mut marks);
    }
    let bytes = sink.rendered().map(std::mem::take).unwrap_or_default();
    // Where the writer is gone, nobody misses the rest.
    let _ = done.send(Done {
        block: None,
        bytes,
        marks,
    });
    (sink, worker.into_tally())
}

fn segment(worker: &mut Worker, item: &Item, block: &Block, sink: &mut impl EventSink) {
    let payload = match &item.payload {
        Payload::Block(start, len) => block.bytes().get(*start..*start + *len).unwrap_or_default(),
        Payload::Own(bytes) => bytes,
    };
    let routed = Routed {
        connection: item.connection,
        from: item.from,
        opened: item.opened,
        segment: Segment {
            payload,
            ..item.segment
        },
        stamp: item.stamp,
        captured: item.captured,
        forgotten: Vec::new(),
    };
    worker.segment(&routed, sink);
}

fn mark(sink: &mut impl EventSink, key: Key, marks: &mut Vec<(Key, usize)>) {
    let end = sink.rendered().map_or(0, |bytes| bytes.len());
    if end > marks.last().map_or(0, |(_, end)| *end) {
        marks.push((key, end));
    }
}

/// Writes the workers' output block by block, within a block by packet.
fn write_in_order(
    results: &[Receiver<Done>],
    spare: &Sender<Block>,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let mut merged = Vec::new();
    loop {
        let done: Vec<Done> = results
            .iter()
            .filter_map(|result| result.recv().ok())
            .collect();
        if done.len() < results.len() {
            return Ok(());
        }
        merged.clear();
        merge(&done, &mut merged);
        if !merged.is_empty() {
            out.write_all(&merged)?;
            out.flush()?;
        }
        for block in done.into_iter().filter_map(|done| done.block) {
            if let Some(mut block) = Arc::into_inner(block) {
                block.clear();
                // A full channel means that there are spare blocks enough.
                let _ = spare.try_send(block);
            }
        }
    }
}

fn merge(done: &[Done], merged: &mut Vec<u8>) {
    let mut heads = vec![(0usize, 0usize); done.len()];
    loop {
        let next = done
            .iter()
            .zip(&heads)
            .enumerate()
            .filter_map(|(worker, (done, (at, _)))| {
                done.marks.get(*at).map(|(key, end)| (*key, worker, *end))
            })
            .min();
        let Some((_, worker, end)) = next else { return };
        let (Some(done), Some((at, start))) = (done.get(worker), heads.get_mut(worker)) else {
            return;
        };
        merged.extend_from_slice(done.bytes.get(*start..end).unwrap_or_default());
        *at += 1;
        *start = end;
    }
}
