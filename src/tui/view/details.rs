//! All of one connection.
//!
//! Job: what the table of connections has no room for. Input: the state. Output: cells.

use std::fmt::Write;

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use crate::base::Peer;
use crate::finding::Severity;
use crate::http::Handshake;
use crate::output::outcome;
use crate::page::redact::Redact;
use crate::page::{units, words};
use crate::stats::Traffic;
use crate::tls::Why;
use crate::tui::app::App;
use crate::tui::index::Connection;

/// Columns before the text of a row.
const TEXT: u16 = 12;

/// Streams that are named.
const STREAMS: usize = 32;

/// All of the selected connection.
pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let Some(connection) = app.connection().filter(|_| area.height > 0) else {
        return;
    };
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let flow = &connection.info.flow;
    let head = format!(
        "Connection {}  {} → {}{}",
        connection.conversing(),
        flow.client(),
        flow.server(),
        if connection.is_transport() {
            ", HTTP/2"
        } else {
            ""
        }
    );
    brush.text(area, 0, &head, theme.head());
    let mut at = 1;
    let rows = if connection.is_transport() {
        of_streams(app, connection)
    } else {
        rows(connection, app.redact)
    };
    for (name, text) in rows {
        if text.is_empty() {
            continue;
        }
        let room = usize::from(area.width.saturating_sub(TEXT));
        let style = match name {
            "client" => theme.peer(Peer::Client),
            "server" => theme.peer(Peer::Server),
            "end" if is_unusual(connection) => theme.severity(Severity::Warning),
            _ => theme.dim(),
        };
        brush.text(area, at, name, style);
        if name == "end" {
            // It is what one came for: all of it is shown.
            let text = safe(&text, usize::MAX);
            for line in textwrap::wrap(&text, room.max(8)) {
                brush.at(area, at, TEXT, &line, theme.plain());
                at += 1;
            }
            continue;
        }
        brush.at(area, at, TEXT, &safe(&text, room), theme.plain());
        at += 1;
    }
}

fn is_unusual(connection: &Connection) -> bool {
    let outcome = connection.outcome.as_ref();
    outcome.is_some_and(outcome::is_unusual)
}

/// Who ended it, how and why, where it was a WebSocket.
fn end(connection: &Connection, redact: Redact) -> String {
    let outcome = connection.outcome.as_ref();
    let outcome = outcome.filter(|_| connection.info.upgrade.is_websocket());
    outcome.map_or_else(String::new, |outcome| outcome::sentence(outcome, redact))
}

/// Of which connection it is another leg.
fn same_as(connection: &Connection) -> String {
    let same = connection.same_as.map(|(first, by)| (first, by.words()));
    words::same_as(same)
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
    let stream = connection.conversing().on_stream();
    let below = if stream.is_some() { "stream" } else { "tcp" };
    vec![
        ("end", end(connection, redact)),
        ("same as", same_as(connection)),
        ("proxied", words::proxied(&connection.info.proxied_from)),
        ("process", words::processes(&connection.info.processes)),
        ("tls", tls),
        ("certificate", certificate),
        ("upgrade", words::upgrade(&connection.info)),
        ("request", redact.target(&connection.target()).into_owned()),
        (
            "subprotocol",
            handshake
                .and_then(|handshake| redact.agreed(handshake))
                .unwrap_or_default(),
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
        ("missing", missing(connection)),
        (below, words::ending(connection.ending)),
    ]
}

/// What the streams of a connection of HTTP/2 have in common, and come to.
fn of_streams(app: &App, connection: &Connection) -> Vec<(&'static str, String)> {
    let facts = connection.info.tls.as_deref();
    let mut tcp = words::ending(connection.ending);
    for (peer, totals) in connection.peers.iter() {
        let totals = totals.tcp;
        if totals.packets > 0 {
            let packets = words::count(totals.packets, "packet");
            let bytes = words::brief(totals.payload_bytes);
            let _ = write!(tcp, "; {peer} {packets}, {bytes} bytes");
        }
    }
    let side = |peer: Peer| traffic(&connection.peers[peer]);
    vec![
        ("streams", streams(app, connection)),
        ("proxied", words::proxied(&connection.info.proxied_from)),
        ("tls", facts.map(words::tls).unwrap_or_default()),
        (
            "certificate",
            facts.map(words::certificate).unwrap_or_default(),
        ),
        ("client", side(Peer::Client)),
        ("server", side(Peer::Server)),
        ("missing", missing(connection)),
        ("tcp", tcp),
    ]
}

/// What is on them, and their numbers.
fn streams(app: &App, connection: &Connection) -> String {
    let all = app.index.connections();
    let streams = connection.streams.iter().filter_map(|at| all.get(*at));
    let is_websocket = |one: &&Connection| one.info.upgrade.is_websocket();
    let websockets = streams.clone().filter(is_websocket).count();
    let mut text = words::count(websockets as u64, "WebSocket");
    match connection.streams.len() - websockets {
        0 => {}
        others => {
            let _ = write!(text, ", {others} refused or not answered");
        }
    }
    let numbers = streams.take(STREAMS).map(|one| one.conversing().stream);
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    let more = if connection.streams.len() > STREAMS {
        ", …"
    } else {
        ""
    };
    let _ = write!(text, ", on {}{more}", numbers.join(", "));
    text
}

fn missing(connection: &Connection) -> String {
    let bytes = match connection.stream {
        Some(stream) => stream.missing.client.saturating_add(stream.missing.server),
        None => connection.totals().tcp.missing_bytes,
    };
    let most = if connection.stream.is_some() {
        "at most "
    } else {
        ""
    };
    match bytes {
        0 => String::new(),
        bytes => format!("{most}{} not in the capture", words::count(bytes, "byte")),
    }
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
