//! The table of connections: numbers, roles, what is forgotten and when.

use wscope::base::{Limits, Peer};
use wscope::net::{Encapsulation, Segment};

use crate::tcp::harness::{ACK, FIN, Harness, RST, SYN, Seen, endpoint, segment};

/// What is sent, how far on, after how long, and whether it is another connection's.
type Sent<'a> = (bool, &'a [u8], u32, u32, u64, u64);

const SECOND: u64 = 1_000_000_000;

/// A segment of the client at `port`.
fn from_port(port: u16, flags: u8, seq: u32) -> Segment<'static> {
    let mut segment = segment(Peer::Client, flags, seq, 0, b"");
    segment.source.port = port;
    segment
}

fn answer(to: &Segment<'static>, flags: u8) -> Segment<'static> {
    let mut segment = segment(Peer::Server, flags | ACK, 9, to.seq.wrapping_add(1), b"");
    segment.destination = to.source;
    segment
}

fn limited(connections: usize) -> Harness {
    Harness::new(Limits {
        connections,
        ..Limits::default()
    })
}

fn forgotten(harness: &Harness) -> Vec<u64> {
    let number = |seen: &Seen| match seen {
        Seen::Forgotten(number) => Some(*number),
        _ => None,
    };
    harness.log.iter().filter_map(number).collect()
}

#[test]
fn numbers_follow_first_packets() {
    let mut harness = limited(100);
    for (port, number) in [(5, 1), (3, 2), (5, 1), (9, 3), (3, 2)] {
        assert_eq!(harness.segment(&from_port(1000 + port, ACK, 0), 0), number);
    }
    assert_eq!(harness.flows.count(), 3);
}

#[test]
fn roles() {
    // Flags, the source's port, and who that source is.
    let cases = [
        (SYN, 80, Peer::Client, true),
        (SYN | ACK, 40_000, Peer::Server, true),
        (ACK, 80, Peer::Server, false),
        (ACK, 60_000, Peer::Client, false),
        (FIN | ACK, 443, Peer::Server, false),
    ];
    for (flags, port, source, known) in cases {
        let mut harness = limited(10);
        let mut first = segment(Peer::Client, flags, 0, 0, b"");
        first.source = endpoint(&format!("[2001:db8::1]:{port}"));
        first.destination = endpoint("[2001:db8::2]:8000");
        harness.segment(&first, 0);
        let Some(Seen::Opened(1, flow)) = harness.log.first() else {
            panic!("nothing opened");
        };
        assert_eq!(flow.roles.known, known, "port {port}");
        let from = if flow.client() == first.source {
            Peer::Client
        } else {
            Peer::Server
        };
        assert_eq!(from, source, "port {port}");
    }
}

#[test]
fn the_idle_go_first_one_by_one() {
    let mut harness = limited(4);
    for (at, port) in (0..).zip([1, 2, 3, 4, 1, 5, 2]) {
        harness.segment(&from_port(1000 + port, ACK, 0), at);
    }
    // When 5 came, 2 was idle for longest; then 2 came again, and 3 was.
    assert_eq!(forgotten(&harness), [2, 3]);
}

#[test]
fn the_closed_go_before_the_idle() {
    let mut harness = limited(3);
    harness.segment(&from_port(1001, SYN, 0), 0);
    let second = from_port(1002, SYN, 0);
    harness.segment(&second, 1);
    harness.segment(&answer(&second, SYN), 2);
    harness.segment(&from_port(1002, FIN | ACK, 1), 3);
    harness.segment(&answer(&second, FIN), 4);
    harness.segment(&from_port(1003, SYN, 0), 5);
    harness.segment(&from_port(1004, SYN, 0), 6);
    assert_eq!(forgotten(&harness), [2]);
}

/// A coarse clock must not empty the table.
#[test]
fn equal_times_do_not_all_go() {
    let mut harness = limited(16);
    for port in 1..=17 {
        harness.segment(&from_port(1000 + port, ACK, 0), 7);
    }
    assert_eq!(forgotten(&harness), [1, 2, 3]);
}

#[test]
fn no_room_is_room_for_one() {
    let mut harness = limited(0);
    for port in 1..=3 {
        harness.segment(&from_port(1000 + port, ACK, 0), 0);
    }
    assert_eq!(forgotten(&harness), [1, 2]);
}

/// What is swept is told, in an order that does not depend on the table's.
#[test]
fn the_closed_are_swept_after_a_minute() {
    let mut harness = limited(100_000);
    let close = |harness: &mut Harness, port, at| {
        let syn = from_port(port, SYN, 0);
        harness.segment(&syn, at);
        harness.segment(&answer(&syn, SYN), at);
        harness.segment(&from_port(port, FIN | ACK, 1), at);
        harness.segment(&answer(&syn, FIN), at);
    };
    for port in 0..2000 {
        close(&mut harness, 1000 + port, 0);
    }
    assert_eq!(forgotten(&harness), [] as [u64; 0]);
    harness.segment(&from_port(10_000, SYN, 0), 59 * SECOND);
    assert_eq!(forgotten(&harness), [] as [u64; 0]);
    for port in 0..1000 {
        close(&mut harness, 20_000 + port, 61 * SECOND);
    }
    assert_eq!(forgotten(&harness), (1..=2000).collect::<Vec<_>>());
}

/// A reset ends its connection once nothing has spoken against it for some seconds.
#[test]
fn resets_wait_for_what_speaks_against_them() {
    let mut harness = limited(100);
    for port in [1, 2] {
        let syn = from_port(port, SYN, 0);
        harness.segment(&syn, 0);
        harness.segment(&answer(&syn, SYN), 0);
        harness.segment(&from_port(port, RST | ACK, 1), 0);
    }
    let mut data = segment(Peer::Client, ACK, 1, 10, b"it goes on");
    data.source.port = 2;
    harness.segment(&data, SECOND);
    harness.segment(&from_port(3, SYN, 0), 4 * SECOND);
    assert_eq!(forgotten(&harness), [] as [u64; 0]);
    harness.segment(&from_port(4, SYN, 0), 5 * SECOND);
    assert_eq!(forgotten(&harness), [1]);
}

/// A stray SYN opens a connection of its own and takes nothing from the one that goes on; when
/// it is answered, the four-tuple is used again.
#[test]
fn a_stray_syn_takes_nothing() {
    let mut harness = limited(100);
    let syn = segment(Peer::Client, SYN, 100, 0, b"");
    harness.segment(&syn, 0);
    harness.segment(&answer(&syn, SYN), 0);
    let stray = segment(Peer::Client, SYN, 2_000_000_000, 0, b"");
    assert_eq!(harness.segment(&stray, 0), 2);
    assert_eq!(harness.segment(&stray, 0), 2);
    let challenge = segment(Peer::Server, ACK, 10, 101, b"");
    assert_eq!(harness.segment(&challenge, 0), 1);
    let data = segment(Peer::Client, ACK, 101, 10, b"abc");
    assert_eq!(harness.segment(&data, 0), 1);
    assert_eq!(forgotten(&harness), [] as [u64; 0]);
    assert_eq!(harness.segment(&answer(&stray, SYN), 0), 2);
    assert_eq!(forgotten(&harness), [1]);
}

/// Without the SYN another use of the four-tuple shows by bytes after the FINs, by the head of
/// another upgrade, and by numbers far from both directions'.
#[test]
fn another_incarnation_without_its_syn() {
    let upgrade = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let answered = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";
    let open = |fins: bool| {
        let mut harness = limited(100);
        let syn = segment(Peer::Client, SYN, 100, 0, b"");
        harness.segment(&syn, 0);
        harness.segment(&answer(&syn, SYN), 0);
        harness.segment(&segment(Peer::Client, ACK, 101, 10, upgrade), 0);
        let stood = 101 + u32::try_from(upgrade.len()).unwrap();
        harness.segment(&segment(Peer::Server, ACK, 10, stood, answered), 0);
        let at = 10 + u32::try_from(answered.len()).unwrap();
        if fins {
            harness.segment(&segment(Peer::Client, ACK | FIN, stood, at, b""), 0);
            harness.segment(&segment(Peer::Server, ACK | FIN, at, stood + 1, b""), 0);
            harness.segment(&segment(Peer::Client, ACK, stood + 1, at + 1, b""), 0);
        }
        (harness, stood, at)
    };
    let cases: [Sent<'_>; 8] = [
        (true, b"bytes", 5000, 5000, 1, 2),
        (true, b"bytes", 0, 0, 70, 2),
        (true, b"", 0, 0, 70, 1),
        (false, upgrade, 5000, 5000, 1, 2),
        (false, upgrade, 0, 0, 1, 1),
        (false, b"bytes", 5000, 5000, 1, 1),
        (false, b"bytes", 500_000_000, 0, 1, 1),
        (false, b"bytes", 500_000_000, 500_000_000, 1, 2),
    ];
    for (fins, bytes, seq, ack, seconds, number) in cases {
        let (mut harness, stood, at) = open(fins);
        let next = segment(Peer::Client, ACK, stood + seq, at + ack, bytes);
        assert_eq!(harness.segment(&next, seconds * SECOND), number, "{next:?}");
    }
}

/// Reuse and eviction at once name the old connection once.
#[test]
fn reuse_in_a_full_table_forgets_once() {
    let mut harness = limited(1);
    harness.segment(&from_port(1001, SYN, 0), 0);
    harness.segment(&from_port(1001, SYN, 500), 1);
    harness.segment(&from_port(1001, SYN, 900), 2);
    assert_eq!(forgotten(&harness), [1, 2]);
}

/// The two directions on two VLANs are joined only where their numbers answer each other.
#[test]
fn strangers_on_another_vlan_are_not_joined() {
    let none = Encapsulation::default();
    for (seq, ack, joined) in [(200, 103, 1), (9_000_000, 103, 2), (200, 9_000_000, 2)] {
        let mut harness = limited(10);
        let mut there = segment(Peer::Client, ACK, 100, 200, b"abc");
        there.encapsulation = none.within(1, 10);
        harness.segment(&there, 0);
        let mut back = segment(Peer::Server, ACK, seq, ack, b"");
        back.encapsulation = none.within(1, 20);
        assert_eq!(harness.segment(&back, 0), joined);
    }
    // The same direction twice is a second view of it, where the numbers say so.
    for (seq, joined) in [(100, 1), (9_000_000, 2)] {
        let mut harness = limited(10);
        let there = segment(Peer::Client, ACK, 100, 200, b"abc");
        assert_eq!(harness.segment(&there, 0), 1);
        let mut again = segment(Peer::Client, ACK, seq, 200, b"abc");
        again.encapsulation = none.within(1, 10);
        assert_eq!(harness.segment(&again, 0), joined);
    }
}

/// An evicted connection's join goes with it.
#[test]
fn joins_do_not_outlive_the_connection() {
    let mut harness = limited(1);
    let mut syn = segment(Peer::Client, SYN, 100, 0, b"");
    syn.encapsulation = Encapsulation::default().within(1, 10);
    assert_eq!(harness.segment(&syn, 0), 1);
    let answer = segment(Peer::Server, SYN | ACK, 7, 101, b"");
    assert_eq!(harness.segment(&answer, 1), 1);
    assert_eq!(harness.segment(&from_port(1, SYN, 0), 2), 2);
    assert_eq!(harness.segment(&answer, 3), 3);
    assert_eq!(forgotten(&harness), [1, 2]);
}

/// Whoever uses more encapsulations than are tried gets connections that are not joined.
#[test]
fn so_many_encapsulations_are_tried_and_no_more() {
    let none = Encapsulation::default();
    for (others, joined) in [(15, true), (16, false)] {
        let mut harness = limited(100);
        for vlan in 1..=others {
            let mut syn = from_port(vlan, SYN, 0);
            syn.encapsulation = none.within(1, vlan.into());
            harness.segment(&syn, 0);
        }
        let mut there = segment(Peer::Client, ACK, 100, 200, b"abc");
        there.encapsulation = none.within(1, 100);
        let first = harness.segment(&there, 0);
        let mut back = segment(Peer::Server, ACK, 200, 103, b"");
        back.encapsulation = none.within(1, 200);
        assert_eq!(harness.segment(&back, 0) == first, joined, "{others}");
    }
}
