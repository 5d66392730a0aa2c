//! How much of the TLS on a capture was read.
//!
//! Job: count TLS connections by what was read of them, and why not all. Input: their ends.
//! Output: [`TlsCounts`].

use std::collections::BTreeMap;

use crate::tls::{Facts, Status, Why};

/// TLS connections, whatever they carry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsCounts {
    /// Wholly read.
    pub read: u64,
    /// Partly read.
    pub partly: u64,
    /// Not read.
    pub unread: u64,
    /// Those that were not wholly read, by the code of the reason.
    pub reasons: BTreeMap<&'static str, u64>,
}

impl TlsCounts {
    pub(super) fn ended(&mut self, facts: &Facts) {
        match facts.status {
            Status::Read => self.read += 1,
            Status::Partly => self.partly += 1,
            Status::Unread => self.unread += 1,
        }
        if let Some(why) = facts.why.map(Why::name) {
            *self.reasons.entry(why).or_default() += 1;
        }
    }

    /// Takes over another worker's.
    pub fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.partly += other.partly;
        self.unread += other.unread;
        for (why, count) in other.reasons {
            *self.reasons.entry(why).or_default() += count;
        }
    }

    /// All.
    pub fn total(&self) -> u64 {
        self.read + self.partly + self.unread
    }
}
