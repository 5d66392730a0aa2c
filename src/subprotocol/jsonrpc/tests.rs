use super::{CDP, ENTRY, LSP};
use crate::base::Peer::{Client, Server};
use crate::finding::Code;
use crate::subprotocol::testing::{Talk, suits};
use crate::subprotocol::{Confidence, Entry, Part};

#[test]
fn calls_answers_and_errors() {
    let mut talk = Talk::new(&ENTRY, "/");
    let told = talk.text(
        Client,
        r#"{"jsonrpc":"2.0","method":"add","params":[1,2],"id":"7"}"#,
    );
    assert_eq!(told.lines(), ["request add #7 [1,2]"]);
    // A number is another id than the same digits as a text, and each side has its own.
    talk.text(Client, r#"{"jsonrpc":"2.0","method":"sub","id":7}"#);
    talk.text(Server, r#"{"jsonrpc":"2.0","method":"ask","id":7}"#);
    talk.pause(4);
    let told = talk.text(Server, r#"{"jsonrpc":"2.0","result":3,"id":"7"}"#);
    assert_eq!(told.lines(), ["response #7 <-1.0 3"]);
    assert_eq!(told.units[0].after, Some(7_000_000));
    let told = talk.text(
        Server,
        r#"{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":7}"#,
    );
    assert!(
        told.lines()[0]
            .starts_with(r#"error #7 <-2.0 error {"code":-32601,"message":"Method not found"}"#)
    );
    let told = talk.text(Client, r#"{"jsonrpc":"2.0","method":"tick","params":{}}"#);
    assert_eq!(told.lines(), ["notification tick {}"]);
    let told = talk.finish();
    assert_eq!(told.pending.len(), 1);
    assert_eq!(told.pending[0].what, "ask #7");
}

#[test]
fn a_batch_is_several_units() {
    let mut talk = Talk::new(&ENTRY, "/");
    let told = talk.text(
        Client,
        r#"[{"jsonrpc":"2.0","method":"a","id":1}, {"jsonrpc":"2.0","method":"b"}]"#,
    );
    assert_eq!(told.lines(), ["request a #1", "notification b"]);
    let part = |start, length| {
        vec![Part {
            message: 1,
            start,
            length,
        }]
    };
    assert_eq!(told.units[0].parts, part(1, 37));
    assert_eq!(told.units[1].parts, part(40, 30));
    let told = talk.text(Server, r#"[{"jsonrpc":"2.0","result":1,"id":1}]"#);
    assert_eq!(told.lines(), ["response #1 <-1.0 1"]);
    assert_eq!(talk.text(Client, "[]").codes(), [Code::JsonrpcMalformed]);
}

#[test]
fn rules_of_calls() {
    let wrong = [
        "x",
        "{}",
        r#"{"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"1.0","method":"a"}"#,
        r#"{"jsonrpc":"2.0","method":"a","id":{}}"#,
        r#"{"jsonrpc":"2.0","method":"a","params":1}"#,
        r#"{"jsonrpc":"2.0","result":1,"error":{},"id":null}"#,
        r#"{"jsonrpc":"2.0","result":1}"#,
    ];
    for text in wrong {
        let mut talk = Talk::new(&ENTRY, "/");
        assert_eq!(
            talk.text(Client, text).codes(),
            [Code::JsonrpcMalformed],
            "{text}"
        );
    }
    let mut talk = Talk::new(&ENTRY, "/");
    let call = r#"{"jsonrpc":"2.0","method":"a","id":1}"#;
    talk.text(Client, call);
    assert_eq!(talk.text(Client, call).codes(), [Code::JsonrpcIdReused]);
    let answer = r#"{"jsonrpc":"2.0","result":null,"id":1}"#;
    assert!(talk.text(Server, answer).codes().is_empty());
    assert_eq!(
        talk.text(Server, answer).codes(),
        [Code::JsonrpcAnswerUnasked]
    );
    let unread = r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}"#;
    assert!(talk.text(Server, unread).codes().is_empty());
    talk.lost(Client);
    assert!(talk.text(Server, answer).codes().is_empty());
}

#[test]
fn what_is_known_before_a_hole_is_told() {
    let mut talk = Talk::new(&ENTRY, "/");
    let text = br#"{"jsonrpc":"2.0","id":5,"method":"add","params":["????"]}"#;
    let told = talk.message(Client, true, text, &[(50, 4)]);
    assert_eq!(told.lines(), ["request add #5 partial"]);
    let text = br#"{"jsonrpc":"2.0","id":5,"result":["????"]}"#;
    let told = talk.message(Server, true, text, &[(35, 4)]);
    assert_eq!(told.lines(), ["response #5 <-1.0 partial"]);
    // Whether it has an id is in the hole.
    let text = br#"{"jsonrpc":"2.0","method":"add","i?????"#;
    assert!(
        talk.message(Client, true, text, &[(34, 5)])
            .units
            .is_empty()
    );
}

#[test]
fn commands_and_events_of_a_browser() {
    let mut talk = Talk::new(&CDP, "/devtools/browser/1");
    let told = talk.text(Client, r#"{"id":1,"method":"Page.enable","sessionId":"S"}"#);
    assert_eq!(
        told.lines(),
        [r#"command Page.enable #1 {"sessionId":"S"}"#]
    );
    // The same id in another session is another command.
    talk.text(Client, r#"{"id":1,"method":"Page.enable"}"#);
    let told = talk.text(Server, r#"{"id":1,"result":{},"sessionId":"S"}"#);
    assert_eq!(told.lines(), [r#"response #1 <-1.0 {"sessionId":"S"} {}"#]);
    let told = talk.text(
        Server,
        r#"{"method":"Page.loadEventFired","params":{"timestamp":1.5}}"#,
    );
    assert_eq!(
        told.lines(),
        [r#"event Page.loadEventFired {"timestamp":1.5}"#]
    );
    assert!(told.codes().is_empty());
}

#[test]
fn language_servers_with_and_without_headers() {
    let mut talk = Talk::new(&LSP, "/");
    let content = r#"{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a.rs"}}}"#;
    let told = talk.text(Client, content);
    assert!(told.lines()[0].starts_with(r#"request textDocument/hover #2 {"uri":"file:///a.rs"}"#));
    let told = talk.text(
        Server,
        "Content-Length: 38\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":null}",
    );
    assert_eq!(told.lines(), ["response #2 <-1.0 null"]);
    assert_eq!(
        told.units[0].parts,
        [Part {
            message: 2,
            start: 22,
            length: 38
        }]
    );
    assert!(told.codes().is_empty());
    let told = talk.text(
        Server,
        "Content-Length: 9\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"a\"}",
    );
    assert_eq!(told.codes(), [Code::JsonrpcMalformed]);
}

#[test]
fn they_are_recognised() {
    let first = |entry: &Entry, target: &str, text: &str| {
        suits(entry, target, Client, true, text.as_bytes())
    };
    let call = r#"{"jsonrpc":"2.0","method":"a"}"#;
    let command = r#"{"id":1,"method":"Page.enable"}"#;
    let initialize = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"processId":1,"capabilities":{}}}"#;
    assert_eq!(first(&ENTRY, "/", call), Confidence::Certain);
    assert_eq!(
        first(&ENTRY, "/", &format!("[{call}]")),
        Confidence::Certain
    );
    assert_eq!(first(&ENTRY, "/", command), Confidence::No);
    assert_eq!(first(&CDP, "/", command), Confidence::Possible);
    assert_eq!(
        first(&CDP, "/devtools/page/1", command),
        Confidence::Certain
    );
    assert_eq!(first(&CDP, "/devtools/page/1", call), Confidence::No);
    assert_eq!(
        first(&CDP, "/", r#"{"id":1,"method":"subscribe"}"#),
        Confidence::No
    );
    assert_eq!(first(&LSP, "/", initialize), Confidence::Certain);
    assert_eq!(first(&LSP, "/", call), Confidence::No);
    for text in ["", "[]", "{}", "x", r#"{"jsonrpc":"2.0"}"#] {
        assert_eq!(first(&ENTRY, "/", text), Confidence::No, "{text}");
    }
}
