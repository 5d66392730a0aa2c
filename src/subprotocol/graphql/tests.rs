use super::{BOTH, ENTRY, NEW, OLD, operation};
use crate::base::Peer::{Client, Server};
use crate::finding::Code;
use crate::subprotocol::testing::{Talk, suits};
use crate::subprotocol::{Confidence, Control, Opening};

fn opened(agreed: &'static str) -> Talk {
    let opening = Opening {
        target: Some("/graphql"),
        agreed: Some(agreed),
        ..Opening::default()
    };
    let mut talk = Talk::opened(&ENTRY, &opening);
    assert_eq!(
        talk.text(Client, r#"{"type":"connection_init"}"#).lines(),
        ["connection_init"]
    );
    assert_eq!(
        talk.text(Server, r#"{"type":"connection_ack"}"#).lines(),
        ["connection_ack <-1.0"]
    );
    talk
}

#[test]
fn operations_and_their_results() {
    let mut talk = opened("graphql-transport-ws");
    let told = talk.text(
        Client,
        r#"{"id":"a","type":"subscribe","payload":{"query":"subscription Greet { greetings }","variables":{"x":1}}}"#,
    );
    assert_eq!(
        told.lines(),
        [r#"subscribe Greet #a {"operation":"subscription"} {"x":1}"#]
    );
    talk.pause(9);
    let told = talk.text(
        Server,
        r#"{"id":"a","type":"next","payload":{"data":{"greetings":"Hi"}}}"#,
    );
    assert_eq!(
        told.lines(),
        [r#"next Greet #a <-3.0 {"data":{"greetings":"Hi"}}"#]
    );
    assert_eq!(told.units[0].after, Some(10_000_000));
    let told = talk.text(
        Server,
        r#"{"id":"a","type":"next","payload":{"errors":[{"message":"no"}]}}"#,
    );
    assert_eq!(
        told.lines(),
        [r#"next Greet #a <-3.0 error {"errors":[{"message":"no"}]}"#]
    );
    assert_eq!(told.units[0].after, None);
    assert_eq!(
        talk.text(Server, r#"{"id":"a","type":"complete"}"#).lines(),
        ["complete Greet #a <-3.0"]
    );
    talk.text(
        Client,
        r#"{"id":"b","type":"subscribe","payload":{"query":"{ slow }"}}"#,
    );
    assert_eq!(talk.text(Client, r#"{"type":"ping"}"#).lines(), ["ping"]);
    assert_eq!(
        talk.text(Server, r#"{"type":"pong"}"#).lines(),
        ["pong <-8.0"]
    );
    let told = talk.finish();
    assert_eq!(told.pending.len(), 1);
    assert_eq!(told.pending[0].what, "query slow");
}

#[test]
fn an_operation_that_its_client_ends_is_not_open() {
    let mut talk = opened("graphql-ws");
    talk.text(
        Client,
        r#"{"id":"1","type":"start","payload":{"query":"{a}"}}"#,
    );
    assert_eq!(talk.text(Server, r#"{"type":"ka"}"#).lines(), ["ka"]);
    assert_eq!(
        talk.text(Client, r#"{"id":"1","type":"stop"}"#).lines(),
        ["stop a #1 <-3.0"]
    );
    assert!(talk.finish().pending.is_empty());
}

#[test]
fn the_other_protocol_is_told_once() {
    let mut talk = opened("graphql-transport-ws");
    let start = r#"{"id":"1","type":"start","payload":{"query":"{a}"}}"#;
    assert_eq!(talk.text(Client, start).codes(), [Code::GraphqlDialect]);
    assert!(
        talk.text(Client, r#"{"id":"1","type":"stop"}"#)
            .codes()
            .is_empty()
    );
    assert_eq!(
        talk.text(Server, r#"{"type":"ka"}"#).codes(),
        [Code::GraphqlDialect]
    );
}

#[test]
fn what_the_server_closes_for() {
    let mut talk = Talk::new(&ENTRY, "/");
    let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#;
    assert_eq!(
        talk.text(Client, subscribe).codes(),
        [Code::GraphqlNotInitialised]
    );
    let told = talk.control(Server, Control::Close(Some((4401, "Unauthorized"))));
    assert_eq!(told.codes(), [Code::GraphqlRefused]);
    assert!(
        talk.control(Client, Control::Close(Some((1000, ""))))
            .codes()
            .is_empty()
    );
    let mut talk = opened("graphql-transport-ws");
    talk.text(Client, subscribe);
    assert_eq!(
        talk.text(Client, subscribe).codes(),
        [Code::GraphqlIdReused]
    );
    for wrong in ["[]", "{}", r#"{"type":"hello"}"#, r#"{"type":"next""#, "x"] {
        let told = talk.text(Client, wrong);
        assert_eq!(
            (told.codes(), told.units.len()),
            (vec![Code::GraphqlMalformed], 0),
            "{wrong}"
        );
    }
    let mut talk = opened("graphql-ws");
    let told = talk.text(
        Server,
        r#"{"type":"connection_error","payload":{"message":"no"}}"#,
    );
    assert_eq!(told.codes(), [Code::GraphqlRefused]);
}

#[test]
fn what_is_known_before_a_hole_is_told() {
    let mut talk = opened("graphql-transport-ws");
    let text = br#"{"id":"a","type":"next","payload":{"data":{"?????"}}}"#;
    let told = talk.message(Server, true, text, &[(44, 5)]);
    assert_eq!(told.lines(), ["next #a partial"]);
    assert!(
        talk.message(Server, true, text, &[(12, 5)])
            .units
            .is_empty()
    );
    // The operation may have been acknowledged in it.
    let mut talk = Talk::new(&ENTRY, "/");
    talk.lost(Server);
    let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#;
    assert!(talk.text(Client, subscribe).codes().is_empty());
}

#[test]
fn operations_have_the_names_of_the_document() {
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(
        operation("mutation  Save($a: Int) { save }"),
        ("mutation", named("Save"))
    );
    assert_eq!(
        operation("# said\nsubscription { a { b } }"),
        ("subscription", named("a"))
    );
    assert_eq!(operation("queryable"), ("query", named("queryable")));
    assert_eq!(operation("{ }"), ("query", None));
    assert_eq!(operation(""), ("query", None));
}

#[test]
fn it_is_recognised() {
    let first = |text: &str| suits(&ENTRY, "/", Client, true, text.as_bytes());
    assert_eq!(
        first(r#"{"type":"connection_init","payload":{}}"#),
        Confidence::Certain
    );
    let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#;
    assert_eq!(first(subscribe), Confidence::Certain);
    assert_eq!(first(r#"{"type":"ping"}"#), Confidence::Possible);
    for text in [r#"{"type":"hello"}"#, "{}", "[]", r#"{"type":"ping""#, ""] {
        assert_eq!(first(text), Confidence::No, "{text}");
    }
}

#[test]
fn every_type_gives_a_long_message_away() {
    let filler = "x".repeat(1 << 12);
    for kind in NEW.iter().chain(OLD).chain(BOTH) {
        let text = format!(r#"{{"payload":{{"a":["{filler}"]}},"type" : "{kind}"}}"#);
        let confidence = suits(&ENTRY, "/", Client, true, text.as_bytes());
        assert_ne!(confidence, Confidence::No, "{kind}");
    }
}
