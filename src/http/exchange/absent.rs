//! What is not there, or not yet, where HTTP has it.
//!
//! Job: decide how long to wait for a head that another one implies, and what it means that
//! something else came. Input: both directions as far as they were read. Output: a [`Step`].
//! RFC 9110 §7.8, §9.3.6.

use super::{Exchange, Step};
use crate::base::Peer;
use crate::http::outcome::Outcome;
use crate::http::probe::{Begins, Probe, begins_head};
use crate::http::side::State;

impl Exchange {
    /// A capture of several queues may show the 101 before all of its request.
    pub(super) fn switch_is_early(&self) -> bool {
        let (client, server) = (&self.sides.client, &self.sides.server);
        !self.hurry
            && self.pending.is_empty()
            && self.seen.requests == 0
            && matches!(client.state, State::Head(_))
            && !client.input.has_gap()
            && server.input.run().starts_with(b"HTTP/1.1 101")
            && server.input.len() <= self.limits.head_bytes
    }

    /// The capture may show a response before the last bytes of its request.
    pub(super) fn request_is_coming(&self) -> bool {
        let client = &self.sides.client;
        !self.hurry
            && self.pending.is_empty()
            && matches!(client.state, State::Head(_))
            && !client.input.run().is_empty()
            && self.sides.server.input.len() <= self.limits.head_bytes
    }

    /// Where a head was expected stands something else, of at least `length` bytes.
    pub(super) fn no_head(&mut self, from: Peer, probe: Probe, length: usize) -> Step {
        if from == Peer::Server && self.pending.next_switches() {
            return self.answer_lost();
        }
        if !self.speaks_http && self.sides[from].crossed.is_none() {
            return Step::Out(Outcome::without_http(probe));
        }
        self.lose(from, false);
        self.sides[from].pass(length);
        Step::Moved
    }

    /// The client is silent about HTTP until its upgrade request (or CONNECT) is answered.
    pub(super) fn behind_a_switch(&mut self) -> Step {
        let client = &self.sides.client.input;
        let server_lost = matches!(self.sides.server.state, State::Lost { at_head: true, .. });
        let no_http =
            !client.run().is_empty() && begins_head(Peer::Client, client.run()) == Begins::No;
        if server_lost && no_http && self.pending.next_switches() {
            return self.answer_lost();
        }
        Step::Wait
    }

    /// The answer to an upgrade request (or CONNECT) will not come: it went by unseen.
    pub(super) fn answer_lost(&mut self) -> Step {
        if let Some(handshake) = self.pending.take_upgrade() {
            return Step::Out(Outcome::Unanswered(handshake));
        }
        self.start_anew();
        Step::Moved
    }

    /// A client that sends so much behind an upgrade request has its answer.
    pub(super) fn overdue(&mut self) -> Step {
        let waits = self.sides.client.input.len();
        if waits > self.limits.head_bytes && self.pending.last_switches() {
            self.answer_lost()
        } else {
            Step::Wait
        }
    }
}
