//! What the binary brings: lessons, and the captures that they look at.
//!
//! Job: list and find them. Input: names. Output: [`Lesson`]s, files.

use std::io::Write;
use std::path::Path;

use tempfile::TempPath;

use super::document::{Fault, Lesson, name_of};

/// The lessons, in their order.
const LESSONS: [(&str, &str); 14] = [
    ("01-header.md", include_str!("../../lessons/01-header.md")),
    ("02-masking.md", include_str!("../../lessons/02-masking.md")),
    ("03-lengths.md", include_str!("../../lessons/03-lengths.md")),
    ("04-match.md", include_str!("../../lessons/04-match.md")),
    ("05-overlap.md", include_str!("../../lessons/05-overlap.md")),
    ("06-fixed.md", include_str!("../../lessons/06-fixed.md")),
    ("07-dynamic.md", include_str!("../../lessons/07-dynamic.md")),
    ("08-flush.md", include_str!("../../lessons/08-flush.md")),
    ("09-window.md", include_str!("../../lessons/09-window.md")),
    (
        "10-takeover.md",
        include_str!("../../lessons/10-takeover.md"),
    ),
    ("11-sizes.md", include_str!("../../lessons/11-sizes.md")),
    ("12-loss.md", include_str!("../../lessons/12-loss.md")),
    ("13-proxy.md", include_str!("../../lessons/13-proxy.md")),
    ("14-around.md", include_str!("../../lessons/14-around.md")),
];

/// The captures that lessons look at.
const CAPTURES: [(&str, &[u8]); 2] = [
    ("tls", include_bytes!("../../captures/wss-tls13-dsb.pcapng")),
    ("http2", include_bytes!("../../captures/http2.pcap")),
];

/// All lessons: those that the binary brings, or those of a folder, by the names of their files.
pub fn lessons(folder: Option<&Path>) -> Result<Vec<Lesson>, String> {
    let said = |fault: Fault| fault.to_string();
    let Some(folder) = folder else {
        let parsed = LESSONS.iter().map(|(file, text)| Lesson::parse(file, text));
        return parsed.collect::<Result<_, _>>().map_err(said);
    };
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ext| ext == "md") {
            files.push(path);
        }
    }
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
        Lesson::parse(&file, &text).map_err(said)
    };
    files.iter().map(read).collect()
}

/// The names of the shipped lessons.
pub fn names() -> impl Iterator<Item = String> {
    LESSONS.iter().map(|(file, _)| name_of(file))
}

/// A capture of that name in a file of its own, which goes with what is returned; none where the
/// binary brings no such one.
pub(super) fn capture(name: &str) -> Result<Option<TempPath>, String> {
    let Some((_, bytes)) = CAPTURES.iter().find(|(known, _)| *known == name) else {
        return Ok(None);
    };
    let failed = |error: std::io::Error| format!("a scratch file cannot be written: {error}");
    let file = tempfile::Builder::new()
        .prefix("wscope-")
        .suffix(".pcapng")
        .tempfile();
    let mut file = file.map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    Ok(Some(file.into_temp_path()))
}
