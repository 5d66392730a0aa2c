use super::*;
use crate::finding::Code;
use crate::http::{Parsed, parse_request, parse_response};

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
    Sec-WebSocket-Extensions: x-unknown\r\nSec-WebSocket-Version: 13\r\n\r\n";
const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

fn handshake(request: &str, response: &str) -> Handshake {
    let request = match parse_request(request.as_bytes()) {
        Parsed::Complete { value, .. } => Some(value),
        _ => None,
    };
    let response = match parse_response(response.as_bytes()) {
        Parsed::Complete { value, .. } => Some(value),
        _ => None,
    };
    Handshake {
        request,
        response,
        ..Handshake::default()
    }
}

fn codes(request: &str, response: &str) -> Vec<Code> {
    let observations = handshake(request, response).observations();
    observations.iter().map(|seen| seen.code).collect()
}

#[test]
fn the_example_of_rfc_6455() {
    assert_eq!(
        accept_for(b"dGhlIHNhbXBsZSBub25jZQ=="),
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    );
    let shake = handshake(REQUEST, RESPONSE);
    assert_eq!(shake.observations(), []);
    assert_eq!(shake.accept(), Some(Accept::Valid));
    assert_eq!(shake.request_target().unwrap(), "/chat");
    assert_eq!(shake.host().unwrap(), "server.example.com");
    assert_eq!(shake.origin().unwrap(), "http://example.com");
    assert_eq!(shake.status(), Some(101));
    assert_eq!(shake.subprotocol().unwrap(), "chat");
    assert_eq!(shake.offered_subprotocols(), ["chat", "superchat"]);
    let offered = "permessage-deflate; client_max_window_bits, x-unknown";
    assert_eq!(shake.offered().unwrap(), offered);
    assert_eq!(shake.agreed().unwrap(), "permessage-deflate");
    assert_eq!(shake.offered_extensions().len(), 2);
    assert_eq!(shake.agreed_extensions()[0].name, "permessage-deflate");
}

#[test]
fn well_behaved_peers_give_no_observation() {
    let plain = REQUEST.replace("Connection: Upgrade", "connection: keep-alive, upgrade");
    let plain = plain.replace("Upgrade: websocket", "upgrade: WebSocket");
    let shouting = RESPONSE.replace("Upgrade: websocket", "UPGRADE: WEBSOCKET");
    assert_eq!(codes(&plain, &shouting), []);
    let lean = RESPONSE.replace("Sec-WebSocket-Protocol: chat\r\n", "");
    let lean = lean.replace("Sec-WebSocket-Extensions: permessage-deflate\r\n", "");
    assert_eq!(codes(REQUEST, &lean), []);
    let absolute = REQUEST.replace("GET /chat", "GET http://server.example.com/chat");
    assert_eq!(codes(&absolute, RESPONSE), []);
    assert_eq!(codes("", RESPONSE), []);
    assert_eq!(codes(REQUEST, ""), []);
}

#[test]
fn each_rule_of_the_request() {
    let cases = [
        ("GET /", "POST /", Code::UpgradeMethod),
        ("HTTP/1.1", "HTTP/1.0", Code::UpgradeHttpVersion),
        ("GET /chat", "GET chat", Code::UpgradeTarget),
        ("GET /chat", "GET /chat#room", Code::UpgradeTarget),
        ("Upgrade: websocket\r\n", "", Code::UpgradeHeader),
        ("Upgrade: websocket", "Upgrade: h2c", Code::UpgradeHeader),
        ("chat, superchat", "chat, su(er", Code::SubprotocolMalformed),
        ("Host: server", "Hosts: server", Code::UpgradeHostMissing),
        ("Connection: Upgrade\r\n", "", Code::ConnectionHeader),
        (
            "Connection: Upgrade",
            "Connection: keep-alive",
            Code::ConnectionHeader,
        ),
        ("Version: 13", "Version: 8", Code::WebSocketVersion),
        ("Sec-WebSocket-Version: 13\r\n", "", Code::WebSocketVersion),
        (
            "Version: 13",
            "Version: 13\r\nSec-WebSocket-Version: 13",
            Code::HandshakeHeaderRepeated,
        ),
        (
            "chat, superchat",
            "chat, x, chat",
            Code::SubprotocolRepeated,
        ),
        ("x-unknown", "x-unknown;", Code::ExtensionHeaderMalformed),
        ("Origin:", "Origin :", Code::HeaderMalformed),
    ];
    for (from, to, code) in cases {
        let request = REQUEST.replace(from, to);
        assert_ne!(request, REQUEST);
        let accepted = Code::InvalidRequestAccepted;
        assert_eq!(codes(&request, RESPONSE), [code, accepted], "{to}");
        assert_eq!(codes(&request, ""), [code], "{to}");
    }
    let keys = [
        ("short", Code::KeyInvalid),
        ("dGhlIHNhbXBsZSBub25j", Code::KeyInvalid),
    ];
    for (key, code) in keys {
        assert_eq!(
            codes(&REQUEST.replace("dGhlIHNhbXBsZSBub25jZQ==", key), ""),
            [code]
        );
    }
    let keyless = REQUEST.replace("Sec-WebSocket-Key", "X");
    assert_eq!(
        codes(&keyless, RESPONSE),
        [
            Code::KeyMissing,
            Code::InvalidRequestAccepted,
            Code::AcceptInvalid
        ]
    );
    // 24 characters that no encoder would make, but every decoder reads.
    let careless = REQUEST.replace("bub25jZQ==", "bub25jZX==");
    assert_eq!(codes(&careless, ""), []);
}

#[test]
fn each_rule_of_the_response() {
    let cases = [
        ("HTTP/1.1", "HTTP/1.0", Code::UpgradeHttpVersion),
        ("Upgrade: websocket\r\n", "", Code::UpgradeHeader),
        ("Upgrade: websocket", "Upgrade: h2c", Code::UpgradeHeader),
        ("Connection: Upgrade\r\n", "", Code::ConnectionHeader),
        (
            "Sec-WebSocket-Accept: s3",
            "Sec-WebSocket-Accept: S3",
            Code::AcceptInvalid,
        ),
        ("Sec-WebSocket-Accept", "X", Code::AcceptMissing),
        (
            "Protocol: chat",
            "Protocol: Chat",
            Code::SubprotocolNotOffered,
        ),
        (
            "Protocol: chat",
            "Protocol: chat, superchat",
            Code::SubprotocolNotOffered,
        ),
        (
            "Extensions: permessage-deflate",
            "Extensions: mux",
            Code::ExtensionNotOffered,
        ),
        (
            "permessage-deflate",
            "permessage-deflate; a=",
            Code::ExtensionHeaderMalformed,
        ),
        (
            "Extensions: permessage-deflate",
            "Extensions: permessage-deflate\r\nSec-WebSocket-Extensions: x-unknown",
            Code::HandshakeHeaderRepeated,
        ),
    ];
    for (from, to, code) in cases {
        let response = RESPONSE.replace(from, to);
        assert_ne!(response, RESPONSE);
        assert_eq!(codes(REQUEST, &response), [code], "{to}");
    }
    assert_eq!(
        codes("", &RESPONSE.replace("Sec-WebSocket-Accept", "X")),
        [Code::AcceptMissing]
    );
}

#[test]
fn a_refusal_is_noted_and_agrees_to_nothing() {
    let refusal = RESPONSE.replace("101 Switching Protocols", "426 Upgrade Required");
    let shake = handshake(REQUEST, &refusal);
    assert_eq!(shake.accept(), None);
    assert_eq!(shake.subprotocol(), None);
    assert_eq!(shake.agreed_extensions(), []);
    let silent = [Code::VersionNotNamed, Code::UpgradeRefused];
    assert_eq!(codes(REQUEST, &refusal), silent);
    let named = refusal.replace("\r\n\r\n", "\r\nSec-WebSocket-Version: 13\r\n\r\n");
    assert_eq!(codes(REQUEST, &named), [Code::UpgradeRefused]);
    let seen = &shake.observations()[1].text;
    assert_eq!(
        &**seen,
        "the server answers the upgrade with 426 \"Upgrade Required\""
    );
}
