//! `wscope check` of each shipped capture: its page, and no false alarm.

use libtest_mimic::Trial;

use crate::{common, trial};

/// Captures whose peers, proxies or recordings are at fault; all others are of those that keep
/// the rules.
const AT_FAULT: &[&str] = &[
    "lws-keeps-context",
    "mojo-empty",
    "nginx-hidden-answer",
    "nginx-strip",
    "wss-early-data",
];
const DAMAGED: &[&str] = &["-lost", "-late", "-snap"];

pub(crate) fn trials() -> Vec<Trial> {
    let (mut trials, mut well_behaved, mut pairs) = (Vec::new(), 0, 0);
    for path in common::captures() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let path = path.to_str().unwrap().to_owned();
        let stem = name.split('.').next().unwrap();
        let damaged = DAMAGED.iter().any(|damage| stem.contains(damage));
        if !damaged && !AT_FAULT.contains(&stem) {
            well_behaved += 1;
            pairs += u32::from(stem.starts_with("pair-"));
            let path = path.clone();
            trials.push(trial(format!("check::{name}::quiet"), move || {
                is_quiet(&path);
            }));
        }
        trials.push(trial(format!("check::{name}::page"), move || {
            page_fits(&path);
        }));
    }
    assert!(well_behaved >= 75 && pairs >= 15, "{well_behaved}, {pairs}");
    trials
}

/// Peers that keep the rules give no error and no warning.
fn is_quiet(path: &str) {
    let found = common::json(&["check", "--json", path]);
    let bad: Vec<_> = found
        .iter()
        .filter(|finding| finding["severity"] != "note")
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    let quiet = common::output(&["check", "--fail-on", "warning", path]);
    // What is not read at all cannot be called right.
    let said = String::from_utf8(quiet.stderr).unwrap();
    let is_unread = said.contains("no WebSocket found");
    assert!(!is_unread || path.contains("http2") || path.contains("wss-"));
    assert_eq!(quiet.status.code(), Some(if is_unread { 2 } else { 0 }));
}

/// The page fits 80 columns, and no terminal acts on it.
fn page_fits(path: &str) {
    let page = common::output(&["check", "--all", path]).stdout;
    for line in String::from_utf8(page).unwrap().lines() {
        // A command stays in one line, so that it can be copied.
        let is_command = line.starts_with("  Look at it: ");
        assert!(is_command || line.chars().count() <= 80, "{line}");
        assert!(
            !line.contains(char::is_control) && !line.ends_with(' '),
            "{line:?}"
        );
    }
}
