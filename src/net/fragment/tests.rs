use std::net::Ipv4Addr;

use super::*;
use crate::net::extent::Extent;
use crate::net::other::Fault;

const SECOND: u64 = 1_000_000_000;

/// A store, and the shortest way to hand it pieces.
struct Bench {
    fragments: Fragments,
    now: u64,
}

impl Bench {
    fn new(limit: usize) -> Self {
        Self {
            fragments: Fragments::new(limit),
            now: 100 * SECOND,
        }
    }

    fn insert(
        &mut self,
        id: u32,
        offset: usize,
        bytes: &[u8],
        more: bool,
    ) -> Result<Vec<u8>, Other> {
        self.cut(id, offset, bytes, bytes.len(), more)
    }

    fn cut(
        &mut self,
        id: u32,
        offset: usize,
        bytes: &[u8],
        wire_len: usize,
        more: bool,
    ) -> Result<Vec<u8>, Other> {
        let piece = Piece { id, offset, more };
        let datagram = Datagram {
            source: Ipv4Addr::new(10, 0, 0, 1).into(),
            destination: Ipv4Addr::new(10, 0, 0, 2).into(),
            encapsulation: Encapsulation::default(),
            protocol: IpNumber::TCP,
            payload: Extent::new(bytes, wire_len),
            piece: Some(piece),
        };
        let whole = self
            .fragments
            .insert(Timestamp(self.now), &datagram, piece)?;
        assert_eq!(whole.protocol, IpNumber::TCP);
        Ok(whole.bytes)
    }

    /// Nothing is left, and the books are balanced.
    fn assert_empty(&self) {
        assert_eq!(self.fragments.used, 0);
        assert!(self.fragments.datagrams.is_empty());
        assert!(self.fragments.by_age.is_empty());
    }
}

const HELD: Result<Vec<u8>, Other> = Err(Other::FragmentHeld);
const DROPPED: Result<Vec<u8>, Other> = Err(Other::FragmentDropped);
const MALFORMED: Result<Vec<u8>, Other> = Err(Other::Malformed(Fault {
    header: Header::Fragment,
    offset: 0,
    missing: 0,
}));

#[test]
fn pieces_in_order_backwards_and_twice() {
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 0, b"01234567", true), HELD);
    assert_eq!(bench.insert(1, 0, b"01234567", true), HELD);
    assert_eq!(bench.insert(1, 8, b"89", false), Ok(b"0123456789".to_vec()));
    assert_eq!(bench.insert(1, 8, b"89", false), HELD);
    assert_eq!(
        bench.insert(1, 0, b"01234567", true),
        Ok(b"0123456789".to_vec())
    );
    bench.assert_empty();
}

#[test]
fn overlaps_that_agree_fill_only_what_is_missing() {
    let whole = b"aaaaaaaabbbbbbbbccccccccddddddddee";
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 8, &whole[8..16], true), HELD);
    assert_eq!(bench.insert(1, 24, &whole[24..32], true), HELD);
    assert_eq!(bench.insert(1, 0, &whole[..32], true), HELD);
    assert_eq!(bench.insert(1, 16, &whole[16..24], true), HELD);
    assert_eq!(bench.insert(1, 16, &whole[16..], false), Ok(whole.to_vec()));
    bench.assert_empty();
}

#[test]
fn overlaps_that_differ_end_the_datagram() {
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 0, b"0123456789abcdef", true), HELD);
    assert_eq!(bench.insert(1, 8, b"89abXdef", true), DROPPED);
    assert_eq!(bench.insert(1, 16, b"end", false), DROPPED);
    assert_eq!(bench.fragments.losses().inconsistent, 1);
}

#[test]
fn contradictory_ends_end_the_datagram() {
    for (offset, bytes, more) in [
        (8, &b"89a"[..], false),
        (8, b"89abcdef", true),
        (0, b"0", false),
    ] {
        let mut bench = Bench::new(1 << 20);
        assert_eq!(bench.insert(1, 8, b"89", false), HELD);
        assert_eq!(bench.insert(1, offset, bytes, more), DROPPED);
        assert_eq!(bench.insert(1, 0, b"01234567", true), DROPPED);
        assert_eq!(bench.fragments.losses().inconsistent, 1);
    }
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 16, b"01234567", true), HELD);
    assert_eq!(bench.insert(1, 8, b"89", false), DROPPED);
}

#[test]
fn what_no_sender_may_send_is_malformed() {
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 0, b"odd", true), MALFORMED);
    assert_eq!(bench.insert(1, 8, b"", false), MALFORMED);
    assert_eq!(bench.insert(1, 65_528, b"12345678", false), MALFORMED);
    assert_eq!(bench.insert(1, 65_528, b"1234567", false), HELD);
}

#[test]
fn a_cut_piece_ends_the_datagram_and_is_remembered() {
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 8, b"89", false), HELD);
    assert_eq!(bench.cut(1, 0, b"0123", 8, true), DROPPED);
    assert_eq!(bench.insert(1, 0, b"01234567", true), DROPPED);
    let losses = bench.fragments.losses();
    assert_eq!((losses.cut, losses.waiting), (1, 0));
    // Only the entry itself is still paid for, until it expires.
    assert_eq!(bench.fragments.used, DATAGRAM_COST);
    bench.now += 31 * SECOND;
    assert_eq!(bench.insert(2, 0, b"01234567", true), HELD);
    assert_eq!(bench.fragments.losses().expired, 0);
    assert_eq!(bench.fragments.datagrams.len(), 1);
}

#[test]
fn the_oldest_goes_first_when_memory_is_short() {
    let room = 2 * (DATAGRAM_COST + PIECE_COST + 8);
    let mut bench = Bench::new(room);
    for id in 1..=3 {
        assert_eq!(bench.insert(id, 0, b"01234567", true), HELD);
        assert!(bench.fragments.used <= room);
    }
    assert_eq!(bench.fragments.losses().evicted, 1);
    assert_eq!(bench.insert(3, 8, b"3", false), Ok(b"012345673".to_vec()));
    assert_eq!(bench.insert(2, 8, b"2", false), Ok(b"012345672".to_vec()));
    bench.assert_empty();
}

#[test]
fn hopeless_datagrams_are_bounded_too() {
    let mut bench = Bench::new(10 * DATAGRAM_COST);
    for id in 0..1000 {
        assert_eq!(bench.cut(id, 0, b"0123", 8, true), DROPPED);
        assert!(bench.fragments.used <= 10 * DATAGRAM_COST);
    }
    let losses = bench.fragments.losses();
    assert_eq!((losses.cut, losses.evicted), (1000, 0));
}

#[test]
fn a_datagram_larger_than_the_bound_is_dropped() {
    let mut bench = Bench::new(DATAGRAM_COST + 100);
    assert_eq!(bench.insert(1, 0, &[0; 800], true), DROPPED);
    assert_eq!(bench.fragments.losses().evicted, 1);
    bench.assert_empty();
}

#[test]
fn pieces_do_not_wait_for_ever() {
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 0, b"01234567", true), HELD);
    bench.now += 30 * SECOND;
    assert_eq!(bench.insert(2, 0, b"01234567", true), HELD);
    bench.now += 1;
    assert_eq!(bench.insert(1, 8, b"89", false), HELD);
    let losses = bench.fragments.losses();
    assert_eq!((losses.expired, losses.waiting), (1, 2));
}

#[test]
fn a_clock_that_steps_back_ends_the_wait() {
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 0, b"01234567", true), HELD);
    bench.now -= 60 * SECOND;
    assert_eq!(bench.insert(1, 8, b"89", false), HELD);
    assert_eq!(bench.fragments.losses().expired, 1);
}

#[test]
fn identifications_keep_datagrams_apart() {
    let mut bench = Bench::new(1 << 20);
    assert_eq!(bench.insert(1, 0, b"aaaaaaaa", true), HELD);
    assert_eq!(bench.insert(2, 0, b"bbbbbbbb", true), HELD);
    assert_eq!(bench.insert(1, 8, b"1", false), Ok(b"aaaaaaaa1".to_vec()));
    assert_eq!(bench.insert(2, 8, b"2", false), Ok(b"bbbbbbbb2".to_vec()));
}
