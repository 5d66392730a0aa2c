//! The binary from outside: what a user does, and does wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;
use std::io::{Read, Write};
use std::process::Stdio;
use wscope_testkit::http2;

fn stderr(args: &[&str]) -> (String, Option<i32>) {
    let output = common::output(args);
    (
        String::from_utf8(output.stderr).unwrap(),
        output.status.code(),
    )
}

/// A file of its own with `bytes` in it.
fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

#[test]
fn each_wrong_input_is_named_with_its_cause() {
    let empty = file(b"");
    let text = file(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n this is no capture at all");
    let short = file(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0]);
    let cases: &[(&str, &str)] = &[
        ("no/such/file.pcap", "No such file"),
        ("captures", "is a directory"),
        (empty.path().to_str().unwrap(), "is empty"),
        (text.path().to_str().unwrap(), "is no capture"),
        (short.path().to_str().unwrap(), "header"),
    ];
    for (path, cause) in cases {
        for command in ["messages", "connections", "stats"] {
            let (said, code) = stderr(&[command, path]);
            assert!(said.starts_with("wscope: "), "{said}");
            assert!(
                said.contains(path) && said.contains(cause),
                "{path}: {said}"
            );
            assert_eq!(code, Some(2), "{path}");
        }
    }
}

#[test]
fn datagrams_without_all_their_fragments_are_reported() {
    let whole = std::fs::read("captures/ip-fragments.pcap").unwrap();
    let (said, _) = stderr(&["messages", "captures/ip-fragments.pcap"]);
    assert_eq!(said, "");
    // Without each of the packets in turn.
    let mut packets = Vec::new();
    let mut at = 24;
    while let Some(length) = whole.get(at + 8..at + 12) {
        packets.push(at);
        at += 16 + u32::from_le_bytes(length.try_into().unwrap()) as usize;
    }
    for (left_out, place) in packets.iter().enumerate() {
        let next = packets.get(left_out + 1).copied().unwrap_or(whole.len());
        // RFC 791 §3.1: more fragments follow, or this is not the first one.
        let [high, low] = [6, 7].map(|at| whole[place + 16 + 14 + at]);
        let is_fragment = (high & 0x3f, low) != (0, 0);
        let lossy = file(&[&whole[..*place], &whole[next..]].concat());
        let (said, _) = stderr(&["messages", lossy.path().to_str().unwrap()]);
        let expected = "wscope: not read: 1 IP datagram of which fragments are missing\n";
        assert_eq!(
            said.contains(expected),
            is_fragment,
            "packet {left_out}: {said}"
        );
    }
}

#[test]
fn what_comes_before_and_after_a_bad_input_is_shown() {
    let (one, other) = ("captures/ws-takeover.pcap", "captures/ipv6.pcap");
    let output = common::output(&["messages", "--json", one, "no/such/file", other]);
    assert_eq!(output.status.code(), Some(2));
    let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count() - 1;
    let alone = |path| lines(&common::output(&["messages", "--json", path]).stdout);
    assert_eq!(lines(&output.stdout), alone(one) + alone(other));
}

#[test]
fn a_capture_cut_in_mid_packet_gives_all_before_the_cut() {
    let whole = std::fs::read(common::capture("ws-takeover.pcap")).unwrap();
    let all = common::output(&["messages", "--json", "captures/ws-takeover.pcap"]).stdout;
    let cut = file(&whole[..whole.len() - 700]);
    let output = common::output(&["messages", "--json", cut.path().to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("warning") && said.contains("packet"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(0));
    let messages = String::from_utf8(output.stdout).unwrap().lines().count();
    assert!(messages > 10 && messages < String::from_utf8(all).unwrap().lines().count());
}

#[test]
fn a_capture_without_websocket_says_what_is_on_it() {
    let (said, code) = stderr(&["messages", "captures/wss-tls13.pcap"]);
    assert!(
        said.contains("no WebSocket") && said.contains("TLS"),
        "{said}"
    );
    assert_eq!(code, Some(1));
    let capture = file(&http2_without_websocket());
    let (said, code) = stderr(&["stats", capture.path().to_str().unwrap()]);
    assert!(said.contains("1 with HTTP/2 and no WebSocket"), "{said}");
    assert_eq!(code, Some(1));
}

/// A request and its answer over HTTP/2.
fn http2_without_websocket() -> Vec<u8> {
    let (client, server) = http2::http2_opening();
    let get = [(":method", "GET"), (":scheme", "http"), (":path", "/")];
    let client = [client, http2::http2_head(1, &get)].concat();
    let server = [server, http2::http2_head(1, &http2::ACCEPTED)].concat();
    let segment = |from_client, seq, ack, payload| wscope_testkit::Segment {
        from_client,
        ports: (40_000, 8080),
        vlan: None,
        seq,
        ack,
        flags: 0x10,
        payload,
    };
    let after = 1 + u32::try_from(client.len()).unwrap();
    let packets = [
        segment(true, 1, 1, &client),
        segment(false, 1, after, &server),
    ];
    let packets = packets.map(|segment| segment.packet());
    let numbered = (1..).zip(&packets);
    wscope_testkit::pcap(numbered.map(|(at, data)| (at, data.as_slice(), data.len())))
}

#[test]
fn an_unknown_link_type_is_named() {
    let mut capture = std::fs::read(common::capture("ws-takeover.pcap")).unwrap();
    capture[20..24].copy_from_slice(&199u32.to_le_bytes());
    let (said, code) = stderr(&["messages", file(&capture).path().to_str().unwrap()]);
    assert!(said.contains("link type 199"), "{said}");
    assert_eq!(code, Some(1));
}

#[test]
fn a_file_without_a_command_is_answered_with_the_command() {
    let (said, code) = stderr(&["captures/demo.pcapng"]);
    assert!(said.contains("wscope messages"), "{said}");
    assert_eq!(code, Some(2));
}

#[test]
fn filters_choose_what_is_printed() {
    let count = |filter: &str| {
        let output = common::output(&["messages", "-Y", filter, "captures/demo.pcapng"]);
        assert_eq!(output.status.code(), Some(0), "{filter}");
        String::from_utf8(output.stdout).unwrap().lines().count()
    };
    assert_eq!(count("from == client"), 14);
    assert_eq!(count("from == client and not control"), 11);
    assert_eq!(count("STAGING yet"), 2);
    assert_eq!(count("has finding"), 0);
    assert_eq!(count("not has finding"), 47);
    assert_eq!(count("connection == 2 or ratio > 20"), 10);
    let broken = common::output(&[
        "messages",
        "-Y",
        "has finding",
        "captures/lws-keeps-context.pcap",
    ]);
    let text = String::from_utf8(broken.stdout).unwrap();
    assert!(text.lines().any(|line| line.contains("! error")), "{text}");
    let (said, code) = stderr(&["messages", "-Y", "from == sever", "captures/demo.pcapng"]);
    assert!(said.contains("one of client, server"), "{said}");
    assert!(said.ends_with("\n  from == sever\n          ^\n"), "{said}");
    assert_eq!(code, Some(2));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for command in ["messages", "stats", "connections"] {
        let mut child = common::wscope()
            .args([command, "--json", "captures/large.pcap"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{command}");
        assert_eq!(said, "", "{command}");
    }
}

#[test]
fn a_pipe_is_shown_as_it_comes() {
    let capture = std::fs::read(common::capture("ws-takeover.pcap")).unwrap();
    let (first, rest) = capture.split_at(capture.len() - 200);
    let mut child = common::wscope()
        .args(["messages", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    input.write_all(first).unwrap();
    input.flush().unwrap();
    // The rest is still to come, and yet the first line is there.
    let mut byte = [0];
    output.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"{");
    input.write_all(rest).unwrap();
    drop(input);
    let mut all = Vec::from(byte);
    output.read_to_end(&mut all).unwrap();
    child.wait().unwrap();
    let whole = common::output(&["messages", "--json", "captures/ws-takeover.pcap"]).stdout;
    assert_eq!(all, whole);
}

#[test]
fn formats_around_the_same_packets_give_the_same_messages() {
    let plain = std::fs::read(common::capture("ws-takeover.pcap")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&plain).unwrap();
    let gzip = file(&gzip.finish().unwrap());
    let whole = common::output(&["messages", "--json", "captures/ws-takeover.pcap"]).stdout;
    let packed = common::output(&["messages", "--json", gzip.path().to_str().unwrap()]).stdout;
    assert_eq!(whole, packed);
}

#[test]
fn payloads_cannot_act_on_a_terminal() {
    for capture in common::captures() {
        let output = common::output(&["messages", "--full", capture.to_str().unwrap()]).stdout;
        let text = String::from_utf8(output).unwrap();
        let bad = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(bad, None, "{}", capture.display());
    }
}

#[test]
fn selections_select() {
    let all = common::json(&["messages", "--json", "captures/demo.pcapng"]);
    let some = common::json(&[
        "messages",
        "--json",
        "-c",
        "1",
        "--from",
        "client",
        "--opcode",
        "text,ping",
        "captures/demo.pcapng",
    ]);
    let expected: Vec<_> = all
        .iter()
        .filter(|object| object["connection"] == 1)
        .filter(|object| {
            object["type"] != "message"
                || (object["from"] == "client"
                    && (object["opcode"] == "text" || object["opcode"] == "ping"))
        })
        .filter(|object| object["type"] != "finding")
        .collect();
    assert!(expected.len() > 10);
    assert_eq!(some.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn colour_only_where_wanted() {
    let plain = common::output(&["messages", "captures/demo.pcapng"]).stdout;
    assert!(!plain.contains(&0x1b));
    let coloured =
        common::output(&["messages", "--color", "always", "captures/demo.pcapng"]).stdout;
    assert!(coloured.contains(&0x1b));
}

#[cfg(feature = "live")]
#[test]
fn bpf_filters_packets() {
    let all = common::json(&["messages", "--json", "captures/nginx-pass.pcap"]);
    let port = all
        .iter()
        .find_map(|object| {
            object["server"]
                .as_str()?
                .rsplit(':')
                .next()
                .map(str::to_owned)
        })
        .unwrap();
    let filter = format!("port {port}");
    let some = common::json(&[
        "messages",
        "--json",
        "-f",
        &filter,
        "captures/nginx-pass.pcap",
    ]);
    assert!(!some.is_empty() && some.len() < all.len());
    let (said, code) = stderr(&["messages", "-f", "prot 80", "captures/demo.pcapng"]);
    assert!(said.contains("prot 80"), "{said}");
    assert_eq!(code, Some(2));
}

#[cfg(not(feature = "live"))]
#[test]
fn without_libpcap_a_filter_is_refused() {
    let (said, code) = stderr(&["messages", "-f", "port 80", "captures/demo.pcapng"]);
    assert!(said.contains("libpcap"), "{said}");
    assert_eq!(code, Some(2));
}

/// A capture with these packets.
fn capture(packets: &[Vec<u8>], link: u8) -> tempfile::NamedTempFile {
    let time = |number: u64| 1_700_000_000_000_000_000 + number * 1_000_000;
    let numbered = (0..).zip(packets);
    let mut bytes =
        wscope_testkit::pcap(numbered.map(|(at, data)| (time(at), data.as_slice(), data.len())));
    if let Some(field) = bytes.get_mut(20) {
        *field = link;
    }
    file(&bytes)
}

#[test]
fn an_upgrade_without_messages_is_said() {
    let (request, answer) = wscope_testkit::upgrade("", "");
    let refusal = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n".to_vec();
    for (answer, words) in [
        (answer, "1 accepted or taken for WebSocket, 0 refused"),
        (refusal, "0 accepted or taken for WebSocket, 1 refused"),
    ] {
        let segment = |from_client, seq, ack, payload| wscope_testkit::Segment {
            from_client,
            ports: (40_000, 80),
            vlan: None,
            seq,
            ack,
            flags: 0x10,
            payload,
        };
        let asked = 1 + u32::try_from(request.len()).unwrap();
        let packets = [
            segment(true, 1, 1, request.as_slice()).packet(),
            segment(false, 1, asked, answer.as_slice()).packet(),
        ];
        let made = capture(&packets, 1);
        let path = made.path().to_str().unwrap();
        for args in [&["messages", path][..], &["messages", "--json", path]] {
            let (said, code) = stderr(args);
            assert_eq!(code, Some(1), "{said}");
            assert!(
                said.contains("no messages") && said.contains(words),
                "{said}"
            );
        }
        assert_eq!(stderr(&["connections", path]).1, Some(0));
    }
}

#[test]
fn check_fails_where_nothing_could_be_read() {
    // A link type that wscope does not read, and TLS.
    let unknown = capture(&[vec![0; 60]], 199);
    let hello = [&[0x16, 3, 1, 0, 200, 1][..], &[0; 199]].concat();
    let tls = wscope_testkit::Segment {
        from_client: true,
        ports: (40_000, 443),
        vlan: None,
        seq: 1,
        ack: 1,
        flags: 0x10,
        payload: &hello,
    };
    let tls = capture(&[tls.packet()], 1);
    for made in [&unknown, &tls] {
        let (said, code) = stderr(&["check", made.path().to_str().unwrap()]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("no WebSocket found"), "{said}");
    }
    // HTTP was read, and there is nothing wrong with it.
    let http = wscope_testkit::Segment {
        payload: b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        from_client: true,
        ports: (40_000, 80),
        vlan: None,
        seq: 1,
        ack: 1,
        flags: 0x10,
    };
    let http = capture(&[http.packet()], 1);
    assert_eq!(stderr(&["check", http.path().to_str().unwrap()]).1, Some(0));
}

/// The same connection with a PROXY header before the client's first byte.
#[cfg(feature = "tls")]
#[expect(clippy::indexing_slicing, reason = "a capture that ships")]
fn proxied(capture: &[u8]) -> Vec<Vec<u8>> {
    const HEADER: &[u8] = b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n";
    let (mut packets, mut at, mut sent) = (Vec::new(), 24, [1_u32, 1]);
    let mut client = None;
    while let Some(head) = capture.get(at..at + 16) {
        let len = usize::try_from(u32::from_le_bytes(head[8..12].try_into().unwrap())).unwrap();
        let ip = &capture[at + 16..][..len][14..];
        at += 16 + len;
        let tcp = &ip[usize::from(ip[0] & 15) * 4..usize::from(ip[2]) * 256 + usize::from(ip[3])];
        let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
        if payload.is_empty() {
            continue;
        }
        let first = client.is_none();
        let from_client = *client.get_or_insert(tcp[..2].to_vec()) == tcp[..2];
        let payload = if first {
            [HEADER, payload].concat()
        } else {
            payload.to_vec()
        };
        let (own, other) = (usize::from(!from_client), usize::from(from_client));
        let segment = wscope_testkit::Segment {
            from_client,
            ports: (40_000, 443),
            vlan: None,
            seq: sent[own],
            ack: sent[other],
            flags: 0x18,
            payload: &payload,
        };
        packets.push(segment.packet());
        sent[own] += u32::try_from(payload.len()).unwrap();
    }
    packets
}

#[test]
#[cfg(feature = "tls")]
fn a_proxy_header_before_tls_is_passed_over() {
    let keys = "captures/wss-tls13.keylog";
    let messages = |path: &str| {
        let output = common::output(&["messages", "--json", "--keylog", keys, path]);
        let said = String::from_utf8(output.stdout).unwrap();
        let lines = said.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<serde_json::Value>>()
    };
    let plain = messages("captures/wss-tls13.pcap");
    let whole = std::fs::read(common::capture("wss-tls13.pcap")).unwrap();
    let made = capture(&proxied(&whole), 1);
    let proxied = messages(made.path().to_str().unwrap());
    assert!(plain.len() > 3 && plain[0]["proxied_from"].is_null());
    assert_eq!(proxied[0]["proxied_from"], "203.0.113.7:51234");
    assert_eq!(proxied[0]["tls"], plain[0]["tls"]);
    let said = |all: &[serde_json::Value]| {
        let messages = all.iter().filter(|line| line["type"] == "message");
        let facts = messages.map(|line| [line["from"].clone(), line["text"].clone()]);
        facts.collect::<Vec<_>>()
    };
    assert_eq!(said(&proxied), said(&plain));
}

#[test]
fn near_misses_are_corrected_and_help_begins_with_what_is_done_most() {
    let wrong = common::output(&["message", "captures/demo.pcapng"]);
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("there is a command \"messages\""), "{said}");
    let wrong = common::output(&["messages", "--opcod", "text", "captures/demo.pcapng"]);
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("'--opcode'"), "{said}");
    let help = String::from_utf8(common::output(&["--help"]).stdout).unwrap();
    let place = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text}: {help}"));
    assert!(place("FILE...") < place("-i NAME"));
    assert!(place("-i NAME") < place("Examples:"));
    assert!(place("Examples:") < place("Commands:"));
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = String::from_utf8(common::output(&["completions", shell]).stdout).unwrap();
        for word in ["messages", "follow", "--keylog"] {
            assert!(
                shell == "zsh" && word == "--keylog"
                    || script.contains(word.trim_start_matches('-')),
                "{shell} {word}"
            );
        }
    }
    let page = String::from_utf8(common::output(&["man"]).stdout).unwrap();
    assert!(
        page.contains(".TH wscope 1") && page.contains("wscope\\-check"),
        "{page}"
    );
    let page = String::from_utf8(common::output(&["man", "check"]).stdout).unwrap();
    assert!(page.contains("fail\\-on"), "{page}");
    let wrong = common::output(&["man", "chek"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("\"check\""));
}
