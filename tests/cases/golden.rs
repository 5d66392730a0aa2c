//! The output for shipped captures, to the byte.
//!
//! `BLESS=1 cargo test --test cases golden` rewrites the files: read the difference before
//! committing it. What they show is held against the applications' logs by `applogs.rs`.

use libtest_mimic::Trial;

use crate::{bless_or_hold, common, trial};

/// Capture and command; the file is named after both.
const CASES: &[(&str, &str, &[&str])] = &[
    ("lws-keeps-context.pcap", "check", &[]),
    ("refused.pcap", "check", &[]),
    ("nginx-hidden-answer.pcap", "check", &[]),
    ("ws-fragments-snap.pcap", "check", &[]),
    ("ws-fragments-snap.pcap", "check-json", &["--json"]),
    ("mojo-empty.pcap", "check-all", &["--all"]),
    ("demo.pcapng", "messages", &["--json"]),
    ("demo.pcapng", "connections", &["--json"]),
    ("demo.pcapng", "stats", &["--json"]),
    ("demo.pcapng", "messages-text", &[]),
    ("demo.pcapng", "messages-hex", &["--hex", "-c", "2"]),
    (
        "demo.pcapng",
        "messages-delta",
        &["--time", "delta", "--from", "client"],
    ),
    ("demo.pcapng", "connections-text", &[]),
    ("demo.pcapng", "stats-text", &[]),
    (
        "demo.pcapng",
        "stats-deep",
        &["--deep", "--histogram", "--top", "2"],
    ),
    ("demo.pcapng", "stats-by-target", &["--by", "target"]),
    (
        "ws-takeover-lost.pcap",
        "stats-deep-json",
        &["--deep", "--json"],
    ),
    ("demo.pcapng", "tune", &["-c", "1"]),
    ("ws-fragments-lost.pcap", "tune", &[]),
    ("demo-cut.pcapng", "messages", &["--json"]),
    ("refused.pcap", "connections", &["--json"]),
    ("ws-mixed.pcap", "messages", &["--json"]),
    ("ws-fragments.pcap", "messages", &["--json"]),
    ("ws-fragments-lost.pcap", "messages", &["--json"]),
    ("ws-takeover-lost.pcap", "messages", &["--json"]),
    ("ws-takeover-lost.pcap", "messages-text", &[]),
    ("zstd-stream.pcap", "messages-text", &["--decode"]),
    ("subprotocols/stomp-relay.pcap", "check", &[]),
    ("zstd-stream-lost.pcap", "messages-text", &["--decode"]),
    ("ws-takeover-lost.pcap", "messages-hex", &["--hex"]),
    ("ws-fragments-lost.pcap", "messages-text", &[]),
    ("ws-takeover-late.pcap", "messages", &["--json"]),
    ("nginx-strip.pcap", "connections", &["--json"]),
    ("nginx-hidden-answer.pcap", "messages", &["--json"]),
    ("bfinal.pcap", "messages", &["--json"]),
    ("connect-proxy.pcap", "connections", &["--json"]),
    ("any-sll2.pcap", "stats", &["--json"]),
    ("demo.pcapng", "explain", &["-c", "1", "-m", "5"]),
    (
        "demo.pcapng",
        "explain-json",
        &["-c", "1", "-m", "5", "--json"],
    ),
    ("demo.pcapng", "explain-client", &["-c", "1", "-m", "17"]),
    (
        "demo.pcapng",
        "explain-bytes",
        &["-c", "1", "-m", "17", "--bytes"],
    ),
    ("demo.pcapng", "explain-plain", &["-c", "2", "-m", "3"]),
    ("demo.pcapng", "explain-ping", &["-c", "1", "-m", "15"]),
    ("demo.pcapng", "explain-close", &["-c", "1", "-m", "37"]),
    (
        "demo.pcapng",
        "explain-book",
        &["-c", "1", "-m", "18", "--tables"],
    ),
    (
        "demo.pcapng",
        "explain-handshake",
        &["-c", "1", "--handshake"],
    ),
    (
        "demo.pcapng",
        "explain-handshake-json",
        &["-c", "1", "--handshake", "--json"],
    ),
    ("refused.pcap", "explain", &["-c", "3", "--handshake"]),
    ("ws-mixed.pcap", "explain-fragments", &["-m", "15"]),
    ("ws-fragments-lost.pcap", "explain", &["-m", "14"]),
    (
        "ws-fragments-lost.pcap",
        "explain-json",
        &["-m", "60", "--json"],
    ),
    ("ws-takeover-lost.pcap", "explain", &["-m", "16"]),
    ("ws-takeover-late.pcap", "explain", &["-m", "13"]),
    ("bfinal-mixed.pcap", "explain", &["-m", "4"]),
    ("mojo-empty.pcap", "explain-empty", &["-m", "9"]),
    ("mojo-empty.pcap", "explain-nothing", &["-m", "13"]),
    ("netty-deflate-frame.pcap", "explain", &["-m", "15"]),
    (
        "netty-deflate-frame.pcap",
        "explain-handshake",
        &["--handshake"],
    ),
    ("lws-keeps-context.pcap", "explain", &["-m", "4"]),
    ("http2.pcap", "connections", &["--json"]),
    ("http2.pcap", "connections-text", &[]),
    ("http2.pcap", "messages", &["--json"]),
    ("http2.pcap", "explain", &["-c", "1.3", "-m", "3"]),
    ("http2.pcap", "stats", &["--json"]),
    (
        "http2/node-refuse405-chromium.pcap",
        "check",
        &["--keylog", "captures/http2/node-refuse405-chromium.keylog"],
    ),
    (
        "http2/node-rst-chromium.pcap",
        "connections",
        &[
            "--json",
            "--keylog",
            "captures/http2/node-rst-chromium.keylog",
        ],
    ),
    (
        "http2/node-goaway-chromium.pcap",
        "check",
        &["--keylog", "captures/http2/node-goaway-chromium.keylog"],
    ),
    (
        "http2/haproxy-chromium-deflate.pcap",
        "check",
        &[
            "--all",
            "--keylog",
            "captures/http2/haproxy-chromium-deflate.keylog",
        ],
    ),
    // What TLS shows without secrets, and with them.
    ("wss-tls12.pcap", "check", &[]),
    ("wss-chromium.pcap", "connections-text", &[]),
    (
        "wss-nginx.pcap",
        "connections",
        &["--json", "--keylog", "captures/wss-nginx.keylog"],
    ),
    (
        "wss-nginx.pcap",
        "check",
        &["--keylog", "captures/wss-nginx.keylog"],
    ),
    (
        "wss-nginx.pcap",
        "stats",
        &["--by", "peer", "--keylog", "captures/wss-nginx.keylog"],
    ),
    (
        "wss-early-data.pcap",
        "messages",
        &["--json", "--keylog", "captures/wss-early-data.keylog"],
    ),
    (
        "wss-python.pcap",
        "explain",
        &[
            "-c",
            "1",
            "-m",
            "1",
            "--keylog",
            "captures/wss-python.keylog",
        ],
    ),
    ("subprotocols/stomp-rabbit.pcap", "messages", &["--json"]),
    ("subprotocols/stomp-rabbit.pcap", "messages-text", &[]),
    ("subprotocols/stomp-rabbit.pcap", "check", &[]),
    ("subprotocols/stomp-rabbit.pcap", "connections", &["--json"]),
    (
        "subprotocols/stomp-rabbit.pcap",
        "stats-subject",
        &["--by", "subject"],
    ),
    (
        "subprotocols/stomp-rabbit.pcap",
        "stats-kind",
        &["--by", "kind", "--json"],
    ),
    (
        "subprotocols/stomp-rabbit-split.pcap",
        "messages",
        &["--json"],
    ),
    ("subprotocols/stomp-rabbit-lost.pcap", "check", &[]),
    ("subprotocols/socketio4.pcap", "messages-text", &[]),
    ("subprotocols/socketio4.pcap", "messages", &["--json"]),
    ("subprotocols/socketio4.pcap", "check", &[]),
    ("subprotocols/socketio2-eio3.pcap", "messages-text", &[]),
    ("subprotocols/socketio4-msgpack.pcap", "messages-text", &[]),
    ("subprotocols/socketio4-lost.pcap", "messages-text", &[]),
    ("subprotocols/socketio4-lost.pcap", "check", &[]),
    ("subprotocols/socketio4-timeout.pcap", "check", &[]),
    ("subprotocols/sockjs-stomp.pcap", "messages-text", &[]),
    ("subprotocols/sockjs-stomp.pcap", "messages", &["--json"]),
    ("subprotocols/mqtt-rabbit.pcap", "messages-text", &[]),
    ("subprotocols/mqtt-rabbit.pcap", "messages", &["--json"]),
    ("subprotocols/mqtt-rabbit.pcap", "check", &[]),
    ("subprotocols/mqtt-mosquitto.pcap.gz", "messages-text", &[]),
    ("subprotocols/mqtt-mosquitto.pcap.gz", "check", &[]),
    ("subprotocols/mqtt-mosquitto-lost.pcap.gz", "check", &[]),
    (
        "subprotocols/mqtt-mosquitto-silent.pcap",
        "messages-text",
        &[],
    ),
    ("subprotocols/mqtt-mosquitto-silent.pcap", "check", &[]),
    ("subprotocols/graphql-ws.pcap", "messages-text", &[]),
    ("subprotocols/graphql-ws.pcap", "check", &[]),
    ("subprotocols/graphql-legacy.pcap", "messages-text", &[]),
    ("subprotocols/jsonrpc.pcap", "messages-text", &[]),
    ("subprotocols/jsonrpc.pcap", "check", &[]),
    ("subprotocols/cdp-chromium.pcap", "messages-text", &[]),
    ("subprotocols/wamp-crossbar.pcap.gz", "messages-text", &[]),
    ("subprotocols/wamp-crossbar-lost.pcap.gz", "check", &[]),
    ("subprotocols/ocpp-node.pcap", "messages-text", &[]),
    ("subprotocols/sip-kamailio.pcap", "messages-text", &[]),
    ("subprotocols/stomp-py.pcap", "messages-text", &[]),
];

pub(crate) fn trials() -> Vec<Trial> {
    let case =
        |&(capture, name, options): &(&'static str, &'static str, &'static [&'static str])| {
            let stem = capture.split('.').next().unwrap().replace('/', "-");
            let file = format!("{stem}.{name}");
            trial(format!("golden::{file}"), move || {
                let command = name.split('-').next().unwrap();
                let path = format!("captures/{capture}");
                let mut args = vec![command, path.as_str(), "--color", "never"];
                args.extend_from_slice(options);
                let output = common::output(&args).stdout;
                let golden = common::root().join(format!("tests/golden/{file}.txt"));
                bless_or_hold(&golden, &output, &format!("wscope {}", args.join(" ")));
            })
        };
    CASES.iter().map(case).collect()
}
