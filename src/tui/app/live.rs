//! A live capture as the UI knows it.
//!
//! Job: how it stands. Input: what the world tells several times a second. Output: plain values.

use crate::base::Timestamp;
use crate::capture::Status;

/// How a live capture stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The interface's name.
    pub interface: String,
    /// Its counters and state.
    pub status: Status,
    /// The present time.
    pub now: Timestamp,
}

/// A live capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// How it stands.
    pub standing: Standing,
    /// What is shown is frozen.
    pub paused: bool,
}
