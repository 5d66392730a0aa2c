//! Packets in, events out: owns the tables of connections.
//!
//! Job: route each packet to its connection and keep the connections alive no longer than
//! needed. Input: [`Packet`]s in capture order. Output:
//! [`Event`](crate::event::Event)s and a [`Tally`] of what else was seen.
//!
//! [`Front`] knows packets and four-tuples, [`Worker`] knows connections. One of each makes
//! the sequential [`Pipeline`]; [`crate::parallel`] puts several workers behind one front.

mod front;
mod kept;
mod tally;
mod waypoints;
mod worker;

pub use front::{Front, Routed};
pub use kept::{Kept, Rest};
pub use tally::{Broken, Tally};
pub use waypoints::{Interval, Waypoints};
pub use worker::{Options, Renewed, Worker};

use crate::base::Timestamp;
use crate::capture::Packet;
use crate::event::EventSink;
use crate::session::Waypoint;

/// The sequential pipeline.
#[derive(Debug)]
pub struct Pipeline {
    front: Front,
    worker: Worker,
}

impl Pipeline {
    /// A pipeline that has seen nothing.
    pub fn new(options: Options) -> Self {
        Self {
            front: Front::new(options.limits),
            worker: Worker::new(options),
        }
    }

    /// The pipeline of one connection, which goes on behind a waypoint: packets before
    /// [`Waypoint::next`] can only be passed. `None` where it cannot.
    pub fn resume(waypoint: &Waypoint, options: Options) -> Option<Self> {
        Some(Self {
            front: Front::resume(options.limits, &waypoint.flow),
            worker: Worker::resume(waypoint, options)?,
        })
    }

    /// Takes a packet before those that count.
    pub fn pass(&mut self, packet: &Packet<'_>) {
        self.front.pass(packet);
    }

    /// Takes the next packet.
    pub fn packet(&mut self, packet: &Packet<'_>, sink: &mut dyn EventSink) {
        let first = self.front.start().is_none();
        let routed = self.front.packet(packet);
        if first {
            sink.begin(packet.time);
        }
        if let Some(routed) = routed {
            self.worker.routed(&routed, sink);
        }
    }

    /// The capture ends: every open connection does.
    pub fn finish(mut self, sink: &mut dyn EventSink) -> Tally {
        for number in self.worker.open_connections() {
            self.worker.forget(number, sink);
        }
        let mut tally = self.front.into_tally();
        tally.add(&self.worker.into_tally());
        tally
    }

    /// Time of the first packet.
    pub fn start(&self) -> Option<Timestamp> {
        self.front.start()
    }
}
