//! The lab's bytes.
//!
//! Job: make what both sides send anew, and say what each message costs. Input: a [`Lab`]. Output:
//! [`Made`]: a capture file in memory, and sizes. RFC 7692 §7.1.

use std::sync::Arc;

use super::capture::Tape;
use super::lab::{Content, Item, Lab};
use super::sender::Sender;
use crate::base::{Peer, PerPeer};
use crate::capture::Input;
use crate::ws::{ParsedHeader, parse_frame_header};

/// What the lab is called where an input has a name.
const NAME: &str = "lab";

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
    pub capture: Arc<[u8]>,
    /// What each item costs.
    pub sizes: Vec<Size>,
    /// The packet that each item begins with.
    pub first_packets: Vec<u64>,
}

impl Made {
    /// Makes everything anew.
    pub fn of(lab: &Lab) -> Self {
        let mut senders = PerPeer::from_fn(|from| Sender::new(from, &lab.controls));
        let mut tape = Tape::new(&lab.controls);
        let (mut sizes, mut first_packets) = (Vec::new(), Vec::new());
        for item in &lab.items {
            let bytes = senders[item.from].send(&item.content);
            sizes.push(size(item, bytes.len() as u64, lab));
            first_packets.push(tape.packets() + 1);
            if item.lost {
                lose(item.from, &bytes, &mut tape);
            } else {
                tape.write(item.from, &bytes, false);
            }
        }
        Self {
            capture: tape.into_file().into(),
            sizes,
            first_packets,
        }
    }

    /// The capture as something that is read.
    pub fn input(&self) -> Input {
        Input::Memory(NAME.into(), Arc::clone(&self.capture))
    }

    /// The item of a message that begins with the packet of that number.
    pub fn item_at(&self, packet: u64) -> Option<usize> {
        let behind = self.first_packets.partition_point(|first| *first <= packet);
        behind.checked_sub(1)
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

/// Writes frames of which the capture has the headers and lacks the payloads: so messages keep their
/// numbers, and where frames begin stays known.
fn lose(from: Peer, mut bytes: &[u8], tape: &mut Tape) {
    while let ParsedHeader::Complete(header) = parse_frame_header(bytes) {
        let (head, rest) = bytes.split_at(usize::from(header.header_len).min(bytes.len()));
        let len = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
        let (payload, rest) = rest.split_at(len.min(rest.len()));
        tape.write(from, head, false);
        tape.write(from, payload, true);
        bytes = rest;
    }
    tape.write(from, bytes, true);
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
