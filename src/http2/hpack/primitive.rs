//! Integers and strings in header blocks.
//!
//! Job: read them off the front of a block. Input: bytes. Output: values, and the bytes left.
//! RFC 7541 §5.

use super::field::Fault;
use super::huffman;

/// A header block that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a>(pub(super) &'a [u8]);

impl Block<'_> {
    /// The next byte stays.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let (first, rest) = self.0.split_first().ok_or(Fault::Cut)?;
        self.0 = rest;
        Ok(*first)
    }

    /// RFC 7541 §5.1: an integer that begins in the lowest `prefix` bits of a byte.
    pub(super) fn integer(&mut self, prefix: u32) -> Result<usize, Fault> {
        let most = (1_u32 << prefix) - 1;
        let mut value = u32::from(self.byte()?) & most;
        if value < most {
            return Ok(value as usize);
        }
        // RFC 7541 §5.1: what is too large is an error. No index, length or size has more bits.
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            value += u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value as usize);
            }
        }
        // Zeros may follow, as nothing forbids a long form; RFC 7541 §5.1 lets receivers bound it.
        let byte = self.byte()?;
        let high = u32::from(byte & 0x7f).checked_mul(1 << 28);
        let value = high
            .filter(|_| byte & 0xf0 == 0)
            .and_then(|high| value.checked_add(high));
        value.map(|value| value as usize).ok_or(Fault::Integer)
    }

    /// RFC 7541 §5.2: a string, coded or as it is.
    pub(super) fn string(&mut self) -> Result<Vec<u8>, Fault> {
        let coded = self.peek().ok_or(Fault::Cut)? & 0x80 != 0;
        let length = self.integer(7)?;
        let (string, rest) = self.0.split_at_checked(length).ok_or(Fault::Cut)?;
        self.0 = rest;
        if coded {
            huffman::decode(string)
        } else {
            Ok(string.to_vec())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_the_rfc() {
        // RFC 7541 C.1.
        assert_eq!(Block(&[0b1110_1010]).integer(5), Ok(10));
        assert_eq!(Block(&[0b0001_1111, 0x9a, 0x0a]).integer(5), Ok(1337));
        assert_eq!(Block(&[42]).integer(8), Ok(42));
    }

    #[test]
    fn integers_end_and_are_bounded() {
        assert_eq!(Block(&[0x1f, 0x80]).integer(5), Err(Fault::Cut));
        let mut largest = Block(&[0x7f, 0x80, 0xff, 0xff, 0xff, 0x0f, 1]);
        assert_eq!(largest.integer(7), Ok(0xffff_ffff));
        assert_eq!(largest.0, [1]);
        let above = Block(&[0x7f, 0x81, 0xff, 0xff, 0xff, 0x0f]).integer(7);
        assert_eq!(above, Err(Fault::Integer));
        let long = Block(&[0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0]).integer(7);
        assert_eq!(long, Err(Fault::Integer));
    }
}
