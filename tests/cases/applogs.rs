//! Real traffic against what the applications on it logged.
//!
//! For each `tests/applogs/NAME.jsonl` the captures `NAME.*` and `NAME-<damage>.*` are
//! decoded by the binary. Whole captures give exactly the logged data messages, byte for
//! byte; damaged ones may lack messages, but what they show as known was sent so.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use libtest_mimic::Trial;
use serde_json::Value;

use crate::{common, trial};

/// (client, server, from) and its messages in order.
type Key = (String, String, String);
type Log = BTreeMap<Key, Vec<Sent>>;
type Found = BTreeMap<Key, Vec<Value>>;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Sent {
    opcode: String,
    payload: Vec<u8>,
}

/// Captures whose applications wrote no log; the golden files hold what is on them.
const WITHOUT_LOG: &[&str] = &["proxy-v1.pcap", "socks5.pcap"];

/// Captures whose bytes cannot be read: other extensions.
const UNREADABLE: &[&str] = &["bzip2"];

const DAMAGE: &[&str] = &["lost", "late", "cut", "snap", "reordered", "dup"];

fn log(path: &Path) -> (Log, Log) {
    let (mut data, mut control) = (Log::new(), Log::new());
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| entry[name].as_str().unwrap().to_owned();
        let payload = base64::engine::general_purpose::STANDARD
            .decode(field("base64"))
            .unwrap();
        let sent = Sent {
            opcode: field("opcode"),
            payload,
        };
        let into = match sent.opcode.as_str() {
            "text" | "binary" => &mut data,
            _ => &mut control,
        };
        into.entry((field("client"), field("server"), field("from")))
            .or_default()
            .push(sent);
    }
    (data, control)
}

/// The messages of a capture by connection and sender.
fn decoded(path: &str) -> Found {
    let mut ends = BTreeMap::new();
    let mut found: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    let keylog = Path::new(path).with_extension("keylog");
    let keylog = keylog.to_str().unwrap();
    let mut args = vec!["messages", "--json", path];
    if Path::new(keylog).exists() {
        args.extend(["--keylog", keylog]);
    }
    for object in common::json(&args) {
        let number = object["connection"].as_u64().unwrap();
        let field = |name: &str| object[name].as_str().unwrap().to_owned();
        match object["type"].as_str().unwrap() {
            "connection" => {
                ends.insert(number, (field("client"), field("server")));
            }
            "message" => {
                let (client, server) = ends[&number].clone();
                found
                    .entry((client, server, field("from")))
                    .or_default()
                    .push(object);
            }
            _ => {}
        }
    }
    found
}

fn is_data(message: &Value) -> bool {
    matches!(
        message["opcode"].as_str(),
        Some("text" | "binary" | "continuation")
    )
}

/// The log that belongs to a capture, and whether the capture is damaged.
fn log_of(capture: &str) -> (String, bool) {
    let stem = capture.split('.').next().unwrap();
    let path = |name: &str| common::root().join(format!("tests/applogs/{name}.jsonl"));
    if path(stem).exists() {
        return (stem.to_owned(), false);
    }
    let (whole, damage) = stem.rsplit_once('-').unwrap_or((stem, ""));
    let damage = damage.trim_end_matches(|c: char| c.is_ascii_digit());
    assert!(DAMAGE.contains(&damage), "{capture} has no log");
    (whole.to_owned(), true)
}

/// For each capture with a log that can be read, a test.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for path in common::captures() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if WITHOUT_LOG.contains(&name.as_str()) {
            continue;
        }
        let (stem, damaged) = log_of(&name);
        if UNREADABLE.iter().any(|other| stem.starts_with(other)) {
            continue;
        }
        let mended = ["-reordered", "-dup"]
            .iter()
            .any(|damage| name.contains(damage));
        trials.push(trial(format!("applog::{name}"), move || {
            let (data, control) = log(&common::root().join(format!("tests/applogs/{stem}.jsonl")));
            assert!(!data.is_empty());
            let found = decoded(path.to_str().unwrap());
            if damaged {
                nothing_else_was_sent(&name, &data, &found);
            } else {
                every_message_is_there(&name, &data, &found);
                subsequence(&name, &control, &found);
            }
            if damaged && mended {
                nothing_is_lost(&name, &data, &found);
            }
        }));
    }
    for kind in ["zlib-stream", "zstd-stream"] {
        trials.push(trial(format!("applog::{kind}.pcap::decoded"), move || {
            a_stream_over_messages_is_decoded(kind);
        }));
        trials.push(trial(
            format!("applog::{kind}-lost.pcap::decoded"),
            move || after_a_loss_a_stream_over_messages_shows_nothing_wrong(kind),
        ));
    }
    assert!(
        trials.len() > 90,
        "only {} captures are compared",
        trials.len()
    );
    trials
}

/// A whole capture gives every logged message.
fn every_message_is_there(name: &str, data: &Log, found: &Found) {
    for (key, sent) in data {
        let messages = data_of(found, key);
        for (index, (message, sent)) in messages.iter().zip(sent).enumerate() {
            let place = format!("{name} {key:?} {index}");
            assert_eq!(message["status"], "complete", "{place}");
            assert_eq!(message["opcode"], sent.opcode.as_str(), "{place}");
            let payload = common::payload(message).unwrap();
            assert!(payload == sent.payload, "{place}: {message}");
            assert_eq!(message["payload_bytes"], sent.payload.len(), "{place}");
        }
        assert_eq!(messages.len(), sent.len(), "{name} {key:?}");
    }
    for (key, messages) in found {
        if messages.iter().any(is_data) && !name.starts_with("nginx-hidden-answer") {
            assert!(data.contains_key(key), "{name}: {key:?} is in no log");
        }
    }
}

/// The data messages that were decoded of `key`.
fn data_of<'a>(found: &'a Found, key: &Key) -> Vec<&'a Value> {
    let messages = found.get(key).into_iter().flatten();
    messages.filter(|message| is_data(message)).collect()
}

/// Logged control frames are among those decoded, in order.
fn subsequence(name: &str, control: &Log, found: &Found) {
    for (key, sent) in control {
        let empty = Vec::new();
        let mut messages = found
            .get(key)
            .unwrap_or(&empty)
            .iter()
            .filter(|m| !is_data(m));
        for sent in sent {
            let there = messages.any(|message| {
                message["opcode"] == sent.opcode.as_str()
                    && common::payload(message).as_ref() == Some(&sent.payload)
            });
            assert!(there, "{name} {key:?}: {sent:?} is missing");
        }
    }
}

/// A damaged capture shows nothing that was not sent.
fn nothing_else_was_sent(name: &str, data: &Log, found: &Found) {
    let mut known = 0;
    for key in found.keys() {
        let sent = data.get(key).map(Vec::as_slice).unwrap_or_default();
        let mut next = 0;
        for message in data_of(found, key) {
            let Some(payload) = common::payload(message) else {
                continue;
            };
            let at = sent[next..]
                .iter()
                .position(|sent| matches(message, &payload, sent));
            let at = at.unwrap_or_else(|| panic!("{name} {key:?}: never sent: {message}"));
            next += at + 1;
            known += 1;
        }
    }
    assert!(known > 0, "{name} shows nothing");
}

/// Whether all that a message shows as known is as it was sent.
fn matches(message: &Value, payload: &[u8], sent: &Sent) -> bool {
    let first_missing = message["reason"] == "first-fragment-missing";
    if first_missing {
        return sent.payload.ends_with(payload);
    }
    let mut known = vec![true; payload.len()];
    for hole in message["holes"].as_array().into_iter().flatten() {
        let start = usize::try_from(hole[0].as_u64().unwrap()).unwrap();
        let len = usize::try_from(hole[1].as_u64().unwrap()).unwrap();
        known[start..(start + len).min(payload.len())].fill(false);
    }
    let complete = message["status"] == "complete";
    message["opcode"] == sent.opcode.as_str()
        && (payload.len() == sent.payload.len()
            || (!complete && payload.len() <= sent.payload.len()))
        && payload
            .iter()
            .zip(&sent.payload)
            .zip(&known)
            .all(|((a, b), known)| !known || a == b)
}

/// Damage that TCP can mend costs nothing.
fn nothing_is_lost(name: &str, data: &Log, found: &Found) {
    for (key, sent) in data {
        let messages = data_of(found, key);
        assert_eq!(messages.len(), sent.len(), "{name} {key:?}");
        for (message, sent) in messages.iter().zip(sent) {
            let payload = common::payload(message);
            assert_eq!(payload.as_ref(), Some(&sent.payload), "{name}");
        }
    }
}

/// What the receiver of a stream over all messages logged.
fn receiver(kind: &str) -> Vec<String> {
    let path = common::root().join(format!("tests/applogs/{kind}.decoded"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The `decoded` objects of a capture's messages.
fn inside(kind: &str, damage: &str) -> Vec<Value> {
    let path = common::root().join(format!("captures/{kind}{damage}.pcap"));
    let lines = common::json(&["messages", "--json", "--decode", path.to_str().unwrap()]);
    let encoded = |line: &&Value| line["payload_encoding"] == kind;
    let found = lines.iter().filter(encoded);
    found.map(|line| line["decoded"].clone()).collect()
}

fn a_stream_over_messages_is_decoded(kind: &str) {
    let found = inside(kind, "");
    let texts: Vec<_> = found
        .iter()
        .map(|it| it["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, receiver(kind));
}

fn after_a_loss_a_stream_over_messages_shows_nothing_wrong(kind: &str) {
    let (found, sent) = (inside(kind, "-lost"), receiver(kind));
    let (mut whole, mut partly) = (0, 0);
    for decoded in &found {
        if let Some(text) = decoded["text"].as_str() {
            assert!(sent.iter().any(|sent| sent == text), "{text}");
            whole += 1;
            continue;
        }
        let payload = decoded["base64"].as_str().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(payload)
            .unwrap();
        let holes: Vec<(u64, u64)> = serde_json::from_value(decoded["holes"].clone()).unwrap();
        let known = |at: usize| {
            let at = at as u64;
            !holes
                .iter()
                .any(|(start, len)| (*start..start + len).contains(&at))
        };
        let is = |sent: &String| {
            let same =
                |(at, byte): (usize, &u8)| !known(at) || sent.as_bytes().get(at) == Some(byte);
            sent.len() == bytes.len() && bytes.iter().enumerate().all(same)
        };
        assert!(sent.iter().any(is), "{decoded}");
        partly += 1;
    }
    // After a loss, Zstandard says nothing until a frame begins, and all of this is one.
    let goes_on = kind == "zlib-stream";
    assert!(
        whole > 3 && (partly > 3) == goes_on,
        "{whole} whole, {partly} partly"
    );
}
