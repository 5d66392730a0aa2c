//! Engine.IO and Socket.IO.
//!
//! Job: recognise them and read what they say. Input: messages. Output: units of `engine.io` and
//! `socket.io`. Engine.IO protocol 3 and 4, Socket.IO protocol 3 to 5.

mod beats;
mod engine;
mod packet;
mod session;
mod units;

use super::{At, Confidence, Entry, Look, Opening};
use engine::Kind;
use session::Session;

/// The registry's entry.
pub(super) const ENTRY: Entry = Entry {
    name: "socket.io",
    title: "Socket.IO",
    tokens: &[],
    suits,
    new: |opening| Box::new(Session::new(opening)),
};

/// Engine.IO carries Socket.IO, so that one decoder tells the units of both.
pub(super) const ENGINE: Entry = Entry {
    name: "engine.io",
    title: "Engine.IO",
    suits: |_, _, _| Confidence::No,
    ..ENTRY
};

/// The first message says it: the open packet, a probe, or a packet of Socket.IO. The path says it
/// too: `EIO=4&transport=websocket`.
fn suits(opening: &Opening<'_>, _: &At, look: &Look<'_>) -> Confidence {
    let asked = opening.target.and_then(engine::version).is_some();
    let Some(text) = look.text() else {
        let body = look.body;
        // Of MessagePack a first message would be binary.
        return if asked && !body.text && packet::Packet::packed(body.bytes).is_some() {
            Confidence::Certain
        } else {
            Confidence::No
        };
    };
    let Some((kind, rest)) = engine::split(text) else {
        return Confidence::No;
    };
    let open = kind == Kind::Open && engine::Open::read(rest).is_some();
    let probe = matches!(kind, Kind::Ping | Kind::Pong) && rest == "probe";
    let packet = || packet::Packet::read(rest, true);
    let event = kind == Kind::Message && packet().is_some_and(|packet| packet.is_event());
    if open || probe || event || asked {
        Confidence::Certain
    } else {
        // Any text that begins with a digit may be one of these.
        match kind {
            Kind::Ping | Kind::Pong if rest.is_empty() => Confidence::Possible,
            Kind::Message if packet().is_some() => Confidence::Possible,
            _ => Confidence::No,
        }
    }
}

#[cfg(test)]
mod tests;
