//! One worker's part of a block.
//!
//! Job: hold the steps that a block's packets ask for, and run them. Input: [`Routed`] segments in
//! packet order. Output: events, with the number of each step before them where the sink renders:
//! by these numbers [`super::merge`] puts the output of several workers in packet order.
//!
//! A connection's windows and tables are more than 100 KB, which its next packet finds evicted
//! from the core's cache when those of hundreds of others came between: so steps are sorted by
//! connection where the order of events across connections does not matter.

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
    /// The steps' connections and indices, where they do not run in the order of packets.
    sorted: Vec<u64>,
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
        const INDEX_BITS: u32 = 32;

        // Connections whose numbers agree in these bits are not kept apart, and each keeps its
        // own order all the same.
        let keys = (0..).zip(&self.steps);
        let keys = keys.map(|(index, step): (u64, _)| step.connection << INDEX_BITS | index);
        self.sorted.clear();
        self.sorted.extend(keys);
        self.sorted.sort_unstable();
        for key in &self.sorted {
            let index = usize::try_from(key & ((1 << INDEX_BITS) - 1)).ok();
            if let Some(step) = index.and_then(|index| self.steps.get(index)) {
                step.run(block, worker, sink);
            }
        }
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

impl Step {
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
    fn run(&self, connection: u64, block: &Block, worker: &mut Worker, sink: &mut impl EventSink) {
        let Some(record) = block.records().get(self.packet) else {
            return;
        };
        let payload = match &self.payload {
            Payload::Packet(start, len) => {
                let start = record.start + *start;
                block.bytes().get(start..start + *len).unwrap_or_default()
            }
            Payload::Own(bytes) => bytes,
        };
        let stamp = Stamp {
            packet: record.place,
            time: record.time,
        };
        if matches!(self.payload, Payload::Packet(..)) {
            worker.offer(connection, record.place);
        }
        let segment = Bare {
            payload,
            ..self.bare
        };
        worker.segment((connection, self.from), &segment, (stamp, record.len), sink);
    }
}
