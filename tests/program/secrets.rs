//! No secret is printed where it was not asked for, whatever the command and the form of its output.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;

use serde_json::Value;
use wscope_testkit::upgrade;

use crate::common::output;
use crate::script::Script;

/// What is in each secret, as text, and as a dump has it.
const SECRET: &str = "SeCrEt7";
const DUMPED: &str = "536543724574";

/// The next connection: its target, and more of the heads of its handshake.
fn open(talk: &mut Script, target: &str, asked: &str, answered: &str) {
    let (request, answer) = upgrade("", "");
    let head = |head: Vec<u8>, more: &str| {
        let head = String::from_utf8(head).unwrap();
        head.replace("/chat", target)
            .replace("\r\n\r\n", &format!("\r\n{more}\r\n"))
    };
    let (request, answer) = (head(request, asked), head(answer, answered));
    talk.open(request.as_bytes(), answer.as_bytes());
}

fn named(name: &str) -> String {
    format!("Sec-WebSocket-Protocol: {name}\r\n")
}

fn capture() -> tempfile::NamedTempFile {
    let s = SECRET;
    let mut talk = Script::default();
    open(
        &mut talk,
        &format!("/x?token={s}a&to=/y?sid={s}b"),
        &(named(&format!("access_token, {s}c"))
            + &format!("Referer: https://u:{s}d@b/?token={s}e\r\nAuthorization: Bearer {s}f\r\n")),
        &named(&format!("{s}c")),
    );
    talk.client(0x81, b"hello");
    open(&mut talk, &format!("http://u:{s}g@a.example/z"), "", "");
    talk.client(0x81, format!("see ws://u:{s}h@b/?token={s}i").as_bytes());
    open(&mut talk, "/s", &named("v12.stomp"), &named("v12.stomp"));
    for frame in [
        format!("CONNECT\naccept-version:1.2\nhost:a\nlogin:bob\npasscode:{s}j\n\n\0"),
        format!("SEND\ndestination:/q/a?token={s}k\nreceipt:1\nAuthorization:Bearer {s}l\n\nhi\0"),
    ] {
        talk.client(0x81, frame.as_bytes());
    }
    talk.server(
        0x81,
        format!("ERROR\nmessage:bad passcode {s}m\n\n\0").as_bytes(),
    );
    talk.client(
        0x88,
        &[b"\x03\xf0", format!("token {s}n").as_bytes()].concat(),
    );
    open(&mut talk, "/m", &named("mqtt"), &named("mqtt"));
    let field = |text: &str| {
        let len = u16::try_from(text.len()).unwrap().to_be_bytes();
        [&len[..], text.as_bytes()].concat()
    };
    let connect = [
        &field("MQTT")[..],
        b"\x04\xc2\0\x3c",
        &field("cid"),
        &field("user"),
        &field(&format!("{s}o")),
    ]
    .concat();
    let packet = [
        b"\x10",
        &[u8::try_from(connect.len()).unwrap()][..],
        &connect,
    ]
    .concat();
    talk.client(0x82, &packet);
    talk.server(0x82, b"\x20\x02\0\0");
    open(&mut talk, "/socket.io/?EIO=4&transport=websocket", "", "");
    let opened = format!(r#"0{{"sid":"{s}p","upgrades":[],"pingInterval":25000,"pingTimeout":9}}"#);
    talk.server(0x81, opened.as_bytes());
    talk.client(0x81, format!(r#"40{{"token":"{s}q"}}"#).as_bytes());
    let bytes = talk.capture();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    file
}

/// Runs `line` on the capture; nothing that it prints has a secret. Returns what it printed.
fn hold(file: &str, line: &str) -> String {
    let args: Vec<_> = line.split(' ').chain([file]).collect();
    let out = output(&args);
    assert_ne!(out.status.code(), Some(2), "{line}: {out:?}");
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(!said.is_empty(), "{line}: nothing is printed");
    assert!(!said.contains(SECRET), "{line}: {said}");
    assert!(!said.replace(' ', "").contains(DUMPED), "{line}: {said}");
    said
}

#[test]
fn commands_that_hide_secrets_hide_all_of_them() {
    let file = capture();
    let file = file.path().to_str().unwrap();
    for line in [
        "connections",
        "connections --json",
        "connections --csv",
        "connections --fields target,path,host,authority,subprotocol",
        "stats --by target",
        "stats --by target --json",
        "stats --by subprotocol",
        "stats --by host",
        "stats --by subject",
        "stats --by subject --json",
        "check --all",
        "check --all --json",
        "check --all --csv",
    ] {
        hold(file, line);
    }
    for number in ["1", "2", "3", "4", "5"] {
        hold(file, &format!("follow -c {number}"));
        hold(file, &format!("follow -c {number} --json"));
    }
    // What is equal is seen to be equal.
    let offered = hold(file, "explain -c 1 --handshake --redact");
    let hash = |text: &str| {
        let (_, rest) = text.split_once("[8 bytes #").unwrap();
        rest.get(..6).unwrap().to_owned()
    };
    let tokens: Vec<_> = offered
        .lines()
        .filter(|line| line.contains("Sec-WebSocket-Protocol: "))
        .map(hash)
        .collect();
    assert_eq!(tokens.len(), 2, "{offered}");
    assert_eq!(tokens[0], tokens[1]);
}

#[test]
fn what_is_redacted_is_so_in_every_form() {
    let file = capture();
    let file = file.path().to_str().unwrap();
    for more in [
        "",
        " --full",
        " --raw --full",
        " --hex",
        " --csv",
        " --decode",
        " --json",
        " --json --decode",
        " --json --sort payload_bytes:asc",
        " --fields text",
        " --fields target,path,host,authority,subprotocol",
        " --fields subject,unit.id,unit.passcode,unit.Authorization,unit.message",
        " --json --fields text,unit.passcode,path",
    ] {
        hold(file, &format!("messages --redact{more}"));
    }
    for place in [
        "-c 1 --handshake",
        "-c 2 --handshake",
        "-c 2 -m 1",
        "-c 3 -m 1",
        "-c 3 -m 2",
        "-c 3 -m 3",
        "-c 3 -m 4",
        "-c 4 -m 1",
        "-c 5 -m 1",
    ] {
        for more in ["", " --json", " --all", " --bytes"] {
            let more = if more == " --json" || !place.contains("handshake") {
                more
            } else {
                ""
            };
            hold(file, &format!("explain {place} --redact{more}"));
        }
    }
    // Where nobody knows which bytes are the secret, none are given.
    for line in [
        "messages --redact --json -c 4",
        "explain --redact --json -c 4 -m 1",
    ] {
        let said = hold(file, line);
        let first: Value = said
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|line| line["payload_bytes"].is_u64())
            .unwrap();
        assert_eq!(first["redacted"], true, "{said}");
        assert!(first.get("base64").is_none(), "{said}");
    }
    let shown = hold(file, "messages --redact --json -c 3 -m 4");
    assert!(shown.contains(r#""close_code":1008"#), "{shown}");
}

#[test]
fn secrets_that_are_asked_for_are_shown() {
    let file = capture();
    let file = file.path().to_str().unwrap();
    for line in ["connections --show-secrets", "messages --fields text,path"] {
        let args: Vec<_> = line.split(' ').chain([file]).collect();
        let said = String::from_utf8(output(&args).stdout).unwrap();
        assert!(
            said.contains(SECRET) && !said.contains(" bytes #"),
            "{said}"
        );
    }
}
