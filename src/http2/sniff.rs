//! HTTP/2 in the middle of a connection.
//!
//! Job: know it by its frames, and the client by what it sends. Input: the chunks of both directions, while
//! nobody knows what they are. Output: whether it is HTTP/2. RFC 9113 §4.1, §8.3.

use super::frame::{Fragment, Head, Kind};
use super::search::bits;
use crate::base::Peer;
use crate::stream::Delivery;

/// Bits of evidence over all writes.
const ENOUGH: u32 = 80;

/// What a write that begins with no frame takes off; it may be the middle of a long one.
const NO_FRAME: u32 = 8;

/// What was seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sniff {
    bits: u32,
    /// What speaks for the roles as they are called, less what speaks for the opposite.
    roles: i32,
}

impl Sniff {
    /// Takes what is delivered.
    pub fn delivery(&mut self, from: Peer, delivery: Delivery<'_>) {
        let Delivery::Chunk {
            bytes,
            begins: true,
        } = delivery
        else {
            return;
        };
        self.bits = match bits(bytes) {
            0 => self.bits.saturating_sub(NO_FRAME),
            more => self.bits.saturating_add(more),
        };
        if let Some(role) = role(bytes) {
            self.roles += if role == from { 1 } else { -1 };
        }
    }

    /// Whether it is HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.bits >= ENOUGH
    }

    /// Whether the client is called server and the other way round.
    pub fn is_reversed(&self) -> bool {
        self.roles < 0
    }
}

/// Who sends such a frame.
fn role(bytes: &[u8]) -> Option<Peer> {
    let head = Head::first(bytes)?;
    let payload = bytes.get(Head::BYTES..)?;
    match head.kind {
        Kind::HEADERS => {
            let fragment = Fragment::of_headers(head, payload).ok()?;
            // RFC 7541 appendix A: entries 2 to 7 are of requests, 8 to 14 of responses.
            match fragment.0.first()? {
                0x82..=0x87 | 0x42..=0x47 | 0x02..=0x07 => Some(Peer::Client),
                0x88..=0x8e | 0x48..=0x4e | 0x08..=0x0e => Some(Peer::Server),
                _ => None,
            }
        }
        // RFC 6455 §5.1: a client masks.
        Kind::DATA if !head.flags.padded() => match payload {
            [0x81 | 0x82 | 0xc1 | 0xc2 | 0x88..=0x8a, length, ..] => {
                let masked = length & 0x80 != 0;
                Some(if masked { Peer::Client } else { Peer::Server })
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(sniff: &mut Sniff, from: Peer, bytes: &[u8]) {
        sniff.delivery(from, Delivery::write(bytes));
    }

    #[test]
    fn frames_of_both_ends_are_http2() {
        let mut sniff = Sniff::default();
        let client = [0, 0, 8, 0, 0, 0, 0, 0, 3, 0x82, 0x82, 1, 2, 3, 4, 5, 6];
        for _ in 0..3 {
            write(&mut sniff, Peer::Server, &client);
        }
        assert!(sniff.is_http2() && sniff.is_reversed());
    }

    #[test]
    fn websocket_and_zeros_are_not() {
        let mut sniff = Sniff::default();
        for _ in 0..100 {
            write(&mut sniff, Peer::Server, b"\x81\x05hello");
            write(&mut sniff, Peer::Client, b"\x81\x85abcdhello");
            write(&mut sniff, Peer::Client, &[0; 64]);
        }
        assert!(!sniff.is_http2());
    }
}
