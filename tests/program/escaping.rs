//! Nothing of a capture, a file name or an expression acts on a terminal or hides in the output,
//! whatever the command.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;
use crate::script::Script;
use std::io::Write;
use wscope_testkit::{Compressor, upgrade};

/// A window title, the C1 form of an escape sequence, bidirectional and invisible marks, a tag, a
/// tower of marks, a deletion.
const NASTY: &str = "a\u{1b}]0;x\u{7}b\u{9b}2Jc\u{202e}d\u{2066}e\u{200d}f\u{feff}g\u{e0041}h\
                     \u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}i\u{7f}j\u{85}k\u{ad}l";

/// The same without what no line of a head may hold.
const NASTY_TARGET: &str = "a\u{9b}2Jc\u{202e}d\u{2066}e\u{200d}f\u{e0041}g";

/// A conversation that says it in all places.
fn capture() -> Vec<u8> {
    let mut talk = Script::default();
    let offer = format!("permessage-deflate; x=\"{NASTY_TARGET}\"");
    let (request, answer) = upgrade(&offer, "permessage-deflate");
    let head = |head: Vec<u8>| {
        let head = String::from_utf8(head).unwrap();
        let more = format!("Sec-WebSocket-Protocol: {NASTY}\r\nX-{NASTY}: {NASTY}\r\n\r\n");
        head.replace("\r\n\r\n", &format!("\r\n{more}"))
    };
    let request = head(request)
        .replace("/chat", &format!("/{NASTY_TARGET}"))
        .replace("Host: h", &format!("Host: {NASTY}"));
    talk.open(request.as_bytes(), head(answer).as_bytes());
    let nasty = NASTY.as_bytes();
    for first in [0x81, 0x82, 0x89] {
        talk.server(first, nasty);
        talk.client(first, nasty);
    }
    let packed = Compressor::new(6, 15, false).message(nasty);
    talk.server(0xc1, &packed);
    let not_utf8 = [nasty, &[0xff], nasty].concat();
    talk.server(0x81, &not_utf8);
    talk.client(0x88, &[&[0x0f, 0xa0], nasty].concat());
    talk.capture()
}

/// What must be nowhere, said without the code that is tested.
fn hold(said: &[u8], from: &[&str]) {
    let said = std::str::from_utf8(said).unwrap();
    let acts = |c: char| {
        (c.is_control() && c != '\n')
            || "\u{ad}\u{feff}".contains(c)
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || c >= '\u{e0000}'
    };
    assert!(!said.contains(acts), "{from:?}: {said:?}");
    assert!(!said.contains("\u{301}\u{301}\u{301}\u{301}"), "{from:?}");
}

fn all_of(args: &[&str]) -> Vec<u8> {
    let output = common::output(args);
    hold(&output.stdout, args);
    hold(&output.stderr, args);
    output.stdout
}

#[test]
fn no_command_lets_anything_of_a_capture_act() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&capture()).unwrap();
    let path = file.path().to_str().unwrap();
    let commands: &[&[&str]] = &[
        &["messages"],
        &["messages", "--full"],
        &["messages", "--hex"],
        &["connections"],
        &["stats"],
        &["stats", "--deep"],
        &["stats", "--by", "target"],
        &["stats", "--by", "host"],
        &["stats", "--by", "subprotocol"],
        &["check", "--all"],
        &["tune", "--levels", "1"],
        &["explain", "-c", "1", "--handshake"],
    ];
    for command in commands {
        let args = [*command, &[path]].concat();
        assert!(!all_of(&args).is_empty(), "{args:?}");
        if !command.contains(&"--full") && !command.contains(&"--hex") {
            assert!(!all_of(&[&args[..], &["--json"]].concat()).is_empty());
        }
    }
    for number in 1..=9 {
        let number = number.to_string();
        let args = ["explain", path, "-c", "1", "-m", &number];
        assert!(!all_of(&args).is_empty());
        all_of(&[&args[..], &["--bytes"]].concat());
        all_of(&[&args[..], &["--json"]].concat());
    }
}

#[test]
fn json_gives_every_character_back() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&capture()).unwrap();
    let told = common::json(&["messages", "--json", file.path().to_str().unwrap()]);
    let texts = told.iter().filter(|object| object["text"] == NASTY);
    assert_eq!(texts.count(), 7);
    let target = told[0]["handshake"]["request_target"].as_str();
    assert_eq!(target, Some(format!("/{NASTY_TARGET}").as_str()));
    let close = told.iter().find(|object| object["opcode"] == "close");
    assert_eq!(close.unwrap()["close_reason"], NASTY);
}

#[test]
fn no_error_lets_a_name_or_an_expression_act() {
    let name = format!("no{NASTY}\nsuch.pcap");
    let demo = "captures/demo.pcapng";
    for command in ["messages", "connections", "stats", "check", "tune", "view"] {
        all_of(&[command, &name]);
        all_of(&[command, demo, "-f", &name]);
    }
    all_of(&["explain", &name, "-c", "1", "-m", "1"]);
    all_of(&["messages", demo, "-Y", &name]);
    all_of(&[
        "messages",
        demo,
        "-Y",
        &format!("text contains \"{name}\" and {name}"),
    ]);
    all_of(&["messages", demo, "-c", &name]);
    all_of(&["messages", demo, "--color", &name]);
    all_of(&["messages", "-i", &name]);
    all_of(&["explain", "--hex", &name]);
    all_of(&[&name]);
    let said = common::output(&["messages", &name]).stderr;
    let said = String::from_utf8(said).unwrap();
    assert!(
        said.contains("a\\x1b]0;x\\x07b\\x9b2Jc\\u{202e}d"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}
