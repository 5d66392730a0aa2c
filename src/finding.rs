//! What the peers did: the catalogue of findings.
//!
//! Job: give every deviation a stable code, a severity, the rule it breaks and an advice.
//! Input: [`Observation`]s made by the layers. Output: [`Finding`]s, which have a place.
//! Our own failures are not findings, see [`crate::error`].

use std::fmt;

use crate::base::{Peer, Stamp};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely trouble.
    Warning,
    /// A MUST was broken, or data is unreadable.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident, $rule:literal, $advice:literal;)*) => {
        /// The stable code of a finding. `docs/findings.md` lists them all.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the layers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is printed, for instance `rsv1-on-continuation`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// The rule it cites: RFC and section.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule,)* }
            }

            /// What to do about it, in one sentence.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

codes! {
    // tcp
    /// A retransmission carried other bytes than the first copy.
    TcpConflict = "tcp-conflict", Error, "RFC 9293 §3.10.7.4",
        "The first copy was used; look for a middlebox that rewrites traffic or for two connections mixed in one capture.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a layer saw, before anybody knows the connection and message it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which rule.
    pub code: Code,
    /// Who broke it; `None` where no one peer did.
    pub from: Option<Peer>,
    /// What was seen, with its figures, in one sentence.
    pub text: String,
}

impl Observation {
    /// An observation about what `from` sent.
    pub fn new(code: Code, from: Peer, text: impl Into<String>) -> Self {
        Self {
            code,
            from: Some(from),
            text: text.into(),
        }
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
    /// What was seen.
    pub text: String,
}
