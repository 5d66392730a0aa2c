//! The codes, docs/findings.md and the captures, held together.
//!
//! `BLESS=1 cargo test --test engine findings` rewrites the table: read the difference.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod cases;
mod http2;
mod scene;
#[cfg(feature = "tls")]
mod secured;
mod stomp;
mod units;

use crate::common;
use std::collections::BTreeSet;
use std::fmt::Write;

use wscope::check::Report;
use wscope::finding::{Code, Severity};

/// What is written of each code in docs/findings.md stands between these.
const BEGIN: &str = "<!-- What follows is written by tests/engine/findings.rs. -->\n";
const END: &str = "<!-- Its end. -->\n";

/// Captures of real peers that show a code.
const CAPTURES: &[(Code, &str)] = &[
    (Code::CauseWrapped, "faulty/ws-zlib.pcap"),
    (Code::CausePerFrame, "faulty/ws-per-frame.pcap"),
    (Code::CausePlainInWindow, "faulty/ws-thrown-away.pcap"),
    (Code::BytesMissing, "ws-takeover-lost.pcap"),
    (Code::UpgradeRefused, "refused.pcap"),
    (Code::DraftObsolete, "faulty/hixie-76.pcap"),
    (Code::DeflateFrameObsolete, "netty-deflate-frame.pcap"),
    (Code::ExtensionUnknown, "bzip2.pcap"),
    (Code::FramingLost, "ws-takeover-lost.pcap"),
    (Code::FramingFound, "ws-takeover-lost.pcap"),
    (Code::Rsv1WithoutExtension, "nginx-hidden-answer.pcap"),
    (Code::ContextKept, "lws-keeps-context.pcap"),
    (Code::FlushMissing, "mojo-empty.pcap"),
    (Code::FinalBlock, "bfinal.pcap"),
    (Code::OfferStripped, "nginx-strip.pcap"),
    (Code::AnswerStripped, "nginx-hidden-answer.pcap"),
    (Code::CompressionDeclined, "ws-no-deflate.pcap"),
    (Code::MessagesGrew, "stomp.pcap"),
    (Code::ClosedForError, "nginx-hidden-answer.pcap"),
    (Code::EndedWithoutClose, "mojo-empty.pcap"),
    (Code::StompRelayLeg, "subprotocols/stomp-relay.pcap"),
    (Code::StompRelayCause, "subprotocols/stomp-relay.pcap"),
];

/// Traffic for each code.
fn all_cases() -> cases::Cases {
    let mut all = cases::all();
    http2::http2_cases(&mut all);
    all
}

/// What is found in a scene for `code`. Causes take the place of their symptoms.
fn found(code: Code, scene: scene::Scene) -> Report {
    if code.is_cause() {
        scene.explained()
    } else {
        scene.check()
    }
}

/// The text of the first finding with `code`.
fn example(code: Code) -> String {
    let case = all_cases().into_iter().find(|(other, _)| *other == code);
    let report = found(code, case.unwrap().1(true));
    let groups = report.groups();
    let (_, group) = groups.iter().find(|(other, _)| *other == code).unwrap();
    let entry = group.entries().next().unwrap();
    entry.first.text.to_string()
}

fn sections() -> String {
    let mut page = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let heading = match severity {
            Severity::Error => "Errors",
            Severity::Warning => "Warnings",
            Severity::Note => "Notes",
        };
        let _ = write!(page, "## {heading}\n\n");
        for code in Code::ALL.iter().filter(|code| code.severity() == severity) {
            let _ = write!(
                page,
                "### `{code}`\n\n{} Rule: {}.\n\nFor example: *{}*.\n",
                code.title(),
                code.rule(),
                example(*code)
            );
            if let Some((_, capture)) = CAPTURES.iter().find(|(other, _)| other == code) {
                let _ = writeln!(page, "To see it: `wscope check captures/{capture}`.");
            }
            let _ = write!(page, "\nWhat to do: {}\n\n", code.advice());
        }
    }
    page
}

#[test]
fn the_documentation_lists_every_code() {
    let path = common::root().join("docs/findings.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("BLESS").is_some() {
        let page = [before, BEGIN, &sections(), END, after].concat();
        std::fs::write(&path, page).unwrap();
        return;
    }
    assert!(written == sections(), "docs/findings.md is not up to date");
}

#[test]
fn captures_of_real_peers_show_what_the_documentation_says() {
    for (code, capture) in CAPTURES {
        let path = format!("captures/{capture}");
        let found = common::json(&["check", "--json", &path]);
        let codes: Vec<_> = found.iter().map(|finding| &finding["code"]).collect();
        assert!(
            codes.contains(&&code.name().into()),
            "{code} in {capture}: {codes:?}"
        );
    }
}

/// Each code stands in the table of rules, and each code in that table exists.
#[test]
fn the_table_of_rules_names_every_code() {
    let page = std::fs::read_to_string(common::root().join("docs/findings.md")).unwrap();
    let (before, _) = page.split_once(BEGIN).unwrap();
    let rows = before.lines().filter(|line| line.starts_with("| "));
    let named: BTreeSet<_> = rows
        .filter_map(|row| row.split('|').nth(2))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    let all: BTreeSet<_> = Code::ALL
        .iter()
        .map(|code| code.name().to_owned())
        .collect();
    assert_eq!(named, all);
}

#[test]
fn every_title_and_advice_is_a_sentence() {
    for code in Code::ALL {
        for text in [code.title(), code.advice()] {
            let first = text.chars().next().unwrap();
            assert!(
                first.is_uppercase() && text.ends_with('.'),
                "{code}: {text}"
            );
        }
        assert_eq!(Code::by_name(code.name()), Some(*code));
    }
}

#[test]
fn each_code_has_traffic_that_shows_it_and_traffic_that_does_not() {
    let mut shown = BTreeSet::new();
    let mut wrong = Vec::new();
    for (code, case) in all_cases() {
        let (broken, clean) = (found(code, case(true)), case(false).explained());
        let codes: Vec<_> = broken.groups().iter().map(|(code, _)| *code).collect();
        if !codes.contains(&code) {
            wrong.push(format!("{code} is not found: {codes:?}"));
        }
        let codes: Vec<_> = clean.groups().iter().map(|(code, _)| *code).collect();
        if codes.contains(&code) || clean.worst() > Some(Severity::Note) {
            wrong.push(format!("{code}: clean traffic has {codes:?}"));
        }
        shown.insert(code);
    }
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !shown.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
