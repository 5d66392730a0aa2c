//! What was recognised.
//!
//! Job: say which protocol, and why. Input and output: none; plain values.

use strum::IntoStaticStr;

use crate::subprotocol::decoder::At;
use crate::subprotocol::entry::Entry;

/// Why a protocol was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Why {
    /// Hardly anything else says this.
    Said,
    /// Its name was agreed, and what is said fits.
    SaidAndAgreed,
    /// It was asked for.
    Asked,
}

impl Why {
    /// `said`, `said-and-agreed` or `asked`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A protocol that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// Its name in the registry.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Why.
    pub why: Why,
    /// The message that showed it. Units of those before it are reported with it.
    pub message: u64,
}

impl Recognised {
    pub(super) fn of(entry: &Entry, why: Why, at: &At) -> Self {
        Self {
            name: entry.name,
            title: entry.title,
            why,
            message: at.message,
        }
    }
}
