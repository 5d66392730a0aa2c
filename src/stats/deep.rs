//! What takes a closer look at each message.
//!
//! Job: times between messages, round trips of pings, symbols. Input: messages, and the symbols of
//! compressed ones.
//! Output: [`Deep`]. RFC 6455 §5.5.2, §5.5.3.

use std::collections::VecDeque;

use super::histogram::Histogram;
use crate::base::Timestamp;
use crate::deflate::Symbols;
use crate::event::Message;
use crate::ws::OpCode;

/// One sender's closer look.
#[derive(Debug, Clone, Default)]
pub struct Deep {
    /// Microseconds between two data messages of this sender on a connection.
    pub intervals: Histogram,
    /// Microseconds from a ping of this sender to the pong that answers it.
    pub round_trips: Histogram,
    /// What its compressed payloads consist of.
    pub symbols: Symbols,
}

impl Deep {
    /// Adds another's.
    pub fn merge(&mut self, other: &Self) {
        self.intervals.merge(&other.intervals);
        self.round_trips.merge(&other.round_trips);
        self.symbols.merge(&other.symbols);
    }
}

/// Pings that wait for an answer.
const MOST_PINGS: usize = 64;

/// RFC 6455 §5.5: what a control frame can carry.
const MOST_BYTES: usize = 125;

/// What measuring takes while a connection lasts.
#[derive(Debug, Clone, Default)]
pub(super) struct Clocks {
    last: Option<Timestamp>,
    pings: VecDeque<(Vec<u8>, Timestamp)>,
}

impl Clocks {
    /// A message of this sender.
    pub(super) fn message(&mut self, message: &Message<'_>, deep: &mut Deep) {
        let time = message.last.time;
        if message.opcode == OpCode::Ping && message.payload.len() <= MOST_BYTES {
            if self.pings.len() == MOST_PINGS {
                self.pings.pop_front();
            }
            self.pings.push_back((message.payload.to_vec(), time));
        }
        if message.opcode.is_control() {
            return;
        }
        if let Some(last) = self.last.replace(time) {
            deep.intervals.add(microseconds(last, time));
        }
    }

    /// A pong of the other side. RFC 6455 §5.5.3: it bears the ping's payload, and pings before
    /// the one it answers get no answer any more. One that answers none is a heartbeat.
    pub(super) fn pong(&mut self, message: &Message<'_>, deep: &mut Deep) {
        let answered = |(payload, _): &(Vec<u8>, Timestamp)| payload == message.payload;
        let Some(place) = self.pings.iter().position(answered) else {
            return;
        };
        if let Some((_, time)) = self.pings.drain(..=place).next_back() {
            deep.round_trips.add(microseconds(time, message.last.time));
        }
    }
}

/// Clocks that run backwards count as standing still.
fn microseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.since(from) / 1000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Peer, Stamp};
    use crate::event::{Facts, Status};

    fn message(opcode: OpCode, payload: &[u8], micros: i64) -> Message<'_> {
        let stamp = Stamp {
            time: Timestamp::new(1_700_000_000, u32::try_from(micros * 1000).unwrap()),
            ..Stamp::START
        };
        Message {
            facts: Facts {
                conversing: 1.into(),
                number: 1,
                from: Peer::Client,
                opcode,
                first: stamp.packet,
                last: stamp,
                frames: 1,
                compressed: false,
                inferred: false,
                wire_bytes: 2,
                payload_wire_bytes: 0,
                payload_bytes: Some(0),
                known_bytes: 0,
                status: Status::Complete,
                truncated: false,
            },
            first_time: stamp.time,
            inflated: None,
            units: &[],
            splits: &[],
            payload,
            text: None,
            holes: &[],
        }
    }

    #[test]
    fn a_pong_answers_the_ping_of_its_payload() {
        let (mut clocks, mut deep) = (Clocks::default(), Deep::default());
        clocks.message(&message(OpCode::Ping, b"a", 100), &mut deep);
        clocks.message(&message(OpCode::Ping, b"b", 200), &mut deep);
        clocks.message(&message(OpCode::Ping, b"c", 300), &mut deep);
        clocks.pong(&message(OpCode::Pong, b"heartbeat", 400), &mut deep);
        clocks.pong(&message(OpCode::Pong, b"b", 450), &mut deep);
        clocks.pong(&message(OpCode::Pong, b"a", 500), &mut deep);
        clocks.pong(&message(OpCode::Pong, b"c", 900), &mut deep);
        assert_eq!(deep.round_trips.count(), 2);
        assert_eq!(
            (deep.round_trips.percentile(50), deep.round_trips.max()),
            (250, 600)
        );
        assert_eq!(deep.intervals.count(), 0);
    }

    #[test]
    fn intervals_are_between_data_messages() {
        let (mut clocks, mut deep) = (Clocks::default(), Deep::default());
        for (opcode, micros) in [
            (OpCode::Text, 5),
            (OpCode::Ping, 6),
            (OpCode::Binary, 105),
            (OpCode::Text, 95),
        ] {
            clocks.message(&message(opcode, b"", micros), &mut deep);
        }
        assert_eq!(deep.intervals.count(), 2);
        assert_eq!(deep.intervals.max(), 100);
        assert_eq!(deep.intervals.percentile(50), 0);
    }
}
