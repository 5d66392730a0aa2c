//! The codes, docs/findings.md and the captures, held together.
//!
//! `BLESS=1 cargo test --test findings` rewrites the table: read the difference.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use wscope::finding::Code;

/// The table of docs/findings.md stands between these.
const BEGIN: &str = "<!-- The table is written by tests/findings.rs. -->\n";
const END: &str = "<!-- Its end. -->\n";

fn table() -> String {
    let mut table =
        "| code | severity | rule | what it means | what to do |\n|---|---|---|---|---|\n"
            .to_owned();
    for code in Code::ALL {
        let (severity, rule) = (code.severity().name(), code.rule());
        let (title, advice) = (code.title(), code.advice());
        let row = [&format!("`{code}`"), severity, rule, title, advice].join(" | ");
        table.extend(["| ", &row, " |\n"]);
    }
    table
}

#[test]
fn the_documentation_lists_every_code() {
    let path = common::root().join("docs/findings.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("BLESS").is_some() {
        let page = [before, BEGIN, &table(), END, after].concat();
        std::fs::write(&path, page).unwrap();
        return;
    }
    assert_eq!(written, table());
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
