//! A handshake as a page for people.
//!
//! Job: each line with what it means below it, in 80 columns. Input: a [`HandshakeInfo`].
//! Output: text.

use std::fmt::Write;

use super::super::layout::Layout;
use super::super::rows::{WIDTH, cut, hex, paragraph, wrapped};
use super::extensions::ExtensionParameter;
use super::info::{AcceptInfo, HandshakeInfo, HeadInfo};
use crate::event::{ConnectionInfo, Upgrade};
use crate::finding::Finding;
use crate::output::escape;

/// The page; empty where no handshake was captured.
pub fn page(info: &ConnectionInfo, findings: &[Finding], layout: &Layout) -> String {
    let mut out = String::new();
    let Some(handshake) = HandshakeInfo::of(info) else {
        return out;
    };
    let style = layout.style;
    let flow = &info.flow;
    let what = match info.upgrade {
        Upgrade::Accepted => "accepted",
        Upgrade::Refused => "refused",
        Upgrade::AnswerMissing => "its answer is not in the capture",
        Upgrade::Unanswered => "not answered",
        Upgrade::NotCaptured => "not in the capture",
    };
    let title = format!("handshake of connection {}: {what}", info.conversing);
    let _ = writeln!(out, "{}", style.head(title));
    let _ = writeln!(
        out,
        "  client {}, server {}\n",
        flow.client(),
        flow.server()
    );
    for (name, head) in [
        ("request", &handshake.request),
        ("response", &handshake.response),
    ] {
        match head {
            Some(head) => self::head(name, head, layout, &mut out),
            None => {
                let _ = writeln!(out, "the {name} is not in the capture\n");
            }
        }
    }
    if let Some(accept) = &handshake.accept {
        self::accept(accept, layout, &mut out);
    }
    extensions(&handshake, layout, &mut out);
    for finding in findings {
        let code = finding.code;
        let severity = style.severity(code.severity(), code.severity().name());
        let _ = writeln!(out, "{severity} {code} ({})", code.rule());
        paragraph(&safe(&finding.text), 2, &mut out);
    }
    out
}

/// What a peer sent, with nothing in it that a terminal acts on.
fn safe(text: &str) -> String {
    let mut out = String::new();
    escape::text(text, usize::MAX, &mut out);
    out
}

fn head(name: &str, head: &HeadInfo, layout: &Layout, out: &mut String) {
    let style = layout.style;
    let title = format!(
        "{name}, from the {} in {}",
        head.from,
        layout.packet(head.at)
    );
    let _ = writeln!(out, "{}", style.head(title));
    for line in &head.lines {
        for row in cut(&safe(&line.line), WIDTH - 2) {
            let _ = writeln!(out, "  {}", style.peer(head.from, row));
        }
        let meaning = match line.rule {
            "" => line.meaning.clone(),
            rule => format!("{} ({rule})", line.meaning),
        };
        for row in wrapped(&meaning, WIDTH - 6) {
            let _ = writeln!(out, "      {row}");
        }
    }
    out.push('\n');
}

fn accept(accept: &AcceptInfo, layout: &Layout, out: &mut String) {
    let style = layout.style;
    let title = "Sec-WebSocket-Accept, step by step (RFC 6455 §4.2.2)";
    let _ = writeln!(out, "{}", style.head(title));
    step("the key", &safe(&accept.key), out);
    let joined = safe(&String::from_utf8_lossy(&accept.steps.joined));
    step("with GUID", &joined, out);
    let _ = writeln!(out, "  its SHA-1    {}", hex(&accept.steps.sha1, |_| true));
    let _ = writeln!(out, "  in base64    {}", accept.steps.base64);
    match &accept.sent {
        None => step("was sent", &style.wrong("nothing: it is missing !"), out),
        Some(sent) if accept.fits() => {
            let verdict = format!("{}  the same: it read the key", safe(sent));
            step("was sent", &verdict, out);
        }
        Some(sent) => {
            step("was sent", &safe(sent), out);
            step("", &style.wrong("not the same !"), out);
        }
    }
    out.push('\n');
}

/// A step's name and what it comes to, in as many rows as that takes.
fn step(name: &str, text: &str, out: &mut String) {
    let mut rows = cut(text, WIDTH - 15).into_iter();
    let first = rows.next().unwrap_or_default();
    let _ = writeln!(out, "  {name:<11}  {first}");
    for row in rows {
        let _ = writeln!(out, "{:15}{row}", "");
    }
}

fn extensions(handshake: &HandshakeInfo, layout: &Layout, out: &mut String) {
    let style = layout.style;
    let _ = writeln!(out, "{}", style.head("extensions"));
    list("offered", &handshake.offered, out);
    list("answered", &handshake.agreed, out);
    paragraph(&handshake.outcome, 2, out);
    out.push('\n');
    for parameter in &handshake.parameters {
        self::parameter(parameter, layout, out);
    }
}

fn list(name: &str, extensions: &[String], out: &mut String) {
    if extensions.is_empty() {
        let _ = writeln!(out, "  {name:<9}  nothing");
    }
    for (index, extension) in extensions.iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        for (index, row) in wrapped(&safe(extension), WIDTH - 13).iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let _ = writeln!(out, "  {name:<9}  {row}");
        }
    }
}

fn parameter(parameter: &ExtensionParameter, layout: &Layout, out: &mut String) {
    let style = layout.style;
    let name = style.head(parameter.name);
    let _ = writeln!(out, "  {name} ({})", parameter.rule);
    let offered = match parameter.offered.as_slice() {
        [] => "not seen".to_owned(),
        offers => offers.join(", "),
    };
    let answered = safe(&parameter.answered);
    let _ = writeln!(out, "    offered: {}; answered: {answered}", safe(&offered));
    for (side, text) in [("client", &parameter.client), ("server", &parameter.server)] {
        for (index, row) in wrapped(text, WIDTH - 12).iter().enumerate() {
            let side = if index == 0 { side } else { "" };
            let _ = writeln!(out, "    {side:<6}  {row}");
        }
    }
    out.push('\n');
}
