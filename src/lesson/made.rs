//! The lab's bytes.
//!
//! Job: make what both sides send anew, and say what each message costs. Input: a [`Lab`]. Output:
//! [`Made`]: a capture file in memory, and sizes. RFC 7692 §7.1.

use super::capture::Tape;
use super::lab::{Content, Item, Lab};
use super::sender::Sender;
use crate::base::{Peer, PerPeer};

/// What one item costs, in bytes on the wire, headers included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Bytes of the payload; unknown where frames or compressed payloads were typed.
    pub payload: Option<u64>,
    /// As it is sent.
    pub wire: u64,
    /// What it would be over an empty window, where it is compressed.
    pub alone: Option<u64>,
    /// What it would be without compression.
    pub plain: Option<u64>,
}

/// What was made of a lab.
#[derive(Debug, Clone)]
pub struct Made {
    /// A capture of it, as a pcap file.
    pub capture: Vec<u8>,
    /// What each item costs.
    pub sizes: Vec<Size>,
    /// The last packet of each item; where it is lost, the one before it.
    pub last_packets: Vec<u64>,
}

impl Made {
    /// Makes everything anew.
    pub fn of(lab: &Lab) -> Self {
        let mut senders = PerPeer::from_fn(|from| Sender::new(from, &lab.controls));
        let mut tape = Tape::new(&lab.controls);
        let (mut sizes, mut last_packets) = (Vec::new(), Vec::new());
        for item in &lab.items {
            let bytes = senders[item.from].send(&item.content);
            sizes.push(size(item, bytes.len() as u64, lab));
            tape.write(item.from, &bytes, item.lost);
            last_packets.push(tape.packets());
        }
        Self {
            capture: tape.into_file(),
            sizes,
            last_packets,
        }
    }

    /// The item that was sent when the packet of that number was captured.
    pub fn item_at(&self, packet: u64) -> Option<usize> {
        let place = self.last_packets.partition_point(|last| *last < packet);
        (place < self.last_packets.len()).then_some(place)
    }

    /// What all that `from` sends costs; both sides where nobody is named.
    pub fn total(&self, lab: &Lab, from: Option<Peer>) -> u64 {
        let counts = |item: &Item| from.is_none_or(|from| item.from == from);
        let sizes = lab.items.iter().zip(&self.sizes);
        sizes
            .filter(|(item, _)| counts(item))
            .map(|(_, size)| size.wire)
            .sum()
    }
}

fn size(item: &Item, wire: u64, lab: &Lab) -> Size {
    let (controls, from) = (&lab.controls, item.from);
    let Content::Message(opcode, payload) = &item.content else {
        return Size {
            wire,
            ..Size::default()
        };
    };
    let cost = |mut sender: Sender<'_>| sender.send(&item.content).len() as u64;
    let plain = cost(Sender::plain(from, controls));
    let compressed =
        controls.compresses(from) && !opcode.is_control() && payload.len() >= controls.threshold;
    Size {
        payload: Some(payload.len() as u64),
        wire,
        alone: compressed.then(|| cost(Sender::new(from, controls))),
        plain: Some(plain),
    }
}
