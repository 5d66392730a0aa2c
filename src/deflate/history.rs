//! The sliding window's content.
//!
//! Job: keep the last 32 KiB that a direction's inflater put out. RFC 1951 §2: distances
//! reach back 32,768 bytes at the most.

/// The last bytes of a stream, at most [`History::SIZE`].
#[derive(Debug, Clone, Default)]
pub struct History {
    /// A ring once it is full.
    bytes: Vec<u8>,
    /// Where the next byte goes.
    next: usize,
    full: bool,
}

impl History {
    /// The largest window, 2^15 bytes.
    pub const SIZE: usize = 1 << 15;

    /// The least room that is made at once.
    const STEP: usize = 1 << 12;

    /// Where the next bytes are to be written: an engine puts its output right here, so that
    /// keeping it costs nothing. Never empty, and shorter than the window where the ring ends.
    pub fn space(&mut self) -> &mut [u8] {
        if self.next == Self::SIZE {
            self.next = 0;
            self.full = true;
        }
        // Short streams need no whole window.
        if self.bytes.len() - self.next < Self::STEP && self.bytes.len() < Self::SIZE {
            let len = (self.bytes.len() * 2).clamp(2 * Self::STEP, Self::SIZE);
            self.bytes.resize(len, 0);
        }
        self.bytes.get_mut(self.next..).unwrap_or_default()
    }

    /// Takes the first `count` bytes of [`History::space`] as written, and returns them.
    pub fn advance(&mut self, count: usize) -> &[u8] {
        let start = self.next;
        self.next = start.saturating_add(count).min(self.bytes.len());
        self.bytes.get(start..self.next).unwrap_or_default()
    }

    /// Appends bytes that were put out elsewhere.
    pub fn push(&mut self, mut new: &[u8]) {
        while !new.is_empty() {
            let space = self.space();
            let count = space.len().min(new.len());
            let (now, later) = new.split_at(count);
            if let Some(place) = space.get_mut(..count) {
                place.copy_from_slice(now);
            }
            self.advance(count);
            new = later;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.next = 0;
        self.full = false;
    }

    /// Bytes it holds.
    pub fn len(&self) -> usize {
        if self.full { Self::SIZE } else { self.next }
    }

    /// Bytes of memory that it takes.
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The content from the oldest byte to the newest.
    pub fn to_vec(&self) -> Vec<u8> {
        let (newer, older) = self.bytes.split_at(self.next);
        let older = if self.full { older } else { &[] };
        [older, newer].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_holds_the_last_bytes(lens in prop::collection::vec(0usize..50_000, 0..8)) {
            let mut all: Vec<u8> = Vec::new();
            let mut history = History::default();
            for (i, len) in lens.into_iter().enumerate() {
                let new: Vec<u8> = (0..len).map(|j| u8::try_from((i * 31 + j * 7) % 251).unwrap()).collect();
                if i % 2 == 0 {
                    history.push(&new);
                }
                let mut rest = if i % 2 == 0 { &[] } else { &new[..] };
                while !rest.is_empty() {
                    let space = history.space();
                    let count = space.len().min(rest.len());
                    space[..count].copy_from_slice(&rest[..count]);
                    prop_assert_eq!(history.advance(count), &rest[..count]);
                    rest = &rest[count..];
                }
                all.extend_from_slice(&new);
                let tail = &all[all.len().saturating_sub(History::SIZE)..];
                prop_assert_eq!(history.to_vec(), tail);
            }
        }
    }
}
