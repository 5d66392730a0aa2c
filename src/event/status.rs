//! How much of a message is known, and why not all.
//!
//! Job: the words for it that all outputs share. Input and output: none; plain values.

use std::fmt;

use strum::{IntoStaticStr, VariantArray};

/// Why a message is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Reason {
    /// Payload bytes are missing in the capture.
    PayloadMissing,
    /// It copies from earlier messages that are not known: missing in the capture, or faulty.
    HistoryLost,
    /// Its first fragment is missing in the capture.
    FirstFragmentMissing,
    /// Frames of it may lie in a gap in the capture.
    FramingLost,
    /// Its compressed payload does not inflate.
    InflateError,
    /// An extension that wscope does not know changed it.
    ExtensionUnknown,
    /// The sender began another message before it ended this one.
    Abandoned,
    /// The connection ended inside it.
    ConnectionEnded,
    /// The capture ended inside it.
    CaptureEnded,
}

impl Reason {
    /// As the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// In words, for people.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::PayloadMissing => "bytes of it are missing in the capture",
            Self::HistoryLost => "it copies from earlier messages that are not known",
            Self::FirstFragmentMissing => "its first fragment is missing in the capture",
            Self::FramingLost => "frames of it may be missing in the capture",
            Self::InflateError => "its compressed payload does not inflate",
            Self::ExtensionUnknown => "an extension that wscope does not know changed it",
            Self::Abandoned => "the sender began another message inside it",
            Self::ConnectionEnded => "the connection ended inside it",
            Self::CaptureEnded => "the capture ended inside it",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How much of a message's payload is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// All of it.
    Complete,
    /// Some bytes.
    Partial(Reason),
    /// None.
    Lost(Reason),
}

impl Status {
    /// `complete`, `partial` or `lost`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Why it is not complete.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Complete => None,
            Self::Partial(reason) | Self::Lost(reason) => Some(reason),
        }
    }
}
