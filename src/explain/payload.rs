//! The payload of a message.
//!
//! Job: show what is known of it, and what a close frame's code and reason are. Input: an
//! [`Explanation`]. Output: lines. RFC 6455 §5.5.1, §7.4.1.

use super::layout::Layout;
use super::message::Explanation;
use super::view::{View, sign};
use crate::event::{Reason, Status};
use crate::page::words::{count, hex};
use crate::page::{Kind, Line, Sheet, escape::HOLE};
use crate::ws::{CloseBody, OpCode, close_code_allowed};

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

/// What a close code means. RFC 6455 §7.4.1.
pub(super) fn close_meaning(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "data of a kind that is not accepted",
        1007 => "data that do not fit the message's type",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "an extension is missing that the client needs",
        1011 => "unexpected condition at the server",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        3000..=3999 => "registered for a library or framework",
        4000..=4999 => "private to the application",
        _ if close_code_allowed(code) => "registered",
        _ => "may not stand in a frame",
    }
}
