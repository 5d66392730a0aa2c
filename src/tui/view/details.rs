//! All of one connection.
//!
//! Job: what the table of connections has no room for. Input: the state. Output: cells.

use std::fmt::Write;

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::format;
use crate::base::Peer;
use crate::deflate::{Agreement, Takeover};
use crate::event::Upgrade;
use crate::http::Handshake;
use crate::tcp::Ending;
use crate::tui::app::App;
use crate::tui::index::{Connection, Totals};

/// All of the selected connection.
pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let Some(connection) = app.connection().filter(|_| area.height > 0) else {
        return;
    };
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let flow = &connection.info.flow;
    let head = format!(
        "Connection {}  {} → {}",
        connection.conversing(),
        flow.client(),
        flow.server()
    );
    brush.text(area, 0, &head, theme.head());
    let mut at = 1;
    for (name, text) in rows(connection) {
        if text.is_empty() || at >= area.height {
            continue;
        }
        let style = match name {
            "client" => theme.peer(Peer::Client),
            "server" => theme.peer(Peer::Server),
            _ => theme.dim(),
        };
        brush.text(area, at, name, style);
        let text = safe(&text, usize::from(area.width.saturating_sub(12)));
        brush.at(area, at, 12, &text, theme.plain());
        at += 1;
    }
}

fn rows(connection: &Connection) -> Vec<(&'static str, String)> {
    let handshake = connection.handshake();
    let part = |get: fn(&Handshake) -> Option<String>| handshake.and_then(get).unwrap_or_default();
    let side = |peer: Peer| {
        let totals = connection.peers[peer];
        let mut text = traffic(&totals);
        if let Some(both) = connection.info.parameters() {
            let one = both[peer];
            let takeover = match one.takeover {
                Takeover::Keep => "context takeover",
                Takeover::Reset => "no context takeover",
            };
            let guess = if connection.info.inferred {
                ", inferred"
            } else {
                ""
            };
            let _ = write!(
                text,
                "; window {} bits, {takeover}{guess}",
                one.window_bits.get()
            );
        }
        text
    };
    vec![
        ("upgrade", upgrade(connection)),
        ("request", connection.target()),
        ("subprotocol", part(Handshake::subprotocol)),
        ("offered", part(Handshake::offered)),
        ("agreed", part(Handshake::agreed)),
        ("client", side(Peer::Client)),
        ("server", side(Peer::Server)),
        (
            "missing",
            match connection.missing_bytes {
                0 => String::new(),
                bytes => format!("{bytes} bytes are not in the capture"),
            },
        ),
        ("ended", ending(connection)),
    ]
}

fn traffic(totals: &Totals) -> String {
    let mut text = format!(
        "{} messages, {} on the wire, {} of payload",
        totals.messages,
        format::brief(totals.wire),
        format::brief(totals.payload)
    );
    if totals.deflated > 0 {
        let _ = write!(text, "; ratio {}", format::ratio(totals.ratio()));
    }
    if totals.incomplete > 0 {
        let _ = write!(text, "; {} not whole", totals.incomplete);
    }
    text
}

pub(super) fn upgrade(connection: &Connection) -> String {
    let status = connection.handshake().and_then(Handshake::status);
    match (connection.info.upgrade, status) {
        (Upgrade::Accepted, _) => match connection.info.agreement {
            Agreement::None => "accepted, no compression".to_owned(),
            Agreement::Unknown => "accepted, an extension that wscope does not know".to_owned(),
            Agreement::PermessageDeflate(_) => "accepted, permessage-deflate".to_owned(),
            Agreement::DeflateFrame(_) => "accepted, x-webkit-deflate-frame".to_owned(),
        },
        (Upgrade::Refused, Some(status)) => format!("refused with {status}"),
        (Upgrade::Refused, None) => "refused".to_owned(),
        (Upgrade::AnswerMissing, _) => "the answer is missing in the capture".to_owned(),
        (Upgrade::Unanswered, _) => "not answered".to_owned(),
        (Upgrade::NotCaptured, _) => "not captured; recognised by its frames".to_owned(),
    }
}

fn ending(connection: &Connection) -> String {
    match connection.ending {
        Ending::Open => "still open, as far as the capture goes".to_owned(),
        Ending::HalfClosed(by) => format!("half-closed by the {by}"),
        Ending::Closed => "closed".to_owned(),
        Ending::Reset(by) => format!("reset by the {by}"),
    }
}
