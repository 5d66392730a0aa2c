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
    /// The BPF expression that chooses packets; empty for none.
    pub filter: String,
    /// Where packets are kept.
    pub place: String,
    /// Bytes that are kept, and how many may be.
    pub kept: (u64, Option<u64>),
    /// No name points to what is kept: it goes with the program.
    pub scratch: bool,
    /// Secrets of TLS that were used, and are saved with the packets.
    pub secrets: usize,
}

/// A live capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// How it stands.
    pub standing: Standing,
    /// What is shown is frozen.
    pub paused: bool,
    /// Packets captured since it was frozen.
    pub since: u64,
    /// Packets that were there when they were saved last.
    pub saved: u64,
}

impl Live {
    /// Takes how the capture stands; while what is shown is frozen, only what must be known.
    pub fn take(&mut self, standing: Standing) {
        if self.paused {
            self.since = standing
                .status
                .packets
                .saturating_sub(self.standing.status.packets);
            self.standing.status.state = standing.status.state;
        } else {
            self.standing = standing;
        }
    }

    /// Packets that are kept and would be lost with the program.
    pub fn unsaved(&self) -> u64 {
        let packets = self.standing.status.packets + if self.paused { self.since } else { 0 };
        if self.standing.scratch {
            packets.saturating_sub(self.saved)
        } else {
            0
        }
    }
}
