//! A live capture as the UI knows it.
//!
//! Job: how it stands. Input: what the world tells several times a second. Output: plain values.

use crate::base::Timestamp;

/// Whether packets can come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// They can.
    #[default]
    Up,
    /// The interface is down.
    Down,
    /// The capture has ended as it was asked to.
    Ended,
    /// It could not go on, and why.
    Failed(String),
}

/// How a live capture stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The interface's name.
    pub interface: String,
    /// Whether packets can come.
    pub link: Link,
    /// Packets captured.
    pub packets: u64,
    /// Packets that the kernel and the interface lost.
    pub dropped: u64,
    /// The oldest packet that is kept.
    pub first_kept: u64,
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
