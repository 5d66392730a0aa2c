//! The compressor of `tune` is the one that senders have: byte for byte Python's zlib.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use sha1::{Digest, Sha1};
use wscope_stock_zlib::{Deflate, Settings};

const NAMES: [&str; 4] = ["demo", "large", "websockets-windows", "ws-fragments"];
const SOME: [(u8, u8); 3] = [(8, 15), (1, 9), (9, 12)];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn golden() -> String {
    std::fs::read_to_string(tests().join("golden/stock-zlib.txt")).unwrap()
}

/// Payloads of the data messages that `sender` logged.
fn messages(name: &str, sender: &str) -> Vec<Vec<u8>> {
    let path = tests().join(format!("applogs/{name}.jsonl"));
    let log = std::fs::read_to_string(path).unwrap();
    let entries = log.lines().map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let data = ["text", "binary"].contains(&entry["opcode"].as_str().unwrap());
        let payload = entry["base64"].as_str().unwrap();
        (data && entry["from"] == sender).then(|| {
            base64::engine::general_purpose::STANDARD
                .decode(payload)
                .unwrap()
        })
    });
    entries.flatten().collect()
}

fn line(messages: &[Vec<u8>], settings: Settings, keep: bool) -> String {
    let mut deflate = Deflate::new(settings).unwrap();
    let (mut total, mut digest) = (0, Sha1::new());
    for message in messages {
        if !keep {
            deflate.reset();
        }
        deflate.flush(message, &mut |bytes| {
            total += bytes.len();
            digest.update(bytes);
        });
    }
    let digest = digest.finalize();
    let mut short = String::new();
    for byte in digest.iter().take(6) {
        let _ = write!(short, "{byte:02x}");
    }
    let takeover = if keep { "keep" } else { "reset" };
    let Settings {
        window_bits,
        memory_level,
        level,
        ..
    } = settings;
    format!("{level} {memory_level} {window_bits} {takeover} {total} {short}")
}

#[test]
fn bytes_are_those_of_cpython() {
    let mut ours = String::new();
    for name in NAMES {
        for sender in ["client", "server"] {
            let messages = messages(name, sender);
            for level in [1, 6, 9] {
                for memory_level in 1..=9 {
                    for window_bits in 9..=15 {
                        if level != 6 && !SOME.contains(&(memory_level, window_bits)) {
                            continue;
                        }
                        let settings = Settings {
                            window_bits,
                            memory_level,
                            level,
                            ..Settings::DEFAULT
                        };
                        for keep in [true, false] {
                            let line = line(&messages, settings, keep);
                            let _ = writeln!(ours, "{name} {sender} {line}");
                        }
                    }
                }
            }
        }
    }
    for (ours, theirs) in ours.lines().zip(golden().lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.lines().count(), golden().lines().count());
}

/// Where there is a Python, its zlib says what the file does, whatever its version.
#[test]
fn the_python_that_is_here_agrees() {
    let script = tests().join("stock_zlib/sizes.py");
    let Ok(output) = Command::new("python3").arg(script).output() else {
        return;
    };
    if output.status.success() {
        assert_eq!(String::from_utf8(output.stdout).unwrap(), golden());
    }
}
