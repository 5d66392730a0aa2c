//! What speaks for a frame and against it, one frame at a time.
//!
//! Job: hold a header and its payload against what peers send. Input: a header that may be
//! one. Output: bits of evidence, for [`super::resync`]. RFC 6455 §5.1, §5.4–§5.6.

use super::close::{CloseBody, close_code_allowed};
use super::header::FrameHeader;
use super::mask::unmask;
use super::opcode::OpCode;
use crate::base::Peer;

/// A frame longer than this is no guess to make.
const LONGEST: u64 = 1 << 28;

/// Bytes of a payload that are looked at.
pub(super) const LOOK: usize = 64;

/// Text counts a bit for each byte, up to so many.
const TEXT_MOST: usize = 10;

/// What frames of a direction look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// Who sends them: clients mask, servers do not.
    pub from: Peer,
    /// Compression was agreed or may have been, so RSV1 may be set.
    pub rsv1: bool,
}

impl Expectation {
    /// Whether a header may begin with this byte.
    pub(super) fn begins(self, byte: u8) -> bool {
        match byte {
            0x00..=0x02 | 0x80..=0x82 | 0x88..=0x8a => true,
            0x41 | 0x42 | 0xc1 | 0xc2 => self.rsv1,
            _ => false,
        }
    }

    /// Whether a peer that keeps the rules may send this header.
    pub(super) fn allows(self, header: &FrameHeader) -> bool {
        let data_start = matches!(header.opcode, OpCode::Text | OpCode::Binary);
        // RFC 6455 §5.1: clients mask every frame, servers none.
        header.mask.is_some() == (self.from == Peer::Client)
            && !header.rsv2
            && !header.rsv3
            && (!header.rsv1 || (self.rsv1 && data_start))
            && !header.opcode.is_reserved()
            // RFC 6455 §5.5: control frames are whole and carry 125 bytes at the most.
            && (!header.opcode.is_control() || (header.fin && header.payload_len <= 125))
            && header.minimal
            && header.payload_len <= LONGEST
    }
}

/// How many rules a header breaks that a peer keeps in every frame.
pub(super) fn faults(header: &FrameHeader, expectation: Expectation) -> u32 {
    let data_start = matches!(header.opcode, OpCode::Text | OpCode::Binary);
    let control = header.opcode.is_control();
    let faults = [
        // RFC 6455 §5.1: clients mask every frame, servers none.
        header.mask.is_some() != (expectation.from == Peer::Client),
        // RFC 6455 §5.2: reserved bits are 0 where no extension says otherwise.
        header.rsv1 && !(expectation.rsv1 && data_start),
        header.rsv2,
        header.rsv3,
        // RFC 6455 §5.2: other opcodes are reserved, and the shortest form of the length is used.
        header.opcode.is_reserved(),
        !header.minimal,
        // RFC 6455 §5.5: control frames are whole and carry 125 bytes at the most.
        control && !header.fin,
        control && header.payload_len > 125,
    ];
    faults.iter().map(|fault| u32::from(*fault)).sum()
}

/// Whether a header can follow those before it; `fragmented` tells if a message is in progress.
pub(super) fn in_order(header: &FrameHeader, fragmented: &mut Option<bool>) -> bool {
    if header.opcode.is_control() {
        return true;
    }
    // RFC 6455 §5.4: continuations only inside a message, first fragments only outside.
    let inside = header.opcode == OpCode::Continuation;
    let fits = fragmented.is_none_or(|open| open == inside);
    *fragmented = Some(!header.fin);
    fits
}

/// Evidence in the first byte, where bytes that begin headers are not common.
pub(super) fn first_byte_bits(header: &FrameHeader, inside_message: bool) -> u32 {
    match (header.fin, header.opcode) {
        (true, OpCode::Continuation) if inside_message => 4,
        // Zeros are as common as anything, and with them 0x80 where samples rest.
        (_, OpCode::Continuation) => 0,
        // Small numbers; with RSV1 the letters A and B.
        (false, _) => 3,
        (true, OpCode::Text | OpCode::Binary) => 6,
        (true, _) => 5,
    }
}

/// Evidence in the form of the length, with the mask bit; and in an end that meets something.
pub(super) fn length_bits(header: &FrameHeader) -> (u32, u32) {
    match header.payload_len {
        // Two or three bytes in a row are soon there by chance, and in every pattern.
        0..=1 if header.opcode == OpCode::Continuation => (0, 0),
        0..=1 => (1, 3),
        2..=125 => (1, 7),
        126..=0xffff => (8, 8),
        _ => (14, 16),
    }
}

/// Evidence in the payload; `None` where it speaks against a frame. `before` is the byte in
/// front of the header.
pub(super) fn content_bits(
    header: &FrameHeader,
    payload: &[u8],
    before: Option<u8>,
) -> Option<u32> {
    let whole = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
    let shown = payload
        .get(..whole.min(payload.len()).min(LOOK))
        .unwrap_or_default();
    let looks = (header.opcode == OpCode::Text && !header.rsv1) || header.opcode == OpCode::Close;
    if !looks {
        return Some(0);
    }
    let mut plain = Vec::with_capacity(LOOK);
    match header.mask {
        Some(key) => unmask(shown, key, 0, &mut plain),
        None => plain.extend_from_slice(shown),
    }
    if header.opcode == OpCode::Text {
        return text_bits(header, &plain, before);
    }
    if plain.len() < whole {
        return Some(0);
    }
    let body = CloseBody::parse(&plain);
    let sane = !body.half_a_code && body.code.is_none_or(close_code_allowed);
    sane.then_some(if body.code.is_some() { 5 } else { 0 })
}

fn text_bits(header: &FrameHeader, plain: &[u8], before: Option<u8>) -> Option<u32> {
    // RFC 6455 §5.6: text is UTF-8. The last character may be cut by the fragment.
    if let Err(error) = std::str::from_utf8(plain)
        && error.error_len().is_some()
    {
        return None;
    }
    // In the middle of a long text, bytes of its characters look like headers (0x81 and 0x82
    // do), and what follows is text whether or not it is a frame's.
    let inside_text =
        header.mask.is_none() && !plain.is_ascii() && before.is_none_or(|byte| byte >= 0x80);
    if inside_text {
        return Some(0);
    }
    let printable = |byte: &&u8| **byte >= b' ' || b"\t\r\n".contains(byte);
    let shown = plain.iter().take_while(printable).take(TEXT_MOST);
    u32::try_from(shown.count()).ok()
}
