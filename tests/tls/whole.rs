//! Whole captures against what the applications on them wrote.

use base64::Engine;
use wscope::base::Peer;
use wscope::tls::Status;

use crate::harness::{Item, run, run_with};
use crate::{load, recorded};

fn written(connection: &serde_json::Value, from: Peer) -> Vec<u8> {
    let text = connection[from.name()].as_str().unwrap();
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(text).unwrap()
}

#[test]
fn every_suite_and_version_says_what_the_applications_wrote() {
    let recorded = recorded();
    assert!(recorded.len() > 30, "{}", recorded.len());
    let mut wrong = Vec::new();
    for entry in recorded {
        let name = entry["name"].as_str().unwrap();
        let (packets, keys) = load(&format!("tls/{name}"));
        let seen = run(&packets, &keys);
        let connections = entry["connections"].as_array().unwrap();
        if seen.len() != connections.len() {
            wrong.push(format!("{name}: {} connections", seen.len()));
        }
        for (connection, (said, facts)) in connections.iter().zip(seen.values()) {
            let version = format!("TLS {}", entry["version"].as_str().unwrap());
            if facts.version.map(|version| version.to_string()) != Some(version)
                || facts.status != Status::Read
            {
                wrong.push(format!("{name}: {facts:?}"));
            }
            for from in Peer::BOTH {
                let (known, truth) = (said.known(from), written(connection, from));
                if !known.ends_with(&truth) || said.gaps(from) > 0 {
                    wrong.push(format!(
                        "{name}: {from}: {} of {} bytes, {} gaps, {facts:?}",
                        known.len(),
                        truth.len(),
                        said.gaps(from)
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pieces_of_any_size_say_the_same() {
    for name in ["tls/tls13-long", "tls/tls12-cbc-sha", "wss-tls13"] {
        let (packets, keys) = load(name);
        let whole = run(&packets, &keys);
        for size in [1, 2, 3, 5, 7, 100, 1460] {
            let cut = run_with(&packets, &keys, &mut |_| size);
            for (number, (said, facts)) in &whole {
                assert_eq!(said.items, cut[number].0.items, "{name} by {size}");
                assert_eq!(*facts, cut[number].1, "{name} by {size}");
            }
        }
    }
}

#[test]
fn the_other_capture_with_websockets_is_read() {
    for name in ["wss-tls13", "wss-tls12"] {
        let (packets, keys) = load(name);
        for (said, facts) in run(&packets, &keys).values() {
            assert_eq!(facts.status, Status::Read);
            assert!(
                matches!(&said.items.client[0], Item::Bytes(bytes) if bytes.starts_with(b"GET "))
            );
        }
    }
}
