//! What a header line means in an upgrade.
//!
//! Job: a sentence and a rule for each header that a handshake has. Input: a [`Header`].
//! Output: words. RFC 6455 §4.1, §4.2.2, §11.3; RFC 8441 §4; RFC 9110, RFC 9113,
//! RFC 6265, RFC 6454.

use crate::base::Peer;
use crate::http::Header;

/// What a header says, and the rule; `switches` where it is not part of a refusal.
pub(super) fn meaning(header: &Header, from: Peer, switches: bool) -> (String, &'static str) {
    let name = String::from_utf8_lossy(&header.name).to_ascii_lowercase();
    let (meaning, rule) = match from {
        Peer::Client => request(&name, &header.value),
        Peer::Server => response(&name, switches),
    };
    (meaning.to_owned(), rule)
}

fn request(name: &str, value: &[u8]) -> (&'static str, &'static str) {
    match name {
        ":method" => (
            "CONNECT, where HTTP/1.1 has GET: it opens a tunnel, here to a WebSocket",
            "RFC 8441 §4",
        ),
        ":protocol" => (
            "what is to be spoken on the stream; it stands for Upgrade and Connection",
            "RFC 8441 §4",
        ),
        ":scheme" => ("https stands for wss, http for ws", "RFC 8441 §5"),
        ":authority" => (
            "the host and port that the client means, as Host says in HTTP/1.1",
            "RFC 8441 §5",
        ),
        ":path" => ("the resource, with its query", "RFC 8441 §5"),
        "host" => ("the host and port that the client means", "RFC 9110 §7.2"),
        "upgrade" => (
            "the protocol that the client wants to go on with",
            "RFC 6455 §4.1",
        ),
        "connection" => (
            "Upgrade names a header that is for the next hop only, so that proxies know",
            "RFC 6455 §4.1",
        ),
        "sec-websocket-key" => (
            "16 random bytes in base64, new for each connection; the server has to prove that it \
             read them",
            "RFC 6455 §4.1",
        ),
        "sec-websocket-version" if value == b"13" => {
            ("the version of the standard", "RFC 6455 §4.1")
        }
        "sec-websocket-version" => ("a version that is not the standard's", "RFC 6455 §4.1"),
        "sec-websocket-protocol" => (
            "subprotocols that the client speaks, the one it likes best first",
            "RFC 6455 §11.3.4",
        ),
        "sec-websocket-extensions" => (
            "extensions that the client offers, the one it likes best first; see below",
            "RFC 6455 §9.1",
        ),
        "origin" => (
            "the web page that opens the connection; a browser sends it, a server may refuse by it",
            "RFC 6455 §10.2",
        ),
        "cookie" => ("cookies for this host", "RFC 6265 §5.4"),
        "authorization" => ("credentials for this server", "RFC 9110 §11.6.2"),
        "user-agent" => ("the program that asks", "RFC 9110 §10.1.5"),
        "cache-control" | "pragma" => ("asks caches to keep out of it", "RFC 9111 §5"),
        other => common(other),
    }
}

fn response(name: &str, switches: bool) -> (&'static str, &'static str) {
    match name {
        ":status" if switches => ("any 2xx accepts", "RFC 8441 §5"),
        ":status" => ("only a 2xx accepts", "RFC 8441 §5"),
        "upgrade" if switches => ("the protocol that both go on with", "RFC 6455 §4.2.2"),
        "upgrade" => (
            "a protocol that the server could go on with",
            "RFC 9110 §7.8",
        ),
        "connection" if switches => (
            "Upgrade names a header that is for the next hop only",
            "RFC 6455 §4.2.2",
        ),
        "sec-websocket-accept" => (
            "proves that the server read the key; computed below",
            "RFC 6455 §4.2.2",
        ),
        "sec-websocket-protocol" => (
            "the one subprotocol that the server chose of those offered",
            "RFC 6455 §4.2.2",
        ),
        "sec-websocket-extensions" => (
            "the extensions that hold from here on; see below",
            "RFC 6455 §9.1",
        ),
        "sec-websocket-version" => ("the versions that the server speaks", "RFC 6455 §4.4"),
        "server" => ("the program that answers", "RFC 9110 §10.2.4"),
        "set-cookie" => ("a cookie for the client to keep", "RFC 6265 §4.1"),
        "www-authenticate" => ("how the client can identify itself", "RFC 9110 §11.6.1"),
        "location" => ("where to ask instead", "RFC 9110 §10.2.2"),
        other => common(other),
    }
}

fn common(name: &str) -> (&'static str, &'static str) {
    match name {
        "connection" => ("what becomes of the TCP connection", "RFC 9110 §7.6.1"),
        "date" => ("when it was sent", "RFC 9110 §6.6.1"),
        "content-length" => ("how many bytes of body follow", "RFC 9110 §8.6"),
        "transfer-encoding" => ("how the body is cut", "RFC 9112 §6.1"),
        "content-type" => ("what the body is", "RFC 9110 §8.3"),
        "accept" | "accept-encoding" | "accept-language" => (
            "what the client would take in an HTTP answer; nothing to WebSocket",
            "RFC 9110 §12.5",
        ),
        "via" | "x-forwarded-for" | "x-forwarded-proto" | "x-real-ip" | "forwarded" => {
            ("put there by a proxy on the way", "RFC 7239")
        }
        _ if name.starts_with("sec-fetch-") => ("how a browser's page came to ask", ""),
        _ => ("no part of the WebSocket handshake", ""),
    }
}
