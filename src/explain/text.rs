//! An explanation as a page for people.
//!
//! Job: lay a message out from the outside in, so that it reads without colours too. Input: an
//! [`Explanation`]. Output: lines.

use std::fmt::Write;

use super::layout::Layout;
use super::message::Explanation;
use super::{blocks, dump, findings, frames, payload};
use crate::deflate::Takeover;
use crate::event::Facts;
use crate::page::words::{self, count, grouped};
use crate::page::{Kind, Line, Sheet};

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Packets, records and frames, or every byte.
    Carriers,
    /// The compressed payloads, symbol by symbol.
    Blocks,
    /// The payload, with what made each byte.
    Payload,
}

/// One part, without the head of the page.
pub fn part(explanation: &Explanation, part: Part, layout: &Layout) -> Vec<Line> {
    let mut page = Sheet::new(layout.width);
    match part {
        Part::Carriers if layout.bytes => dump::page(explanation, layout, &mut page),
        Part::Carriers => frames::page(explanation, layout, &mut page),
        Part::Blocks => blocks::page(explanation, layout, &mut page),
        Part::Payload => payload::page(explanation, layout, &mut page),
    }
    while page.lines.last().is_some_and(Line::is_empty) {
        page.lines.pop();
    }
    page.lines
}

/// The page.
pub fn page(explanation: &Explanation, layout: &Layout) -> Vec<Line> {
    let mut page = Sheet::new(layout.width);
    head(explanation, &mut page);
    if layout.bytes {
        dump::page(explanation, layout, &mut page);
    } else {
        frames::page(explanation, layout, &mut page);
        // The symbols say what the payload says.
        if !explanation.redacted {
            blocks::page(explanation, layout, &mut page);
        }
    }
    payload::page(explanation, layout, &mut page);
    if !explanation.findings.is_empty() {
        page.blank();
        page.head("what is wrong with it");
        findings::list(&explanation.findings, 2, &mut page);
    }
    page.lines
}

fn head(explanation: &Explanation, page: &mut Sheet) {
    let Facts { from, number, .. } = explanation.facts;
    let place = match explanation.flow {
        Some(_) => format!(" of connection {}", explanation.conversing),
        None => String::new(),
    };
    let status = explanation.status;
    page.head(format!(
        "message {number}{place}: {} from the {from}, {}",
        explanation.opcode,
        status.name()
    ));
    if let Some(flow) = explanation.flow {
        let [sender, receiver] = match from {
            crate::base::Peer::Client => [flow.client(), flow.server()],
            crate::base::Peer::Server => [flow.server(), flow.client()],
        };
        let line = Line::new().plain("  ").with(from, sender.to_string());
        page.line(line.plain(format!(" -> {receiver}")));
    }
    page.paragraph(Kind::Plain, compression(explanation), 2);
    if let Some(reason) = status.reason() {
        let text = format!("{}: {}", status.name(), reason.explanation());
        page.paragraph(Kind::Wrong, text, 2);
    }
    page.paragraph(Kind::Plain, sizes(explanation), 2);
    page.blank();
}

fn compression(explanation: &Explanation) -> String {
    let name = words::extension(explanation.agreement);
    let Some(parameters) = explanation.parameters() else {
        return name.to_owned();
    };
    let takeover = match parameters.takeover {
        Takeover::Keep => "kept between messages",
        Takeover::Reset => "emptied before each message",
    };
    let guess = if explanation.inferred {
        " (inferred)"
    } else {
        ""
    };
    format!(
        "{name}{guess}: a window of {} bits ({} bytes), {takeover}",
        parameters.window_bits,
        grouped(parameters.window_bits.bytes() as u64)
    )
}

fn sizes(explanation: &Explanation) -> String {
    let (wire, payload) = (explanation.wire_bytes, explanation.payload_wire_bytes);
    let mut line = format!(
        "{} on the wire: {} of headers, {} of payload",
        count(wire, "byte"),
        grouped(wire.saturating_sub(payload)),
        grouped(payload)
    );
    if let Some(size) = explanation.payload_bytes.filter(|_| explanation.compressed) {
        let _ = write!(line, ", inflated {}", grouped(size));
    }
    line
}
