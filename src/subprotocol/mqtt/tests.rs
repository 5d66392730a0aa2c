#![expect(clippy::cast_possible_truncation, reason = "lengths of made packets")]

use super::ENTRY;
use crate::base::Peer::{Client, Server};
use crate::finding::Code;
use crate::subprotocol::testing::{Talk, Told, suits};
use crate::subprotocol::{Confidence, Part};

/// A packet: first byte, body with its length before it.
fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    assert!(body.len() < 16384);
    let mut packet = vec![first];
    if body.len() < 128 {
        packet.push(body.len() as u8);
    } else {
        packet.extend([(body.len() & 0x7f) as u8 | 0x80, (body.len() >> 7) as u8]);
    }
    packet.extend_from_slice(body);
    packet
}

fn text(of: &str) -> Vec<u8> {
    [&(of.len() as u16).to_be_bytes(), of.as_bytes()].concat()
}

fn connect(level: u8, keep_alive: u16, more: &[u8]) -> Vec<u8> {
    let properties: &[u8] = if level == 5 { b"\0" } else { b"" };
    let rest = [&keep_alive.to_be_bytes(), properties, &text("me"), more].concat();
    packet(0x10, &[text("MQTT"), vec![level, 2], rest].concat())
}

fn publish(first: u8, topic: &str, more: &[u8]) -> Vec<u8> {
    packet(first, &[text(topic), more.to_vec()].concat())
}

fn opened(level: u8) -> Talk {
    let mut talk = Talk::new(&ENTRY, "/mqtt");
    let told = talk.binary(Client, &connect(level, 10, b""));
    assert_eq!(told.units.len(), 1);
    let answer: &[u8] = if level == 5 {
        b"\0\0\x03\x22\0\x02"
    } else {
        b"\0\0"
    };
    let told = talk.binary(Server, &packet(0x20, answer));
    assert!(told.lines()[0].starts_with("CONNACK <-1.0 {\"session_present\":false"));
    talk
}

fn kinds(told: &Told) -> Vec<&str> {
    told.units.iter().map(|unit| &*unit.kind).collect()
}

#[test]
fn a_session_and_its_will() {
    let mut talk = Talk::new(&ENTRY, "/mqtt");
    let body = [
        text("MQTT"),
        vec![4, 0b1110_1110, 0, 60],
        text("me"),
        text("gone"),
        text("bye"),
        text("user"),
        text("secret"),
    ];
    let told = talk.binary(Client, &packet(0x10, &body.concat()));
    let line = concat!(
        r#"CONNECT {"version":"3.1.1","clean_session":true,"keep_alive":60,"client_id":"me","#,
        r#""will":{"topic":"gone","qos":1,"retain":true,"bytes":3},"username":"user","password_bytes":6}"#
    );
    assert_eq!(told.lines(), [line]);
    let told = talk.binary(Server, b"\x20\x02\x00\x05");
    assert_eq!(
        told.lines(),
        [
            r#"CONNACK <-1.0 error {"session_present":false,"reason_code":5,"reason":"not authorized"}"#
        ]
    );
    assert_eq!(told.codes(), [Code::MqttRefused]);
}

#[test]
fn packets_do_not_end_where_messages_do() {
    let mut talk = opened(4);
    // Several in one, and the first byte of the next alone.
    let bytes = [publish(0x30, "a", b"1"), packet(0xc0, b""), vec![0x82]].concat();
    let told = talk.binary(Client, &bytes);
    assert_eq!(told.lines(), [r#"PUBLISH a {"qos":0} 1"#, "PINGREQ"]);
    let subscribe = packet(0x82, &[vec![0, 7], text("a/#"), vec![1]].concat());
    let told = talk.binary(Client, &subscribe[1..4]);
    assert!(told.units.is_empty());
    let told = talk.binary(Client, &subscribe[4..]);
    assert_eq!(
        told.lines(),
        [r#"SUBSCRIBE a/# #7 {"filters":[{"filter":"a/#","qos":1}]}"#]
    );
    let part = |message, start, length| Part {
        message,
        start,
        length,
    };
    let rest = subscribe.len() as u64 - 4;
    assert_eq!(
        told.units[0].parts,
        [part(3, 8, 1), part(4, 0, 3), part(5, 0, rest)]
    );
    assert_eq!(
        talk.binary(Server, b"\xd0\x00\x90\x03\x00\x07\x01").lines(),
        [
            "PINGRESP <-3.1",
            r#"SUBACK #7 <-5.0 {"reason_codes":[1],"reason_code":1}"#,
        ]
    );
}

#[test]
fn qualities_of_service() {
    let mut talk = opened(4);
    let told = talk.binary(Client, &publish(0x32, "a", b"\0\x01x"));
    assert_eq!(told.lines(), [r#"PUBLISH a #1 {"qos":1} x"#]);
    assert_eq!(
        talk.binary(Server, b"\x40\x02\0\x01").lines(),
        ["PUBACK #1 <-3.0"]
    );
    assert_eq!(
        talk.binary(Server, b"\x40\x02\0\x01").codes(),
        [Code::MqttAckUnasked]
    );
    // Each side numbers its own.
    talk.binary(Server, &publish(0x34, "b", b"\0\x01y"));
    talk.binary(Client, &publish(0x34, "c", b"\0\x01y"));
    assert_eq!(
        talk.binary(Client, b"\x50\x02\0\x01").lines(),
        ["PUBREC #1 <-6.0"]
    );
    assert_eq!(
        talk.binary(Server, b"\x62\x02\0\x01").lines(),
        ["PUBREL #1 <-8.0"]
    );
    assert_eq!(
        talk.binary(Client, b"\x70\x02\0\x01").lines(),
        ["PUBCOMP #1 <-9.0"]
    );
    let told = talk.binary(Client, &publish(0x32, "d", b"\0\x01z"));
    assert_eq!(told.codes(), [Code::MqttIdReused]);
    let told = talk.binary(Client, &publish(0x3a, "d", b"\0\x01z"));
    assert!(told.codes().is_empty());
    let open: Vec<_> = talk
        .finish()
        .pending
        .into_iter()
        .map(|open| open.what)
        .collect();
    assert_eq!(open, ["PUBLISH c", "PUBLISH d"]);
}

#[test]
fn a_server_that_knows_no_quality_of_service_2() {
    let mut talk = opened(4);
    talk.binary(Client, &publish(0x34, "a", b"\0\x01x"));
    let told = talk.binary(Server, b"\x40\x02\0\x01");
    assert_eq!(told.lines(), ["PUBACK #1 <-3.0"]);
    assert_eq!(told.codes(), [Code::MqttAckUnasked]);
    assert!(talk.finish().pending.is_empty());
}

#[test]
fn topic_aliases() {
    let mut talk = opened(5);
    let alias = |topic: &str, alias: u8| publish(0x30, topic, &[3, 0x23, 0, alias, b'x']);
    let told = talk.binary(Client, &alias("long/topic", 1));
    assert_eq!(
        told.lines(),
        [r#"PUBLISH long/topic {"qos":0,"topic_alias":1} x"#]
    );
    let told = talk.binary(Client, &alias("", 1));
    assert_eq!(
        told.lines(),
        [r#"PUBLISH long/topic {"qos":0,"topic_alias":1} x"#]
    );
    assert!(told.codes().is_empty());
    assert_eq!(
        talk.binary(Client, &alias("", 2)).codes(),
        [Code::MqttTopicAlias]
    );
    assert_eq!(
        talk.binary(Client, &alias("a", 3)).codes(),
        [Code::MqttTopicAlias]
    );
    assert_eq!(
        talk.binary(Server, &alias("a", 1)).codes(),
        [Code::MqttTopicAlias]
    );
    // It may stand for another topic after a loss.
    talk.lost(Client);
    let told = talk.binary(Client, &alias("", 1));
    assert_eq!(told.lines(), [r#"PUBLISH {"qos":0,"topic_alias":1} x"#]);
    assert!(told.codes().is_empty());
}

#[test]
fn version_5_says_why() {
    let mut talk = opened(5);
    talk.binary(Client, &publish(0x32, "a", b"\0\x01\0x"));
    let told = talk.binary(Server, b"\x40\x04\0\x01\x97\0");
    assert_eq!(
        told.lines(),
        [r#"PUBACK #1 <-3.0 error {"reason_code":151,"reason":"quota exceeded"}"#]
    );
    assert_eq!(told.codes(), [Code::MqttRefused]);
    let told = talk.binary(Server, b"\xe0\x02\x8e\0");
    assert_eq!(
        told.lines(),
        [r#"DISCONNECT error {"reason_code":142,"reason":"session taken over"}"#]
    );
    assert_eq!(told.codes(), [Code::MqttDisconnected]);
    assert_eq!(
        &*told.findings[0].text,
        "DISCONNECT with the reason code 142, session taken over"
    );
}

#[test]
fn the_keep_alive_is_held_against_silence() {
    let mut talk = opened(4);
    talk.pause(14_000);
    assert!(talk.binary(Client, b"\xc0\0").codes().is_empty());
    talk.pause(15_100);
    let told = talk.binary(Client, b"\xc0\0");
    assert_eq!(told.codes(), [Code::MqttKeepAlive]);
    talk.pause(16_000);
    assert_eq!(talk.finish().codes(), [Code::MqttKeepAlive]);
    // Who said DISCONNECT may be silent.
    let mut talk = opened(4);
    talk.binary(Client, b"\xe0\0");
    talk.pause(16_000);
    assert!(talk.finish().codes().is_empty());
}

#[test]
fn rules_of_a_session() {
    let mut talk = Talk::new(&ENTRY, "/");
    assert_eq!(
        talk.binary(Client, b"\xc0\0").codes(),
        [Code::MqttConnectOrder]
    );
    let mut talk = opened(4);
    assert_eq!(
        talk.binary(Client, &connect(4, 0, b"")).codes(),
        [Code::MqttConnectOrder]
    );
    let mut talk = opened(4);
    let told = talk.text(Client, "\u{30}\u{4}\0\u{1}ab");
    assert_eq!(
        (kinds(&told), told.codes()),
        (vec!["PUBLISH"], vec![Code::MqttTextMessage])
    );
    let mut talk = Talk::new(&ENTRY, "/");
    talk.binary(Client, &connect(5, 10, b""));
    talk.binary(Server, &packet(0x20, b"\0\0\x03\x21\0\x01"));
    assert!(
        talk.binary(Client, &publish(0x32, "a", b"\0\x01\0x"))
            .codes()
            .is_empty()
    );
    let told = talk.binary(Client, &publish(0x32, "a", b"\0\x02\0x"));
    assert_eq!(told.codes(), [Code::MqttReceiveMaximum]);
    for wrong in [
        &b"\x36\x03\0\x01a"[..],
        b"\x30\x03\0\x01#",
        b"\x32\x05\0\x01a\0\0",
        b"\x30\x03\0\x05a",
        b"\x80\x02\0\x01",
        b"\xc0\x01\0",
        b"\x82\x02\0\x01",
        b"\x00\x00",
    ] {
        let mut talk = opened(4);
        assert_eq!(
            talk.binary(Client, wrong).codes(),
            [Code::MqttMalformed],
            "{wrong:?}"
        );
    }
}

#[test]
fn a_hole_costs_the_packets_it_touches() {
    let mut talk = opened(4);
    let bytes = [
        publish(0x30, "a", b"12345"),
        publish(0x30, "b", b"6"),
        packet(0xc0, b""),
    ]
    .concat();
    let told = talk.message(Client, false, &bytes, &[(6, 2)]);
    assert_eq!(
        told.lines(),
        [
            r#"PUBLISH a partial {"qos":0} 1"#,
            r#"PUBLISH b {"qos":0} 6"#,
            "PINGREQ"
        ]
    );
    // The header of the second packet is in the hole: nobody knows where the third begins.
    let mut talk = opened(4);
    let told = talk.message(Client, false, &bytes, &[(10, 2)]);
    assert_eq!(told.lines(), [r#"PUBLISH a {"qos":0} 12345"#]);
    // A message in the middle of a packet tells nothing, and one that is packets to its end does.
    let next = publish(0x32, "c", b"\0\x09x");
    assert!(talk.binary(Client, &next[3..]).units.is_empty());
    assert_eq!(
        talk.binary(Client, &next).lines(),
        [r#"PUBLISH c #9 {"qos":1} x"#]
    );
    // What may be packets by chance waits for what follows.
    talk.lost(Client);
    assert!(talk.binary(Client, b"").units.is_empty());
    assert!(talk.binary(Client, b"\xc0\0").units.is_empty());
    assert_eq!(kinds(&talk.binary(Client, &next)), ["PINGREQ", "PUBLISH"]);
    talk.lost(Client);
    assert!(talk.binary(Client, b"\xc0\0").units.is_empty());
    assert!(talk.binary(Client, b"\0\x01").units.is_empty());
    assert_eq!(kinds(&talk.binary(Client, &next)), ["PUBLISH"]);
    // So does one whose first byte was sent alone.
    talk.lost(Client);
    assert!(talk.binary(Client, &next[..1]).units.is_empty());
    assert_eq!(
        talk.binary(Client, &next[1..]).lines(),
        [r#"PUBLISH c #9 {"qos":1} x"#]
    );
}

#[test]
fn a_capture_that_began_late() {
    let opening = crate::subprotocol::Opening::default();
    let mut talk = Talk::opened(&ENTRY, &opening);
    // Where the payload begins depends on the version, which nobody said.
    let told = talk.binary(Client, &publish(0x32, "a", b"\0\x01x"));
    assert_eq!(told.lines(), [r#"PUBLISH a #1 {"qos":1}"#]);
    assert_eq!(
        talk.binary(Server, b"\x40\x02\0\x01").lines(),
        ["PUBACK #1 <-1.0"]
    );
    assert!(talk.binary(Server, b"\x40\x02\0\x09").codes().is_empty());
}

#[test]
fn it_is_recognised() {
    let first = |bytes: &[u8]| suits(&ENTRY, "/", Client, false, bytes);
    let whole = connect(5, 1, b"");
    assert_eq!(first(&whole), Confidence::Certain);
    assert_eq!(first(&whole[1..]), Confidence::Certain);
    assert_eq!(first(b"\x10"), Confidence::Possible);
    assert_eq!(first(b"\xc0\0"), Confidence::Possible);
    assert_eq!(first(b""), Confidence::No);
    assert_eq!(first(b"\xc1\0"), Confidence::No);
    assert_eq!(first(b"hello"), Confidence::No);
}
