//! Payloads without the secrets that units show.
//!
//! Job: take out of a payload what a unit's fields, or the names in JSON, have as a secret. Input: a
//! message. Output: its text without them, or the word that it cannot be shown. Of other payloads
//! nobody knows what is secret: they are left as they are.

use std::borrow::Cow;

use crate::event::Message;
use crate::page::redact::{Redact, secret, secrets, secrets_of_json, withholds};

/// What is shown of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Censored {
    /// All of it: it holds no secret that is known.
    No,
    /// This text.
    Text(String),
    /// This reason after the code of a close frame.
    Closing(String),
    /// Nothing: a secret is in it, and nobody knows where.
    All,
}

impl Censored {
    /// What `redact` leaves of a message's payload.
    pub fn of(message: &Message<'_>, redact: Redact) -> Self {
        if redact == Redact::Nothing {
            return Self::No;
        }
        if let Some(reason) = message.close().filter(|body| body.code.is_some()) {
            let reason = String::from_utf8_lossy(reason.reason);
            return match redact.words(&reason) {
                Cow::Owned(shown) if shown != reason => Self::Closing(shown),
                _ => Self::No,
            };
        }
        if message.units.iter().any(withholds) {
            return Self::All;
        }
        let mut known = message.text.map(secrets_of_json).unwrap_or_default();
        for unit in message.units {
            known.extend(secrets(&unit.fields).into_iter().map(str::to_owned));
            known.extend(
                unit.body
                    .as_deref()
                    .map(secrets_of_json)
                    .unwrap_or_default(),
            );
        }
        known.sort_by_key(|value| std::cmp::Reverse(value.len()));
        known.dedup();
        if known.is_empty() {
            // What is no JSON can name secrets, too.
            return match message.text.map(|text| redact.words(text)) {
                Some(Cow::Owned(shown)) if Some(shown.as_str()) != message.text => {
                    Self::Text(shown)
                }
                _ => Self::No,
            };
        }
        // A part of a secret in this message is in another one, too.
        let here = |part: &crate::subprotocol::Part| part.message == message.number;
        let whole = message.units.iter().all(|unit| unit.parts.iter().all(here));
        let Some(text) = message.text.filter(|_| whole) else {
            return Self::All;
        };
        let mut shown = text.to_owned();
        for value in &known {
            if !shown.contains(value.as_str()) {
                return Self::All;
            }
            shown = shown.replace(value.as_str(), &secret(value));
        }
        // What is left may have some that no unit knows of.
        Self::Text(redact.words(&shown).into_owned())
    }

    /// What is left of a payload.
    pub fn payload<'a>(&self, payload: &'a [u8]) -> Cow<'a, [u8]> {
        match self {
            Self::No => Cow::Borrowed(payload),
            Self::Text(text) => Cow::Owned(text.clone().into_bytes()),
            // RFC 6455 §5.5.1: the code has two bytes.
            Self::Closing(reason) => {
                let code = payload.get(..2).unwrap_or_default();
                Cow::Owned([code, reason.as_bytes()].concat())
            }
            Self::All => Cow::Borrowed(&[]),
        }
    }
}
