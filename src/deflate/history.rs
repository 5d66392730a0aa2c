//! The sliding window's content.
//!
//! Job: keep the last 32 KiB that a direction's inflater put out. RFC 1951 §2: distances
//! reach back 32,768 bytes at the most.

/// The last bytes of a stream, at most [`History::SIZE`].
#[derive(Debug, Default)]
pub struct History {
    /// A ring once it is full; `oldest` is where it begins.
    bytes: Vec<u8>,
    oldest: usize,
}

impl History {
    /// The largest window, 2^15 bytes.
    pub const SIZE: usize = 1 << 15;

    /// Appends what was put out.
    pub fn push(&mut self, new: &[u8]) {
        let new = new
            .get(new.len().saturating_sub(Self::SIZE)..)
            .unwrap_or_default();
        let room = (Self::SIZE - self.bytes.len()).min(new.len());
        let (grow, wrap) = new.split_at(room);
        self.bytes.extend_from_slice(grow);
        // From here on the ring is full, or nothing is left to store.
        let (tail, head) = wrap.split_at(wrap.len().min(self.bytes.len() - self.oldest));
        for part in [tail, head] {
            if let Some(place) = self.bytes.get_mut(self.oldest..self.oldest + part.len()) {
                place.copy_from_slice(part);
                self.oldest = (self.oldest + part.len()) % Self::SIZE;
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.oldest = 0;
    }

    /// Bytes it holds.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The content from the oldest byte to the newest.
    pub fn to_vec(&self) -> Vec<u8> {
        let (newer, older) = self.bytes.split_at(self.oldest);
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
                history.push(&new);
                all.extend_from_slice(&new);
                let tail = &all[all.len().saturating_sub(History::SIZE)..];
                prop_assert_eq!(history.to_vec(), tail);
            }
        }
    }
}
