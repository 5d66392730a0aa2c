//! What one sender's messages cost.
//!
//! Job: see compression that is not used or saves nothing, and large messages with others right
//! behind them. Input: data messages in order. Output: findings. RFC 7692 §6, RFC 6455 §5.4.

use crate::base::{Peer, Stamp};
use crate::event::{Message, Status};
use crate::finding::{Code, Figure, Finding, Sentence};

/// With fewer messages nothing can be said about compression.
const ENOUGH: u64 = 8;

/// A message of so many bytes is large.
const LARGE: u64 = 64 << 10;

/// A large message that takes less time holds up nobody.
const LONG_NANOS: i64 = 100_000_000;

/// What begins so soon behind a message waited for it.
const BEHIND_NANOS: i64 = 10_000_000;

#[derive(Debug, Clone, Copy)]
struct Large {
    number: u64,
    wire_bytes: u64,
    nanos: i64,
    last: Stamp,
}

/// One sender's data messages.
#[derive(Debug, Default)]
pub(super) struct Sender {
    data: u64,
    /// Readable or not.
    sent_compressed: u64,
    compressed: u64,
    compressed_bytes: u64,
    inflated_bytes: u64,
    grown: u64,
    grown_by: u64,
    first_grown: Option<(u64, Stamp)>,
    large: Option<Large>,
}

impl Sender {
    /// Takes a message, of whatever kind.
    pub(super) fn message(&mut self, message: &Message<'_>) -> Option<Finding> {
        let held_up = self.large.take().and_then(|large| behind(&large, message));
        if message.opcode.is_control() {
            return held_up;
        }
        let nanos = message.last.time.since(message.first_time);
        if message.wire_bytes >= LARGE && nanos >= LONG_NANOS {
            self.large = Some(Large {
                number: message.number,
                wire_bytes: message.wire_bytes,
                nanos,
                last: message.last,
            });
        }
        self.data += 1;
        self.sent_compressed += u64::from(message.compressed);
        if let (true, Some(payload), Status::Complete) =
            (message.compressed, message.payload_bytes, message.status)
        {
            self.compressed += 1;
            self.compressed_bytes += message.payload_wire_bytes;
            self.inflated_bytes += payload;
            if message.payload_wire_bytes > payload {
                self.grown += 1;
                self.grown_by += message.payload_wire_bytes - payload;
                let place = (message.number, message.last);
                self.first_grown.get_or_insert(place);
            }
        }
        held_up
    }

    /// The connection ends: what compression did for `from`, where it was agreed.
    pub(super) fn end(&self, from: Peer, last: Stamp, found: &mut impl FnMut(Finding)) {
        let mut tell = |code, (message, at), text: Sentence| {
            found(Finding {
                code,
                from: Some(from),
                message,
                at,
                bit: None,
                text,
            });
        };
        let nowhere = (None, last);
        if self.data >= ENOUGH && self.sent_compressed * 20 <= self.data {
            let (compressed, data) = (self.sent_compressed, self.data);
            let text = Sentence::new(
                &format!("{{compressed}} of the {from}'s {{messages}} messages are compressed"),
                &[
                    ("compressed", Figure::Count(compressed)),
                    ("messages", Figure::Count(data)),
                ],
            );
            tell(Code::CompressionUnused, nowhere, text);
            return;
        }
        let (before, after) = (self.inflated_bytes, self.compressed_bytes);
        // Less than a twentieth is saved.
        if self.compressed >= ENOUGH && after.saturating_mul(20) >= before.saturating_mul(19) {
            let messages = self.compressed;
            let text = Sentence::new(
                "{payload} in {messages} messages become {compressed}",
                &[
                    ("payload", Figure::Bytes(before)),
                    ("messages", Figure::Count(messages)),
                    ("compressed", Figure::Count(after)),
                ],
            );
            tell(Code::CompressionNoGain, nowhere, text);
        } else if let Some((message, at)) = self.first_grown
            && self.grown * 10 >= self.compressed
        {
            let text = Sentence::new(
                "{grown} of {messages} compressed messages are longer than before, by {by} in \
                 all; this is the first",
                &[
                    ("grown", Figure::Count(self.grown)),
                    ("messages", Figure::Count(self.compressed)),
                    ("by", Figure::Bytes(self.grown_by)),
                ],
            );
            tell(Code::MessagesGrew, (Some(message), at), text);
        }
    }
}

/// Whether `message` had to wait for the large one before it.
fn behind(large: &Large, message: &Message<'_>) -> Option<Finding> {
    let soon = message.first_time.since(large.last.time) <= BEHIND_NANOS;
    let small = message.wire_bytes < large.wire_bytes / 4;
    (soon && small).then(|| Finding {
        code: Code::HeadOfLine,
        from: Some(message.from),
        message: Some(large.number),
        at: large.last,
        bit: None,
        text: Sentence::new(
            "{bytes} take {time} on the wire; message {next} of {next_bytes} stands right behind \
             them",
            &[
                ("bytes", Figure::Bytes(large.wire_bytes)),
                ("time", Figure::Nanos(large.nanos)),
                ("next", Figure::Id(message.number)),
                ("next_bytes", Figure::Bytes(message.wire_bytes)),
            ],
        ),
    })
}
