//! Packets of Engine.IO.
//!
//! Job: read the first character and the open packet. Input: text. Output: kinds and agreed times.
//! Engine.IO protocol 4, "Protocol".

use strum::IntoStaticStr;

use crate::subprotocol::json::Members;

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Kind {
    Open,
    Close,
    Ping,
    Pong,
    Message,
    Upgrade,
    Noop,
}

/// The kind of a packet, and what follows its digit.
pub(super) fn split(text: &str) -> Option<(Kind, &str)> {
    let kind = match text.as_bytes().first()? {
        b'0' => Kind::Open,
        b'1' => Kind::Close,
        b'2' => Kind::Ping,
        b'3' => Kind::Pong,
        b'4' => Kind::Message,
        b'5' => Kind::Upgrade,
        b'6' => Kind::Noop,
        _ => return None,
    };
    Some((kind, text.get(1..)?))
}

/// What the server says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    /// The name of the session.
    pub(super) sid: String,
    /// Milliseconds between two pings.
    pub(super) interval: i64,
    /// Milliseconds that an answer may take.
    pub(super) timeout: i64,
}

impl Open {
    /// From the object in an open packet.
    pub(super) fn read(text: &str) -> Option<Self> {
        let object = Members::read(text);
        if !object.whole {
            return None;
        }
        Some(Self {
            sid: object.text("sid")?.into_owned(),
            interval: object.number("pingInterval")?,
            timeout: object.number("pingTimeout")?,
        })
    }
}

/// The protocol's version that a request target names.
pub(super) fn version(target: &str) -> Option<u8> {
    parameter(target, "EIO")?.parse().ok()
}

/// Whether the session began with polling: the request names a session.
pub(super) fn is_upgrade(target: &str) -> bool {
    parameter(target, "sid").is_some()
}

fn parameter<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = target.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}
