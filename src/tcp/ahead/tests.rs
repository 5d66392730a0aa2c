use super::*;
use crate::base::Limits;
use crate::net::{Encapsulation, Endpoint};

fn limits() -> Limits {
    Limits {
        reorder_bytes: 1000,
        reorder_segments: 8,
        reorder_total_bytes: 500,
        ..Limits::default()
    }
}

fn holes() -> Holes {
    Holes::new(Some(Seq(100)), Seq(100), Timestamp(0))
}

fn key(port: u16) -> FlowKey {
    let address = std::net::IpAddr::from([127, 0, 0, 1]);
    let end = |port| Endpoint { address, port };
    FlowKey::of(end(port), end(80), Encapsulation::default()).0
}

#[test]
fn what_lies_behind_a_hole_costs_until_it_is_filled() {
    let mut one = holes();
    one.take(Seq(110), 10, 10, &limits());
    one.take(Seq(125), 5, 5, &limits());
    assert_eq!(one.cost(), 15 + 2 * OVERHEAD);
    // Twice, and over the edges of what is held.
    one.take(Seq(110), 10, 10, &limits());
    one.take(Seq(115), 12, 12, &limits());
    assert_eq!(one.cost(), 20 + 3 * OVERHEAD);
    one.take(Seq(100), 10, 10, &limits());
    assert_eq!((one.cost(), one.is_closed()), (0, true));
}

#[test]
fn past_the_limit_of_one_direction_holes_are_given_up() {
    let mut one = holes();
    for at in 0..20 {
        one.take(Seq(110 + at * 20), 10, 10, &limits());
        assert!(one.cost() <= 8 * (10 + OVERHEAD));
    }
    assert!(!one.is_closed());
    one.take(Seq(110), 1000, 1000, &limits());
    assert_eq!((one.cost(), one.is_closed()), (0, true));
}

#[test]
fn what_a_snaplen_cut_costs_what_is_there() {
    let mut one = holes();
    one.take(Seq(110), 1400, 40, &limits());
    assert_eq!(one.cost(), 40 + 2 * OVERHEAD);
    // Another copy brings the rest.
    one.take(Seq(110), 1400, 1400, &Limits::default());
    assert_eq!(one.cost(), 1400 + 3 * OVERHEAD);
    one.take(Seq(100), 10, 10, &limits());
    assert_eq!((one.cost(), one.is_closed()), (0, true));
}

#[test]
fn a_direction_without_a_beginning_waits_for_its_first_segments() {
    let mut one = Holes::new(None, Seq(100), Timestamp(0));
    one.take(Seq(100), 10, 10, &limits());
    one.take(Seq(90), 10, 10, &limits());
    assert_eq!(one.cost(), 20 + 2 * OVERHEAD);
    for _ in 0..=TICKS {
        assert!(!one.is_closed());
        one.tick(Timestamp(0));
    }
    assert_eq!((one.cost(), one.is_closed()), (0, true));
}

#[test]
fn those_that_hold_for_longest_go_first() {
    let mut ahead = Ahead::new(&limits());
    ahead.holds(1, key(1), 200);
    ahead.holds(2, key(2), 200);
    assert_eq!(ahead.victim(), None);
    // Filled, and open again: it is the youngest now.
    ahead.holds(1, key(1), 0);
    ahead.holds(1, key(1), 100);
    ahead.holds(3, key(3), 150);
    ahead.holds(1, key(1), 200);
    assert_eq!(ahead.victim(), Some((2, key(2))));
    assert_eq!(ahead.victim(), None);
    ahead.holds(4, key(4), 600);
    let mut went = Vec::new();
    while let Some((number, _)) = ahead.victim() {
        went.push(number);
    }
    assert_eq!((went, ahead.total), (vec![1, 3, 4], 0));
}
