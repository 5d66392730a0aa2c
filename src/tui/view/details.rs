//! All of one connection.
//!
//! Job: what the table of connections has no room for. Input: the state. Output: cells.

use std::fmt::Write;

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use crate::base::Peer;
use crate::http::Handshake;
use crate::page::redact::Redact;
use crate::page::{units, words};
use crate::stats::Traffic;
use crate::tls::Why;
use crate::tui::app::App;
use crate::tui::index::Connection;

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
    for (name, text) in rows(connection, app.redact) {
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

fn rows(connection: &Connection, redact: Redact) -> Vec<(&'static str, String)> {
    let handshake = connection.handshake();
    let part = |get: fn(&Handshake) -> Option<String>| handshake.and_then(get).unwrap_or_default();
    let side = |peer: Peer| {
        let totals = connection.peers[peer];
        let mut text = traffic(&totals);
        if let Some(both) = connection.info.parameters() {
            let parameters = words::parameters(both[peer], connection.info.inferred);
            let _ = write!(text, "; {parameters}");
        }
        text
    };
    let facts = connection.info.tls.as_deref();
    let tls = facts.map(words::tls).unwrap_or_default();
    let certificate = facts.map(words::certificate).unwrap_or_default();
    if connection.is_unread {
        let why = facts.and_then(|facts| facts.why);
        return vec![
            ("proxied", words::proxied(&connection.info.proxied_from)),
            ("tls", tls),
            ("certificate", certificate),
            ("advice", why.map_or("", Why::advice).to_owned()),
        ];
    }
    vec![
        ("proxied", words::proxied(&connection.info.proxied_from)),
        ("tls", tls),
        ("certificate", certificate),
        ("upgrade", words::upgrade(&connection.info)),
        ("request", redact.target(&connection.target()).into_owned()),
        (
            "subprotocol",
            redact
                .subprotocols(&part(Handshake::subprotocol))
                .into_owned(),
        ),
        (
            "protocol",
            connection
                .recognised
                .as_ref()
                .map(units::recognised)
                .unwrap_or_default(),
        ),
        ("offered", part(Handshake::offered)),
        ("agreed", part(Handshake::agreed)),
        ("client", side(Peer::Client)),
        ("server", side(Peer::Server)),
        (
            "missing",
            match connection.totals().tcp.missing_bytes {
                0 => String::new(),
                bytes => format!("{} not in the capture", words::count(bytes, "byte")),
            },
        ),
        ("ended", words::ending(connection.ending)),
    ]
}

fn traffic(totals: &Traffic) -> String {
    let mut text = format!(
        "{}, {} on the wire, {} of payload",
        words::count(totals.messages.total(), "message"),
        words::brief(totals.websocket_bytes),
        words::brief(totals.payload_bytes)
    );
    if totals.compressed_bytes > 0 {
        let _ = write!(
            text,
            "; ratio {}",
            words::ratio(totals.inflated_bytes, totals.compressed_bytes)
        );
    }
    if totals.incomplete() > 0 {
        let _ = write!(text, "; {} not whole", totals.incomplete());
    }
    text
}
