//! Recorded HTTP/2 against what the applications on it logged.
//!
//! `captures/http2/NAME.jsonl` has what both sides of `NAME.pcap` sent, byte for byte: the server's
//! library, the page in the browser. Behind a proxy both legs are there.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::Trial;
use serde_json::Value;

use crate::{common, trial};

/// Client's port, stream (0 without HTTP/2), sender.
type Key = (u64, u64, String);
type Messages = BTreeMap<Key, Vec<(String, Vec<u8>)>>;

fn payload(message: &Value) -> Vec<u8> {
    match message["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => STANDARD
            .decode(message["base64"].as_str().unwrap())
            .unwrap(),
    }
}

fn field(message: &Value, name: &str) -> String {
    message[name].as_str().unwrap().to_owned()
}

fn sent(log: &str) -> Messages {
    let mut sent = Messages::new();
    for line in log.lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let stream = message["stream"].as_u64().unwrap_or(0);
        let key = (
            message["client_port"].as_u64().unwrap(),
            stream,
            field(&message, "from"),
        );
        let said = (field(&message, "opcode"), payload(&message));
        sent.entry(key).or_default().push(said);
    }
    sent
}

fn told(capture: &str, keylog: Option<&str>) -> Messages {
    let (mut ports, mut told) = (BTreeMap::new(), Messages::new());
    let mut args = vec!["messages", "--json", capture];
    if let Some(keylog) = keylog {
        args.extend(["--keylog", keylog]);
    }
    for object in common::json(&args) {
        let stream = object["stream"].as_u64().unwrap_or(0);
        let conversation = (object["connection"].as_u64().unwrap(), stream);
        match object["type"].as_str().unwrap() {
            "connection" => {
                let client = field(&object, "client");
                let port: u64 = client.rsplit(':').next().unwrap().parse().unwrap();
                ports.insert(conversation, port);
            }
            "message" => {
                assert_eq!(object["status"], "complete", "{object}");
                let key = (ports[&conversation], stream, field(&object, "from"));
                let said = (field(&object, "opcode"), payload(&object));
                told.entry(key).or_default().push(said);
            }
            _ => {}
        }
    }
    told
}

pub(crate) fn trials() -> Vec<Trial> {
    let case = |capture: std::path::PathBuf| {
        let name = capture.file_stem().unwrap().to_string_lossy().into_owned();
        trial(format!("http2::{name}"), move || {
            let log = std::fs::read_to_string(capture.with_extension("jsonl")).unwrap();
            // What is in the clear needs none.
            let keylog = Some(capture.with_extension("keylog")).filter(|path| path.exists());
            let keylog = keylog.as_ref().map(|path| path.to_str().unwrap());
            let told = told(capture.to_str().unwrap(), keylog);
            assert_eq!(told, sent(&log));
        })
    };
    common::captures_in("captures/http2")
        .into_iter()
        .map(case)
        .collect()
}
