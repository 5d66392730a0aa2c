//! What the registry knows of a protocol.
//!
//! Job: say how a protocol is named, recognised and decoded. Input: first messages. Output: how sure it is of
//! them, and a decoder.

use super::decoder::{At, Opening, Subprotocol};
use super::look::Look;

/// How sure a protocol is that a message is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It is not.
    No,
    /// It may be: enough only if the name was agreed or the path fits.
    Possible,
    /// Hardly anything else says this.
    Certain,
}

/// What the registry knows of a protocol.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name as `--as` takes it and `protocol` shows it, for instance `stomp`.
    pub name: &'static str,
    /// Its name as lines for people have it, for instance `STOMP`.
    pub title: &'static str,
    /// The names it goes by in `Sec-WebSocket-Protocol`.
    pub tokens: &'static [&'static str],
    /// How sure it is that a first message is its own.
    pub suits: fn(&Opening<'_>, &At, &Look<'_>) -> Confidence,
    /// A decoder for a conversation that opened so.
    pub new: fn(&Opening<'_>) -> Box<dyn Subprotocol>,
}
