//! Messages, holes and losses for every decoder of a subprotocol.
//!
//! Holds that the parts of a unit lie in messages that were given, that answers answer units that
//! were told, that a unit is inside an earlier one of its message, and that a copy of the decoder
//! tells what the decoder itself tells.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscope::base::{Peer, Stamp};
use wscope::finding::Observation;
use wscope::subprotocol::{At, Body, Control, Look, Opening, Out, Question, REGISTRY, Unit};
use wscope_fuzz::{Bytes, stamp};

const TARGETS: [&str; 5] = [
    "/",
    "/socket.io/?EIO=4&transport=websocket",
    "/socket.io/?EIO=3&transport=websocket",
    "/x/123/abcdefgh/websocket",
    "/devtools/page/1",
];

#[derive(Default, PartialEq, Debug)]
struct Heard {
    units: Vec<Unit>,
    findings: Vec<Observation>,
    pending: Vec<Question>,
}

impl Out for Heard {
    fn unit(&mut self, unit: Unit) -> usize {
        assert!(unit.inside.is_none_or(|inside| inside < self.units.len()));
        self.units.push(unit);
        self.units.len() - 1
    }

    fn observe(&mut self, observation: Observation) {
        self.findings.push(observation);
    }

    fn pending(&mut self, question: Question) {
        self.pending.push(question);
    }
}

fuzz_target!(|data: &[u8]| {
    let mut data = Bytes(data);
    let entry = &REGISTRY[usize::from(data.byte()) % REGISTRY.len()];
    let how = usize::from(data.byte());
    let opening = Opening {
        target: (how & 1 == 0).then_some(TARGETS[(how >> 1) % TARGETS.len()]),
        agreed: entry.tokens.get(how >> 5).copied(),
        ..Opening::default()
    };
    let mut decoder = (entry.new)(&opening);
    // Lengths of the messages and counts of their units, by number.
    let mut messages: Vec<(u64, usize)> = Vec::new();
    while !data.is_empty() {
        let flags = data.byte();
        let from = if flags & 1 == 0 {
            Peer::Client
        } else {
            Peer::Server
        };
        let number = messages.len() as u64 + 1;
        let when = stamp(number * (1 + u64::from(flags >> 6) * 1000));
        let at = At {
            from,
            message: number,
            began: when.time,
            stamp: when,
        };
        if flags & 0x0e == 0x0e {
            decoder.lost(from);
            continue;
        }
        let length = usize::from(data.byte());
        let bytes = data.take(length);
        let hole = (flags & 0x0c == 0x08 && !bytes.is_empty()).then(|| {
            let start = u64::from(data.byte()) % bytes.len() as u64;
            (start, (bytes.len() as u64 - start).min(4))
        });
        let body = Body {
            text: flags & 2 == 0,
            bytes,
            read: None,
            holes: hole.as_slice(),
            whole: hole.is_none() && flags & 0x30 != 0x30,
        };
        let (mut heard, mut copied) = (Heard::default(), Heard::default());
        let mut copy = decoder.resting();
        if flags & 0x0c == 0x0c {
            let reason = std::str::from_utf8(bytes).unwrap_or("why");
            let code = 4400 + u16::from(flags >> 4);
            decoder.control(&at, Control::Close(Some((code, reason))), &mut heard);
            copy.control(&at, Control::Close(Some((code, reason))), &mut copied);
        } else {
            let look = Look::new(body);
            let suits = (entry.suits)(&opening, &at, &look);
            assert_eq!(suits, (entry.suits)(&opening, &at, &look));
            decoder.message(&at, body, &mut heard);
            copy.message(&at, body, &mut copied);
        }
        assert_eq!(heard, copied);
        messages.push((bytes.len() as u64, heard.units.len()));
        let message = |number: u64| messages[usize::try_from(number).unwrap() - 1];
        for unit in &heard.units {
            for part in &unit.parts {
                assert!(
                    part.start + part.length <= message(part.message).0,
                    "{unit:?}"
                );
            }
            for answered in &unit.answers {
                assert!(answered.unit < message(answered.message).1, "{unit:?}");
            }
        }
    }
    decoder.finish(Stamp::START, &mut Heard::default());
});
