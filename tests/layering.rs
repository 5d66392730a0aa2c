//! Who may use whom: a file may use what stands above it, never what stands below.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

/// The layers in the order of the data; those on one line may use each other.
const ORDER: &[&[&str]] = &[
    &["base"],
    &["error"],
    &["finding"],
    &["capture"],
    &["net"],
    &["stream"],
    &["tcp"],
    &["tls"],
    &["http"],
    &["ws"],
    &["deflate"],
    &["event"],
    &["session"],
    &["pipeline"],
    &["parallel"],
    &["replay"],
    &["stats"],
    &["check"],
    &["tune"],
    &["filter"],
    &["output"],
    &["explain"],
    &["tui"],
    &["cli"],
];

/// Sinks see events and nothing of the machinery that makes them.
const SINKS: &[&str] = &["stats", "tune", "filter", "output", "explain"];
const MACHINERY: &[&str] = &["session", "pipeline", "parallel", "replay", "capture"];

fn rank(layer: &str) -> Option<usize> {
    ORDER.iter().position(|row| row.contains(&layer))
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// The layers that `text` names as `crate::layer`, outside comments.
fn used(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or(line))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .collect()
}

#[test]
fn no_file_uses_what_stands_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    let mut checked = 0;
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let layer = first.trim_end_matches(".rs").to_owned();
        let test = relative.ends_with("tests.rs");
        if layer == "lib" || layer == "main" || test {
            continue;
        }
        let mine = rank(&layer).unwrap_or_else(|| panic!("{layer} has no place in the order"));
        for other in used(&std::fs::read_to_string(&file).unwrap()) {
            let Some(theirs) = rank(&other) else { continue };
            checked += 1;
            let machinery = SINKS.contains(&layer.as_str()) && MACHINERY.contains(&other.as_str());
            if theirs > mine || machinery {
                wrong.push(format!("{} uses {other}", relative.display()));
            }
        }
    }
    assert!(checked > 50, "only {checked} uses were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
