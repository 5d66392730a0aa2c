//! `wscope explain` from outside: what it says holds against what was sent.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::common;
use std::collections::HashMap;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

fn text(args: &[&str]) -> String {
    let mut all = vec!["explain"];
    all.extend_from_slice(args);
    let output = common::output(&all);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said where it does not work, and the exit code.
fn refusal(args: &[&str]) -> (String, Option<i32>) {
    let mut all = vec!["explain"];
    all.extend_from_slice(args);
    let output = common::output(&all);
    assert!(output.stdout.is_empty(), "{args:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    (said, output.status.code())
}

fn objects(args: &[&str]) -> Vec<Value> {
    let lines = text(args);
    let objects = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    objects.collect()
}

fn hex(bytes: &str) -> Vec<Value> {
    objects(&["--json", "--hex", bytes])
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn range(value: &Value) -> std::ops::Range<usize> {
    number(&value[0])..number(&value[1])
}

/// RFC 7692 §7.2.3: each example, what it says, and its blocks and symbols in short.
#[test]
fn the_rfc_examples() {
    let cases: &[(&str, &str, &[&str])] = &[
        // §7.2.3.1, whole and in two fragments.
        (
            "c1 07 f2 48 cd c9 c9 07 00",
            "Hello",
            &["fixed Hello.", "stored"],
        ),
        (
            "41 03 f2 48 cd 80 04 c9 c9 07 00",
            "Hello",
            &["fixed Hello.", "stored"],
        ),
        // §7.2.3.3: a block without compression.
        (
            "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00",
            "Hello",
            &["stored", "stored"],
        ),
        // §7.2.3.4: a final block, and a byte of padding.
        (
            "c1 08 f3 48 cd c9 c9 07 00 00",
            "Hello",
            &["fixed final Hello.", "stored"],
        ),
        // §7.2.3.5: two blocks with a sync flush between them.
        (
            "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
            "Hello",
            &["fixed He.", "stored", "fixed llo.", "stored"],
        ),
        // §7.2.3.6: the empty message.
        ("c1 01 00", "", &["stored"]),
    ];
    for (bytes, says, blocks) in cases {
        let found = hex(bytes);
        assert_eq!(found.len(), 1, "{bytes}");
        assert_eq!(found[0]["text"], *says, "{bytes}");
        assert_eq!(found[0]["end"]["kind"], "flushed", "{bytes}");
        let short: Vec<_> = blocks_of(&found[0]).iter().map(in_short).collect();
        assert_eq!(short, *blocks, "{bytes}");
        assert!(text(&["--hex", bytes]).contains("Restored: 00 00 ff ff."));
    }
}

/// RFC 7692 §7.2.3.2: "Hello" twice; the second time one literal and a match into the first.
#[test]
fn the_rfc_example_of_a_shared_window() {
    let found = hex("c1 07 f2 48 cd c9 c9 07 00  c1 05 f2 00 11 00 00");
    assert_eq!(found.len(), 2);
    let second = &found[1];
    assert_eq!(
        (&second["text"], &second["message"]),
        (&"Hello".into(), &2.into())
    );
    let symbols = blocks_of(second)[0]["symbols"].as_array().unwrap().clone();
    assert_eq!(symbols[0]["literal"], u64::from(b'H'));
    let copy = &symbols[1];
    assert_eq!((&copy["length"], &copy["distance"]), (&4.into(), &5.into()));
    assert_eq!(copy["from_message"], 1);
    assert_eq!(range(&copy["source"]), 1..5);
    assert_eq!(range(&copy["makes"]), 1..5);
    let page = text(&["--hex", "c107f248cdc9c90700,c105f200110000", "-m", "2"]);
    assert!(
        page.contains("5 bytes back      from message 1, 1-4"),
        "{page}"
    );
}

#[test]
fn the_contract_of_an_object() {
    let found = hex("c1 07 ca 48 cc 00 43 00 00");
    let object = &found[0];
    assert_eq!(object["type"], "explanation");
    assert_eq!(object["text"], "hahahaha");
    let frame = &object["frames"][0];
    assert_eq!(frame["offset"], 0);
    assert_eq!(frame["header_hex"], "c107");
    let names: Vec<_> = frame["header"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            (
                field["name"].as_str().unwrap(),
                range(&field["bits"]),
                number(&field["value"]),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("fin", 0..1, 1),
            ("rsv1", 1..2, 1),
            ("rsv2", 2..3, 0),
            ("rsv3", 3..4, 0),
            ("opcode", 4..8, 1),
            ("mask", 8..9, 0),
            ("length", 9..16, 7),
        ]
    );
    let block = &object["blocks"][0];
    assert_eq!(block["kind"], "fixed");
    assert_eq!(block["final"], false);
    assert_eq!(range(&block["bits"]), 0..46);
    let copy = &block["symbols"][3];
    assert_eq!(range(&copy["bits"]), 27..39);
    assert_eq!(copy["code"], "0000011 00001");
    assert_eq!((&copy["length"], &copy["distance"]), (&5.into(), &2.into()));
    assert_eq!(copy["from_message"], 1);
    assert_eq!(range(&copy["source"]), 1..6);
    assert_eq!(range(&object["blocks"][1]["restored"]), 56..88);
}

fn blocks_of(object: &Value) -> Vec<Value> {
    object["blocks"].as_array().unwrap().clone()
}

/// `fixed final He<3,2>.`
fn in_short(block: &Value) -> String {
    let mut out = block["kind"].as_str().unwrap().to_owned();
    if block["final"] == true {
        out.push_str(" final");
    }
    let symbols = block["symbols"].as_array().unwrap();
    if !symbols.is_empty() {
        out.push(' ');
    }
    for symbol in symbols {
        if let Some(byte) = symbol["literal"].as_u64() {
            out.push(char::from(u8::try_from(byte).unwrap()));
        } else if symbol["end_of_block"] == true {
            out.push('.');
        } else {
            let (length, distance) = (&symbol["length"], &symbol["distance"]);
            write!(out, "<{length},{distance}>").unwrap();
        }
    }
    out
}

/// A client's masked frame, given without saying who sends it.
#[test]
fn the_mask_tells_the_sender() {
    // RFC 6455 §5.7.
    let masked = "81 85 37 fa 21 3d 7f 9f 4d 51 58";
    let found = hex(masked);
    assert_eq!(
        (&found[0]["from"], &found[0]["text"]),
        (&"client".into(), &"Hello".into())
    );
    assert_eq!(found[0]["frames"][0]["header"][7]["hex"], "37fa213d");
    let page = text(&["--hex", masked]);
    assert!(page.contains("on the wire  7f 9f 4d 51 58"), "{page}");
    assert!(page.contains("key          37 fa 21 3d 37"), "{page}");
    assert!(page.contains("unmasked     48 65 6c 6c 6f"), "{page}");
    let page = text(&["--from", "server", "--hex", masked]);
    assert!(
        page.contains("masked, but a server may not mask !"),
        "{page}"
    );
    assert!(page.contains("mask-from-server"), "{page}");
}

#[test]
fn a_distance_beyond_the_agreed_window_is_marked() {
    // 300 times "a", then a match 258 back: the first literal, then runs, built with care below.
    let mut payload = vec![0x00, 0x2c, 0x01, 0xd3, 0xfe];
    payload.extend(std::iter::repeat_n(b'a', 300));
    // Fixed block: length 3 (0000001), distance 257 + 0 (code 16, 7 extra bits 0), end of block.
    payload.extend(bits("0 10 0000001 10000 0000000 0000000 0 00"));
    let mut frame = vec![0xc1, 0x7e];
    frame.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    frame.extend(&payload);
    let typed = typed(&frame);
    let wide = text(&["--hex", &typed]);
    assert!(wide.contains("257 bytes back"), "{wide}");
    assert!(!wide.contains("beyond the agreed window"), "{wide}");
    let narrow = text(&["--window-bits", "8", "--hex", &typed]);
    assert!(narrow.contains("beyond the agreed window !"), "{narrow}");
    let object = &objects(&["--json", "--window-bits", "8", "--hex", &typed])[0];
    assert_eq!(object["blocks"][1]["symbols"][0]["beyond_window"], true);
    assert_eq!(object["deflate"]["window_bits"], 8);
}

/// Bytes as one types them.
fn typed(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Bytes from bits in the order in which DEFLATE reads them.
fn bits(digits: &str) -> Vec<u8> {
    let digits: Vec<_> = digits.bytes().filter(|digit| *digit != b' ').collect();
    let byte = |eight: &[u8]| {
        let ones = eight
            .iter()
            .enumerate()
            .filter(|(_, digit)| **digit == b'1');
        ones.map(|(place, _)| 1u8 << place).sum()
    };
    digits.chunks(8).map(byte).collect()
}

#[test]
fn what_does_not_inflate_is_shown_up_to_the_fault() {
    // RFC 1950 in place of RFC 1951: a zlib header, which reads as a block of its own codes.
    let page = text(&["--hex", "c1 0a 78 9c f3 48 cd c9 c9 07 00 00"]);
    assert!(page.contains("lost"), "{page}");
    assert!(page.contains("Here decoding stops"), "{page}");
    assert!(page.contains("zlib-header"), "{page}");
    // A literal, then a match from before the beginning.
    let mut frame = vec![0xc1, 0x05];
    frame.extend(bits("0 10 01111000 0000001 00010 0000000 0000"));
    frame.resize(7, 0);
    let typed = typed(&frame);
    let page = text(&["--hex", &typed]);
    assert!(page.contains("invalid distance too far back"), "{page}");
    assert!(page.contains("literal 72        'H'"), "{page}");
}

#[test]
fn what_copies_from_a_faulty_message_is_not_called_missing() {
    // Behind a message that does not inflate: length 3, distance 3, and nothing else.
    let mut frames = vec![0xc1, 0x05];
    frames.extend(bits("0 10 01111000 0000001 00010 0000000 0000"));
    frames.resize(7, 0);
    let second = bits("0 10 0000001 00010 0000000 0000");
    frames.extend([0xc1, u8::try_from(second.len()).unwrap()]);
    frames.extend(second);
    let typed = typed(&frames);
    let page = text(&["--hex", &typed, "-m", "2"]);
    assert!(page.contains("from lost history"), "{page}");
    assert!(
        page.contains("earlier messages that are not known"),
        "{page}"
    );
    assert!(!page.contains("missing in the capture"), "{page}");
    assert!(!page.contains("the fault"), "{page}");
}

#[test]
fn the_greatest_length_fits_into_a_line() {
    let page = text(&["--hex", "c1 7f 7f ff ff ff ff ff ff ff 00"]);
    let widest = page.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{page}");
    // What was read of the block counts, although it does not end.
    assert!(
        page.contains("stored bytes, bits 0 to 2, makes nothing"),
        "{page}"
    );
}

/// Of every message of some captures: bits follow one another without a gap, what the symbols
/// make is the payload, and copies are where they are said to come from.
#[test]
fn what_is_explained_is_what_was_sent() {
    let captures = [
        ("ws-takeover.pcap", 1),
        ("ws-fragments.pcap", 1),
        ("ws-mixed.pcap", 1),
        ("bfinal-mixed.pcap", 1),
        ("websockets-fragments.pcap", 1),
        ("netty-deflate-frame.pcap", 1),
        ("ws-takeover-lost.pcap", 1),
        ("lws-keeps-context.pcap", 1),
        ("mojo-empty.pcap", 1),
    ];
    let mut copies = [0, 0];
    for (capture, connection) in captures {
        let path = format!("captures/{capture}");
        let connection = connection.to_string();
        let told = common::json(&["messages", "--json", "-c", &connection, &path]);
        let messages: HashMap<u64, &Value> = told
            .iter()
            .filter(|line| line["type"] == "message")
            .map(|line| (line["message"].as_u64().unwrap(), line))
            .collect();
        let payloads: HashMap<u64, Vec<u8>> = messages
            .iter()
            .map(|(number, line)| (*number, common::payload(line).unwrap_or_default()))
            .collect();
        for (number, line) in &messages {
            let wanted = number.to_string();
            let args = ["--json", "-c", &connection, "-m", &wanted, &path];
            let object = objects(&args).remove(0);
            for field in [
                "from",
                "opcode",
                "status",
                "payload_bytes",
                "text",
                "time",
                "holes",
            ] {
                assert_eq!(object[field], line[field], "{capture} {number} {field}");
            }
            frames_hold(&object);
            let holder: Vec<&Value> = match object["blocks"].as_array() {
                Some(_) => vec![&object],
                None => object["frames"].as_array().unwrap().iter().collect(),
            };
            for one in holder {
                symbols_hold(one, *number, &payloads, &mut copies);
            }
        }
    }
    assert!(
        copies[0] > 1000,
        "{copies:?} copies from other messages and the own one"
    );
    assert!(
        copies[1] > 500,
        "{copies:?} copies from other messages and the own one"
    );
}

/// The header's bits are the header's bytes.
fn frames_hold(object: &Value) {
    let mut end = None;
    for frame in object["frames"].as_array().unwrap() {
        let offset = number(&frame["offset"]);
        assert!(end.is_none_or(|end| end <= offset));
        let digits = frame["header_hex"].as_str().unwrap();
        end = Some(offset + digits.len() / 2 + number(&frame["payload_bytes"]));
        let fields = frame["header"].as_array().unwrap();
        let mut at = 0;
        for field in fields {
            assert_eq!(range(&field["bits"]).start, at);
            at = range(&field["bits"]).end;
        }
        assert_eq!(at, digits.len() * 4);
    }
}

fn symbols_hold(holder: &Value, own: u64, payloads: &HashMap<u64, Vec<u8>>, copies: &mut [u32; 2]) {
    let Some(blocks) = holder["blocks"].as_array() else {
        return;
    };
    let compressed = STANDARD
        .decode(holder["compressed_base64"].as_str().unwrap())
        .unwrap();
    let digit = |bit: usize| {
        compressed
            .get(bit / 8)
            .map(|byte| byte >> (bit % 8) & 1 == 1)
    };
    let payload = &payloads[&own];
    let mut at = 0;
    for block in blocks {
        assert_eq!(range(&block["bits"]).start, at);
        at = range(&block["bits"]).end;
        let mut place = None;
        for symbol in block["symbols"].as_array().unwrap() {
            let bits = range(&symbol["bits"]);
            assert!(place.is_none_or(|place| place == bits.start));
            place = Some(bits.end);
            let code = symbol["code"].as_str().unwrap().replace(' ', "");
            assert_eq!(code.len(), bits.len());
            for (bit, digit_said) in bits.zip(code.bytes()) {
                assert_eq!(digit(bit), Some(digit_said == b'1'));
            }
            let Some(_) = symbol["makes"].as_array() else {
                continue;
            };
            let makes = range(&symbol["makes"]);
            // With x-webkit-deflate-frame a message may be cut off by the limit of the log.
            let made = &payload[makes];
            if let Some(byte) = symbol["literal"].as_u64() {
                assert_eq!(u64::from(made[0]), byte);
            }
            if let Some(from) = symbol["from_message"].as_u64() {
                let source = &payloads[&from][range(&symbol["source"])];
                assert_eq!(source, made);
                copies[usize::from(from == own)] += 1;
            }
        }
        if let Some(padding) = block["padding"]["bits"].as_array() {
            at = usize::try_from(padding[1].as_u64().unwrap()).unwrap();
        }
    }
}

#[test]
fn a_page_is_80_columns_wide_and_reads_without_colours() {
    let pages: &[&[&str]] = &[
        &["captures/demo.pcapng", "-c", "1", "-m", "18"],
        &[
            "captures/demo.pcapng",
            "-c",
            "1",
            "-m",
            "18",
            "--all",
            "--tables",
        ],
        &["captures/demo.pcapng", "-c", "1", "-m", "17", "--bytes"],
        &["captures/demo.pcapng", "-c", "1", "--handshake"],
        &[
            "captures/after-get.pcap",
            "-m",
            "3",
            "--tables",
            "--bytes",
            "--all",
        ],
        &["captures/ws-fragments.pcap", "-m", "10", "--all"],
        &["captures/ws-fragments-lost.pcap", "-m", "14"],
        &["captures/ws-fragments-lost.pcap", "-m", "60", "--bytes"],
        &["captures/websockets-fragments.pcap", "-m", "18", "--all"],
        &["captures/netty-deflate-frame.pcap", "-m", "15", "--all"],
        &["captures/netty-deflate-frame.pcap", "--handshake"],
        &["captures/bzip2.pcap", "-m", "1"],
        &["captures/large.pcap", "-m", "1"],
        &["captures/chromium.pcap", "-c", "1", "--handshake"],
        &["captures/refused.pcap", "-c", "2", "--handshake"],
    ];
    for args in pages {
        let plain = text(&[args, &["--color", "never"][..]].concat());
        for line in plain.lines() {
            let columns = unicode_width::UnicodeWidthStr::width(line);
            assert!(columns <= 80, "{args:?}: {columns} columns: {line}");
            assert!(!line.chars().any(char::is_control), "{args:?}: {line:?}");
        }
        let coloured = text(&[args, &["--color", "always"][..]].concat());
        assert_ne!(coloured, plain);
        assert_eq!(without_colours(&coloured), plain, "{args:?}");
    }
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').unwrap().1);
    }
    out
}

#[test]
fn holes_are_seen_without_colours() {
    let page = text(&["captures/ws-takeover-lost.pcap", "-m", "16"]);
    assert!(
        page.contains("partial: it copies from earlier messages that are not known"),
        "{page}"
    );
    assert!(page.contains("from lost history"), "{page}");
    assert!(page.contains("░ ? not known (149 bytes)"), "{page}");
    let object = &objects(&["captures/ws-takeover-lost.pcap", "-m", "16", "--json"])[0];
    let symbols = blocks_of(object)[0]["symbols"].as_array().unwrap().clone();
    assert!(symbols.iter().any(|symbol| symbol["lost"] == true));
    // A payload that has the sign in it does not look like a hole.
    let page = text(&["--hex", "81 03 e2 96 91"]);
    assert!(page.contains("\\u{2591}") && !page.contains('░'), "{page}");
}

#[test]
fn long_messages_are_cut_and_say_so() {
    let short = text(&["captures/demo.pcapng", "-c", "1", "-m", "18"]);
    assert!(short.contains("more symbols (--all)"), "{short}");
    assert!(short.contains("more bytes (--all)"), "{short}");
    let few = text(&[
        "captures/demo.pcapng",
        "-c",
        "1",
        "-m",
        "18",
        "--symbols",
        "3",
    ]);
    let symbol = |line: &&str| line.contains("  literal ") || line.contains("  length ");
    let header = few.lines().filter(|line| line.contains("RFC 6455"));
    let shown = few.lines().filter(symbol).count() - header.filter(symbol).count();
    assert_eq!(shown, 3, "{few}");
    let all = text(&["captures/demo.pcapng", "-c", "1", "-m", "18", "--all"]);
    assert!(!all.contains('…') || !all.contains("(--all)"), "{all}");
    assert!(all.lines().count() > 3 * short.lines().count());
}

#[test]
fn the_handshake_is_computed_step_by_step() {
    let page = text(&["captures/demo.pcapng", "-c", "1", "--handshake"]);
    let line = |name: &str| {
        let line = page
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        line.unwrap_or_else(|| panic!("{name} is missing"))
            .to_owned()
    };
    let joined = line("with GUID");
    assert!(
        joined.ends_with("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
        "{joined}"
    );
    assert!(line("was sent").contains("the same"));
    let object = &objects(&["captures/demo.pcapng", "-c", "1", "--handshake", "--json"])[0];
    let accept = &object["accept"];
    assert_eq!(
        (&object["type"], &accept["valid"]),
        (&"handshake".into(), &true.into())
    );
    let sha1 = accept["sha1"].as_str().unwrap();
    let bytes: Vec<_> = (0..20)
        .map(|i| u8::from_str_radix(&sha1[2 * i..2 * i + 2], 16).unwrap())
        .collect();
    assert_eq!(accept["base64"], STANDARD.encode(bytes));
    assert_eq!(accept["base64"], accept["sent"]);
    assert_eq!(object["parameters"].as_array().unwrap().len(), 4);
    // Nothing is agreed where the upgrade is refused.
    let page = text(&["captures/refused.pcap", "-c", "2", "--handshake"]);
    assert!(page.contains("refused"), "{page}");
    assert!(
        page.contains("The upgrade is refused, so nothing is agreed."),
        "{page}"
    );
}

#[test]
fn the_connection_may_be_left_out_where_there_is_one() {
    let named = text(&["captures/ws-takeover.pcap", "-c", "1", "-m", "3"]);
    assert_eq!(named, text(&["captures/ws-takeover.pcap", "-m", "3"]));
    for threads in ["1", "4"] {
        let args = ["captures/demo.pcapng", "-m", "3", "--threads", threads];
        let (said, code) = refusal(&args);
        assert!(
            said.contains("-c 1  127.0.0.1:49332 -> 127.0.0.1:8080, 38 messages"),
            "{said}"
        );
        assert!(said.contains("-c 2  "), "{said}");
        assert_eq!(code, Some(2));
    }
}

#[test]
fn what_is_not_there_is_said() {
    let cases: &[(&[&str], &str, i32)] = &[
        (
            &["captures/ws-takeover.pcap", "-m", "999"],
            "messages, numbered 1 to ",
            1,
        ),
        (
            &["captures/ws-takeover.pcap", "-m", "0"],
            "messages, numbered 1 to ",
            1,
        ),
        (
            &["captures/ws-takeover.pcap", "-c", "9", "-m", "1"],
            "connection 9 is no WebSocket",
            1,
        ),
        (
            &["captures/wss-tls13.pcap", "-m", "1"],
            "no WebSocket found",
            1,
        ),
        (
            &["captures/ws-takeover-late.pcap", "--handshake"],
            "not in the capture",
            1,
        ),
        (&["no/such/file", "-m", "1"], "No such file", 2),
        (&["captures/README.md", "-m", "1"], "is no capture", 2),
        (&["captures/ws-takeover.pcap"], "--message", 2),
        (&["--hex", "c1 0"], "odd number of digits", 2),
        (&["--hex", "xyz"], "is no hexadecimal digit", 2),
        (&["--hex", " "], "no bytes", 2),
        (&["--hex", "81"], "no message", 1),
        (
            &["--hex", "81 01 41", "-m", "2"],
            "one message, number 1",
            1,
        ),
        (
            &["--hex", "81 01 41", "--window-bits", "16"],
            "8 to 15 bits",
            2,
        ),
        (
            &["captures/ws-takeover.pcap", "-m", "1", "--from", "client"],
            "--hex",
            2,
        ),
    ];
    for (args, cause, code) in cases {
        let (said, exit) = refusal(args);
        assert!(said.contains(cause), "{args:?}: {said}");
        assert_eq!(exit, Some(*code), "{args:?}: {said}");
    }
}

/// From the TCP segment through the TLS record and the DATA frame to the frame's bytes.
#[cfg(feature = "tls")]
#[test]
fn a_message_of_a_stream_is_in_data_frames_that_are_in_records() {
    // RFC 9113 §4.1: nine bytes before the payload of each.
    const HEAD: u64 = 9;
    let keys = "captures/http2/haproxy-chromium-deflate.keylog";
    let capture = "captures/http2/haproxy-chromium-deflate.pcap";
    for (stream, message) in [("1.5", "1"), ("1.5", "4"), ("1.19", "3"), ("1.19", "6")] {
        let args = [
            "--json", "--keylog", keys, capture, "-c", stream, "-m", message,
        ];
        let [told] = objects(&args).try_into().unwrap();
        let every = |name: &str| told[name].as_array().unwrap().clone();
        let (outer, frames) = (every("tls_records"), every("data_frames"));
        let sum = |list: &[Value], name: &str| {
            list.iter()
                .map(|one| one[name].as_u64().unwrap())
                .sum::<u64>()
        };
        assert!(
            !outer.is_empty() && !frames.is_empty(),
            "{stream} {message}"
        );
        let inside = sum(&frames, "bytes") + HEAD * frames.len() as u64;
        assert!(sum(&outer, "data_bytes") >= inside, "{stream} {message}");
        for frame in &frames {
            // RFC 9113 §4.1: length, type 0, flags, stream.
            let number: u32 = stream.strip_prefix("1.").unwrap().parse().unwrap();
            let head = frame["head_hex"].as_str().unwrap();
            let length = format!("{:06x}00", frame["bytes"].as_u64().unwrap());
            assert!(head.starts_with(&length), "{stream} {message}: {frame}");
            assert!(head.ends_with(&format!("{number:08x}")), "{frame}");
            let packet = &frame["packet"].as_u64().unwrap();
            let carries = |record: &Value| {
                let (first, last) = (&record["first_packet"], &record["last_packet"]);
                (first.as_u64().unwrap()..=last.as_u64().unwrap()).contains(packet)
            };
            assert!(outer.iter().any(carries), "{stream} {message}: {frame}");
        }
    }
}

#[test]
fn reasons_are_given_where_they_are_asked_for() {
    let masked = ["--hex", "c1 87 01 02 03 04 f3 4a ce cd c8 05 03"];
    let page = text(&["--why", masked[0], masked[1]]);
    let (_, reasons) = page.split_once("\nwhy\n").unwrap();
    for name in [
        "  FIN ",
        "  RSV1 ",
        "  RSV2, RSV3",
        "  MASK, key",
        "  length ",
        "  literal ",
    ] {
        assert_eq!(reasons.matches(name).count(), 1, "{name} {reasons}");
    }
    assert!(reasons.contains("  00 00 ff ff  ") && !reasons.contains("at most 125 bytes"));
    assert!(page.lines().all(|line| line.chars().count() <= 80));
    assert!(!text(&masked).contains("\nwhy\n"));
    let ping = text(&["--why", "--hex", "89 00"]);
    assert!(ping.contains("at most 125 bytes"), "{ping}");
}

#[test]
fn a_secret_is_redacted_in_all_that_shows_it() {
    let capture = common::capture("subprotocols/stomp-rabbit.pcap");
    let capture = capture.to_str().unwrap();
    let passcode = "passcode:guest";
    let connect = ["-c", "1", "-m", "1", capture];
    let shown = text(&[&connect[..], &["--redact", "--all", "--bytes"]].concat());
    let page = text(&[&connect[..], &["--redact"]].concat());
    let json = text(&[&connect[..], &["--redact", "--json"]].concat());
    for said in [&shown, &page, &json] {
        assert!(!said.contains(passcode), "{said}");
        assert!(
            said.contains("CONNECT") && said.contains("passcode"),
            "{said}"
        );
    }
    let object: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(object["redacted"], true);
    for field in ["base64", "compressed_base64", "blocks"] {
        assert!(object.get(field).is_none(), "{field}");
    }
    assert!(object["frames"][0].get("masked_base64").is_none());
    // Any other message is explained as ever.
    for message in ["2", "3", "4"] {
        let other = ["-c", "1", "-m", message, capture];
        assert_eq!(text(&[&other[..], &["--redact"]].concat()), text(&other));
    }
    let plain = objects(&[&connect[..], &["--json"]].concat());
    assert!(plain[0]["text"].as_str().unwrap().contains(passcode));
}
