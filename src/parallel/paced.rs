//! Sinks as workers see them.
//!
//! Job: tell a sink that renders of steps and blocks, and spare the others. Input: events. Output:
//! the same, to the sink.

use crate::base::{Conversing, Peer, Timestamp};
use crate::event::{Event, EventSink, Renderer, Rendering, Wire};

/// A sink that is told of steps and blocks, too.
pub(super) trait Paced: EventSink {
    /// Whether steps must run in the order of packets.
    const IN_ORDER: bool;

    /// The step of this number begins.
    fn step(&mut self, number: u64);

    /// A block is over; false where nobody wants more.
    fn end_block(&mut self) -> bool;
}

impl<S: Renderer> Paced for Rendering<'_, S> {
    const IN_ORDER: bool = true;

    fn step(&mut self, number: u64) {
        self.step(number);
    }

    fn end_block(&mut self) -> bool {
        self.end_block()
    }
}

/// A sink that only counts.
pub(super) struct Counting<S>(pub(super) S);

impl<S: EventSink> Paced for Counting<S> {
    const IN_ORDER: bool = false;

    fn step(&mut self, _: u64) {}

    fn end_block(&mut self) -> bool {
        true
    }
}

impl<S: EventSink> EventSink for Counting<S> {
    fn begin(&mut self, start: Timestamp) {
        self.0.begin(start);
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.event(event);
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        self.0.wire(conversing, from, wire);
    }
}
