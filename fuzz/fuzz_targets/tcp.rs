//! Segments of a few connections in any order.
//!
//! Holds that chunks and gaps tile each direction, that what the peers agree on is delivered
//! where it belongs, that truthful copies are no conflict, and that the budget is empty when
//! every connection is over.
#![no_main]

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscope::base::{End, Limits, PerEnd, Stamp};
use wscope::net::{Encapsulation, Endpoint, Flags, Segment};
use wscope::stream::Delivery;
use wscope::tcp::{Budget, Connection, Flows};
use wscope_fuzz::stamp;

#[derive(Debug, Arbitrary)]
struct Sent {
    /// Which of two connections, which direction, how the numbers move.
    how: u8,
    flags: u8,
    /// From where the sender stands.
    seq: i16,
    ack: i16,
    len: u8,
    /// Bytes of these that the snaplen cut off.
    cut: u8,
    /// Milliseconds since the segment before.
    later: u8,
}

#[derive(Debug, Arbitrary)]
struct Input {
    /// Near the point where numbers wrap, or not.
    start: i32,
    /// Some copies lie.
    lies: bool,
    sent: Vec<Sent>,
}

/// What stands at `seq`, the same in every truthful copy.
fn byte_at(seq: u32, side: usize) -> u8 {
    let mixed = seq.wrapping_mul(2_654_435_761).rotate_left(7) ^ (seq >> 3);
    mixed.to_le_bytes()[1] ^ u8::try_from(side).unwrap_or(0)
}

/// One direction as the receiver of its deliveries sees it.
#[derive(Debug, Default)]
struct Received {
    delivered: u64,
    /// Where byte 0 may stand, by what was delivered so far; none before the first chunk.
    bases: Option<Vec<u32>>,
}

/// A connection and its two directions.
#[derive(Debug, Default)]
struct Followed {
    connection: Connection,
    received: PerEnd<Received>,
    /// Which side's bytes each end sends.
    sides: PerEnd<usize>,
}

struct World {
    budget: Budget,
    followed: HashMap<u64, Followed>,
    numbers: BTreeSet<u32>,
    lies: bool,
}

impl World {
    fn deliver(
        received: &mut Received,
        delivery: Delivery<'_>,
        side: usize,
        (numbers, lies): (&BTreeSet<u32>, bool),
    ) {
        match delivery {
            Delivery::Gap(missing) => {
                let len = missing.exactly().expect("TCP knows the length of its gaps");
                assert!(len > 0, "an empty gap");
                received.delivered += len;
            }
            Delivery::Conflict { bytes, .. } => {
                assert!(bytes > 0 && lies, "truthful copies were found to differ");
            }
            Delivery::Chunk { bytes, .. } => {
                assert!(!bytes.is_empty(), "an empty chunk");
                let at = u32::try_from(received.delivered & 0xffff_ffff).unwrap_or(0);
                received.delivered += bytes.len() as u64;
                if lies {
                    return;
                }
                let fits = |base: &u32| {
                    let start = base.wrapping_add(at);
                    (start..=u32::MAX)
                        .chain(0..)
                        .zip(bytes)
                        .all(|(seq, byte)| *byte == byte_at(seq, side))
                };
                let bases = match received.bases.take() {
                    Some(bases) => bases.into_iter().filter(fits).collect::<Vec<_>>(),
                    // Without a SYN the first number seen is where the direction begins.
                    None => numbers
                        .iter()
                        .flat_map(|seq| [seq.wrapping_sub(1), *seq, seq.wrapping_add(1)])
                        .filter(fits)
                        .collect(),
                };
                assert!(!bases.is_empty(), "bytes that nobody sent there");
                received.bases = Some(bases);
            }
        }
    }

    fn segment(&mut self, number: u64, from: End, segment: &Segment<'_>, at: Stamp) {
        let known = (&self.numbers, self.lies);
        let Some(followed) = self.followed.get_mut(&number) else {
            return;
        };
        let Followed {
            connection,
            received,
            sides,
        } = followed;
        connection.segment(
            from,
            &segment.bare(),
            at,
            &mut self.budget,
            &mut |end, delivery, _| {
                Self::deliver(&mut received[end], delivery, sides[end], known);
            },
        );
        for end in End::BOTH {
            assert_eq!(connection.stream(end).delivered(), received[end].delivered);
        }
        if connection.is_over() {
            self.forget(number, at);
        }
    }

    fn forget(&mut self, number: u64, at: Stamp) {
        let known = (&self.numbers, self.lies);
        let Some(mut followed) = self.followed.remove(&number) else {
            return;
        };
        let Followed {
            connection,
            received,
            sides,
        } = &mut followed;
        connection.finish(at, &mut self.budget, &mut |end, delivery, _| {
            Self::deliver(&mut received[end], delivery, sides[end], known);
        });
        for end in End::BOTH {
            assert_eq!(connection.stream(end).delivered(), received[end].delivered);
        }
        let _ = connection.ending();
    }
}

fn endpoint(side: usize) -> Endpoint {
    Endpoint {
        address: IpAddr::V4(Ipv4Addr::new(
            10,
            0,
            0,
            if side.is_multiple_of(2) { 1 } else { 2 },
        )),
        port: [50_000, 80, 50_001, 80][side % 4],
    }
}

fuzz_target!(|input: Input| {
    let limits = Limits {
        reorder_bytes: 600,
        reorder_segments: 8,
        reorder_total_bytes: 1000,
        connections: 2,
        ..Limits::default()
    };
    let mut world = World {
        budget: Budget::new(limits),
        followed: HashMap::new(),
        numbers: BTreeSet::new(),
        lies: input.lies,
    };
    let mut flows = Flows::new(limits);
    let start = input.start.cast_unsigned();
    // Where the four directions stand.
    let mut stand = [start, start ^ 0x4000_0000, start, !start];
    let mut clock = stamp(0);
    for sent in &input.sent {
        clock.packet.number += 1;
        clock.time.0 += u64::from(sent.later) * 1_000_000;
        let side = usize::from(sent.how & 3);
        let seq = if sent.how & 4 == 0 {
            stand[side]
        } else {
            stand[side].wrapping_add_signed(i32::from(sent.seq))
        };
        let ack = if sent.how & 8 == 0 {
            stand[side ^ 1]
        } else {
            stand[side ^ 1].wrapping_add_signed(i32::from(sent.ack))
        };
        let flags = Flags(if sent.how & 16 == 0 { 0x10 } else { sent.flags });
        let lie = u8::from(input.lies && sent.how & 32 != 0);
        let first = seq.wrapping_add(u32::from(flags.syn()));
        let bytes: Vec<u8> = (0..u32::from(sent.len))
            .map(|at| byte_at(first.wrapping_add(at), side) ^ lie)
            .collect();
        let cut = if sent.how & 64 == 0 {
            0
        } else {
            usize::from(sent.cut)
        };
        let captured = &bytes[..bytes.len().saturating_sub(cut)];
        let segment = Segment {
            source: endpoint(side),
            destination: endpoint(side ^ 1),
            encapsulation: Encapsulation::default(),
            seq,
            ack,
            flags,
            window: 1000,
            payload: captured,
            payload_start: None,
            payload_len: u32::from(sent.len),
            payload_sum: None,
        };
        let behind = first
            .wrapping_add(u32::from(sent.len))
            .wrapping_add(u32::from(flags.fin()));
        // A segment that the capture lacks moves its sender all the same.
        stand[side] = behind;
        world.numbers.extend([seq, ack]);
        if sent.how & 128 != 0 {
            continue;
        }
        let route = flows.route(&segment, clock);
        let forgotten: Vec<u64> = flows.take_forgotten().collect();
        for number in forgotten {
            world.forget(number, clock);
        }
        if let Some(flow) = route.opened {
            assert_eq!(flow.number, route.connection);
            let mut followed = Followed::default();
            followed.sides[route.from] = side;
            followed.sides[route.from.other()] = side ^ 1;
            let before = world.followed.insert(flow.number, followed);
            assert!(before.is_none(), "a number was given twice");
        }
        world.segment(route.connection, route.from, &segment, clock);
    }
    let mut open: Vec<u64> = world.followed.keys().copied().collect();
    open.sort_unstable();
    for number in open {
        world.forget(number, clock);
    }
    assert_eq!(world.budget.held(), 0, "the budget is not empty at the end");
});
