//! TLS as it was recorded: whole, damaged, cut anew.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod damaged;
mod growing;
mod harness;
mod trials;
mod whole;

use std::path::PathBuf;

use harness::{Owned, keys, packets};
use wscope::tls::Keys;

fn captures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// A recorded capture with its key log.
fn load(name: &str) -> (Vec<Owned>, Keys) {
    let at = |end: &str| captures().join(format!("{name}.{end}"));
    (packets(&at("pcap")), keys(&at("keylog")))
}

/// Captures whose data both sides' applications wrote down.
fn recorded() -> Vec<serde_json::Value> {
    let index = std::fs::read_to_string(captures().join("tls/index.jsonl")).unwrap();
    let lines = index.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
