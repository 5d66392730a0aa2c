//! Sequence numbers: a 32-bit circle.
//!
//! Job: compare and advance positions that wrap. RFC 9293 §3.4.

/// A TCP sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seq(pub u32);

impl Seq {
    /// Bytes from `base` to `self` the shorter way round; negative when `self` lies before.
    pub fn after(self, base: Self) -> i64 {
        // RFC 9293 §3.4: all comparisons are modulo 2^32; half the circle counts as "later".
        i64::from(self.0.wrapping_sub(base.0).cast_signed())
    }

    /// The position `len` bytes further on, modulo 2^32.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "arithmetic modulo 2^32 is meant"
    )]
    pub fn plus(self, len: u64) -> Self {
        Self(self.0.wrapping_add(len as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        assert_eq!(Seq(5).after(Seq(u32::MAX - 4)), 10);
        assert_eq!(Seq(u32::MAX - 4).after(Seq(5)), -10);
        assert_eq!(Seq(u32::MAX).plus(2), Seq(1));
    }
}
