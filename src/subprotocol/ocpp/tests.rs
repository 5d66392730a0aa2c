use super::ENTRY;
use crate::base::Peer::{Client, Server};
use crate::finding::Code;
use crate::subprotocol::Confidence;
use crate::subprotocol::testing::{Talk, suits};

#[test]
fn calls_and_answers() {
    let mut talk = Talk::new(&ENTRY, "/ocpp/CP1");
    let told = talk.text(
        Client,
        r#"[2,"a1","BootNotification",{"chargePointModel":"M"}]"#,
    );
    assert_eq!(
        told.lines(),
        [r#"CALL BootNotification #a1 {"chargePointModel":"M"}"#]
    );
    talk.pause(2);
    let told = talk.text(Server, r#"[3,"a1",{"status":"Accepted"}]"#);
    assert_eq!(
        told.lines(),
        [r#"CALLRESULT #a1 <-1.0 {"status":"Accepted"}"#]
    );
    assert_eq!(told.units[0].after, Some(3_000_000));
    talk.text(Server, r#"[2,"b","Reset",{}]"#);
    let told = talk.text(Client, r#"[4,"b","NotSupported","no reset",{}]"#);
    assert_eq!(
        told.lines(),
        [r#"CALLERROR #b <-3.0 error {"error":"NotSupported","description":"no reset"} {}"#]
    );
    // Late and twice.
    assert_eq!(
        talk.text(Client, r#"[3,"b",{}]"#).codes(),
        [Code::OcppAnswerUnasked]
    );
    assert_eq!(
        talk.text(Client, r#"[6,"c","NotifyPeriodicEventStream",{}]"#)
            .lines(),
        ["SEND NotifyPeriodicEventStream #c {}"]
    );
    assert!(talk.finish().pending.is_empty());
}

#[test]
fn one_call_at_a_time_for_each_side() {
    let mut talk = Talk::new(&ENTRY, "/");
    talk.text(Client, r#"[2,"1","Heartbeat",{}]"#);
    assert!(
        talk.text(Server, r#"[2,"1","Reset",{}]"#)
            .codes()
            .is_empty()
    );
    assert_eq!(
        talk.text(Client, r#"[2,"2","Heartbeat",{}]"#).codes(),
        [Code::OcppCallOverlap]
    );
    let open: Vec<_> = talk
        .finish()
        .pending
        .into_iter()
        .map(|open| open.what)
        .collect();
    assert_eq!(open, ["Heartbeat #1", "Reset #1", "Heartbeat #2"]);
}

#[test]
fn what_is_wrong_or_cut() {
    let mut talk = Talk::new(&ENTRY, "/");
    for wrong in [
        "x",
        "[]",
        "[7,\"a\",{}]",
        "[2,1,\"A\",{}]",
        "[2,\"a\",\"A\"]",
        "[3,\"a\",[]]",
        "[4,\"a\",\"b\",{}]",
        "[3,\"a\",{}",
    ] {
        let told = talk.text(Client, wrong);
        assert_eq!(
            (told.codes(), told.units.len()),
            (vec![Code::OcppMalformed], 0),
            "{wrong}"
        );
    }
    let told = talk.message(Client, true, br#"[2,"a","Heartbeat",{"?":1}]"#, &[(21, 1)]);
    assert_eq!(told.lines(), ["CALL Heartbeat #a partial"]);
    let told = talk.message(Client, true, br#"[2,"a","Heart????,{}]"#, &[(13, 4)]);
    assert_eq!(told.lines(), ["CALL #a partial"]);
    talk.lost(Client);
    assert!(talk.text(Server, r#"[3,"z",{}]"#).codes().is_empty());
}

#[test]
fn it_is_recognised() {
    let first = |text: &str| suits(&ENTRY, "/", Client, true, text.as_bytes());
    assert_eq!(
        first(r#"[2,"a","BootNotification",{}]"#),
        Confidence::Certain
    );
    assert_eq!(first(r#"[3,"a",{}]"#), Confidence::Possible);
    assert_eq!(first(r#"[1,"realm",{}]"#), Confidence::No);
    assert_eq!(first("[2,77,{}]"), Confidence::No);
}
