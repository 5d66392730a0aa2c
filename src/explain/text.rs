//! An explanation as a page for people.
//!
//! Job: lay a message out from the outside in, in 80 columns, so that it reads without colours
//! too. Input: an [`Explanation`]. Output: text.

use std::fmt::Write;

use super::layout::Layout;
use super::message::Explanation;
use super::rows::{count, grouped, paragraph};
use super::{blocks, dump, frames, payload};
use crate::deflate::{Agreement, Takeover};
use crate::event::Status;

/// The page.
pub fn page(explanation: &Explanation, layout: &Layout) -> String {
    let mut out = String::new();
    head(explanation, layout, &mut out);
    if layout.bytes {
        dump::text(explanation, layout, &mut out);
    } else {
        frames::text(explanation, layout, &mut out);
        blocks::text(explanation, layout, &mut out);
    }
    payload::text(explanation, layout, &mut out);
    findings(explanation, layout, &mut out);
    out
}

fn head(explanation: &Explanation, layout: &Layout, out: &mut String) {
    let style = layout.style;
    let Explanation { from, number, .. } = explanation;
    let place = match explanation.flow {
        Some(_) => format!(" of connection {}", explanation.conversing),
        None => String::new(),
    };
    let title = format!(
        "message {number}{place}: {} from the {from}, {}",
        explanation.opcode,
        explanation.status.name()
    );
    let _ = writeln!(out, "{}", style.head(title));
    if let Some(flow) = explanation.flow {
        let [sender, receiver] = match from {
            crate::base::Peer::Client => [flow.client(), flow.server()],
            crate::base::Peer::Server => [flow.server(), flow.client()],
        };
        let sender = style.peer(*from, sender);
        let _ = writeln!(out, "  {sender} -> {receiver}");
    }
    compression(explanation, out);
    if let (Status::Partial(reason) | Status::Lost(reason), style) = (explanation.status, style) {
        let name = explanation.status.name();
        let text = format!("{name}: {}", reason.explanation());
        let _ = writeln!(out, "  {}", style.wrong(text));
    }
    sizes(explanation, out);
    out.push('\n');
}

fn compression(explanation: &Explanation, out: &mut String) {
    let name = match explanation.agreement {
        Agreement::None => "no compression agreed",
        Agreement::Unknown => "an extension was agreed that wscope does not know",
        Agreement::PermessageDeflate(_) => "permessage-deflate",
        Agreement::DeflateFrame(_) => "x-webkit-deflate-frame",
    };
    let mut line = name.to_owned();
    if let Some(parameters) = explanation.parameters() {
        let bytes = grouped(parameters.window_bits.bytes() as u64);
        let takeover = match parameters.takeover {
            Takeover::Keep => "kept between messages",
            Takeover::Reset => "emptied before each message",
        };
        let guess = if explanation.inferred {
            " (inferred)"
        } else {
            ""
        };
        let _ = write!(
            line,
            "{guess}: a window of {} bits ({bytes} bytes), {takeover}",
            parameters.window_bits
        );
    }
    paragraph(&line, 2, out);
}

fn sizes(explanation: &Explanation, out: &mut String) {
    let Explanation {
        wire_bytes,
        payload_wire_bytes,
        ..
    } = *explanation;
    let headers = wire_bytes.saturating_sub(payload_wire_bytes);
    let mut line = format!(
        "{} on the wire: {} of headers, {} of payload",
        count(wire_bytes, "byte"),
        grouped(headers),
        grouped(payload_wire_bytes)
    );
    if let Some(size) = explanation.payload_bytes.filter(|_| explanation.compressed) {
        let _ = write!(line, ", inflated {}", grouped(size));
    }
    paragraph(&line, 2, out);
}

fn findings(explanation: &Explanation, layout: &Layout, out: &mut String) {
    if explanation.findings.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", layout.style.head("what is wrong with it"));
    for finding in &explanation.findings {
        let code = finding.code;
        let severity = layout
            .style
            .severity(code.severity(), code.severity().name());
        let _ = writeln!(out, "  {severity} {code} ({})", code.rule());
        paragraph(&finding.text, 4, out);
    }
}
