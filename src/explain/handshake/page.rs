//! A handshake as a page for people.
//!
//! Job: each line with what it means below it. Input: a [`HandshakeInfo`]. Output: lines.

use super::super::layout::Layout;
use super::extensions::ExtensionParameter;
use super::info::{AcceptInfo, HandshakeInfo, HeadInfo};
use crate::event::ConnectionInfo;
use crate::finding::Finding;
use crate::page::words::{hex, upgrade};
use crate::page::{Kind, Line, Sheet};

/// The page; empty where no handshake was captured.
pub fn page(info: &ConnectionInfo, findings: &[Finding], layout: &Layout) -> Vec<Line> {
    let mut page = Sheet::new(layout.width);
    let Some(handshake) = HandshakeInfo::of(info, layout.redact) else {
        return page.lines;
    };
    let flow = &info.flow;
    page.head(format!(
        "handshake of connection {}: {}",
        info.conversing,
        upgrade(info)
    ));
    let ends = format!("client {}, server {}", flow.client(), flow.server());
    page.paragraph(Kind::Plain, ends, 2);
    page.blank();
    for (name, head) in [
        ("request", &handshake.request),
        ("response", &handshake.response),
    ] {
        match head {
            Some(head) => self::head(name, head, layout, &mut page),
            None => page.line(Line::of(
                Kind::Hole,
                format!("the {name} is not in the capture"),
            )),
        }
        page.blank();
    }
    if let Some(accept) = &handshake.accept {
        self::accept(accept, &mut page);
    }
    self::agreed(&handshake, &mut page);
    super::super::findings::list(findings, 0, &mut page);
    page.lines
}

fn head(name: &str, head: &HeadInfo, layout: &Layout, page: &mut Sheet) {
    let packet = layout.packet(head.at);
    page.head(format!("{name}, from the {} in {packet}", head.from));
    for line in &head.lines {
        page.cut(Line::new(), &Line::of(head.from, &line.line), 2);
        let meaning = match line.rule {
            "" => line.meaning.clone(),
            rule => format!("{} ({rule})", line.meaning),
        };
        page.paragraph(Kind::Plain, meaning, 6);
    }
}

fn accept(accept: &AcceptInfo, page: &mut Sheet) {
    page.head("Sec-WebSocket-Accept, step by step (RFC 6455 §4.2.2)");
    let mut step = |name: &str, text: Line| {
        page.cut(Line::new().plain(format!("  {name}")), &text, 15);
    };
    let plain = |text: &str| Line::new().plain(text);
    step("the key", plain(&accept.key));
    step(
        "with GUID",
        plain(&String::from_utf8_lossy(&accept.steps.joined)),
    );
    step("its SHA-1", plain(&hex(&accept.steps.sha1, |_| true)));
    step("in base64", plain(&accept.steps.base64));
    let wrong = |text: &str| Line::of(Kind::Wrong, text);
    match &accept.sent {
        None => step("was sent", wrong("nothing: it is missing !")),
        Some(sent) if accept.fits() => {
            step("was sent", plain(sent).plain("  the same: it read the key"));
        }
        Some(sent) => {
            step("was sent", plain(sent));
            step("", wrong("not the same !"));
        }
    }
    page.blank();
}

/// What the two heads say about extensions, and what follows from it.
pub fn extensions(info: &ConnectionInfo, layout: &Layout) -> Vec<Line> {
    let mut page = Sheet::new(layout.width);
    if let Some(handshake) = HandshakeInfo::of(info, layout.redact) {
        agreed(&handshake, &mut page);
    }
    page.lines
}

fn agreed(handshake: &HandshakeInfo, page: &mut Sheet) {
    page.head("extensions");
    list("offered", &handshake.offered, page);
    list("answered", &handshake.agreed, page);
    page.paragraph(Kind::Plain, &handshake.outcome, 2);
    page.blank();
    for parameter in &handshake.parameters {
        self::parameter(parameter, page);
    }
}

fn list(name: &str, extensions: &[String], page: &mut Sheet) {
    let mut name = Line::new().plain(format!("  {name}"));
    if extensions.is_empty() {
        page.named(name, "nothing", Kind::Plain, 13);
        return;
    }
    for extension in extensions {
        page.named(std::mem::take(&mut name), extension, Kind::Plain, 13);
    }
}

fn parameter(parameter: &ExtensionParameter, page: &mut Sheet) {
    let name = Line::new().plain("  ").with(Kind::Head, parameter.name);
    page.line(name.with(Kind::Note, format!(" ({})", parameter.rule)));
    let offered = match parameter.offered.as_slice() {
        [] => "not seen".to_owned(),
        offers => offers.join(", "),
    };
    let said = format!("offered: {offered}; answered: {}", parameter.answered);
    page.paragraph(Kind::Plain, said, 4);
    for (side, text) in [("client", &parameter.client), ("server", &parameter.server)] {
        page.named(
            Line::new().plain(format!("    {side}")),
            text,
            Kind::Plain,
            12,
        );
    }
    page.blank();
}
