//! Units of real traffic against what the applications on it logged.
//!
//! For each `tests/applogs/subprotocols/NAME.jsonl` the capture of that name under
//! `captures/subprotocols` is read by the binary. The log has how many units of a kind and subject
//! each side sent, as the peers' own libraries counted them; `captures/record/units.py` makes it.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::{common, trial};

const FOLDER: &str = "captures/subprotocols";

/// A unit with who sent it.
type Sent = (String, Value);

fn units(path: &str) -> Vec<Sent> {
    let messages = common::json(&["messages", "--json", path]);
    let mut units = Vec::new();
    for message in &messages {
        let from = message["from"].as_str().unwrap_or_default();
        for unit in message["units"].as_array().into_iter().flatten() {
            units.push((from.to_owned(), unit.clone()));
        }
    }
    units
}

/// How many units fit an entry of the log.
fn fitting(units: &[Sent], entry: &Value) -> u64 {
    let is = |logged: &Value, told: &Value| logged.is_null() || logged == told;
    let fits = |(from, unit): &&Sent| {
        // Attachments have the subject of their event, which is what the log counts.
        let counts = !entry["kind"].is_null() || unit["kind"] != "attachment";
        counts
            && is(&entry["from"], &Value::from(from.as_str()))
            && is(&entry["kind"], &unit["kind"])
            && is(&entry["subject"], &unit["subject"])
    };
    units.iter().filter(fits).count() as u64
}

fn hold(name: &str, path: &str) {
    let units = units(path);
    let log = common::root().join(format!("tests/applogs/subprotocols/{name}.jsonl"));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(!log.is_empty(), "{name}");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let logged = entry["count"].as_u64().unwrap();
        let told = fitting(&units, &entry);
        let right = if entry["all"] == true {
            told == logged
        } else {
            told >= logged
        };
        assert!(right, "{name}: {told} units for {line}");
    }
    let partial = |(_, unit): &&Sent| unit["status"] == "partial";
    assert_eq!(units.iter().filter(partial).count(), 0, "{name}");
}

/// For each capture with a log, a test.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for path in common::captures_in(FOLDER) {
        let file = path.file_name().unwrap().to_str().unwrap();
        let name = file.split('.').next().unwrap().to_owned();
        let log = format!("tests/applogs/subprotocols/{name}.jsonl");
        if common::root().join(log).exists() {
            let path = path.to_str().unwrap().to_owned();
            let title = format!("units::{name}");
            trials.push(trial(title, move || hold(&name, &path)));
        }
    }
    assert!(trials.len() > 10, "only {} logs", trials.len());
    trials
}
