//! Programs are compared only where they have read the same.

use std::io;
use std::path::Path;

use super::captures::{Capture, Over};
use super::floor::{self, Totals};
use super::programs::Program;

/// What wscope reads on `file`; fails where the floor reads something else, or where nothing is.
pub(crate) fn check(capture: &Capture, file: &Path) -> io::Result<Totals> {
    let seen = messages(file)?;
    let other = match capture.over {
        Over::Usual | Over::Longer | Over::SameAsHttp2 => floor::run(file)?,
        // What no floor reads is held against the same messages over HTTP/1.1.
        Over::Http2 => messages(&capture.over(Over::SameAsHttp2).make()?)?,
    };
    if seen == other && seen != Totals::default() {
        Ok(seen)
    } else {
        let title = capture.title();
        Err(io::Error::other(format!(
            "{title}: wscope read {seen:?}, there are {other:?}"
        )))
    }
}

fn messages(file: &Path) -> io::Result<Totals> {
    let output = Program::wscope("messages --json", file).output()?;
    let mut seen = Totals::default();
    for line in output.split(|byte| *byte == b'\n') {
        if line.starts_with(br#"{"type":"message""#) {
            let message: serde_json::Value = serde_json::from_slice(line)?;
            seen.messages += 1;
            seen.payload_bytes += message["payload_bytes"].as_u64().unwrap_or(0);
        }
    }
    Ok(seen)
}
