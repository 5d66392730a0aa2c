//! A cause, as a value.

use crate::base::{Peer, Stamp};
use crate::finding::{Code, Sentence};

/// What explains the symptoms of one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which deed.
    pub code: Code,
    /// Whose; nobody's where the capture is at fault.
    pub from: Peer,
    /// Deeds that explain it just as well.
    pub rivals: Vec<Code>,
    /// The message that shows it first.
    pub message: u64,
    /// The packet with its first byte.
    pub at: Stamp,
    /// The evidence.
    pub text: Sentence,
    /// Findings on messages from this one on are its symptoms.
    pub since: u64,
}
