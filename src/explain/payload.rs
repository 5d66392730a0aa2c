//! The payload of a message.
//!
//! Job: show what is known of it, and what a close frame's code and reason are. Input: an
//! [`Explanation`]. Output: lines. RFC 6455 §5.5.1, §7.4.1.

use super::layout::Layout;
use super::message::Explanation;
use super::view::{View, sign};
use crate::event::{Reason, Status};
use crate::page::words::{close_meaning, count, hex};
use crate::page::{Kind, Line, Sheet, escape::HOLE};
use crate::ws::{CloseBody, OpCode};

/// Rows of a payload that are shown unless all are asked for.
const ROWS: usize = 12;

/// The payload with its heading.
pub(super) fn page(explanation: &Explanation, layout: &Layout, page: &mut Sheet) {
    let view = View::new(explanation);
    let shown = explanation.payload.len() as u64;
    let size = match explanation.payload_bytes {
        Some(size) => count(size, "byte"),
        None if shown == 0 => "unknown".to_owned(),
        None => format!("{} and an unknown number more", count(shown, "byte")),
    };
    page.head(format!("payload: {size}"));
    if explanation.redacted {
        let note = if explanation.payload.is_empty() {
            "A secret is in it, and nobody knows where: none of it is shown."
        } else {
            "A secret is in it: its length and a short hash stand for it, and the payload's bytes are not shown."
        };
        page.paragraph(Kind::Note, note, 2);
    }
    if explanation.is_lost() {
        page.paragraph(Kind::Plain, "No byte of it counts as known.", 2);
        if view.bytes().is_empty() {
            return;
        }
        if !matches!(explanation.status, Status::Lost(Reason::HistoryLost)) {
            page.paragraph(Kind::Plain, "What was read up to the fault would say:", 2);
        }
    }
    legend(&view, page);
    let text = std::str::from_utf8(view.bytes().bytes).is_ok();
    let binary = explanation.opcode == OpCode::Binary && !text;
    view.rows(layout.most(ROWS), binary, page);
    if explanation.truncated {
        page.paragraph(Kind::Plain, "Only the first part of it is kept.", 2);
    }
    if explanation.opcode == OpCode::Close && explanation.status == Status::Complete {
        page.paragraph(Kind::Plain, close(explanation), 11);
    }
}

fn legend(view: &View<'_>, page: &mut Sheet) {
    let mut line = Line::new();
    for (made, words) in [
        (Kind::Literal, "literal"),
        (Kind::Copy, "copied within the message"),
        (Kind::FarCopy, "from an earlier message"),
    ] {
        if view.has(made) {
            let gap = if line.is_empty() { 11 } else { 3 };
            line.put(Kind::Plain, " ".repeat(gap));
            line.put(made, format!("{} {words}", sign(made)));
        }
    }
    if !line.is_empty() {
        page.line(line);
    }
    if view.missing() > 0 {
        let bytes = count(view.missing(), "byte");
        page.line(
            Line::new()
                .padded(11)
                .plain(format!("{HOLE} ? not known ({bytes})")),
        );
    }
}

/// RFC 6455 §5.5.1: a code of two bytes and a reason.
fn close(explanation: &Explanation) -> String {
    let body = CloseBody::parse(&explanation.payload);
    match body.code {
        None if body.half_a_code => "one byte, which can be no code".to_owned(),
        None => "no code: applications see this as 1005 (RFC 6455 §7.4.1)".to_owned(),
        Some(code) => {
            let bytes = hex(&code.to_be_bytes(), |_| true);
            let meaning = close_meaning(code);
            let reason = count(body.reason.len() as u64, "byte");
            format!("{bytes}  close code {code}: {meaning}; then the reason, {reason}")
        }
    }
}
