//! What must hold whatever the network and the capture do.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;

use wscope::base::{End, Limits, Peer, Stamp};
use wscope::net::{Encapsulation, Segment};
use wscope::stream::Delivery;
use wscope::tcp::{Budget, Connection};

use crate::tcp::harness::{ACK, FIN, Harness, RST, SYN, segment};

const LEN: usize = 3000;

/// Bytes of which no two near ones are confused.
fn original(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

/// What the client's direction delivered, held against the original.
#[derive(Default)]
struct Sink {
    offset: usize,
    gaps: usize,
    conflicts: usize,
}

impl Sink {
    fn take(&mut self, end: End, delivery: Delivery<'_>, original: &[u8]) {
        match (end, delivery) {
            (End::Second, delivery) => panic!("the server sent nothing: {delivery:?}"),
            (_, Delivery::Chunk { bytes, .. }) => {
                let end = self.offset + bytes.len();
                assert!(!bytes.is_empty());
                assert_eq!(
                    Some(bytes),
                    original.get(self.offset..end),
                    "at {}",
                    self.offset
                );
                self.offset = end;
            }
            (_, Delivery::Gap(missing)) => {
                let len = missing.exactly().unwrap();
                assert!(len > 0);
                self.gaps += 1;
                self.offset += usize::try_from(len).unwrap();
            }
            (_, Delivery::Conflict { .. }) => self.conflicts += 1,
        }
    }
}

/// A segment's range, in the order of capture, with how the network treated it.
#[derive(Debug, Clone, Copy)]
struct Sent {
    start: usize,
    end: usize,
    lost: bool,
    /// The snaplen left only so many bytes.
    kept: usize,
    /// The receiver's acknowledgement stands behind it in the capture.
    acked: bool,
}

/// Any segmentation of `len` bytes, some ranges again with other cuts, each moved by a few
/// places from where it was sent.
fn traffic(len: usize) -> impl Strategy<Value = Vec<Sent>> {
    let cuts = vec(1..len, 0..30);
    let again = vec((0..len, 1..200_usize), 0..20);
    let network = vec((0..6_usize, 0..4_u8, 0..3_u8, 0..200_usize), 60);
    (cuts, again, network).prop_map(move |(mut cuts, again, network)| {
        cuts.extend([0, len]);
        cuts.sort_unstable();
        cuts.dedup();
        let first = cuts.windows(2).map(|w| (w[0], w[0], w[1]));
        // A retransmission is sent when all it repeats was.
        let again = again.iter().map(|&(start, more)| {
            let end = (start + more).min(len);
            (end, start, end)
        });
        let mut sent: Vec<_> = first.chain(again).collect();
        sent.sort_by_key(|&(when, ..)| when);
        let mut moved: Vec<_> = (0..).zip(sent).zip(network.iter().cycle()).collect();
        moved.sort_by_key(|&((place, _), &(late, ..))| place + late);
        let sent = moved.into_iter();
        sent.map(|((_, (_, start, end)), &(_, lost, acked, kept))| Sent {
            start,
            end,
            lost: lost == 0,
            kept: if kept < 20 { kept } else { usize::MAX },
            acked: acked == 0,
        })
        .collect()
    })
}

/// What the capture suffers.
#[derive(Debug, Clone, Copy, Default)]
struct Capture {
    losses: bool,
    snaplen: bool,
    acks: bool,
}

/// A connection on which the client sends `bytes`.
struct Wire {
    bytes: Vec<u8>,
    isn: u32,
    connection: Connection,
    budget: Budget,
    sink: Sink,
}

impl Wire {
    fn new(isn: u32) -> Self {
        let mut wire = Self {
            bytes: original(LEN),
            isn,
            connection: Connection::default(),
            budget: Budget::new(Limits::default()),
            sink: Sink::default(),
        };
        let syn = segment(Peer::Client, SYN, isn, 0, b"");
        wire.take(End::First, &syn);
        wire
    }

    fn number(&self, offset: usize) -> u32 {
        self.isn.wrapping_add(u32::try_from(offset + 1).unwrap())
    }

    fn take(&mut self, from: End, segment: &Segment<'_>) {
        let (bytes, sink) = (&self.bytes, &mut self.sink);
        self.connection.segment(
            from,
            &segment.bare(),
            Stamp::default(),
            &mut self.budget,
            &mut |end, delivery, _| sink.take(end, delivery, bytes),
        );
    }

    fn data(&mut self, flags: u8, range: Range<usize>, kept: usize) {
        let seq = self.number(range.start);
        let payload = self.bytes[range].to_vec();
        let mut segment = segment(Peer::Client, flags | ACK, seq, 77, &payload);
        segment.payload = &payload[..kept.min(payload.len())];
        self.take(End::First, &segment);
    }

    fn acknowledge(&mut self, have: usize) {
        let ack = self.number(have);
        self.take(End::Second, &segment(Peer::Server, ACK, 77, ack, b""));
    }

    /// All of `sent`, then an empty segment with `flags` that shows how far the client got.
    fn run(mut self, sent: &[Sent], capture: Capture, flags: u8) -> Sink {
        // What the receiver has: losses happen in the capture only, not on the wire.
        let mut received = vec![false; LEN];
        for one in sent {
            received[one.start..one.end].fill(true);
            if !(capture.losses && one.lost) {
                let kept = if capture.snaplen { one.kept } else { LEN };
                self.data(0, one.start..one.end, kept);
            }
            if capture.acks && one.acked {
                self.acknowledge(received.iter().position(|have| !have).unwrap_or(LEN));
            }
        }
        self.data(flags, LEN..LEN, 0);
        let (bytes, sink) = (&self.bytes, &mut self.sink);
        self.connection.finish(
            Stamp::default(),
            &mut self.budget,
            &mut |end, delivery, _| {
                sink.take(end, delivery, bytes);
            },
        );
        assert_eq!(self.budget.held(), 0);
        let delivered = self.connection.stream(End::First).delivered();
        assert_eq!(delivered, LEN as u64);
        self.sink
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_byte_once(sent in traffic(LEN), isn in isn(), acks: bool, close: bool) {
        let capture = Capture { acks, ..Capture::default() };
        let sink = Wire::new(isn).run(&sent, capture, if close { FIN } else { 0 });
        prop_assert_eq!((sink.offset, sink.gaps, sink.conflicts), (LEN, 0, 0));
    }

    #[test]
    fn chunks_and_gaps_tile(
        sent in traffic(LEN),
        isn in isn(),
        (losses, snaplen, acks) in any::<(bool, bool, bool)>(),
        close in any::<bool>(),
    ) {
        let capture = Capture { losses, snaplen, acks };
        let sink = Wire::new(isn).run(&sent, capture, if close { FIN } else { 0 });
        prop_assert_eq!((sink.offset, sink.conflicts), (LEN, 0));
    }

    #[test]
    fn anything_goes(
        segments in vec((any::<bool>(), any::<u8>(), near(), near(), 0..3000_usize, 0..5000_u32, 0..3_u32, any::<u32>()), 1..200),
        isn: u32,
        small: bool,
    ) {
        let mut limits = Limits::default();
        if small {
            limits.reorder_bytes = 3000;
            limits.reorder_segments = 7;
            limits.reorder_total_bytes = 4000;
            limits.connections = 2;
        }
        let bytes = original(3000);
        let mut harness = Harness::new(limits);
        for (client, flags, seq, ack, len, cut, vlan, nanos) in segments {
            let from = if client { Peer::Client } else { Peer::Server };
            // Mostly data; SYN and RST now and then.
            let flags = if flags < 230 { flags & !(SYN | RST | FIN) } else { flags };
            let (seq, ack) = (seq.wrapping_add(isn), ack.wrapping_add(isn));
            let mut segment = segment(from, flags, seq, ack, &bytes[..len]);
            segment.payload_len = if cut < 10 { u32::MAX - cut } else { cut };
            segment.encapsulation = Encapsulation::default().within(1, vlan);
            harness.segment(&segment, u64::from(nanos));
            // What numbers alone do not tell is bounded for each direction.
            let most = limits.reorder_total_bytes + 4 * limits.reorder_bytes;
            prop_assert!(harness.budget.held() <= most);
        }
        harness.end();
    }
}

/// Initial numbers, many of them shortly before the wrap.
fn isn() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), u32::MAX - 3100..=u32::MAX]
}

/// Numbers around one place, and some from anywhere.
fn near() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..10_000_u32, 1 => any::<u32>()]
}
