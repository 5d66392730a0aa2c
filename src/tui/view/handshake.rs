//! The handshake of a connection.
//!
//! Job: both heads as they were sent, and what was made of them. Input: the state.
//! Output: lines. RFC 6455 §4.

use super::details;
use crate::base::Stamp;
use crate::http::{Handshake, Header};
use crate::tui::app::App;
use crate::tui::message::{Kind, Line, piece};

/// The lines of the tab.
pub(super) fn lines(app: &App) -> Vec<Line> {
    let Some(connection) = app.connection() else {
        return vec![vec![piece("no connection is selected", Kind::Note)]];
    };
    let note = |text: &str| vec![piece(text, Kind::Note)];
    let mut lines = vec![vec![
        piece("upgrade ", Kind::Name),
        piece(&details::upgrade(connection), Kind::Plain),
    ]];
    let Some(handshake) = connection.handshake() else {
        lines.push(note("the handshake is not in the capture"));
        return lines;
    };
    if let Some(accept) = handshake.accept() {
        lines.push(vec![
            piece("Sec-WebSocket-Accept is ", Kind::Name),
            piece(accept.name(), Kind::Plain),
        ]);
    }
    lines.push(Line::new());
    match &handshake.request {
        Some(request) => {
            lines.push(head("client", handshake.request_at));
            lines.push(vec![piece(
                &format!(
                    "{} {} {}",
                    String::from_utf8_lossy(&request.method),
                    String::from_utf8_lossy(&request.target),
                    request.version
                ),
                Kind::Plain,
            )]);
            lines.extend(request.headers.iter().map(header));
        }
        None => lines.push(note("the request is not in the capture")),
    }
    lines.push(Line::new());
    lines.extend(response(handshake));
    lines
}

fn response(handshake: &Handshake) -> Vec<Line> {
    let Some(response) = &handshake.response else {
        return vec![vec![piece(
            "the response is not in the capture",
            Kind::Note,
        )]];
    };
    let status = format!(
        "{} {} {}",
        response.version,
        response.status,
        String::from_utf8_lossy(&response.reason)
    );
    let mut lines = vec![
        head("server", handshake.response_at),
        vec![piece(&status, Kind::Plain)],
    ];
    lines.extend(response.headers.iter().map(header));
    lines
}

fn head(from: &str, at: Stamp) -> Line {
    vec![
        piece(&format!("from the {from}"), Kind::Word),
        piece(&format!(", packet {}", at.packet.number), Kind::Note),
    ]
}

fn header(header: &Header) -> Line {
    vec![
        piece(&String::from_utf8_lossy(&header.name), Kind::Name),
        piece(": ", Kind::Mark),
        piece(&String::from_utf8_lossy(&header.value), Kind::Plain),
    ]
}
