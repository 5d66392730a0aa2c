//! Pings and pongs of a connection on which nothing else is said.
//!
//! Job: know an idle WebSocket by pongs that repeat their pings. Input: what both ends write.
//! Output: which of them is the client. RFC 6455 §5.5.2, §5.5.3.
//!
//! A ping without a payload is two bytes, which say too little by themselves. But that each write
//! of both ends is one such frame, that one end masks, with fresh keys, and that each pong repeats
//! the ping before it, is no chance.

use crate::base::Peer;
use crate::stream::Delivery;
use crate::ws::{FrameHeader, OpCode, ParsedHeader, parse_frame_header, unmask};

/// Answered pings that are enough.
const ENOUGH: u32 = 3;

/// What both ends have said so far.
#[derive(Debug, Default)]
pub(super) struct Beats {
    /// A ping that waits for its pong.
    asked: Option<(Peer, Vec<u8>)>,
    answered: u32,
    client: Option<Peer>,
    last_key: Option<[u8; 4]>,
    /// Something else was said, too.
    others: bool,
}

impl Beats {
    /// Takes what an end writes.
    pub(super) fn delivery(&mut self, from: Peer, delivery: Delivery<'_>) {
        match delivery {
            Delivery::Chunk { .. } if self.others => {}
            Delivery::Chunk { bytes, begins } => match alone(bytes) {
                Some((header, payload)) if begins => self.frame(from, &header, payload),
                _ => self.others = true,
            },
            // What is missing may have been a ping or a pong.
            Delivery::Gap(_) => self.asked = None,
            Delivery::Conflict { .. } => {}
        }
    }

    fn frame(&mut self, from: Peer, header: &FrameHeader, payload: &[u8]) {
        // RFC 6455 §5.1: the client masks.
        let client = match header.mask {
            Some(_) => from,
            None => from.other(),
        };
        // RFC 6455 §5.3: each key is fresh.
        let stale = header.mask.is_some() && header.mask == self.last_key;
        self.others |= stale || self.client.is_some_and(|known| known != client);
        self.client = Some(client);
        self.last_key = header.mask.or(self.last_key);
        let mut plain = Vec::with_capacity(payload.len());
        unmask(payload, header.mask.unwrap_or_default(), 0, &mut plain);
        if header.opcode == OpCode::Ping {
            self.asked = Some((from, plain));
        } else if self.asked.take() == Some((from.other(), plain)) {
            // RFC 6455 §5.5.3: a pong repeats the payload of its ping.
            self.answered += 1;
        }
    }

    /// The client, where an idle connection is known.
    pub(super) fn client(&self) -> Option<Peer> {
        self.client
            .filter(|_| !self.others && self.answered >= ENOUGH)
    }
}

/// A ping or a pong that is all of a write.
fn alone(bytes: &[u8]) -> Option<(FrameHeader, &[u8])> {
    let ParsedHeader::Complete(header) = parse_frame_header(bytes) else {
        return None;
    };
    let beat = matches!(header.opcode, OpCode::Ping | OpCode::Pong);
    let plain = header.fin && !header.rsv1 && !header.rsv2 && !header.rsv3;
    let payload = bytes.get(usize::from(header.header_len)..)?;
    (beat && plain && header.payload_len <= 125 && header.payload_len == payload.len() as u64)
        .then_some((header, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(opcode: u8, key: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
        let len = u8::try_from(payload.len()).unwrap();
        let mut bytes = vec![opcode, len | if key.is_some() { 0x80 } else { 0 }];
        bytes.extend(key.into_iter().flatten());
        unmask(payload, key.unwrap_or_default(), 0, &mut bytes);
        bytes
    }

    fn client(writes: &[(Peer, Vec<u8>)]) -> Option<Peer> {
        let mut beats = Beats::default();
        for (from, bytes) in writes {
            beats.delivery(*from, Delivery::write(bytes));
        }
        beats.client()
    }

    /// The first end pings, the second one is the client and answers.
    fn idle(payload: &[u8]) -> Vec<(Peer, Vec<u8>)> {
        let exchange = |round: u8| {
            [
                (Peer::Client, frame(0x89, None, payload)),
                (Peer::Server, frame(0x8a, Some([round, 2, 3, 4]), payload)),
            ]
        };
        (1..4).flat_map(exchange).collect()
    }

    #[test]
    fn pongs_that_repeat_their_pings_show_the_client() {
        for payload in [&b""[..], b"12"] {
            let writes = idle(payload);
            assert_eq!(client(&writes), Some(Peer::Server));
            assert_eq!(client(&writes[1..]), None, "two answers are too few");
        }
    }

    #[test]
    fn anything_else_speaks_against_it() {
        let mut same_key = idle(b"");
        same_key[3].1 = frame(0x8a, Some([1, 2, 3, 4]), b"");
        let mut other_answer = idle(b"12");
        other_answer[3].1 = frame(0x8a, Some([2, 2, 3, 4]), b"13");
        let mut both_mask = idle(b"");
        both_mask[2].1 = frame(0x89, Some([9, 9, 9, 9]), b"");
        let mut text = idle(b"");
        text.insert(0, (Peer::Client, frame(0x81, None, b"hello")));
        let mut longer = idle(b"");
        longer[0].1.push(0);
        for (name, writes) in [
            ("same key", same_key),
            ("other answer", other_answer),
            ("both mask", both_mask),
            ("text", text),
            ("longer", longer),
        ] {
            assert_eq!(client(&writes), None, "{name}");
        }
    }
}
