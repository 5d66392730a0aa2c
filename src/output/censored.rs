//! Payloads without the secrets that units show.
//!
//! Job: take out of a payload what a unit's fields have as a secret. Input: a message. Output: its
//! text without them, or the word that it cannot be shown. Of payloads that no subprotocol was
//! recognised in, nobody knows what is secret: they are left as they are.

use crate::event::Message;
use crate::page::redact::{Redact, secret, secrets};

/// What is shown of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Censored {
    /// All of it: it holds no secret that is known.
    No,
    /// This text.
    Text(String),
    /// Nothing: a secret is in it, and nobody knows where.
    All,
}

impl Censored {
    /// What `redact` leaves of a message's payload.
    pub(super) fn of(message: &Message<'_>, redact: Redact) -> Self {
        if redact == Redact::Nothing {
            return Self::No;
        }
        let known: Vec<_> = message
            .units
            .iter()
            .flat_map(|unit| secrets(&unit.fields))
            .collect();
        if known.is_empty() {
            return Self::No;
        }
        // A part of a secret in this message is in another one, too.
        let here = |part: &crate::subprotocol::Part| part.message == message.number;
        let whole = message.units.iter().all(|unit| unit.parts.iter().all(here));
        let Some(text) = message.text.filter(|_| whole) else {
            return Self::All;
        };
        let mut shown = text.to_owned();
        for value in known {
            if !shown.contains(value) {
                return Self::All;
            }
            shown = shown.replace(value, &secret(value));
        }
        Self::Text(shown)
    }
}
