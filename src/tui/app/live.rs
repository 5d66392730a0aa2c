//! A live capture as the UI knows it.
//!
//! Job: how it stands. Input: what the world tells several times a second. Output: plain values.

use crate::base::Timestamp;
use crate::capture::{Status, Unkept};

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
    /// From where on packets are not kept.
    pub unkept: Option<Unkept>,
    /// Packets may be older than the present: time goes by theirs.
    pub by_packets: bool,
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
    /// The time of the newest message, and the present when it was first seen.
    pub newest: (Timestamp, Timestamp),
}

impl Live {
    /// Takes how the capture stands, whose newest message is of that time; while what is shown is frozen, only what must be known.
    pub fn take(&mut self, mut standing: Standing, newest: Timestamp) {
        if self.newest.0 != newest {
            self.newest = (newest, standing.now);
        }
        if standing.by_packets {
            let since = standing.now.0.saturating_sub(self.newest.1.0);
            standing.now = Timestamp(newest.0.saturating_add(since));
        }
        if self.paused {
            self.since = standing
                .status
                .packets
                .saturating_sub(self.standing.status.packets);
            self.standing.status.state = standing.status.state;
            self.standing.unkept = standing.unkept;
        } else {
            self.standing = standing;
        }
    }

    /// Packets that are kept and would be lost with the program.
    pub fn unsaved(&self) -> u64 {
        let packets = self.standing.status.packets + if self.paused { self.since } else { 0 };
        let kept = self.standing.unkept.as_ref();
        let kept = kept.map_or(packets, |unkept| packets.min(unkept.from - 1));
        if self.standing.scratch {
            kept.saturating_sub(self.saved)
        } else {
            0
        }
    }
}
