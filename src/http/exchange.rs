//! The HTTP/1 phase of one connection.
//!
//! Job: follow requests and responses until the connection becomes a WebSocket, or is known to
//! be something else. Input: the chunks and gaps of both directions, in the order of the
//! capture. Output: an [`Outcome`] at a time, and the bytes that HTTP left over.
//! RFC 9112 §2, §6, §9; RFC 9110 §7.8 (Upgrade), §9.3.6 (CONNECT); RFC 6455 §4.

mod absent;
mod lost;

use super::body::{Body, Skip};
use super::handshake::Handshake;
use super::head::{Parsed, RequestHead, ResponseHead, parse_request, parse_response};
use super::outcome::{Outcome, Seen};
use super::pending::{Answered, Pending};
use super::probe::{Begins, Probe, begins_head, find_head};
use super::scan::Scanned;
use super::side::{Side, State};
use crate::base::{Limits, Peer, PerPeer, Stamp};
use crate::stream::{Delivery, Missing, Piece, Stamps};

enum Step {
    /// Something was read; look again.
    Moved,
    /// More bytes are needed.
    Wait,
    /// Something is known.
    Out(Outcome),
}

/// The HTTP/1 phase of one connection. See [`Exchange::delivery`].
#[derive(Debug)]
pub struct Exchange {
    limits: Limits,
    sides: PerPeer<Side>,
    pending: Pending,
    /// A head was read on this connection (or in this tunnel): it speaks HTTP.
    speaks_http: bool,
    /// A terminal outcome was given.
    over: bool,
    /// A 101 waits no longer for its request.
    hurry: bool,
    seen: Seen,
}

impl Exchange {
    /// For a connection whose first bytes follow: they must be HTTP, TLS or HTTP/2, or the
    /// outcome is [`Outcome::NotHttp`]. A gap before the first head is searched past, as long as
    /// what follows it is text.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            sides: PerPeer::default(),
            pending: Pending::default(),
            speaks_http: false,
            over: false,
            hurry: false,
            seen: Seen::default(),
        }
    }

    /// For a connection that was open before the capture began and is thought to speak HTTP (it
    /// gave [`Outcome::NotHttp`] and is no WebSocket either): each direction is searched for its
    /// next head for as long as it lasts, and nothing but a head changes that.
    pub fn midway(limits: Limits) -> Self {
        let mut exchange = Self::new(limits);
        exchange.speaks_http = true;
        for peer in Peer::BOTH {
            exchange.lose(peer, false);
        }
        exchange.seen = Seen::default();
        exchange
    }

    /// Takes bytes or a gap. After [`Outcome::Refused`] there may be more to say about bytes
    /// already given: call [`Exchange::resume`] until it says [`Outcome::More`]. After a terminal
    /// outcome bytes are ignored, not kept, and the outcome is `More`.
    pub fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) -> Outcome {
        if self.over {
            return Outcome::More;
        }
        let rest = match delivery {
            Delivery::Chunk { bytes, begins } => {
                // Bodies and what is searched through are read where they lie, and never kept.
                let skimmed = self.skim(from, bytes);
                Delivery::Chunk {
                    bytes: bytes.get(skimmed..).unwrap_or_default(),
                    begins: begins && skimmed == 0,
                }
            }
            other => other,
        };
        self.sides[from].input.push(rest, at);
        self.resume()
    }

    /// Goes on with what is already there.
    pub fn resume(&mut self) -> Outcome {
        if self.over {
            return Outcome::More;
        }
        let outcome = loop {
            let client = self.step(Peer::Client);
            let step = match client {
                Step::Wait => self.step(Peer::Server),
                other => other,
            };
            match step {
                Step::Moved => {}
                Step::Wait => match self.overdue() {
                    Step::Moved => {}
                    Step::Wait => break Outcome::More,
                    Step::Out(outcome) => break outcome,
                },
                Step::Out(outcome) => break outcome,
            }
        };
        self.over = !matches!(outcome, Outcome::More | Outcome::Refused(_));
        outcome
    }

    /// Takes what was given and not read as HTTP, in order. After [`Outcome::Upgraded`] and
    /// [`Outcome::Unanswered`] it belongs to the WebSocket; after [`Outcome::Tls`],
    /// [`Outcome::Http2`] and [`Outcome::NotHttp`] it is what that protocol has sent so far.
    pub fn take_rest(&mut self, from: Peer) -> Vec<Piece> {
        let side = &mut self.sides[from];
        let crossed = side.crossed.take();
        let gap = crossed.map(|(at, missing)| Piece::Gap { at, missing });
        gap.into_iter().chain(side.input.take()).collect()
    }

    /// The connection or the capture ended: what waited for more goes on without. Comes before
    /// [`Exchange::finish`]; as with [`Exchange::delivery`], call [`Exchange::resume`] behind it.
    pub fn settle(&mut self) -> Outcome {
        self.hurry = true;
        self.resume()
    }

    /// The connection or the capture ended. Returns the upgrade request that is still without an
    /// answer; the client's bytes behind it are in [`Exchange::take_rest`].
    pub fn finish(&mut self) -> Option<Box<Handshake>> {
        let was_over = std::mem::replace(&mut self.over, true);
        self.pending.take_upgrade().filter(|_| !was_over)
    }

    /// Bytes of memory that what waits to be read takes.
    pub fn kept(&self) -> usize {
        self.sides.iter().map(|(_, side)| side.input.kept()).sum()
    }

    /// Gives up what waits to be read, to save memory: it is passed over as if it were missing.
    pub fn let_go(&mut self) {
        for from in Peer::BOTH {
            let side = &mut self.sides[from];
            let Some(at) = side.input.first() else {
                continue;
            };
            let missing = Missing::Bytes(side.input.span());
            side.input.clear();
            self.cross(from, (at, missing));
        }
    }

    /// What was on the connection so far.
    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// Reads from the front of `bytes` what needs not be kept. Only where nothing waits before.
    fn skim(&mut self, from: Peer, bytes: &[u8]) -> usize {
        let side = &mut self.sides[from];
        if !side.input.is_empty() {
            return 0;
        }
        match &mut side.state {
            State::Body(body) => {
                if matches!(body, Body::UntilClose) && !self.pending.is_empty() {
                    return 0;
                }
                let (used, skip) = body.skip(bytes);
                self.skipped(from, skip);
                used
            }
            State::Lost { budget, .. } if self.speaks_http && !self.pending.next_switches() => {
                let (found, left) = find_head(from, bytes, *budget);
                *budget = left;
                side.pass(found);
                found
            }
            State::Head(_) | State::Lost { .. } => 0,
        }
    }

    fn skipped(&mut self, from: Peer, skip: Skip) {
        match skip {
            Skip::Going => {}
            Skip::Done => self.sides[from].state = State::default(),
            Skip::Broken => self.lose(from, false),
        }
    }

    fn step(&mut self, from: Peer) -> Step {
        if let State::Head(_) = self.sides[from].state {
            return self.head(from);
        }
        let side = &mut self.sides[from];
        if side.input.run().is_empty() {
            return match side.input.take_gap() {
                Some(gap) => self.cross(from, gap),
                None => Step::Wait,
            };
        }
        match &mut side.state {
            State::Body(Body::UntilClose) if !self.pending.is_empty() => {
                match begins_head(from, side.input.run()) {
                    // A request came after this response, and here is one more response: the
                    // body was none, for instance because the request was a HEAD that nobody saw.
                    Begins::Yes => side.state = State::default(),
                    Begins::Perhaps if !side.input.has_gap() => return Step::Wait,
                    Begins::Perhaps | Begins::No => side.input.consume(usize::MAX),
                }
            }
            State::Body(body) => {
                let (used, skip) = body.skip(side.input.run());
                side.input.consume(used);
                self.skipped(from, skip);
            }
            State::Lost { .. } => return self.search(from),
            State::Head(_) => {}
        }
        Step::Moved
    }

    /// In a head, or where one must begin.
    fn head(&mut self, from: Peer) -> Step {
        // What a client sends behind an upgrade request (or a CONNECT) waits for the answer: it
        // is the next request only if the server declines.
        if from == Peer::Client && self.pending.last_switches() {
            return self.behind_a_switch();
        }
        let early = from == Peer::Client && self.switch_is_early();
        let side = &mut self.sides[from];
        let State::Head(scan) = &mut side.state else {
            return Step::Moved;
        };
        let run = side.input.run();
        match scan.advance(from, run) {
            Scanned::End(end) if end <= self.limits.head_bytes => self.head_complete(from, end),
            Scanned::End(end) => self.no_head(from, Probe::Other, end),
            // These are no HTTP, so the request of the switch that waits is not to come.
            Scanned::NotAHead(_) if early => {
                self.hurry = true;
                self.head(Peer::Server)
            }
            // Past one byte, so that a search does not find the same place again.
            Scanned::NotAHead(probe) => self.no_head(from, probe, 1),
            Scanned::More if run.len() > self.limits.head_bytes => {
                let all = run.len();
                self.no_head(from, Probe::Other, all)
            }
            Scanned::More if side.input.has_gap() => {
                side.input.consume(usize::MAX);
                match side.input.take_gap() {
                    Some(gap) => self.cross(from, gap),
                    None => Step::Wait,
                }
            }
            Scanned::More => Step::Wait,
        }
    }

    fn head_complete(&mut self, from: Peer, end: usize) -> Step {
        if from == Peer::Server && (self.request_is_coming() || self.switch_is_early()) {
            return Step::Wait;
        }
        let side = &self.sides[from];
        let head = side.input.run().get(..end).unwrap_or_default();
        let at = side.input.first().unwrap_or_default().first;
        match from {
            Peer::Client => match parse_request(head) {
                Parsed::Complete { value, .. } => {
                    self.head_read(from, end);
                    self.request(value, at)
                }
                _ => self.no_head(from, Probe::Other, end),
            },
            Peer::Server => match parse_response(head) {
                Parsed::Complete { value, .. } => {
                    self.head_read(from, end);
                    self.response(value, at)
                }
                _ => self.no_head(from, Probe::Other, end),
            },
        }
    }

    fn head_read(&mut self, from: Peer, end: usize) {
        self.speaks_http = true;
        let side = &mut self.sides[from];
        side.input.consume(end);
        side.crossed = None;
    }

    fn request(&mut self, head: RequestHead, at: Stamp) -> Step {
        self.seen.requests += 1;
        self.sides.client.state = Body::of_request(&head).map_or_else(State::default, State::Body);
        self.seen.upgrade_requests += u64::from(self.pending.push(head, at));
        self.seen.forgotten += self.pending.bound();
        Step::Moved
    }

    fn response(&mut self, head: ResponseHead, at: Stamp) -> Step {
        self.sides.server.state = State::default();
        // RFC 9110 §15.2: 1xx responses come before the final one; 101 is final here.
        if (100..200).contains(&head.status) && !head.switches() {
            return Step::Moved;
        }
        self.seen.responses += 1;
        self.seen.last_status = Some(head.status);
        match self.pending.answer(head, at) {
            Answered::Upgraded(handshake) => {
                // What the capture lacks of the client lay before the switch.
                self.sides.client.crossed = None;
                Step::Out(Outcome::Upgraded(handshake))
            }
            Answered::Refused(handshake, body) => {
                self.body_follows(body);
                Step::Out(Outcome::Refused(handshake))
            }
            Answered::Plain(body) => {
                self.body_follows(body);
                Step::Moved
            }
            Answered::Http2 => Step::Out(Outcome::UpgradedToHttp2),
            Answered::Tunnel => {
                self.start_anew();
                Step::Moved
            }
        }
    }

    fn body_follows(&mut self, body: Option<Body>) {
        self.sides.server.state = body.map_or_else(State::default, State::Body);
    }

    /// Inside a tunnel, or after a switch to an unknown protocol, anything may be spoken.
    fn start_anew(&mut self) {
        self.speaks_http = false;
        self.pending = Pending::default();
        for peer in Peer::BOTH {
            self.sides[peer].state = State::default();
        }
    }
}

#[cfg(test)]
mod tests;
