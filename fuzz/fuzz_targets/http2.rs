//! HTTP/2 of both directions, in any pieces, with gaps.
//!
//! Holds that cutting what the peers send into other pieces changes nothing that is told, as long as no
//! bytes are missing and nothing is wrong.
//!
//! Input: a byte that chooses the size of pieces, then packets: a byte for the sender (bit 0), a gap before
//! it (bit 1, a length byte follows; bit 2, of unknown length), the beginning in the middle (bit 3 of the
//! first), and a byte for the length.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use wscope::base::{Limits, Peer, Stamp};
use wscope::finding::{Code, Observation};
use wscope::http2::frame::GoAway;
use wscope::http2::{DataFrame, Ended, Opened, Out, Stall, Streams};
use wscope::stream::{Delivery, Missing, Stamps};
use wscope_fuzz::{Bytes, stamp};

/// What was told: bytes of each stream and sender, and how streams began.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    bytes: BTreeMap<(u32, bool), Vec<Result<u8, Missing>>>,
    opened: BTreeMap<u32, String>,
    ended: Vec<u32>,
    /// Something was wrong, and frames were looked for after it.
    faulty: bool,
}

impl Out for Told {
    fn opened(&mut self, stream: u32, opened: Opened) {
        let what = format!("{:?} {:?}", opened.answer, opened.handshake.request);
        self.opened.insert(stream, what);
    }

    fn data(&mut self, _: u32, _: Peer, _: &DataFrame) {}

    fn bytes(&mut self, stream: u32, from: Peer, delivery: Delivery<'_>, _: Stamps) {
        let all = self
            .bytes
            .entry((stream, from == Peer::Client))
            .or_default();
        match delivery {
            Delivery::Chunk { bytes, .. } => all.extend(bytes.iter().map(|byte| Ok(*byte))),
            Delivery::Gap(missing) => all.push(Err(missing)),
            Delivery::Conflict { .. } => {}
        }
    }

    fn stalled(&mut self, _: u32, stall: &Stall) {
        assert!(stall.nanos() >= 0);
    }

    fn ended(&mut self, stream: u32, _: Ended) {
        self.ended.push(stream);
    }

    fn given_up(&mut self, _: GoAway, _: Stamp, _: &[u32]) {}

    fn note(&mut self, _: u32, note: Observation, _: Stamp) {
        assert!(!note.text.is_empty());
        self.faulty |= matches!(note.code, Code::H2FrameInvalid | Code::HpackInvalid);
    }
}

struct Packet<'a> {
    from: Peer,
    gap: Option<Missing>,
    bytes: &'a [u8],
}

fn packets<'a>(data: &mut Bytes<'a>) -> (bool, Vec<Packet<'a>>) {
    let (mut packets, mut midway) = (Vec::new(), false);
    while !data.is_empty() {
        let kind = data.byte();
        midway |= packets.is_empty() && kind & 8 != 0;
        let gap = (kind & 2 != 0).then(|| {
            let length = u64::from(data.byte());
            [Missing::Bytes(length), Missing::Unknown][usize::from(kind >> 2 & 1)]
        });
        let length = usize::from(data.byte()).min(data.0.len());
        let (bytes, rest) = data.0.split_at(length);
        *data = Bytes(rest);
        let from = Peer::BOTH[usize::from(kind & 1)];
        packets.push(Packet { from, gap, bytes });
    }
    (midway, packets)
}

fn run(midway: bool, packets: &[Packet<'_>], size: usize) -> Told {
    let limits = Limits {
        head_bytes: 512,
        resync_bytes: 1024,
        streams: 8,
        ..Limits::default()
    };
    let begin = if midway {
        Streams::midway
    } else {
        Streams::new
    };
    let (mut streams, mut told) = (begin(limits), Told::default());
    for (number, packet) in (1..).zip(packets) {
        let at = stamp(number).into();
        if let Some(missing) = packet.gap {
            streams.delivery(packet.from, Delivery::Gap(missing), at, &mut told);
        }
        for bytes in packet.bytes.chunks(size.max(1)) {
            streams.delivery(packet.from, Delivery::write(bytes), at, &mut told);
        }
        if streams.can_rest() {
            streams = streams.clone();
        }
        assert!(streams.held() < 1 << 20);
    }
    streams.finish(stamp(packets.len() as u64 + 1), &mut told);
    told
}

fuzz_target!(|data: &[u8]| {
    let mut data = Bytes(data);
    let size = usize::from(data.byte());
    let (midway, packets) = packets(&mut data);
    let whole = run(midway, &packets, usize::MAX);
    let cut = run(midway, &packets, size);
    // Behind a loss the beginnings of writes are evidence.
    let known = !midway && packets.iter().all(|packet| packet.gap.is_none());
    if known && !whole.faulty && !cut.faulty {
        assert_eq!(whole, cut);
    }
});
