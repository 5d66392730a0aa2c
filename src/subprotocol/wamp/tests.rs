use super::ENTRY;
use crate::base::Peer::{Client, Server};
use crate::finding::Code;
use crate::subprotocol::testing::{Talk, suits};
use crate::subprotocol::{Confidence, Opening, Part};

fn opened() -> Talk {
    let mut talk = Talk::new(&ENTRY, "/ws");
    let told = talk.text(Client, r#"[1,"realm1",{"roles":{}}]"#);
    assert_eq!(told.lines(), ["HELLO realm1"]);
    let told = talk.text(Server, r#"[2,77,{"roles":{}}]"#);
    assert_eq!(told.lines(), [r#"WELCOME <-1.0 {"session":77}"#]);
    talk
}

#[test]
fn subscriptions_and_events() {
    let mut talk = opened();
    assert_eq!(
        talk.text(Client, r#"[32,1,{},"com.prices"]"#).lines(),
        ["SUBSCRIBE com.prices #1"]
    );
    assert_eq!(
        talk.text(Server, "[33,1,5]").lines(),
        [r#"SUBSCRIBED #1 <-3.0 {"subscription":5}"#]
    );
    let told = talk.text(Server, r#"[36,5,900,{},[1.5],{"a":2}]"#);
    assert_eq!(
        told.lines(),
        [r#"EVENT com.prices {"subscription":5,"publication":900} [1.5] {"a":2}"#]
    );
    let told = talk.text(Client, r#"[16,2,{"acknowledge":true},"com.chat",["hi"]]"#);
    assert_eq!(told.lines(), [r#"PUBLISH com.chat #2 ["hi"]"#]);
    assert_eq!(
        talk.text(Server, "[17,2,901]").lines(),
        [r#"PUBLISHED #2 <-6.0 {"publication":901}"#]
    );
    talk.text(Client, r#"[16,3,{},"com.chat"]"#);
    let told = talk.text(Client, "[34,4,5]");
    assert_eq!(
        told.lines(),
        [r#"UNSUBSCRIBE com.prices #4 {"subscription":5}"#]
    );
    let told = talk.finish();
    let open: Vec<_> = told.pending.iter().map(|open| &*open.what).collect();
    assert_eq!(open, ["UNSUBSCRIBE com.prices"]);
}

#[test]
fn calls_and_what_they_call() {
    let mut talk = opened();
    talk.text(Client, r#"[64,1,{},"com.add"]"#);
    talk.text(Server, "[65,1,8]");
    talk.text(
        Client,
        r#"[48,2,{"receive_progress":true},"com.add",[1,2]]"#,
    );
    assert_eq!(
        talk.text(Server, "[68,1,8,{},[1,2]]").lines(),
        [r#"INVOCATION com.add #1 {"registration":8} [1,2]"#]
    );
    assert_eq!(
        talk.text(Client, r#"[70,1,{"progress":true},[1]]"#).lines(),
        ["YIELD #1 <-6.0 [1]"]
    );
    assert_eq!(
        talk.text(Client, "[70,1,{},[3]]").lines(),
        ["YIELD #1 <-6.0 [3]"]
    );
    assert_eq!(
        talk.text(Server, r#"[50,2,{"progress":true},[1]]"#).lines(),
        ["RESULT #2 <-5.0 [1]"]
    );
    assert_eq!(
        talk.text(Server, "[50,2,{},[3]]").lines(),
        ["RESULT #2 <-5.0 [3]"]
    );
    assert_eq!(
        talk.text(Server, "[50,2,{},[3]]").codes(),
        [Code::WampAnswerUnasked]
    );
    talk.text(Client, r#"[48,3,{},"com.none"]"#);
    let told = talk.text(
        Server,
        r#"[8,48,3,{},"wamp.error.no_such_procedure",["no callee"]]"#,
    );
    let line = r#"ERROR #3 <-12.0 error {"error":"wamp.error.no_such_procedure"} ["no callee"]"#;
    assert_eq!(told.lines(), [line]);
    assert!(told.codes().is_empty());
}

#[test]
fn sessions_that_are_refused_or_end() {
    let mut talk = Talk::new(&ENTRY, "/");
    talk.text(Client, r#"[1,"r",{}]"#);
    let told = talk.text(Server, r#"[4,"ticket",{}]"#);
    assert_eq!(told.lines(), [r#"CHALLENGE <-1.0 {"authmethod":"ticket"}"#]);
    // The ticket is not shown.
    assert_eq!(
        talk.text(Client, r#"[5,"secret",{}]"#).lines(),
        ["AUTHENTICATE <-2.0"]
    );
    let told = talk.text(
        Server,
        r#"[3,{"message":"bad"},"wamp.error.not_authorized"]"#,
    );
    assert_eq!(
        told.lines(),
        [r#"ABORT <-3.0 error {"reason":"wamp.error.not_authorized","message":"bad"}"#]
    );
    assert_eq!(told.codes(), [Code::WampAborted]);
    let mut talk = opened();
    let told = talk.text(Client, r#"[6,{},"wamp.close.normal"]"#);
    assert_eq!(told.lines(), [r#"GOODBYE {"reason":"wamp.close.normal"}"#]);
    assert!(told.codes().is_empty());
    assert_eq!(
        talk.text(Server, r#"[6,{},"wamp.error.killed"]"#).codes(),
        [Code::WampAborted]
    );
}

#[test]
fn batches_and_the_other_serialisers() {
    let open = |agreed| {
        Talk::opened(
            &ENTRY,
            &Opening {
                target: Some("/"),
                agreed: Some(agreed),
                ..Opening::default()
            },
        )
    };
    let mut talk = open("wamp.2.json.batched");
    let told = talk.text(Client, "[34,1,5]\x18[66,2,6]\x1e");
    assert_eq!(
        told.lines(),
        [
            r#"UNSUBSCRIBE #1 {"subscription":5}"#,
            r#"UNREGISTER #2 {"registration":6}"#
        ]
    );
    assert_eq!(
        told.units[1].parts,
        [Part {
            message: 1,
            start: 9,
            length: 8
        }]
    );
    assert_eq!(talk.text(Client, "[34,1,5]").codes(), [Code::WampMalformed]);
    let mut talk = open("wamp.2.msgpack.batched");
    let told = talk.binary(
        Client,
        b"\0\0\0\x04\x93\x22\x01\x05\0\0\0\x05\x93\x42\xcd\x01\0",
    );
    assert_eq!(told.codes(), [Code::WampMalformed]);
    let told = talk.binary(
        Client,
        b"\0\0\0\x04\x93\x22\x01\x05\0\0\0\x04\x93\x42\x02\x06",
    );
    assert_eq!(told.units.len(), 2);
    let mut talk = open("wamp.2.cbor");
    let told = talk.binary(Server, b"\x84\x18\x24\x05\x06\xa0");
    assert_eq!(
        told.lines(),
        [r#"EVENT {"subscription":5,"publication":6}"#]
    );
}

#[test]
fn what_is_no_message_is_told() {
    let mut talk = opened();
    for wrong in [
        "x",
        "{}",
        "[]",
        "[7]",
        "[32,1]",
        r#"[32,"1",{},"a"]"#,
        "[33,1,5,6]",
        r#"[1,"r",{},[],{},3]"#,
    ] {
        let told = talk.text(Client, wrong);
        assert_eq!(
            (told.codes(), told.units.len()),
            (vec![Code::WampMalformed], 0),
            "{wrong}"
        );
    }
    let mut talk = opened();
    assert!(
        talk.message(Client, true, b"[48,1,{},\"com.a\",[??]]", &[(18, 2)])
            .units
            .is_empty()
    );
    assert!(talk.text(Server, "[50,1,{}]").codes().is_empty());
}

#[test]
fn it_is_recognised() {
    let first = |text: &str| suits(&ENTRY, "/", Client, true, text.as_bytes());
    assert_eq!(first(r#"[1,"realm",{"roles":{}}]"#), Confidence::Certain);
    assert_eq!(first(r#"[48,1,{},"com.add"]"#), Confidence::Possible);
    for text in [
        "",
        "[]",
        r#"[2,"id","BootNotification",{}]"#,
        "[1,2,3]",
        "{}",
    ] {
        assert_eq!(first(text), Confidence::No, "{text}");
    }
}
