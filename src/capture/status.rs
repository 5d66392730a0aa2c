//! How a live capture stands, as values.
//!
//! Job: what its thread counts and everyone shows. Input and output: none.

use std::fmt;

/// Whether packets can come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// They can.
    #[default]
    Up,
    /// The interface is down; the capture waits for it.
    Down,
    /// The capture has ended, as it was asked to or by its limit.
    Ended,
    /// The capture has ended because it could not go on; what libpcap said.
    Failed(String),
}

/// How a live capture stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Packets captured, those that still wait to be analysed included.
    pub packets: u64,
    /// Their captured bytes.
    pub bytes: u64,
    /// Packets lost.
    pub drops: Drops,
    /// Whether packets can come.
    pub state: State,
}

/// Packets that were seen, and cannot be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unkept {
    /// The first of them.
    pub from: u64,
    /// What the system said.
    pub why: String,
}

impl fmt::Display for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.from {
            1 => write!(f, "packets are not kept: {}", self.why),
            from => write!(f, "packets from {from} on are not kept: {}", self.why),
        }
    }
}

/// Packets that were lost before they reached us, as far as anybody counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drops {
    /// The kernel's buffer was full: wscope or its machine was too slow.
    pub kernel: u64,
    /// The interface or its driver lost them; not every system counts.
    pub interface: u64,
}

impl Drops {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.kernel + self.interface
    }
}
