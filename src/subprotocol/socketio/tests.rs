use super::ENTRY;
use crate::base::Peer::{Client, Server};
use crate::finding::Code;
use crate::subprotocol::testing::{Talk, suits};
use crate::subprotocol::{Confidence, Part};

const V4: &str = "/socket.io/?EIO=4&transport=websocket";

fn connected() -> Talk {
    let mut talk = Talk::new(&ENTRY, V4);
    let open = r#"0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    let told = talk.text(Server, open);
    assert_eq!(
        told.lines(),
        [r#"open #s1 {"pingInterval":25000,"pingTimeout":20000}"#]
    );
    let told = talk.text(Client, r#"40{"token":"t"}"#);
    assert_eq!(
        told.lines(),
        [r#"CONNECT / {"namespace":"/"} {"token":"t"}"#]
    );
    let told = talk.text(Server, r#"40{"sid":"n1"}"#);
    assert_eq!(
        told.lines(),
        [r#"CONNECT / <-2.0 {"namespace":"/"} {"sid":"n1"}"#]
    );
    talk
}

#[test]
fn events_and_their_acknowledgements() {
    let mut talk = connected();
    let told = talk.text(Client, r#"42["chat message",{"a":[1,"]"]},2]"#);
    assert_eq!(
        told.lines(),
        [r#"EVENT chat message {"namespace":"/"} {"a":[1,"]"]},2"#]
    );
    let told = talk.text(Client, r#"4212["save"]"#);
    assert_eq!(told.lines(), [r#"EVENT save #12 {"namespace":"/"}"#]);
    talk.pause(30);
    let told = talk.text(Server, r#"4312["ok"]"#);
    assert_eq!(told.lines(), [r#"ACK #12 <-5.0 {"namespace":"/"} "ok""#]);
    assert_eq!(told.units[0].after, Some(31_000_000));
    // Without an array, as some servers write it; and a second time.
    let told = talk.text(Server, "4312");
    assert_eq!(told.lines(), [r#"ACK #12 {"namespace":"/"}"#]);
    assert_eq!(told.codes(), [Code::SocketioAckUnasked]);
    // Both sides have ids of their own.
    talk.text(Client, r#"420["a"]"#);
    talk.text(Server, r#"420["b"]"#);
    assert_eq!(
        talk.text(Client, "430[]").lines(),
        [r#"ACK #0 <-9.0 {"namespace":"/"}"#]
    );
    let open = talk.finish();
    let open: Vec<_> = open
        .pending
        .iter()
        .map(|open| (&*open.what, open.unit.message))
        .collect();
    assert_eq!(open, [("EVENT a #0", 8)]);
}

#[test]
fn namespaces_are_asked_for_and_refused() {
    let mut talk = connected();
    let told = talk.text(Client, r#"42/admin,["x"]"#);
    assert_eq!(told.codes(), [Code::SocketioNotConnected]);
    talk.text(Client, "40/admin,");
    let told = talk.text(Server, r#"44/admin,{"message":"Not authorized"}"#);
    assert_eq!(
        told.lines(),
        [r#"CONNECT_ERROR /admin <-5.0 error {"namespace":"/admin"} {"message":"Not authorized"}"#]
    );
    assert_eq!(told.codes(), [Code::SocketioRefused]);
    talk.text(Client, "40/chat,");
    talk.text(Server, r#"40/chat,{"sid":"c"}"#);
    let told = talk.text(Client, r#"42/chat,7["x",1]"#);
    assert_eq!(told.lines(), [r#"EVENT x #7 {"namespace":"/chat"} 1"#]);
    assert!(told.codes().is_empty());
    assert_eq!(
        talk.text(Client, "41/chat,").lines(),
        [r#"DISCONNECT /chat {"namespace":"/chat"}"#]
    );
    assert_eq!(
        talk.text(Client, r#"42/chat,["x"]"#).codes(),
        [Code::SocketioNotConnected]
    );
}

#[test]
fn attachments_belong_to_their_event() {
    let mut talk = connected();
    let event = r#"452-3["upload",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    assert!(talk.text(Client, event).units.is_empty());
    // A pong of Engine.IO may come between.
    assert_eq!(talk.text(Client, "3").lines(), ["pong"]);
    let told = talk.binary(Client, b"\x01\x02");
    assert_eq!(
        told.lines(),
        [r#"attachment upload {"num":0,"attachments":2}"#]
    );
    let told = talk.binary(Client, b"\x03");
    let lines = told.lines();
    assert_eq!(lines[0], r#"attachment upload {"num":1,"attachments":2}"#);
    assert!(
        lines[1].starts_with(r#"BINARY_EVENT upload #3 {"namespace":"/","attachments":2} {"_pla"#)
    );
    let part = |message, length| Part {
        message,
        start: 0,
        length,
    };
    assert_eq!(
        told.units[1].parts,
        [part(4, event.len() as u64), part(6, 2), part(7, 1)]
    );
    assert_eq!(
        talk.text(Server, "433[]").lines(),
        [r#"ACK #3 <-7.1 {"namespace":"/"}"#]
    );
}

#[test]
fn attachments_that_do_not_come() {
    let mut talk = connected();
    talk.text(Server, r#"451-["a",{"_placeholder":true,"num":0}]"#);
    let told = talk.text(Server, r#"42["b"]"#);
    assert_eq!(told.units.len(), 2);
    assert!(told.lines()[0].starts_with("BINARY_EVENT a partial"));
    assert_eq!(told.codes(), [Code::SocketioAttachments]);
    let told = talk.binary(Server, b"x");
    assert_eq!(told.lines(), [r#"message error {"binary":true}"#]);
    assert_eq!(told.codes(), [Code::SocketioAttachments]);
    // What the capture lacks is no peer's deed.
    talk.text(Server, r#"451-["a",{"_placeholder":true,"num":0}]"#);
    talk.lost(Server);
    let told = talk.text(Server, r#"42["b"]"#);
    assert!(told.codes().is_empty());
    assert!(told.lines()[0].starts_with("BINARY_EVENT a partial"));
}

#[test]
fn version_3_pings_from_the_client_and_marks_binary_frames() {
    let mut talk = Talk::new(&ENTRY, "/socket.io/?EIO=3&transport=websocket");
    talk.text(
        Server,
        r#"0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":5000}"#,
    );
    assert_eq!(
        talk.text(Server, "40").lines(),
        [r#"CONNECT / {"namespace":"/"}"#]
    );
    let told = talk.text(Client, "40/chat?token=abc,");
    assert_eq!(
        told.lines(),
        [r#"CONNECT /chat?token=abc {"namespace":"/chat?token=abc"}"#]
    );
    let told = talk.text(Server, "40/chat,");
    assert_eq!(
        told.lines(),
        [r#"CONNECT /chat <-3.0 {"namespace":"/chat"}"#]
    );
    talk.pause(20_000);
    assert_eq!(talk.text(Client, "2").lines(), ["ping"]);
    talk.pause(6_000);
    let told = talk.text(Server, "3");
    assert_eq!(told.lines(), ["pong <-5.0"]);
    assert_eq!(told.codes(), [Code::SocketioPingLate]);
    assert_eq!(
        &*told.findings[0].text,
        "a pong came 6.00 s after its ping, and 5.00 s are agreed"
    );
    talk.pause(31_000);
    assert_eq!(talk.text(Client, "2").codes(), [Code::SocketioPingLate]);
    talk.text(Server, r#"451-["a",{"_placeholder":true,"num":0}]"#);
    assert_eq!(talk.binary(Server, b"\x04xyz").units.len(), 2);
    talk.text(Server, r#"451-["a",{"_placeholder":true,"num":0}]"#);
    assert_eq!(talk.text(Server, "b4eHl6").units.len(), 2);
    // An error of version 3 is a text.
    let told = talk.text(Server, r#"44"Not authorized""#);
    assert_eq!(
        told.lines(),
        [r#"CONNECT_ERROR / error {"namespace":"/"} "Not authorized""#]
    );
}

#[test]
fn silence_is_held_against_the_open_packet() {
    let mut talk = connected();
    talk.pause(24_000);
    assert!(talk.text(Server, "2").codes().is_empty());
    assert_eq!(talk.text(Client, "3").lines(), ["pong <-4.0"]);
    talk.pause(44_000);
    let mut late = connected();
    late.pause(46_000);
    let told = late.finish();
    assert_eq!(told.codes(), [Code::SocketioPingLate]);
    assert!(talk.finish().codes().is_empty());
    let mut unanswered = connected();
    unanswered.text(Server, "2");
    unanswered.pause(20_001);
    let told = unanswered.finish();
    assert_eq!(told.findings[0].from, Some(Client));
}

#[test]
fn the_upgrade_from_polling() {
    let mut talk = Talk::new(&ENTRY, "/socket.io/?EIO=4&transport=websocket&sid=abc");
    assert_eq!(
        talk.text(Client, "2probe").lines(),
        [r#"ping {"probe":true}"#]
    );
    assert_eq!(
        talk.text(Server, "3probe").lines(),
        [r#"pong <-1.0 {"probe":true}"#]
    );
    assert_eq!(talk.text(Server, "6").lines(), ["noop"]);
    assert_eq!(talk.text(Client, "5").lines(), ["upgrade"]);
    // The namespace was connected before, by HTTP.
    let told = talk.text(Client, r#"42["x"]"#);
    assert!(told.codes().is_empty());
    assert_eq!(talk.text(Client, "1").lines(), ["close"]);
}

#[test]
fn packets_in_messagepack() {
    let mut talk = Talk::new(&ENTRY, V4);
    // {"type":0,"data":null,"nsp":"/"}
    let told = talk.binary(Client, b"\x83\xa4type\x00\xa4data\xc0\xa3nsp\xa1/");
    assert_eq!(told.lines(), [r#"CONNECT / {"namespace":"/"}"#]);
    talk.binary(
        Server,
        b"\x83\xa4type\x00\xa4data\x81\xa3sid\xa1x\xa3nsp\xa1/",
    );
    // {"type":2,"data":["x",{"a":h'0102'}],"id":4,"nsp":"/"}
    let told = talk.binary(
        Client,
        b"\x84\xa4type\x02\xa4data\x92\xa1x\x81\xa1a\xc4\x02\x01\x02\xa2id\x04\xa3nsp\xa1/",
    );
    assert_eq!(
        told.lines(),
        [r#"EVENT x #4 {"namespace":"/"} {"a":"\u0000AQI="}"#]
    );
    let told = talk.binary(
        Server,
        b"\x84\xa4type\x03\xa4data\x90\xa2id\x04\xa3nsp\xa1/",
    );
    assert_eq!(told.lines(), [r#"ACK #4 <-3.0 {"namespace":"/"}"#]);
}

#[test]
fn what_is_known_before_a_hole_is_told() {
    let mut talk = connected();
    let text = br#"42/admin,5["name",{"a":"?????"}]"#;
    let told = talk.message(Server, true, text, &[(23, 5)]);
    assert_eq!(
        told.lines(),
        [r#"EVENT name #5 partial {"namespace":"/admin"}"#]
    );
    // The name goes on in the hole, or the id does.
    let told = talk.message(Server, true, br#"425["na"#, &[(5, 2)]);
    assert_eq!(told.lines(), [r#"EVENT #5 partial {"namespace":"/"}"#]);
    assert_eq!(
        talk.message(Server, true, b"425???", &[(3, 3)]).lines(),
        [r#"EVENT partial {"namespace":"/"}"#]
    );
    assert!(
        talk.message(Server, true, b"????", &[(0, 4)])
            .units
            .is_empty()
    );
    // An answer to what was lost is no fault.
    assert!(talk.text(Client, "439[]").codes().is_empty());
}

#[test]
fn what_is_none_of_it() {
    let mut talk = connected();
    assert_eq!(
        talk.text(Client, "hello").codes(),
        [Code::SocketioMalformed]
    );
    for text in [
        "42",
        "42{}",
        "42[]",
        "43[]",
        "47",
        "42[1",
        "45-[\"a\"]",
        "42[\"a\"]]",
    ] {
        let told = talk.text(Client, text);
        assert_eq!(told.codes(), [Code::SocketioMalformed], "{text}");
        assert!(told.lines()[0].starts_with("message error"), "{text}");
    }
    // Engine.IO alone carries anything.
    let mut talk = Talk::new(&ENTRY, "/engine.io/?EIO=4&transport=websocket");
    assert_eq!(talk.text(Client, "4hello").lines(), ["message hello"]);
    assert_eq!(
        talk.binary(Client, b"\x00").lines(),
        [r#"message {"binary":true}"#]
    );
}

#[test]
fn it_is_recognised() {
    let first = |target, text: &str| suits(&ENTRY, target, Server, true, text.as_bytes());
    let open = r#"0{"sid":"s","pingInterval":25000,"pingTimeout":20000}"#;
    assert_eq!(first("/", open), Confidence::Certain);
    assert_eq!(first("/", "2probe"), Confidence::Certain);
    assert_eq!(first("/", r#"42["a"]"#), Confidence::Certain);
    assert_eq!(first(V4, "40"), Confidence::Certain);
    assert_eq!(first("/", "40"), Confidence::Possible);
    assert_eq!(first("/", "2"), Confidence::Possible);
    for text in ["", "hello", "42", "0", "[1]", "{\"a\":1}", "20 apples"] {
        assert_eq!(first("/", text), Confidence::No, "{text}");
    }
}
