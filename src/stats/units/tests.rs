use super::*;
use crate::base::{PacketRef, Stamp};
use crate::event::{Facts, Status};
use crate::subprotocol::Part;
use crate::ws::OpCode;

/// A message of 110 bytes on the wire and 100 of payload, with these units.
fn tell(stats: &mut UnitStats, number: u64, from: Peer, units: &[Unit]) {
    let stamp = Stamp {
        packet: PacketRef::default(),
        time: Timestamp(number * 1_000_000_000),
    };
    let message = Message {
        facts: Facts {
            conversing: 1.into(),
            number,
            from,
            opcode: OpCode::Text,
            first: stamp.packet,
            last: stamp,
            frames: 1,
            compressed: false,
            inferred: false,
            wire_bytes: 110,
            payload_wire_bytes: 100,
            payload_bytes: Some(100),
            known_bytes: 100,
            status: Status::Complete,
            truncated: false,
        },
        first_time: stamp.time,
        splits: &[],
        payload: &[],
        text: None,
        holes: &[],
        inflated: None,
        units,
    };
    stats.event(Event::Message(&message));
}

fn unit(kind: &'static str, subject: &str, parts: &[(u64, u64)]) -> Unit {
    let parts = parts.iter().map(|(message, length)| Part {
        message: *message,
        start: 0,
        length: *length,
    });
    Unit {
        protocol: "stomp",
        kind: kind.into(),
        subject: (!subject.is_empty()).then(|| subject.to_owned()),
        parts: parts.collect(),
        ..Unit::default()
    }
}

fn group<'a>(stats: &'a UnitStats, name: &str) -> &'a UnitGroup {
    let name = (!name.is_empty()).then(|| name.to_owned());
    &stats.groups[&("stomp", name)]
}

#[test]
fn bytes_are_shared_by_the_units_of_a_message() {
    let mut stats = UnitStats::new(UnitsBy::Subject);
    let both = [
        unit("SEND", "/a", &[(1, 40)]),
        unit("SEND", "/b", &[(1, 60)]),
    ];
    tell(&mut stats, 1, Peer::Client, &both);
    assert_eq!(
        (
            group(&stats, "/a").payload_bytes,
            group(&stats, "/a").wire_bytes
        ),
        (40, 44)
    );
    assert_eq!(group(&stats, "/b").wire_bytes, 66);
    // One over two messages.
    tell(&mut stats, 2, Peer::Client, &[]);
    tell(
        &mut stats,
        3,
        Peer::Client,
        &[unit("SEND", "/c", &[(2, 100), (3, 50)])],
    );
    assert_eq!(
        (
            group(&stats, "/c").payload_bytes,
            group(&stats, "/c").wire_bytes
        ),
        (150, 165)
    );
    assert!((stats.seconds() - 2.0).abs() < 1e-9);
}

#[test]
fn what_is_inside_another_shares_its_bytes() {
    let mut stats = UnitStats::new(UnitsBy::Kind);
    let inner = |kind| Unit {
        inside: Some(0),
        ..unit(kind, "", &[])
    };
    let units = [unit("a", "", &[(1, 100)]), inner("SEND"), inner("ACK")];
    tell(&mut stats, 1, Peer::Server, &units);
    assert_eq!(group(&stats, "a").wire_bytes, 110);
    assert_eq!(group(&stats, "ACK").wire_bytes, 55);
}

#[test]
fn a_latency_counts_for_what_was_answered() {
    let mut stats = UnitStats::new(UnitsBy::Subject);
    tell(&mut stats, 1, Peer::Client, &[unit("SEND", "/slow", &[])]);
    let mut receipt = unit("RECEIPT", "", &[]);
    receipt.answers = vec![Answered {
        message: 1,
        unit: 0,
    }];
    receipt.after = Some(7_000_000);
    receipt.status = UnitStatus::Error;
    tell(&mut stats, 2, Peer::Server, std::slice::from_ref(&receipt));
    let slow = group(&stats, "/slow");
    assert_eq!((slow.latency.count(), slow.latency.max()), (1, 7000));
    assert_eq!(
        (group(&stats, "").latency.count(), group(&stats, "").errors),
        (0, 1)
    );
    // What another worker counted comes to it.
    let mut other = UnitStats::new(UnitsBy::Subject);
    tell(&mut other, 9, Peer::Client, &[unit("SEND", "/slow", &[])]);
    stats.merge(other);
    assert_eq!(
        group(&stats, "/slow").units,
        PerPeer {
            client: 2,
            server: 0
        }
    );
    assert!((stats.seconds() - 8.0).abs() < 1e-9);
}
