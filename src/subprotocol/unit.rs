//! One frame, packet or call of a subprotocol.
//!
//! Job: hold what every protocol's unit has in common. Input: made by the decoders. Output: none;
//! plain values. The field names are those of `units` in `docs/json.md`.

use std::borrow::Cow;

use serde_json::{Map, Value};
use strum::IntoStaticStr;

use crate::base::words::count;

/// How a unit went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum UnitStatus {
    /// As it ought to.
    #[default]
    Ok,
    /// It tells of an error, or it breaks its protocol's rules.
    Error,
    /// Some of its bytes are not known.
    Partial,
}

/// Bytes of a message's payload that belong to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The message's number.
    pub message: u64,
    /// The first byte.
    pub start: u64,
    /// How many.
    pub length: u64,
}

/// A unit that is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Answered {
    /// The message that completed it.
    pub message: u64,
    /// Its index in that message.
    pub unit: usize,
}

/// One frame, packet or call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unit {
    /// The protocol's name in the registry.
    pub protocol: &'static str,
    /// What the protocol calls it, for instance `MESSAGE`.
    pub kind: Cow<'static, str>,
    /// Its destination, topic, event or method.
    pub subject: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// What it answers.
    pub answers: Vec<Answered>,
    /// Nanoseconds since the last of what it answers.
    pub after: Option<i64>,
    /// How it went.
    pub status: UnitStatus,
    /// Where its bytes are. Empty where it is inside another unit.
    pub parts: Vec<Part>,
    /// The index of the unit of this message that wraps it.
    pub inside: Option<usize>,
    /// What else it says, by the protocol's own names, in their order.
    pub fields: Map<String, Value>,
    /// Its body, for a line that sums it up: text, cut at a character border.
    pub body: Option<String>,
}

/// Bytes of a body that a line may show.
pub const SHOWN: usize = 1024;

/// What a line shows of a body: its first characters, or how long it is where it is no text.
pub fn shown(body: &[u8]) -> String {
    let beginning = body.get(..SHOWN).unwrap_or(body);
    let cut = beginning.len() < body.len();
    match std::str::from_utf8(beginning) {
        Ok(text) if cut => format!("{text}…"),
        Ok(text) => text.to_owned(),
        // It may have been cut inside a character.
        Err(error) if cut && error.error_len().is_none() => {
            let whole = beginning.get(..error.valid_up_to()).unwrap_or_default();
            format!("{}…", String::from_utf8_lossy(whole))
        }
        Err(_) => format!("({})", count(body.len() as u64, "byte")),
    }
}
