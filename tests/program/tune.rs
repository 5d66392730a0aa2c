//! `tune` against senders whose settings are known: what it predicts for these settings is what
//! they sent, to the byte where they have stock zlib.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;
use crate::common::{capture, output};
use serde_json::Value;

/// A sender's window bits, memory level, level, threshold, and whether it keeps its window.
type Known = (u8, u8, u8, u64, bool);

/// Capture, and what its client and its server are set to (`captures/record/record_tune.py`).
const STOCK: &[(&str, Known, Known)] = &[
    ("tune-websockets", (12, 2, 9, 0, true), (11, 4, 6, 0, true)),
    (
        "tune-websockets-reset",
        (9, 1, 6, 0, false),
        (15, 9, 1, 0, false),
    ),
    ("tune-ws", (10, 3, 6, 0, true), (13, 7, 4, 0, true)),
    (
        "tune-ws-threshold",
        (15, 5, 6, 512, false),
        (15, 8, 6, 128, false),
    ),
];

fn tune(name: &str, more: &[&str]) -> Vec<Value> {
    let path = capture(&format!("{name}.pcap"));
    let arguments = [&["tune", "--json", path.to_str().unwrap()], more].concat();
    let out = output(&arguments);
    assert!(out.status.success(), "{out:?}");
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Predicted and observed wire bytes.
fn sizes(lines: &[Value], from: &str, known: Known) -> (u64, u64) {
    let (window_bits, memory_level, level, threshold, takeover) = known;
    let line = lines.iter().find(|line| {
        line["type"] == "tune"
            && line["from"] == from
            && line["window_bits"] == window_bits
            && line["memory_level"] == memory_level
            && line["level"] == level
            && line["threshold"] == threshold
            && line["takeover"] == takeover
    });
    let line = line.unwrap();
    let bytes = |name: &str| line[name].as_u64().unwrap();
    (bytes("wire_bytes"), bytes("observed_bytes"))
}

#[test]
fn the_settings_used_come_to_the_size_observed() {
    for (capture, client, server) in STOCK {
        // Small JSON, documents, and what was compressed before: a connection each.
        for connection in ["1", "2", "3"] {
            for (from, known) in [("client", *client), ("server", *server)] {
                let level = known.2.to_string();
                let lines = tune(capture, &["-c", connection, "--levels", &level]);
                let (predicted, observed) = sizes(&lines, from, known);
                assert_eq!(predicted, observed, "{capture} -c {connection} {from}");
                assert!(observed > 500);
            }
        }
    }
}

/// The Node of nodejs.org has Chromium's zlib, which hashes otherwise: near, and not the same.
#[test]
fn another_zlib_is_near() {
    let lines = tune("tune-ws-chromium", &[]);
    for from in ["client", "server"] {
        let (predicted, observed) = sizes(&lines, from, (15, 8, 6, 0, true));
        assert!(
            predicted.abs_diff(observed) * 50 < observed,
            "{predicted} {observed}"
        );
    }
}

#[test]
fn json_has_every_setting_and_a_recommendation() {
    let lines = tune("tune-ws", &["--levels", "1,6-7"]);
    let count = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    assert_eq!(count("sample"), 1);
    assert_eq!(count("tune"), 2 * 3 * 7 * 9 * 2 * 6);
    assert_eq!(count("recommendation"), 2);
    assert!(lines.iter().all(|line| line.get("time").is_none()));
    let timed = tune("tune-ws", &["-c", "1", "--measure-time"]);
    let settings = timed.iter().filter(|line| line["type"] == "tune");
    assert!(settings.clone().all(|line| line["time"].is_number()));
}

#[test]
fn what_was_compressed_before_is_not_worth_it() {
    let lines = tune("tune-websockets", &["-c", "3"]);
    for line in lines.iter().filter(|line| line["type"] == "recommendation") {
        assert!(line["recommended"].get("setting").is_none());
        assert!(
            line["text"]
                .as_str()
                .unwrap()
                .starts_with("Do not compress")
        );
        assert!(line.get("handshake").is_none());
    }
}

#[test]
fn a_sample_is_whole_connections_or_the_beginning_of_one() {
    let all = tune("tune-ws", &["--all"]);
    let total = all[0]["of_payload_bytes"].as_u64().unwrap();
    assert_eq!(all[0]["payload_bytes"].as_u64(), Some(total));
    let some = tune("tune-ws", &["--sample", "60k", "--threads", "3"]);
    assert_eq!(some[0]["of_connections"], 3);
    assert!(some[0]["payload_bytes"].as_u64().unwrap() < total);
    assert_eq!(
        some,
        tune("tune-ws", &["--sample", "60k", "--threads", "1"])
    );
    let few = tune("tune-ws", &["-c", "2", "--sample", "20k"]);
    let last = few.last().unwrap();
    assert!(last["beyond_sample"].as_u64().unwrap() > 0);
    assert!(few[0]["payload_bytes"].as_u64().unwrap() <= 20 << 10);
}

#[test]
fn messages_with_holes_are_left_out_on_both_sides() {
    let path = capture("ws-fragments-lost.pcap");
    let out = output(&["tune", "--json", path.to_str().unwrap()]);
    let text = String::from_utf8(out.stdout).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let client = lines
        .iter()
        .find(|line| line["type"] == "recommendation")
        .unwrap();
    assert_eq!(
        (client["left_out"].as_u64(), client["messages"].as_u64()),
        (Some(3), Some(3))
    );
}

#[test]
fn wrong_arguments_are_said() {
    for arguments in [
        ["tune", "--levels", "0", "captures/tune-ws.pcap"],
        ["tune", "--sample", "0", "captures/tune-ws.pcap"],
        ["tune", "--tolerance", "x", "captures/tune-ws.pcap"],
    ] {
        let out = output(&arguments);
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        assert!(!out.stderr.is_empty());
    }
    let out = output(&["tune", "captures/wss-tls12.pcap"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty(), "{out:?}");
}

/// The example of docs/tuning.md is what the program says.
#[test]
fn the_documented_example_is_true() {
    let path = capture("tune-websockets.pcap");
    let out = output(&["tune", path.to_str().unwrap(), "-c", "1"]);
    let text = String::from_utf8(out.stdout).unwrap();
    let server = text.split("\nserver: ").nth(1).unwrap();
    let server = format!("server: {server}");
    let docs = std::fs::read_to_string(common::root().join("docs/tuning.md")).unwrap();
    let mut checked = 0;
    for block in docs.split("```text\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines().filter(|line| !line.starts_with('$')) {
            assert!(server.lines().any(|said| said == line), "{line:?}");
            checked += 1;
        }
    }
    assert!(checked > 20);
}
