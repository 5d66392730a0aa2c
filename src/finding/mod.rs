//! What the peers did: the catalogue of findings.
//!
//! Job: give every deviation a stable [`Code`] and a place.
//! Input: [`Observation`]s made by the layers. Output: [`Finding`]s, which have a place.
//! Our own failures are not findings, see [`crate::error`].

mod code;
mod sentence;
mod severity;

pub use code::Code;
pub use sentence::{Figure, Sentence};
pub use severity::Severity;

use crate::base::{Peer, Stamp};

/// What a layer saw, before anybody knows the connection and message it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which rule.
    pub code: Code,
    /// Who broke it; `None` where no one peer did.
    pub from: Option<Peer>,
    /// What was seen, with its figures, in one sentence.
    pub text: Sentence,
    /// The first bit concerned, counted from the start of the message's compressed payload.
    pub bit: Option<u64>,
}

impl Observation {
    /// An observation about what `from` sent.
    pub fn new(code: Code, from: Peer, text: impl Into<Sentence>) -> Self {
        Self {
            code,
            from: Some(from),
            text: text.into(),
            bit: None,
        }
    }

    /// The finding that it is at its place: on the message of that number, where it is on one.
    #[must_use]
    pub fn placed(self, message: Option<u64>, at: Stamp) -> Finding {
        let Self {
            code,
            from,
            text,
            bit,
        } = self;
        Finding {
            code,
            from,
            message,
            at,
            bit,
            text,
        }
    }

    /// The same at a bit of the message's compressed payload, where it is known.
    #[must_use]
    pub fn at_bit(self, bit: Option<u64>) -> Self {
        Self { bit, ..self }
    }
}

/// A peer's deed, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// Who broke it.
    pub from: Option<Peer>,
    /// The message it stands in, where it stands in one.
    pub message: Option<u64>,
    /// The packet that showed it.
    pub at: Stamp,
    /// The first bit concerned, counted from the start of the message's compressed payload.
    pub bit: Option<u64>,
    /// What was seen, with its figures.
    pub text: Sentence,
}
