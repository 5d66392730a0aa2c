//! HTTP/1 of both directions, in any pieces, with gaps.
//!
//! Holds that cutting what the peers send into other pieces changes neither the outcomes nor
//! what is left over. Behind a loss the beginnings of pieces are evidence, so there only
//! crashes count.
//!
//! Input: two bytes that choose the pieces and the limits, then text. In it, `fe` begins the next
//! packet; the byte behind it tells the sender (bit 0) and a gap (bit 1, a length byte follows; bit 2, of
//! unknown length).
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscope::base::{Limits, Peer, PerPeer};
use wscope::http::{Exchange, Outcome, Seen};
use wscope::stream::{Delivery, Missing};
use wscope_fuzz::{Bytes, Row, stamp};

#[derive(Debug)]
enum Packet<'a> {
    Bytes(Peer, &'a [u8]),
    Gap(Peer, Missing),
}

fn packets(data: &[u8]) -> Vec<Packet<'_>> {
    let mut packets = Vec::new();
    for part in data.split(|&byte| byte == 0xfe).skip(1) {
        let mut part = Bytes(part);
        let kind = part.byte();
        let from = Peer::BOTH[usize::from(kind & 1)];
        if kind & 2 != 0 {
            let len = u64::from(part.byte());
            let missing = [Missing::Bytes(len), Missing::Unknown][usize::from(kind >> 2 & 1)];
            packets.push(Packet::Gap(from, missing));
        }
        if !part.is_empty() {
            packets.push(Packet::Bytes(from, part.0));
        }
    }
    packets
}

/// What a whole exchange led to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Led {
    outcomes: Vec<(usize, Outcome)>,
    unanswered: bool,
    seen: Seen,
    /// The server may have answered before its request was there: then it matters what of the
    /// client has come when that request ends.
    early: bool,
    /// Bytes that were left over, and gaps.
    rest: PerPeer<Vec<Result<u8, Missing>>>,
}

impl Led {
    /// Takes what the last step led to; true when HTTP is over.
    fn outcome(&mut self, packet: usize, mut outcome: Outcome, exchange: &mut Exchange) -> bool {
        loop {
            match outcome {
                Outcome::More => return false,
                Outcome::Refused(_) => {
                    self.outcomes.push((packet, outcome));
                    outcome = exchange.resume();
                }
                _ => {
                    self.outcomes.push((packet, outcome));
                    for from in Peer::BOTH {
                        for piece in exchange.take_rest(from) {
                            self.rest(from, piece.delivery());
                        }
                    }
                    return true;
                }
            }
        }
    }

    fn rest(&mut self, from: Peer, delivery: Delivery<'_>) {
        match delivery {
            Delivery::Chunk { bytes, .. } => {
                self.rest[from].extend(bytes.iter().map(|byte| Ok(*byte)));
            }
            Delivery::Gap(missing) => match self.rest[from].last_mut() {
                Some(Err(before)) => *before = before.and(missing),
                _ => self.rest[from].push(Err(missing)),
            },
            Delivery::Conflict { .. } => {}
        }
    }
}

/// Cuts a packet, but not before what may be a head: behind a body of unknown length, a head at
/// the beginning of a piece is taken for one.
fn cut<'a>(row: &mut Row, from: Peer, bytes: &'a [u8]) -> Vec<&'a [u8]> {
    let mut pieces: Vec<&[u8]> = Vec::new();
    let (mut begun, mut end) = (0, 0);
    for piece in row.cut(bytes) {
        let head = match from {
            Peer::Client => piece.first().is_some_and(u8::is_ascii_uppercase),
            Peer::Server => piece.starts_with(b"H"),
        };
        if head && end > 0 {
            pieces.pop();
        } else {
            begun = end;
        }
        end += piece.len();
        pieces.push(&bytes[begun..end]);
    }
    pieces
}

fn run(packets: &[Packet<'_>], limits: Limits, mut row: Option<Row>) -> Led {
    let mut exchange = Exchange::new(limits);
    let mut led = Led::default();
    let mut over = false;
    for (number, packet) in packets.iter().enumerate() {
        let at = stamp(number as u64);
        match *packet {
            Packet::Bytes(from, bytes) => {
                let seen = exchange.seen();
                let heads = bytes.iter().filter(|&&byte| byte == b'H').count() as u64;
                led.early |= from == Peer::Server && seen.responses + heads > seen.requests;
                let pieces = row
                    .as_mut()
                    .map_or_else(|| vec![bytes], |row| cut(row, from, bytes));
                for piece in pieces {
                    if over {
                        led.rest(from, Delivery::write(piece));
                    } else {
                        let outcome = exchange.delivery(from, Delivery::write(piece), at.into());
                        over = led.outcome(number, outcome, &mut exchange);
                    }
                }
            }
            Packet::Gap(_, Missing::Bytes(0)) => {}
            Packet::Gap(from, missing) if over => led.rest(from, Delivery::Gap(missing)),
            Packet::Gap(from, missing) => {
                let outcome = exchange.delivery(from, Delivery::Gap(missing), at.into());
                over = led.outcome(number, outcome, &mut exchange);
            }
        }
    }
    led.seen = exchange.seen();
    led.unanswered = exchange.finish().is_some();
    for outcome in &led.outcomes {
        if let Outcome::Upgraded(handshake) | Outcome::Refused(handshake) = &outcome.1 {
            let _ = (
                handshake.observations(),
                handshake.accept(),
                handshake.subprotocol(),
            );
            let _ = (
                handshake.offered_extensions(),
                handshake.agreed_extensions(),
            );
        }
    }
    led
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    let (seed, small) = (u64::from(bytes.byte()), bytes.byte() & 1 == 1);
    let packets = packets(bytes.0);
    let limits = if small {
        Limits {
            head_bytes: 200,
            resync_bytes: 100,
            ..Limits::default()
        }
    } else {
        Limits::default()
    };
    let whole = run(&packets, limits, None);
    let cut = run(&packets, limits, Some(Row::new(seed)));
    if whole.seen.losses == 0 && !whole.early {
        assert_eq!(whole, cut, "cutting changed the outcome of {packets:?}");
    }
    // The same from the middle of a connection.
    let mut midway = Exchange::midway(limits);
    for (number, packet) in packets.iter().enumerate() {
        let at = stamp(number as u64);
        let (from, delivery) = match *packet {
            Packet::Bytes(from, bytes) => (from, Delivery::write(bytes)),
            Packet::Gap(from, missing) => (from, Delivery::Gap(missing)),
        };
        let mut outcome = midway.delivery(from, delivery, at.into());
        while let Outcome::Refused(_) = outcome {
            outcome = midway.resume();
        }
    }
});
