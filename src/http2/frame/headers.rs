//! HEADERS, PUSH_PROMISE and CONTINUATION: the parts of a header block.
//!
//! Job: find the part of the block in a payload. Input: heads and payloads. Output: a [`Fragment`].
//! RFC 9113 §6.2, §6.6, §6.10.

use super::head::{Flags, Head};
use super::wrong::Wrong;

/// The part of a header block that a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a>(pub &'a [u8]);

/// What a PUSH_PROMISE announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise<'a> {
    /// The stream that is to come.
    pub stream: u32,
    /// The part of the header block.
    pub fragment: Fragment<'a>,
}

impl<'a> Fragment<'a> {
    /// What a HEADERS frame carries.
    pub fn of_headers(head: Head, payload: &'a [u8]) -> Result<Self, Wrong> {
        let payload = unpadded(head.flags, payload)?;
        // RFC 9113 §6.2: five bytes of priority come before the block.
        let skipped = if head.flags.priority() { 5 } else { 0 };
        payload.get(skipped..).map(Self).ok_or(Wrong::Size)
    }
}

impl<'a> Promise<'a> {
    /// What a PUSH_PROMISE frame carries.
    pub fn read(head: Head, payload: &'a [u8]) -> Result<Self, Wrong> {
        let payload = unpadded(head.flags, payload)?;
        // RFC 9113 §6.6: the number of the promised stream comes first.
        let (stream, rest) = payload.split_first_chunk().ok_or(Wrong::Size)?;
        Ok(Self {
            stream: u32::from_be_bytes(*stream) & 0x7fff_ffff,
            fragment: Fragment(rest),
        })
    }
}

/// RFC 9113 §6.2: the length of the padding comes first and the padding last.
fn unpadded(flags: Flags, payload: &[u8]) -> Result<&[u8], Wrong> {
    if !flags.padded() {
        return Ok(payload);
    }
    let (length, rest) = payload.split_first().ok_or(Wrong::Size)?;
    // RFC 9113 §6.2: padding that is longer than what is left is an error.
    let end = rest.len().checked_sub(usize::from(*length));
    end.and_then(|end| rest.get(..end)).ok_or(Wrong::Padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(flags: u8) -> Head {
        Head::read(&[0, 0, 0, 1, flags, 0, 0, 0, 1])
    }

    #[test]
    fn blocks_stand_between_priority_and_padding() {
        let of = |flags, payload| Fragment::of_headers(head(flags), payload);
        assert_eq!(of(4, b"ab"), Ok(Fragment(b"ab")));
        assert_eq!(of(0x0c, &[1, 7, 0]), Ok(Fragment(&[7])));
        assert_eq!(of(0x2c, &[1, 0, 0, 0, 0, 1, 7, 0]), Ok(Fragment(&[7])));
        assert_eq!(of(0x0c, &[3, 7, 0]), Err(Wrong::Padding));
        assert_eq!(of(0x24, &[1, 2]), Err(Wrong::Size));
        let promise = Promise::read(head(4), &[0x80, 0, 0, 2, 9]).unwrap();
        assert_eq!((promise.stream, promise.fragment.0), (2, &[9][..]));
    }
}
