//! The ends of earlier messages.
//!
//! Job: keep of each message that was inflated what later ones can copy. Input: messages of one
//! sender, in order. Output: [`Past`]s. RFC 7692 §7.1.1: messages share one window, of 32,768
//! bytes at the most; so much and one message more is kept.

use std::collections::VecDeque;

use crate::event::Message;

/// The largest window.
const WINDOW: usize = 1 << 15;

/// The end of the payload of an earlier message, as far as a window can hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The message's number.
    pub message: u64,
    /// Where in its payload the bytes begin.
    pub start: u64,
    /// The bytes, zeros in their holes.
    pub bytes: Vec<u8>,
    /// Which of them are not known: start, counted in `bytes`, and length.
    pub holes: Vec<(u64, u64)>,
}

/// Those that a window can hold.
#[derive(Debug, Default)]
pub(super) struct Pasts {
    all: VecDeque<Past>,
    /// Bytes of all.
    held: usize,
}

impl Pasts {
    /// The oldest first.
    pub(super) fn list(&self) -> Vec<Past> {
        self.all.iter().cloned().collect()
    }

    /// Takes the next message that was inflated.
    pub(super) fn keep(&mut self, message: &Message<'_>) {
        let start = message.payload.len().saturating_sub(WINDOW);
        let bytes = message.payload.get(start..).unwrap_or_default().to_vec();
        if bytes.is_empty() {
            return;
        }
        let start = start as u64;
        let holes = message.holes.iter().filter_map(|(at, len)| {
            let end = (at + len).checked_sub(start)?;
            let at = at.saturating_sub(start);
            (end > at).then(|| (at, end - at))
        });
        self.held += bytes.len();
        self.all.push_back(Past {
            message: message.number,
            start,
            holes: holes.collect(),
            bytes,
        });
        while let Some(oldest) = self.all.front()
            && self.held - oldest.bytes.len() >= WINDOW
        {
            self.held -= oldest.bytes.len();
            self.all.pop_front();
        }
    }
}
