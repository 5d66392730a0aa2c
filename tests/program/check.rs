//! `wscope check` from outside: exit codes, options, pipes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::common;
use std::io::Write;
use std::process::{Output, Stdio};

use crate::common::{json, output, wscope};

const GOOD: &str = "captures/ws-takeover.pcap";
const ERROR: &str = "captures/lws-keeps-context.pcap";
const WARNING: &str = "captures/nginx-strip.pcap";
const NOTE: &str = "captures/undici-client.pcap";

fn text(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn code(args: &[&str]) -> Option<i32> {
    output(&[&["check"], args].concat()).status.code()
}

#[test]
fn the_exit_code_follows_the_worst_finding() {
    for (capture, codes) in [
        (GOOD, [0, 0, 0]),
        (NOTE, [0, 0, 1]),
        (WARNING, [0, 1, 1]),
        (ERROR, [1, 1, 1]),
    ] {
        for (level, expected) in ["error", "warning", "note"].into_iter().zip(codes) {
            let seen = code(&[capture, "--fail-on", level]);
            assert_eq!(seen, Some(expected), "{capture} {level}");
        }
        assert_eq!(code(&[capture]), Some(codes[0]), "{capture}");
    }
    // wscope failed, whatever was found in what it could read.
    assert_eq!(code(&[GOOD, "captures/none.pcap"]), Some(2));
    assert_eq!(code(&[ERROR, "captures/none.pcap"]), Some(2));
}

#[test]
fn codes_that_are_ignored_are_nowhere() {
    let args = [
        "check",
        ERROR,
        "--ignore",
        "context-kept",
        "--ignore",
        "messages-grew",
    ];
    let seen = output(&args);
    assert_eq!(text(&seen), "no findings: 1 connection, 50 messages\n");
    assert_eq!(seen.status.code(), Some(0));
    let unknown = output(&["check", ERROR, "--ignore", "mask-constant"]);
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8(unknown.stderr).unwrap();
    for part in [
        "no finding has this code",
        "mask-key-constant",
        "docs/findings.md",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn repeats_are_folded_unless_each_is_wanted() {
    let capture = "captures/ws-fragments-snap.pcap";
    let folded = json(&["check", "--json", capture]);
    let missing: Vec<_> = folded
        .iter()
        .filter(|f| f["code"] == "bytes-missing")
        .collect();
    assert_eq!(missing.len(), 2);
    let counted: u64 = missing.iter().map(|f| f["count"].as_u64().unwrap()).sum();
    let each = json(&["check", "--json", "--all", capture]);
    let mut each = each.iter().filter(|f| f["code"] == "bytes-missing");
    assert_eq!(each.clone().count() as u64, counted);
    let last = each.rfind(|f| f["from"] == "client").unwrap();
    let folded = missing.iter().find(|f| f["from"] == "client").unwrap();
    assert_eq!(folded["last_packet"], last["packet"]);
    for field in [
        "title",
        "advice",
        "rule",
        "text",
        "severity",
        "time",
        "last_time",
    ] {
        assert!(folded[field].is_string(), "{field}");
    }
}

#[test]
fn colours_come_where_they_are_asked_for() {
    let coloured = output(&["check", "--color", "always", ERROR]);
    assert!(text(&coloured).contains("\x1b["));
}

#[test]
fn several_captures_are_checked_as_one() {
    let seen = json(&["check", "--json", WARNING, ERROR]);
    let kept = seen.iter().find(|f| f["code"] == "context-kept").unwrap();
    assert_eq!((&kept["file"], &kept["connection"]), (&1.into(), &3.into()));
    // The worst comes first, wherever it stands.
    assert_eq!(seen[0]["code"], "context-kept");
}

#[test]
fn a_pipe_is_checked_without_a_second_look() {
    let mut child = wscope()
        .args(["check", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let capture = std::fs::read(common::root().join(ERROR)).unwrap();
    child.stdin.take().unwrap().write_all(&capture).unwrap();
    let piped = child.wait_with_output().unwrap();
    assert_eq!(piped.status.code(), Some(1));
    assert!(text(&piped).contains("context-kept"));
}

#[test]
fn compressed_faults_have_their_bit() {
    let seen = json(&["check", "--json", ERROR]);
    let kept = seen.iter().find(|f| f["code"] == "context-kept").unwrap();
    let message = kept["message"].to_string();
    let page = output(&["explain", ERROR, "-m", &message]);
    // The first copy that reaches out of the message stands at that bit.
    let bit = format!("{:>8}  ", kept["bit"].as_u64().unwrap());
    let line = text(&page)
        .lines()
        .find(|line| line.starts_with(&bit))
        .unwrap();
    assert!(line.contains(" length "), "{line}");
}

#[test]
fn a_capture_without_websocket_is_told_of() {
    let seen = output(&["check", GOOD, "-c", "99"]);
    // What is not there cannot be called right.
    assert_eq!(seen.status.code(), Some(2));
    assert!(seen.stdout.is_empty() && !seen.stderr.is_empty());
}

#[test]
fn one_connection_can_be_chosen() {
    let seen = output(&["check", "-c", "2", "captures/refused.pcap"]);
    assert!(text(&seen).contains("connection 2, server"));
    assert!(text(&seen).ends_with("1 note: 1 connection, 0 messages\n"));
}
