//! What a sender has done so far.
//!
//! Job: tell after a loss what is usual for this direction. Input: first bytes of headers and where
//! segments begin, while the framing is in step. Output: bits of evidence for [`super::resync`].

use super::header::FrameHeader;

/// Segments that must have been seen before anything is called usual.
const ENOUGH: u32 = 4;

/// Bits that are known of a place before it is looked at, at the most.
const MOST: u32 = 6;

/// How a direction has looked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Habits {
    /// One bit for each first byte that was seen, without its two highest reserved bits.
    first_bytes: u64,
    /// Segments that began with a frame.
    aligned: u32,
    /// Segments that began inside a frame and went on with another one.
    loose: u32,
    /// Other segments that began inside a frame.
    inside: u32,
    /// Bytes of the longest segment.
    longest: u64,
    /// Its segments are known to be frames from elsewhere.
    certain: bool,
}

impl Habits {
    /// Habits of a sender each of whose segments is known to be a frame, whatever it says.
    pub fn certain() -> Self {
        Self {
            certain: true,
            ..Self::default()
        }
    }

    /// Notes a frame.
    #[inline]
    pub(super) fn frame(&mut self, header: &FrameHeader) {
        self.first_bytes |= bit(header);
    }

    /// Notes a segment of `len` bytes that begins with the last `left` bytes of a frame.
    #[inline]
    pub(super) fn segment(&mut self, left: u64, len: u64) {
        let count = match left {
            0 => &mut self.aligned,
            _ if left < len => &mut self.loose,
            _ => &mut self.inside,
        };
        *count = count.saturating_add(1);
        self.longest = self.longest.max(len);
    }

    /// Bytes of the longest segment so far.
    pub(super) fn longest(&self) -> u64 {
        self.longest
    }

    /// Whether the sender has begun a frame with this byte.
    pub(super) fn has_begun(&self, header: &FrameHeader) -> bool {
        self.first_bytes & bit(header) != 0
    }

    /// Whether frames begin with segments or after others that do; `None` where it is not known.
    pub(super) fn is_aligned(&self) -> Option<bool> {
        if self.certain && self.loose == 0 {
            return Some(true);
        }
        let seen = self.aligned + self.loose;
        (seen >= ENOUGH).then_some(self.loose <= seen / 64)
    }

    /// Bits that speak for a frame where a segment begins.
    pub(super) fn bits_at_segment(&self) -> u32 {
        let others = self.loose + self.inside;
        if self.certain && others == 0 {
            return MOST + 3;
        }
        if self.aligned < ENOUGH {
            return 0;
        }
        // One more of the others than were seen: nobody knows what comes next.
        (self.aligned / (others + 1))
            .checked_ilog2()
            .unwrap_or(0)
            .min(MOST)
    }
}

fn bit(header: &FrameHeader) -> u64 {
    let flags = u32::from(header.fin) << 5 | u32::from(header.rsv1) << 4;
    1 << (flags | u32::from(header.opcode.bits()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{ParsedHeader, parse_frame_header};

    fn header(first: u8) -> FrameHeader {
        match parse_frame_header(&[first, 0]) {
            ParsedHeader::Complete(header) => header,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn first_bytes_are_told_apart() {
        let mut habits = Habits::default();
        habits.frame(&header(0xc1));
        for first in [0x01, 0x81, 0x41, 0xc2, 0x80, 0x8a] {
            assert!(!habits.has_begun(&header(first)), "{first:x}");
        }
        assert!(habits.has_begun(&header(0xc1)));
    }

    #[test]
    fn nothing_is_usual_at_first() {
        let mut habits = Habits::default();
        assert_eq!((habits.is_aligned(), habits.bits_at_segment()), (None, 0));
        for _ in 0..64 {
            habits.segment(0, 100);
        }
        assert_eq!(
            (habits.is_aligned(), habits.bits_at_segment()),
            (Some(true), 6)
        );
        // The rest of a long frame fills a segment; then one goes on with another frame.
        habits.segment(100, 100);
        assert_eq!(
            (habits.is_aligned(), habits.bits_at_segment()),
            (Some(true), 5)
        );
        habits.segment(50, 100);
        habits.segment(50, 100);
        assert_eq!(habits.is_aligned(), Some(false));
    }

    #[test]
    fn what_is_known_is_surer_than_what_was_seen() {
        let mut habits = Habits::certain();
        assert_eq!(habits.is_aligned(), Some(true));
        assert!(habits.bits_at_segment() > MOST);
        habits.segment(100, 100);
        assert_eq!(habits.bits_at_segment(), 0);
    }
}
