//! All protocols that are known.
//!
//! Job: the one list of them. Input: none. Output: [`Entry`]s.

use super::decoder::Entry;
use super::stomp;

/// All protocols, the more particular ones first.
pub const REGISTRY: &[Entry] = &[stomp::ENTRY];

/// The protocol of that name.
pub fn named(name: &str) -> Option<&'static Entry> {
    REGISTRY.iter().find(|entry| entry.name == name)
}
