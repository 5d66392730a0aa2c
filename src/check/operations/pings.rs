//! Pings and their pongs.
//!
//! Job: match each pong with the ping that it answers. Input: control messages, the end.
//! Output: findings on late and missing pongs. RFC 6455 §5.5.2, §5.5.3.

use std::collections::VecDeque;

use crate::base::{Peer, Stamp};
use crate::event::Message;
use crate::finding::{Code, Figure, Finding, Sentence};

/// Pings that wait; an older one is forgotten.
const WAITING: usize = 16;

/// RFC 6455 §5.5: so many bytes of payload can a ping have. Of those that have more, no more are kept.
const PAYLOAD: usize = 125;

/// A pong that takes longer is slow.
const SLOW_NANOS: i64 = 1_000_000_000;

/// A connection that goes on for so long without a pong owes it.
const OWED_NANOS: i64 = 5_000_000_000;

#[derive(Debug)]
struct Ping {
    payload: Box<[u8]>,
    at: Stamp,
    message: u64,
}

/// The pings of one sender that wait for their pongs.
#[derive(Debug, Default)]
pub(super) struct Pings(VecDeque<Ping>);

impl Pings {
    /// A ping was sent.
    pub(super) fn ping(&mut self, message: &Message<'_>) {
        if self.0.len() >= WAITING {
            self.0.pop_front();
        }
        self.0.push_back(Ping {
            payload: known(message).into(),
            at: message.last,
            message: message.number,
        });
    }

    /// The other peer sent a pong.
    pub(super) fn pong(&mut self, pong: &Message<'_>) -> Option<Finding> {
        // RFC 6455 §5.5.3: a pong has the payload of its ping, and answers those before it, too.
        let answered = |ping: &Ping| *ping.payload == *known(pong);
        let place = self.0.iter().rposition(answered)?;
        let asked = self.0.drain(..=place).next_back()?;
        let nanos = pong.last.time.since(asked.at.time);
        (nanos >= SLOW_NANOS).then(|| Finding {
            code: Code::PongSlow,
            from: Some(pong.from),
            message: Some(pong.number),
            at: pong.last,
            bit: None,
            text: Sentence::new(
                "the pong comes {after} after its ping, message {ping}",
                &[
                    ("after", Figure::Nanos(nanos)),
                    ("ping", Figure::Id(asked.message)),
                ],
            ),
        })
    }

    /// Nothing more comes from `from`, who should have answered, behind `last`.
    pub(super) fn end(&mut self, from: Peer, last: Stamp, found: &mut impl FnMut(Finding)) {
        for ping in self.0.drain(..) {
            let nanos = last.time.since(ping.at.time);
            if nanos >= OWED_NANOS {
                // RFC 6455 §5.5.2: a ping is answered as soon as is practical.
                found(Finding {
                    code: Code::PingUnanswered,
                    from: Some(from),
                    message: Some(ping.message),
                    at: ping.at,
                    bit: None,
                    text: Sentence::new(
                        &format!(
                            "the {from} sends no pong for this ping in the {{waited}} that the \
                             connection goes on"
                        ),
                        &[("waited", Figure::Nanos(nanos))],
                    ),
                });
            }
        }
    }

    /// What was sent is not all known: nobody can be blamed.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

fn known<'a>(message: &Message<'a>) -> &'a [u8] {
    message.payload.get(..PAYLOAD).unwrap_or(message.payload)
}
