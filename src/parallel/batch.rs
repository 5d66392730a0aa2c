//! One worker's part of a block.
//!
//! Job: hold the steps that a block's packets ask for, and run them. Input: [`Routed`] segments in
//! packet order. Output: events, with the number of each step before them where the sink renders:
//! by these numbers [`super::merge`] puts the output of several workers in packet order.
//!
//! A connection's windows and tables are more than 100 KB, which its next packet finds evicted
//! from the core's cache when those of hundreds of others came between: so steps are sorted by
//! connection where the order of events across connections does not matter.

use std::hint::black_box;

use super::bounds::Order;
use super::paced::Paced;
use crate::base::{End, Stamp, Timestamp};
use crate::capture::Block;
use crate::event::EventSink;
use crate::net::Bare;
use crate::pipeline::{Renewed, Routed, Worker};
use crate::tcp::Flow;

/// What is to be done for one connection.
#[derive(Debug)]
struct Step {
    connection: u64,
    /// The packet's number in the block, over all workers.
    number: u64,
    deed: Deed,
}

#[derive(Debug)]
enum Deed {
    Open(Box<Flow>),
    Segment(Item),
    Relieve,
    Forget,
}

/// A routed segment without its borrow.
#[derive(Debug)]
struct Item {
    from: End,
    /// Index of its packet in the block.
    packet: usize,
    bare: Bare<'static>,
    payload: Payload,
}

/// Where a segment's payload lies.
#[derive(Debug)]
enum Payload {
    /// In its packet: start and length.
    Packet(usize, usize),
    /// In bytes of its own: a datagram put together from fragments.
    Own(Box<[u8]>),
}

/// The steps of one worker. Reused, so that its memory is.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Secrets that hold from its first step on.
    renewed: Renewed,
    start: Option<Timestamp>,
    /// The block's number, by how much payloads may grow in it, and the bytes of its segments.
    share: (u64, (u64, u64)),
    /// What silent connections are to do first.
    order: Option<Order>,
    steps: Vec<Step>,
    /// The steps' indices, where they do not run in the order of packets.
    sorted: Vec<u32>,
    /// Where each group of connections begins among them, while they are sorted.
    starts: Vec<u32>,
}

impl Batch {
    /// Forgets the steps, keeps their memory.
    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.order = None;
        self.share = (0, (0, 0));
    }

    /// Makes it carry out an order, before a block's steps where it has some.
    pub(super) fn order(&mut self, order: Option<Order>) {
        self.order = order;
    }

    /// Secrets that hold from its first step on.
    pub(super) fn renew(&mut self, renewed: Renewed) {
        self.renewed = renewed;
    }

    /// Notes when the capture's first packet was captured, the block's number and its share of memory.
    pub(super) fn begin(&mut self, start: Option<Timestamp>, share: (u64, (u64, u64))) {
        (self.start, self.share) = (start, share);
    }

    /// Adds the end of a connection.
    pub(super) fn forget(&mut self, connection: u64, number: u64) {
        self.push(connection, number, Deed::Forget);
    }

    /// Adds that a connection gives up what it holds out of order.
    pub(super) fn relieve(&mut self, connection: u64, number: u64) {
        self.push(connection, number, Deed::Relieve);
    }

    /// Adds the segment of packet `packet` of the block.
    #[inline]
    pub(super) fn segment(&mut self, number: u64, packet: usize, routed: Routed<'_>) {
        let connection = routed.connection;
        if let Some(flow) = routed.opened {
            self.push(connection, number, Deed::Open(flow));
        }
        let payload = routed.segment.payload;
        let payload = match routed.segment.payload_start {
            Some(start) => Payload::Packet(start, payload.len()),
            None => Payload::Own(payload.into()),
        };
        let item = Item {
            from: routed.from,
            packet,
            bare: Bare {
                payload: &[],
                ..routed.segment.bare()
            },
            payload,
        };
        self.push(connection, number, Deed::Segment(item));
    }

    #[inline]
    fn push(&mut self, connection: u64, number: u64, deed: Deed) {
        self.steps.push(Step {
            connection,
            number,
            deed,
        });
    }

    /// Runs the steps: those of one connection in a row where the sink only counts. Where it
    /// renders, what that gains would be lost on bringing the output back into packet order.
    pub(super) fn run<P: Paced>(&mut self, block: &Block, worker: &mut Worker, sink: &mut P) {
        if let Some(order) = self.order {
            carry_out(order, worker, sink);
        }
        if self.share.0 > 0 {
            worker.begin_block(self.share.0, self.share.1);
        }
        worker.renew(std::mem::take(&mut self.renewed));
        if !P::IN_ORDER {
            return self.run_by_connection(block, worker, sink);
        }
        for step in &self.steps {
            sink.step(step.number);
            step.run(block, worker, sink);
        }
    }

    fn run_by_connection(&mut self, block: &Block, worker: &mut Worker, sink: &mut impl EventSink) {
        self.sort();
        let mut place = 0;
        while let Some(step) = self.step(place) {
            self.look_ahead(place, block);
            step.run(block, worker, sink);
            place += 1;
        }
    }

    /// Sorts the steps by connection. Those of connections in one group, which are few, are not kept
    /// apart, and each connection keeps its own order all the same.
    fn sort(&mut self) {
        self.starts.clear();
        self.starts.resize(GROUPS, 0);
        for step in &self.steps {
            if let Some(count) = self.starts.get_mut(step.group()) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += std::mem::replace(start, sum);
        }
        self.sorted.clear();
        self.sorted.resize(self.steps.len(), 0);
        for (index, step) in (0..).zip(&self.steps) {
            if let Some(start) = self.starts.get_mut(step.group())
                && let Some(place) = self.sorted.get_mut(*start as usize)
            {
                *place = index;
                *start += 1;
            }
        }
    }

    /// The step with this place in the order by connection.
    #[inline]
    fn step(&self, place: usize) -> Option<&Step> {
        self.steps.get(*self.sorted.get(place)? as usize)
    }

    /// Reads what the next steps need and this one does not, so that the cache has it when they
    /// run: a step, some steps later its record, some later its payload.
    #[inline]
    fn look_ahead(&self, place: usize, block: &Block) {
        let item = |place| self.step(place)?.item();
        let start = |item: &Item| Some(block.records().get(item.packet)?.start);
        let first = |item: &Item| item.payload(block, start(item)?).first().copied();
        black_box(item(place + 6).map(|item| item.packet));
        black_box(item(place + 4).and_then(start));
        black_box(item(place + 2).and_then(first));
    }

    /// When the capture's first packet was captured.
    pub(super) fn start(&self) -> Option<Timestamp> {
        self.start
    }
}

/// Connections are told in the order of their numbers.
fn carry_out<P: Paced>(order: Order, worker: &mut Worker, sink: &mut P) {
    match order {
        Order::Rest(block, rest) => worker.rest(block, rest),
        Order::LetGo(block) => {
            for connection in worker.silent_since(block) {
                sink.step(connection);
                worker.let_go(connection, sink);
            }
        }
    }
}

/// Groups of connections by which steps are sorted.
const GROUPS: usize = 1 << GROUP_BITS;
const GROUP_BITS: u32 = 12;

impl Step {
    /// The group of its connection: of each worker's numbers, which may all be multiples of
    /// something, as many groups hold one.
    #[inline]
    fn group(&self) -> usize {
        let mixed = self.connection.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (u64::BITS - GROUP_BITS)) as usize
    }

    /// The segment that it is about.
    #[inline]
    fn item(&self) -> Option<&Item> {
        match &self.deed {
            Deed::Segment(item) => Some(item),
            Deed::Open(_) | Deed::Relieve | Deed::Forget => None,
        }
    }

    fn run(&self, block: &Block, worker: &mut Worker, sink: &mut impl EventSink) {
        match &self.deed {
            Deed::Open(flow) => worker.open(**flow),
            Deed::Relieve => worker.relieve(self.connection, sink),
            Deed::Forget => worker.forget(self.connection, sink),
            Deed::Segment(item) => item.run(self.connection, block, worker, sink),
        }
    }
}

impl Item {
    /// The payload, whose packet is at `start` in the block where it lies in it.
    #[inline]
    fn payload<'a>(&'a self, block: &'a Block, start: usize) -> &'a [u8] {
        match &self.payload {
            Payload::Packet(from, len) => {
                let start = start + *from;
                block.bytes().get(start..start + *len).unwrap_or_default()
            }
            Payload::Own(bytes) => bytes,
        }
    }

    fn run(&self, connection: u64, block: &Block, worker: &mut Worker, sink: &mut impl EventSink) {
        let Some(record) = block.records().get(self.packet) else {
            return;
        };
        let stamp = Stamp {
            packet: record.place,
            time: record.time,
        };
        if matches!(self.payload, Payload::Packet(..)) {
            worker.offer(connection, record.place);
        }
        let segment = Bare {
            payload: self.payload(block, record.start),
            ..self.bare
        };
        worker.segment((connection, self.from), &segment, (stamp, record.len), sink);
    }
}
