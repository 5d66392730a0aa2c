//! Colours, where they are wanted.
//!
//! Job: one place that knows escape sequences. The text says the same without them.

use std::fmt::Display;

use crate::base::Peer;
use crate::finding::Severity;

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Escape sequences are written.
    pub colour: bool,
}

impl Style {
    fn wrap(self, code: &str, text: impl Display) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }

    /// Column heads.
    pub fn head(self, text: impl Display) -> String {
        self.wrap("1", text)
    }

    /// What matters less.
    pub fn dim(self, text: impl Display) -> String {
        self.wrap("2", text)
    }

    /// A sender's text.
    pub fn peer(self, peer: Peer, text: impl Display) -> String {
        match peer {
            Peer::Client => self.wrap("36", text),
            Peer::Server => self.wrap("33", text),
        }
    }

    /// A finding's severity.
    pub fn severity(self, severity: Severity, text: impl Display) -> String {
        match severity {
            Severity::Error => self.wrap("1;31", text),
            Severity::Warning => self.wrap("31", text),
            Severity::Note => self.wrap("34", text),
        }
    }

    /// Bytes that stand in a compressed payload as they are.
    pub fn literal(self, text: impl Display) -> String {
        self.wrap("32", text)
    }

    /// Bytes that are copied from the same message.
    pub fn copy(self, text: impl Display) -> String {
        self.wrap("35", text)
    }

    /// Bytes that are copied from an earlier message.
    pub fn far_copy(self, text: impl Display) -> String {
        self.wrap("34", text)
    }

    /// A cell of a heat map, from 0, which is good, to 4.
    pub fn heat(self, step: usize, text: impl Display) -> String {
        let codes = ["30;42", "32", "33", "31", "1;31"];
        self.wrap(codes.get(step).copied().unwrap_or("1;31"), text)
    }

    /// What breaks a rule.
    pub fn wrong(self, text: impl Display) -> String {
        self.wrap("1;31", text)
    }

    /// Bytes that are not known.
    pub fn hole(self, text: impl Display) -> String {
        self.wrap("7", text)
    }
}
