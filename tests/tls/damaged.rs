//! Damaged captures against whole ones: every byte that is known is right, the rest is a gap.

use wscope::base::Peer;
use wscope::tls::{Facts, Keys, Status, Why};

use crate::harness::{Owned, agrees, keys_of, run};
use crate::load;

/// Runs `some` and holds it against the whole run of `all`; gives the known bytes and the facts.
fn hold(what: &str, all: &[Owned], some: &[Owned], keys: &Keys) -> (usize, Vec<Facts>) {
    let whole = run(all, keys);
    let mut known = 0;
    let mut facts = Vec::new();
    for (number, (said, fact)) in run(some, keys) {
        for from in Peer::BOTH {
            let truth = whole[&number].0.known(from);
            let fit = agrees(&said.items[from], &truth);
            assert!(fit.is_ok(), "{what}: {from} of {number}: {fit:?}");
            known += said.known(from).len();
        }
        facts.push(fact);
    }
    (known, facts)
}

/// A number that looks random, the same in every run.
fn dice(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[test]
fn one_packet_after_the_other_is_left_out() {
    for name in [
        "wss-tls13",
        "wss-tls12",
        "tls/tls13-key-update",
        "tls/tls10-cbc-sha-mac-first",
        "tls/tls12-renegotiation",
        "wss-python",
        "wss-early-data",
    ] {
        let (all, keys) = load(name);
        for lost in 0..all.len() {
            let mut some = all.clone();
            some.remove(lost);
            hold(&format!("{name} without {}", lost + 1), &all, &some, &keys);
        }
    }
}

#[test]
fn runs_of_packets_are_left_out_around_key_updates() {
    let (all, keys) = load("tls/tls13-key-update");
    for start in 3..all.len() {
        for lost in 2..9 {
            let mut some = all.clone();
            some.drain(start..(start + lost).min(all.len()));
            let what = format!("{lost} packets from {start}");
            hold(&what, &all, &some, &keys);
        }
    }
}

#[test]
fn many_packets_are_left_out() {
    let mut seed = 0x1234_5678_9abc_def1;
    for name in [
        "tls/tls13-long",
        "tls/tls12-long",
        "tls/tls13-chacha20",
        "tls/tls12-ccm8",
    ] {
        let (all, keys) = load(name);
        for round in 0..8 {
            let some: Vec<_> = all
                .iter()
                .filter(|_| !dice(&mut seed).is_multiple_of(8))
                .cloned()
                .collect();
            hold(&format!("{name} in round {round}"), &all, &some, &keys);
        }
    }
}

#[test]
fn cut_packets_give_the_bytes_that_are_there() {
    for name in ["tls/tls13-long", "tls/tls12-long"] {
        let (all, keys) = load(name);
        let mut some = all.clone();
        for packet in some
            .iter_mut()
            .skip(12)
            .filter(|packet| packet.data.len() > 9_000)
        {
            packet.data.truncate(9_000);
        }
        let (known, facts) = hold(&format!("{name} with a snaplen"), &all, &some, &keys);
        let shown: u64 = facts
            .iter()
            .flat_map(|it| it.counts.iter().map(|it| it.1.unauthenticated))
            .sum();
        assert!(
            shown > 0 && known > 100_000,
            "{name}: {shown} cut records, {known} bytes"
        );
    }
}

#[test]
fn captures_that_start_late_are_read_by_trial() {
    let (all, keys) = load("wss-tls13");
    let (known, facts) = hold("without a handshake", &all, &all[12..], &keys);
    assert!(known > 3000, "{known}");
    assert!(
        facts
            .iter()
            .all(|it| it.why.is_none() || it.why == Some(Why::CaptureLoss)),
        "{facts:?}"
    );
    let (all, keys) = load("wss-tls12");
    let (known, facts) = hold("TLS 1.2 without a handshake", &all, &all[12..], &keys);
    assert_eq!((known, facts[0].status), (0, Status::Unread));
}

#[test]
fn each_direction_stands_alone() {
    let (all, _) = load("wss-tls13");
    let text = std::fs::read_to_string(crate::captures().join("wss-tls13.keylog")).unwrap();
    let lines = |label: &str| -> String {
        text.split_inclusive('\n')
            .filter(|line| line.starts_with(label))
            .collect()
    };
    let only = run(&all, &keys_of(lines("SERVER_TRAFFIC_SECRET_0").as_bytes()));
    let whole = run(&all, &keys_of(text.as_bytes()));
    for (number, (said, facts)) in &only {
        assert_eq!(
            said.known(Peer::Server),
            whole[number].0.known(Peer::Server)
        );
        assert_eq!(said.known(Peer::Client), b"");
        assert_eq!(
            (facts.status, facts.why),
            (Status::Partly, Some(Why::OtherLines))
        );
    }
}

#[test]
fn a_wrong_line_first_or_last_hides_nothing() {
    let (all, keys) = load("wss-tls13");
    let whole = run(&all, &keys);
    let text = std::fs::read_to_string(crate::captures().join("wss-tls13.keylog")).unwrap();
    let wrong = text.lines().map(|line| {
        let end = if line.starts_with('#') {
            ""
        } else {
            "00000000"
        };
        [&line[..line.len().saturating_sub(8)], end, "\n"].concat()
    });
    let wrong: String = wrong.collect();
    for log in [format!("{wrong}{text}"), format!("{text}{wrong}")] {
        let seen = run(&all, &keys_of(log.as_bytes()));
        for (number, (said, facts)) in &seen {
            assert_eq!(facts.status, Status::Read);
            assert_eq!(said.items, whole[number].0.items);
        }
    }
    let seen = run(&all, &keys_of(wrong.as_bytes()));
    assert!(
        seen.values()
            .all(|(_, facts)| facts.why == Some(Why::LineDoesNotFit)),
        "{:?}",
        seen.values().map(|it| it.1.clone()).collect::<Vec<_>>()
    );
    let seen = run(&all, &Keys::default());
    assert!(
        seen.values()
            .all(|(_, facts)| facts.why == Some(Why::NoKeyLog))
    );
    let other = text.replace(['a', 'b'], "c");
    let seen = run(&all, &keys_of(other.as_bytes()));
    assert!(
        seen.values()
            .all(|(_, facts)| facts.why == Some(Why::NoLine))
    );
}
