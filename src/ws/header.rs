//! The frame header, taken apart. RFC 6455 §5.2.
//!
//! Job: two to fourteen bytes to a [`FrameHeader`]. Pure: state lives in the reader.

use nom::IResult;
use nom::Parser;
use nom::combinator::cond;
use nom::error::Error;
use nom::number::streaming::{be_u8, be_u16, be_u64};

use super::opcode::OpCode;

/// A frame header as it stood on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four of them are bits of the wire format"
)]
pub struct FrameHeader {
    /// Last fragment of its message.
    pub fin: bool,
    /// First reserved bit; permessage-deflate: the message is compressed.
    pub rsv1: bool,
    /// Second reserved bit.
    pub rsv2: bool,
    /// Third reserved bit.
    pub rsv3: bool,
    /// What the frame is for.
    pub opcode: OpCode,
    /// The masking key, where the payload is masked.
    pub mask: Option<[u8; 4]>,
    /// Payload bytes.
    pub payload_len: u64,
    /// Bytes of the header itself, 2 to 14.
    pub header_len: u8,
    /// The length stands in the shortest of its three forms.
    pub minimal: bool,
}

impl FrameHeader {
    /// Longest header: two bytes, a 64-bit length, a masking key.
    pub const MAX_LEN: usize = 14;
}

/// Why bytes can be no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderFault {
    /// A 64-bit length with its highest bit set.
    LengthTopBit,
}

/// What [`parse_frame_header`] makes of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParsedHeader {
    /// A whole header.
    Complete(FrameHeader),
    /// More bytes are needed.
    Incomplete,
    /// No frame can begin so.
    Invalid(HeaderFault),
}

/// Reads a header from the start of `bytes`.
#[inline]
pub fn parse_frame_header(bytes: &[u8]) -> ParsedHeader {
    match header(bytes) {
        // RFC 6455 §5.2: the most significant bit of a 64-bit length is 0.
        Ok((_, parsed)) if parsed.payload_len >> 63 != 0 => {
            ParsedHeader::Invalid(HeaderFault::LengthTopBit)
        }
        Ok((_, parsed)) => ParsedHeader::Complete(parsed),
        Err(_) => ParsedHeader::Incomplete,
    }
}

fn header(input: &[u8]) -> IResult<&[u8], FrameHeader, Error<&[u8]>> {
    let (rest, (first, second)) = (be_u8, be_u8).parse(input)?;
    // RFC 6455 §5.2: 126 announces a 16-bit length, 127 a 64-bit one, both in network order.
    let (rest, (payload_len, length_bytes, minimal)) = match second & 0x7f {
        126 => {
            let (rest, len) = be_u16(rest)?;
            (rest, (u64::from(len), 2, len > 125))
        }
        127 => {
            let (rest, len) = be_u64(rest)?;
            (rest, (len, 8, len > 0xffff))
        }
        short => (rest, (u64::from(short), 0, true)),
    };
    let masked = second & 0x80 != 0;
    let (rest, mask) = cond(masked, (be_u8, be_u8, be_u8, be_u8)).parse(rest)?;
    let header = FrameHeader {
        fin: first & 0x80 != 0,
        rsv1: first & 0x40 != 0,
        rsv2: first & 0x20 != 0,
        rsv3: first & 0x10 != 0,
        opcode: OpCode::from_bits(first),
        mask: mask.map(|(a, b, c, d)| [a, b, c, d]),
        payload_len,
        header_len: 2 + length_bytes + if masked { 4 } else { 0 },
        minimal,
    };
    Ok((rest, header))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(bytes: &[u8]) -> FrameHeader {
        for cut in 0..bytes.len() {
            assert_eq!(parse_frame_header(&bytes[..cut]), ParsedHeader::Incomplete);
        }
        match parse_frame_header(bytes) {
            ParsedHeader::Complete(header) => header,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_rfc_examples() {
        // RFC 6455 §5.7.
        let hello = complete(&[0x81, 0x05]);
        assert!(hello.fin && hello.mask.is_none() && hello.opcode == OpCode::Text);
        let masked = complete(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(
            (masked.mask, masked.header_len),
            (Some([0x37, 0xfa, 0x21, 0x3d]), 6)
        );
        assert!(!complete(&[0x01, 0x03]).fin);
        assert_eq!(complete(&[0x82, 0x7e, 0x01, 0x00]).payload_len, 256);
        let big = complete(&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(
            (big.payload_len, big.header_len, big.minimal),
            (65536, 10, true)
        );
    }

    #[test]
    fn lengths_that_should_be_shorter_are_told() {
        assert!(!complete(&[0x82, 0x7e, 0, 125]).minimal);
        assert!(complete(&[0x82, 0x7e, 0, 126]).minimal);
        assert!(!complete(&[0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff]).minimal);
    }

    #[test]
    fn the_top_bit_of_a_length_is_refused() {
        let bytes = [0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(
            parse_frame_header(&bytes),
            ParsedHeader::Invalid(HeaderFault::LengthTopBit)
        );
    }
}
