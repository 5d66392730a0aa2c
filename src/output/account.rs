//! What became of the bytes that were captured, after `wscope stats`.
//!
//! Job: the account of a whole capture. Input: [`Account`]. Output: lines of text, and fields of JSON,
//! which docs/json.md has.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::style::Style;
use crate::event::Account;
use crate::page::Kind as Meaning;

/// What the parts are called, in the order of [`Account::parts`].
const NAMES: [&str; 14] = [
    "bytes of TCP captured",
    "  in WebSockets",
    "  HTTP/1",
    "  TLS that was read",
    "  TLS that was not read",
    "  HTTP/2",
    "  other protocols",
    "  twice, or not needed",
    "  after a connection's end",
    "bytes of WebSockets: frame headers",
    "  payloads of messages that are known, or in part",
    "  payloads of messages that are lost",
    "  payloads beyond what is kept of a message",
    "  in no frame that was found",
];

/// The lines of what is not zero.
pub fn text(account: &Account, style: Style) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "\n{}",
        style.paint(Meaning::Head, "Where the bytes went".to_owned())
    );
    for (name, (_, bytes)) in NAMES.into_iter().zip(account.parts()) {
        if bytes > 0 {
            let _ = writeln!(out, "{name:<52} {bytes:>16}");
        }
    }
    out
}

/// The same by name.
pub(super) fn json(account: &Account) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, bytes) in account.parts() {
        fields.insert(name.to_owned(), Value::from(bytes));
    }
    let segments = Value::from(account.segments_after_end);
    fields.insert("segments_after_end".to_owned(), segments);
    fields
}
