//! From a packet to the connection it belongs to.
//!
//! Job: the part of the work that needs packets in order. Input: packets.
//! Output: [`Routed`] segments.

use super::tally::Tally;
use crate::base::{End, Limits, Stamp, Timestamp};
use crate::capture::Packet;
use crate::net::{Decoded, Decoder, Segment};
use crate::tcp::{Flow, Flows};

/// A segment with the connection it belongs to.
#[derive(Debug)]
pub struct Routed<'a> {
    /// The connection's number.
    pub connection: u64,
    /// Who sent it.
    pub from: End,
    /// The connection, where this is its first segment.
    pub opened: Option<Box<Flow>>,
    /// The segment.
    pub segment: Segment<'a>,
    /// Its packet and time.
    pub stamp: Stamp,
    /// Captured bytes of its packet.
    pub captured: usize,
    /// Connections that must be ended before this segment, by number.
    pub forgotten: Vec<u64>,
    /// Connections that must give up what they hold out of order after this segment.
    pub relieved: Vec<u64>,
}

/// Packets in, routed segments out.
#[derive(Debug)]
pub struct Front {
    decoder: Decoder,
    flows: Flows,
    tally: Tally,
    start: Option<Timestamp>,
}

impl Front {
    /// A front that has seen nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            decoder: Decoder::new(limits),
            flows: Flows::new(limits),
            tally: Tally::default(),
            start: None,
        }
    }

    /// A front in the midst of one connection.
    pub fn resume(limits: Limits, flow: &Flow) -> Self {
        Self {
            flows: Flows::resume(limits, flow),
            ..Self::new(limits)
        }
    }

    /// Takes a packet before those that count: fragments in it may belong to a datagram that
    /// does.
    pub fn pass(&mut self, packet: &Packet<'_>) {
        self.decoder.decode(packet);
    }

    /// Takes the next packet; `None` where it carries no TCP.
    #[inline]
    pub fn packet<'a>(&'a mut self, packet: &Packet<'a>) -> Option<Routed<'a>> {
        self.start.get_or_insert(packet.time);
        self.tally.packets += 1;
        let segment = match self.decoder.decode(packet) {
            Decoded::Segment(segment) | Decoded::Reassembled(segment) => segment,
            Decoded::Other(other) => {
                self.tally.other(packet.place, other);
                return None;
            }
        };
        self.tally.segments += 1;
        self.tally.payload_bytes += segment.payload.len() as u64;
        let stamp = Stamp {
            packet: packet.place,
            time: packet.time,
        };
        let route = self.flows.route(&segment, stamp);
        let relieved = if self.flows.has_relieved() {
            self.flows.take_relieved()
        } else {
            Vec::new()
        };
        self.tally.relieved += relieved.len() as u64;
        let forgotten = self.flows.take_forgotten();
        let forgotten = if forgotten.len() == 0 {
            Vec::new()
        } else {
            in_order(forgotten)
        };
        Some(Routed {
            connection: route.connection,
            from: route.from,
            opened: route.opened,
            segment,
            stamp,
            captured: packet.data.len(),
            forgotten,
            relieved,
        })
    }

    /// Connections that are open, or may yet turn out to be.
    pub fn open_now(&self) -> usize {
        self.flows.open_now()
    }

    /// Time of the first packet.
    pub fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// The counts, at the end.
    pub fn into_tally(mut self) -> Tally {
        self.tally.flows = self.flows.count();
        self.tally.datagrams = self.decoder.fragment_losses();
        self.tally.evicted = self.flows.evicted();
        self.tally
    }
}

/// Ends of connections happen seldom.
#[cold]
fn in_order(forgotten: std::vec::Drain<'_, u64>) -> Vec<u64> {
    let mut forgotten: Vec<u64> = forgotten.collect();
    forgotten.sort_unstable();
    forgotten
}
