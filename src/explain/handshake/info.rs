//! The lines of a handshake with their meanings.
//!
//! Job: take both heads apart. Input: a [`ConnectionInfo`]. Output: a [`HandshakeInfo`]. RFC 6455 §4,
//! RFC 8441 §4, §5.

use super::extensions::{self, ExtensionParameter};
use super::headers;
use crate::base::{Peer, Stamp};
use crate::event::{ConnectionInfo, Upgrade};
use crate::http::{AcceptSteps, Handshake, Header};
use crate::page::redact::Redact;

/// A handshake, taken apart.
#[derive(Debug, Clone)]
pub struct HandshakeInfo {
    /// What the client sent, where it was captured.
    pub request: Option<HeadInfo>,
    /// What the server answered, where it was captured.
    pub response: Option<HeadInfo>,
    /// How the Accept value comes about, where the key was captured and the answer is no refusal.
    pub accept: Option<AcceptInfo>,
    /// The extensions that the client offers, in the order of its preference.
    pub offered: Vec<String>,
    /// The extensions that the server agrees to.
    pub agreed: Vec<String>,
    /// What that comes to, in words.
    pub outcome: String,
    /// The parameters of compression, where it was agreed.
    pub parameters: Vec<ExtensionParameter>,
}

/// A head.
#[derive(Debug, Clone)]
pub struct HeadInfo {
    /// Who sent it.
    pub from: Peer,
    /// The packet with its first byte.
    pub at: Stamp,
    /// The request line or the status line, and then the headers.
    pub lines: Vec<LineInfo>,
}

/// A line of a head.
#[derive(Debug, Clone)]
pub struct LineInfo {
    /// As it was sent, white space aside.
    pub line: String,
    /// What it means.
    pub meaning: String,
    /// The rule that gives it this meaning: RFC and section; empty where there is none to name.
    pub rule: &'static str,
}

/// How the Accept value comes about.
#[derive(Debug, Clone)]
pub struct AcceptInfo {
    /// The key as sent.
    pub key: String,
    /// The steps.
    pub steps: AcceptSteps,
    /// What the server sent.
    pub sent: Option<String>,
}

impl AcceptInfo {
    /// Whether the server sent what it had to.
    pub fn fits(&self) -> bool {
        self.sent.as_deref() == Some(self.steps.base64.as_str())
    }
}

impl HandshakeInfo {
    /// Takes the handshake of a connection apart; `None` where none was captured.
    pub fn of(info: &ConnectionInfo, redact: Redact) -> Option<Self> {
        let handshake = info.handshake.as_deref()?;
        let names = |extensions: Vec<crate::http::Extension>| {
            let shown = extensions.iter().map(ToString::to_string);
            shown.collect::<Vec<_>>()
        };
        let shown = |mut head: HeadInfo| {
            for line in &mut head.lines {
                line.line = match head.from {
                    Peer::Client => redact.head_line(&line.line),
                    Peer::Server => redact.response_line(handshake, &line.line),
                }
                .into_owned();
            }
            head
        };
        Some(Self {
            request: request(handshake).map(shown),
            response: response(handshake).map(shown),
            accept: accept(handshake, info.upgrade),
            offered: names(handshake.offered_extensions()),
            agreed: names(handshake.agreed_extensions()),
            outcome: extensions::outcome(info, handshake),
            parameters: extensions::parameters(info, handshake),
        })
    }
}

fn request(handshake: &Handshake) -> Option<HeadInfo> {
    let head = handshake.request.as_ref()?;
    let line = format!(
        "{} {} {}",
        text(&head.method),
        text(&head.target),
        head.version
    );
    let (meaning, rule) = if handshake.is_http2() {
        (
            "the request as HTTP/1.1 would write it; HTTP/2 sends it as fields whose names begin with a colon",
            "RFC 8441 §4",
        )
    } else {
        (
            "asks for the resource by this name; an upgrade is always a GET",
            "RFC 6455 §4.1",
        )
    };
    let meaning = meaning.to_owned();
    let first = LineInfo {
        line,
        meaning,
        rule,
    };
    Some(HeadInfo {
        from: Peer::Client,
        at: handshake.request_at,
        lines: lines(first, head.headers.iter(), Peer::Client, true),
    })
}

fn response(handshake: &Handshake) -> Option<HeadInfo> {
    let head = handshake.response.as_ref()?;
    let line = format!("{} {} {}", head.version, head.status, text(&head.reason));
    let switches = head.switches();
    let (meaning, rule) = match (switches, handshake.is_http2()) {
        (true, false) => (
            "the server agrees: after this head both sides speak WebSocket",
            "RFC 6455 §4.2.2",
        ),
        (true, true) => (
            "the server agrees, as any 2xx says: after this head DATA frames carry WebSocket both ways",
            "RFC 8441 §5",
        ),
        (false, false) => ("the server refuses: this stays HTTP", "RFC 6455 §4.2.2"),
        (false, true) => (
            "the server refuses: no WebSocket is on this stream",
            "RFC 8441 §5",
        ),
    };
    let first = LineInfo {
        line: line.trim_end().to_owned(),
        meaning: meaning.to_owned(),
        rule,
    };
    Some(HeadInfo {
        from: Peer::Server,
        at: handshake.response_at,
        lines: lines(first, head.headers.iter(), Peer::Server, switches),
    })
}

fn lines<'a>(
    first: LineInfo,
    headers: impl Iterator<Item = &'a Header>,
    from: Peer,
    switches: bool,
) -> Vec<LineInfo> {
    let line = |header: &Header| {
        let (meaning, rule) = headers::meaning(header, from, switches);
        LineInfo {
            line: format!("{}: {}", text(&header.name), text(&header.value)),
            meaning,
            rule,
        }
    };
    std::iter::once(first).chain(headers.map(line)).collect()
}

fn accept(handshake: &Handshake, upgrade: Upgrade) -> Option<AcceptInfo> {
    if upgrade == Upgrade::Refused {
        return None;
    }
    let key = handshake.key()?;
    let response = handshake.response.as_ref();
    let sent = response.and_then(|head| head.headers.first("Sec-WebSocket-Accept"));
    Some(AcceptInfo {
        steps: AcceptSteps::of(key.as_bytes()),
        sent: sent.map(text),
        key,
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
