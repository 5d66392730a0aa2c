//! What the end-to-end tests share: the binary, the captures, JSON Lines.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses its part, and a test that cannot go on has failed"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A shipped capture by its file name.
pub fn capture(name: &str) -> PathBuf {
    root().join("captures").join(name)
}

/// All shipped captures, sorted.
pub fn captures() -> Vec<PathBuf> {
    captures_in("captures")
}

/// The captures in a folder of the project, sorted.
pub fn captures_in(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            [".pcap", ".pcapng", ".gz", ".zst"]
                .iter()
                .any(|end| name.ends_with(end))
        })
        .collect();
    found.sort();
    found
}

pub fn wscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wscope"));
    command.current_dir(root());
    command
}

pub fn output(args: &[&str]) -> Output {
    wscope().args(args).output().unwrap()
}

/// The JSON objects that `args` print.
pub fn json(args: &[&str]) -> Vec<Value> {
    let output = output(args);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The payload of a message object, zeros in its holes.
pub fn payload(message: &Value) -> Option<Vec<u8>> {
    use base64::Engine;
    match (message["text"].as_str(), message["base64"].as_str()) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (_, Some(coded)) => Some(
            base64::engine::general_purpose::STANDARD
                .decode(coded)
                .unwrap(),
        ),
        _ => None,
    }
}
