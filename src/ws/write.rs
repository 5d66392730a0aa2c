//! Frames as a sender writes them.
//!
//! Job: a header back to bytes, and a message cut into frames. Input: a [`FrameHeader`]; a payload.
//! Output: bytes. Nothing here is ever sent: the lab and tests make traffic from it.
//! RFC 6455 §5.2 to §5.4.

use super::header::FrameHeader;
use super::mask::unmask;
use super::opcode::OpCode;

impl FrameHeader {
    /// A header for `payload_len` bytes, in the shortest form that holds them.
    pub fn new(opcode: OpCode, payload_len: u64, mask: Option<[u8; 4]>) -> Self {
        // RFC 6455 §5.2: the smallest number of bytes has to be used for the length.
        let length_bytes = match payload_len {
            0..=125 => 0,
            126..=0xffff => 2,
            _ => 8,
        };
        Self {
            fin: true,
            rsv1: false,
            rsv2: false,
            rsv3: false,
            opcode,
            mask,
            payload_len,
            header_len: 2 + length_bytes + if mask.is_some() { 4 } else { 0 },
            minimal: true,
        }
    }

    /// RFC 6455 §5.2: how many bytes hold the length, beside the seven bits: 0, 2 or 8.
    pub fn length_bytes(&self) -> u8 {
        let key = if self.mask.is_some() { 4 } else { 0 };
        self.header_len.saturating_sub(2 + key)
    }

    /// Appends its bytes, in the form of the length that it has.
    pub fn write(&self, out: &mut Vec<u8>) {
        let flags = [self.fin, self.rsv1, self.rsv2, self.rsv3];
        let flags = flags.iter().fold(0, |sum, flag| sum << 1 | u8::from(*flag));
        out.push(flags << 4 | self.opcode.bits());
        let mask = u8::from(self.mask.is_some()) << 7;
        let eight = self.payload_len.to_be_bytes();
        let [.., high, low] = eight;
        match self.length_bytes() {
            0 => out.push(mask | low),
            2 => out.extend([mask | 0x7e, high, low]),
            _ => {
                out.push(mask | 0x7f);
                out.extend(eight);
            }
        }
        out.extend(self.mask.into_iter().flatten());
    }
}

/// Appends the frames of a message. `first` is the header of the first one, of which opcode, RSV
/// bits and mask count; `payload` is cut into frames of `most` bytes, where that is not zero.
pub fn write_message(first: &FrameHeader, payload: &[u8], most: usize, out: &mut Vec<u8>) {
    let most = if most == 0 { usize::MAX } else { most };
    let mut header = *first;
    let mut rest = payload;
    loop {
        let (piece, behind) = rest.split_at(most.min(rest.len()));
        header = FrameHeader {
            fin: behind.is_empty(),
            rsv1: header.rsv1,
            rsv2: header.rsv2,
            rsv3: header.rsv3,
            ..FrameHeader::new(header.opcode, piece.len() as u64, header.mask)
        };
        header.write(out);
        match header.mask {
            // RFC 6455 §5.3: the same XOR puts the mask on that takes it off.
            Some(key) => unmask(piece, key, 0, out),
            None => out.extend_from_slice(piece),
        }
        if behind.is_empty() {
            return;
        }
        rest = behind;
        // RFC 6455 §5.4: the other fragments have opcode 0; RFC 7692 §6.1: and no RSV1.
        header.opcode = OpCode::Continuation;
        header.rsv1 = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wscope_testkit::Frame;

    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

    fn written(opcode: OpCode, mask: Option<[u8; 4]>, payload: &[u8], most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let first = FrameHeader::new(opcode, 0, mask);
        write_message(&first, payload, most, &mut out);
        out
    }

    #[test]
    fn the_examples_of_the_rfc() {
        // RFC 6455 §5.7.
        let hello = [0x81, 5, 0x48, 0x65, 0x6c, 0x6c, 0x6f];
        assert_eq!(written(OpCode::Text, None, b"Hello", 0), hello);
        let masked = [
            0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        assert_eq!(written(OpCode::Text, Some(KEY), b"Hello", 0), masked);
        let halves = [1, 3, 0x48, 0x65, 0x6c, 0x80, 2, 0x6c, 0x6f];
        assert_eq!(written(OpCode::Text, None, b"Hello", 3), halves);
        assert_eq!(
            written(OpCode::Binary, None, &[0; 256], 0)[..4],
            [0x82, 0x7e, 1, 0]
        );
        let long = written(OpCode::Binary, None, &vec![0; 65536], 0);
        assert_eq!(long[..10], [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(written(OpCode::Ping, None, b"", 3), [0x89, 0]);
    }

    proptest! {
        /// The builder of the tests knows nothing of this one, and makes the same bytes.
        #[test]
        fn frames_are_those_of_the_testkit(
            payload in prop::collection::vec(any::<u8>(), 0..300),
            mask in proptest::option::of(any::<[u8; 4]>()),
            opcode in 0u8..16,
        ) {
            let theirs = Frame { mask, ..Frame::bare(0x80 | opcode, &payload) };
            prop_assert_eq!(
                written(OpCode::from_bits(opcode), mask, &payload, 0),
                theirs.bytes()
            );
        }
    }
}
