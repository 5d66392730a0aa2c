//! The last bytes of a direction, for comparison with a second copy.
//!
//! Job: say whether a retransmission repeats what was delivered. Input: delivered bytes.
//! Output: where a second copy differs. RFC 9293 §3.10.7.4.

/// This many bytes stay at least; twice as many at most.
const KEPT: usize = 1024;

/// The last delivered bytes, none of them before the latest gap.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    bytes: Vec<u8>,
    /// Nobody asks for comparisons.
    off: bool,
}

impl Recent {
    /// Remembers nothing any more.
    pub(super) fn switch_off(&mut self) {
        *self = Self {
            bytes: Vec::new(),
            off: true,
        };
    }

    /// Bytes that it remembers.
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Remembers `bytes`, which follow those before.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.off {
            return;
        }
        if let Some(from) = bytes.len().checked_sub(KEPT) {
            self.bytes.clear();
            self.bytes
                .extend_from_slice(bytes.get(from..).unwrap_or_default());
            return;
        }
        if self.bytes.len() + bytes.len() > 2 * KEPT {
            self.bytes.drain(..self.bytes.len() - KEPT);
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Forgets everything: what follows does not adjoin.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Compares a second copy that begins `back` bytes before the end: how many bytes before
    /// the end the first difference lies, and how many bytes differ.
    pub(super) fn compare(&self, back: u64, again: &[u8]) -> Option<(u64, u64)> {
        let back = usize::try_from(back).unwrap_or(usize::MAX);
        let known = back.min(self.bytes.len());
        let first = self.bytes.get(self.bytes.len() - known..)?;
        let (offset, count) = difference(first, again.get(back - known..)?)?;
        Some((known as u64 - offset, count))
    }
}

/// The offset of the first of the common bytes that differ, and how many do.
pub(super) fn difference(first: &[u8], second: &[u8]) -> Option<(u64, u64)> {
    let len = first.len().min(second.len());
    if first.get(..len) == second.get(..len) {
        return None;
    }
    let mut differing = (0u64..)
        .zip(first.iter().zip(second))
        .filter(|(_, (a, b))| a != b);
    let (offset, _) = differing.next()?;
    Some((offset, 1 + differing.count() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_bytes_however_they_come() {
        for size in [1, 7, 1000, 1023, 1024, 1025, 5000] {
            let all: Vec<u8> = (0..=250).cycle().take(20_000).collect();
            let mut recent = Recent::default();
            for piece in all.chunks(size) {
                recent.push(piece);
                assert!(recent.bytes.len() <= 2 * KEPT);
            }
            assert!(recent.bytes.len() >= KEPT);
            assert!(all.ends_with(&recent.bytes), "pieces of {size}");
        }
    }

    #[test]
    fn compares_what_both_have() {
        let mut recent = Recent::default();
        recent.push(b"abcdef");
        assert_eq!(recent.compare(4, b"cdef"), None);
        assert_eq!(recent.compare(4, b"cXeY"), Some((3, 2)));
        assert_eq!(recent.compare(8, b"??abXdef"), Some((4, 1)));
        assert_eq!(recent.compare(u64::MAX, b"zz"), None);
        assert_eq!(recent.compare(0, b""), None);
    }
}
