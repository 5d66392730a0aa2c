//! What typed digits are.
//!
//! Job: tell frames from a compressed payload. Input: bytes. Output: a [`Guess`], with what is to
//! be said of it. RFC 6455 §5.2, RFC 7692 §7.2.2.

use super::lab::Content;
use crate::base::Peer;
use crate::deflate::Output;
use crate::deflate::trace::{End, Input, Tracer};
use crate::ws::{ParsedHeader, parse_frame_header};

/// What bytes are taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Frames or a compressed payload.
    pub content: Content,
    /// Who sends them, where that can be seen.
    pub from: Option<Peer>,
    /// Both would do, or neither: what they are taken for is to be said.
    pub said: Option<&'static str>,
}

/// Tells what `bytes` are.
pub fn guess(bytes: Vec<u8>) -> Guess {
    let (frames, from) = (frames(&bytes), masked(&bytes));
    match (frames, inflates(&bytes)) {
        (Chain::Whole, false) => Guess {
            content: Content::Frames(bytes),
            from: Some(from),
            said: None,
        },
        (Chain::Whole, true) => Guess {
            content: Content::Frames(bytes),
            from: Some(from),
            said: Some("taken for frames; as a compressed payload they inflate too: --deflate"),
        },
        (Chain::Broken, true) => Guess {
            content: Content::Deflate(bytes),
            from: None,
            said: Some(
                "these bytes are no frames; taken for a compressed payload, which they are \
                        whole: --deflate says so",
            ),
        },
        (Chain::Broken, false) => Guess {
            content: Content::Frames(bytes),
            from: Some(from),
            said: Some(
                "these bytes are neither whole frames nor a whole compressed payload; taken \
                        for frames",
            ),
        },
    }
}

/// RFC 6455 §5.1: only a client masks.
fn masked(bytes: &[u8]) -> Peer {
    match bytes {
        [_, second, ..] if second & 0x80 != 0 => Peer::Client,
        _ => Peer::Server,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chain {
    /// One frame follows the other, up to the last byte.
    Whole,
    Broken,
}

fn frames(mut bytes: &[u8]) -> Chain {
    while !bytes.is_empty() {
        let ParsedHeader::Complete(header) = parse_frame_header(bytes) else {
            return Chain::Broken;
        };
        // RFC 6455 §5.2: no extension that wscope reads uses these bits and opcodes.
        if header.rsv2 || header.rsv3 || header.opcode.is_reserved() {
            return Chain::Broken;
        }
        let len = u64::from(header.header_len).saturating_add(header.payload_len);
        match usize::try_from(len).ok().and_then(|len| bytes.get(len..)) {
            Some(rest) => bytes = rest,
            None => return Chain::Broken,
        }
    }
    Chain::Whole
}

/// Whether they inflate over an empty window, from the first bit to the last.
fn inflates(bytes: &[u8]) -> bool {
    let mut tracer = Tracer::new(crate::deflate::Parameters::default());
    let end = tracer
        .message(1, &[Input::Bytes(bytes)], Output::new(0), ())
        .end;
    matches!(end, End::Flushed | End::MarkerKept | End::Unmarked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::hex;

    fn of(typed: &str) -> Guess {
        guess(hex::bytes(typed).unwrap())
    }

    #[test]
    fn frames_and_payloads_are_told_apart() {
        let hahaha = of("c1 07 ca 48 cc 00 43 00 00");
        assert!(matches!(hahaha.content, Content::Frames(_)));
        assert_eq!((hahaha.from, hahaha.said), (Some(Peer::Server), None));
        let masked = of("81 85 37 fa 21 3d 7f 9f 4d 51 58");
        assert_eq!(masked.from, Some(Peer::Client));
        let bare = of("ca 48 cc 00 43 00 00");
        assert!(matches!(bare.content, Content::Deflate(_)));
        assert!(bare.said.is_some());
        let neither = of("ff ff ff");
        assert!(matches!(neither.content, Content::Frames(_)));
        assert!(neither.said.is_some());
    }
}
