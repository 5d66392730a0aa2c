//! What a connection holds back, and how much of it.

use wscope::base::{Limits, Peer};
use wscope::tcp::Budget;

use crate::tcp::harness::{ACK, Harness, Seen, segment};

fn chunks(harness: &Harness) -> usize {
    let is_chunk = |seen: &&Seen| matches!(seen, Seen::Chunk(..));
    harness.log.iter().filter(is_chunk).count()
}

/// A copy that goes on elsewhere costs there what the connection costs here.
#[test]
fn a_copy_costs_what_it_holds() {
    let mut harness = Harness::new(Limits::default());
    harness.segment(&segment(Peer::Client, ACK, 100, 200, b"abc"), 0);
    // A hole of ten bytes on one side, of one on the other.
    harness.segment(&segment(Peer::Client, ACK, 113, 200, &[b'x'; 1000]), 0);
    harness.segment(&segment(Peer::Server, ACK, 200, 103, b"d"), 0);
    harness.segment(&segment(Peer::Server, ACK, 202, 103, &[b'y'; 500]), 0);
    let held = harness.budget.held();
    assert!(held >= 1500, "{held}");
    let mut elsewhere = Budget::new(Limits::default());
    harness.connections[&1].0.resume(&mut elsewhere);
    assert_eq!(elsewhere.held(), held);
}

/// While the first bytes of one direction may be damaged, both hold some 64 KiB, and no more.
#[test]
fn a_doubt_ends_where_too_much_waits() {
    let mut harness = Harness::new(Limits::default());
    let mut damaged = segment(Peer::Server, ACK, 100, 50, b"heXlo");
    damaged.payload_sum = Some(1);
    harness.segment(&damaged, 0);
    let payload = vec![b'z'; 40_000];
    let mut seq = 50;
    for _ in 0..3 {
        assert_eq!(chunks(&harness), 0);
        harness.segment(&segment(Peer::Client, ACK, seq, 100, &payload), 0);
        seq += 40_000;
        if harness.budget.held() == 0 {
            break;
        }
    }
    assert!(chunks(&harness) > 0);
}
