//! The payload at the end of the page.
//!
//! Job: show the payload in rows with the signs explained, and take a close frame's apart. Input:
//! an [`Explanation`]. Output: text. RFC 6455 §5.5.1, §7.4.1.

use std::fmt::Write;

use super::layout::Layout;
use super::message::Explanation;
use super::rows::{count, grouped, hex, paragraph};
use super::view::{Made, View};
use crate::event::{Reason, Status};
use crate::output::escape::HOLE;
use crate::output::style::Style;
use crate::ws::{CloseBody, OpCode, close_code_allowed};

/// Rows of a payload that are shown unless all are asked for.
const ROWS: usize = 12;

/// The payload with its heading.
pub(super) fn text(explanation: &Explanation, layout: &Layout, out: &mut String) {
    let style = layout.style;
    let view = View::new(explanation, style);
    let shown = explanation.payload.len() as u64;
    let size = match explanation.payload_bytes {
        Some(size) => count(size, "byte"),
        None if shown == 0 => "unknown".to_owned(),
        None => format!("{} and an unknown number more", count(shown, "byte")),
    };
    let _ = writeln!(out, "{}", style.head(format_args!("payload: {size}")));
    if matches!(explanation.status, Status::Lost(_)) {
        paragraph("No byte of it counts as known.", 2, out);
        if view.bytes.is_empty() {
            return;
        }
        if !matches!(explanation.status, Status::Lost(Reason::HistoryLost)) {
            paragraph("What was read up to the fault would say:", 2, out);
        }
    }
    legend(&view, style, out);
    let most = if layout.all { usize::MAX } else { ROWS };
    let text = std::str::from_utf8(&view.bytes).is_ok();
    let binary = explanation.opcode == OpCode::Binary && !text;
    view.rows(most, binary, out);
    if explanation.truncated {
        paragraph("Only the first part of it is kept.", 2, out);
    }
    if explanation.opcode == OpCode::Close && explanation.status == Status::Complete {
        close(explanation, out);
    }
}

fn legend(view: &View<'_>, style: Style, out: &mut String) {
    let mut signs = Vec::new();
    for (made, words) in [
        (Made::Literal, "literal"),
        (Made::Copied, "copied within the message"),
        (Made::FarCopied, "from an earlier message"),
    ] {
        if view.made.contains(&made) {
            signs.push(made.paint(&format!("{} {words}", made.sign()), style));
        }
    }
    let holes: u64 = view.holes.iter().map(|(_, len)| len).sum();
    if !signs.is_empty() {
        let _ = writeln!(out, "           {}", signs.join("   "));
    }
    if holes > 0 {
        let bytes = count(holes, "byte");
        let _ = writeln!(out, "           {HOLE} ? not known ({bytes})");
    }
}

/// RFC 6455 §5.5.1: a code of two bytes and a reason.
fn close(explanation: &Explanation, out: &mut String) {
    let body = CloseBody::parse(&explanation.payload);
    let line = match body.code {
        None if body.half_a_code => "one byte, which can be no code".to_owned(),
        None => "no code: applications see this as 1005 (RFC 6455 §7.4.1)".to_owned(),
        Some(code) => {
            let bytes = hex(&code.to_be_bytes(), |_| true);
            let meaning = close_meaning(code);
            format!(
                "{bytes}  close code {code}: {meaning}; then the reason, {}",
                { count(body.reason.len() as u64, "byte") }
            )
        }
    };
    paragraph(&line, 11, out);
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

/// Bytes of a compressed payload, sixteen in a row.
pub(super) fn compressed_rows(
    bytes: &[u8],
    known: impl Fn(usize) -> bool,
    most: usize,
    style: Style,
    out: &mut String,
) {
    for (row, line) in bytes.chunks(16).take(most).enumerate() {
        let start = row * 16;
        let digits = hex(line, |index| known(start + index));
        let _ = writeln!(out, "  {}  {digits}", style.dim(format_args!("{start:>7}")));
    }
    let shown = most.saturating_mul(16);
    if bytes.len() > shown {
        let rest = grouped((bytes.len() - shown) as u64);
        let _ = writeln!(out, "           … {rest} more bytes (--all)");
    }
}
