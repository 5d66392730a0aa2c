//! Where bytes are missing.
//!
//! Job: pass over what is not there, and look for the next head behind it. Input: gaps, and the bytes
//! after them. Output: a [`Step`].

use super::{Exchange, Step};
use crate::base::Peer;
use crate::http::body::Body;
use crate::http::outcome::Outcome;
use crate::http::probe::{Begins, Probe, begins_head, find_head, is_binary, probe};
use crate::http::side::State;
use crate::stream::{Missing, Stamps};

impl Exchange {
    /// A gap stands next.
    pub(super) fn cross(&mut self, from: Peer, (at, missing): (Stamps, Missing)) -> Step {
        let at_head = match &mut self.sides[from].state {
            State::Head(_) => true,
            State::Lost { at_head, .. } => *at_head,
            State::Body(body) => {
                if body.skip_gap(missing) {
                    let (_, skip) = body.skip(&[]);
                    self.skipped(from, skip);
                    return Step::Moved;
                }
                matches!(body, Body::Length(_))
            }
        };
        self.lose(from, at_head);
        let crossed = &mut self.sides[from].crossed;
        *crossed = Some(match *crossed {
            Some((first, before)) => (first, before.and(missing)),
            None => (at, missing),
        });
        Step::Moved
    }

    pub(super) fn lose(&mut self, from: Peer, at_head: bool) {
        self.seen.losses += 1;
        self.sides[from].state = State::Lost {
            budget: self.limits.resync_bytes,
            at_head,
        };
    }

    /// Lost, with bytes to search.
    pub(super) fn search(&mut self, from: Peer) -> Step {
        let awaited = from == Peer::Server && self.pending.next_switches();
        let side = &mut self.sides[from];
        let State::Lost { budget, at_head } = &mut side.state else {
            return Step::Moved;
        };
        let begins = begins_head(from, side.input.run());
        if awaited && begins == Begins::No && (*at_head || *budget == 0) {
            // The answer is what the capture lacks: these bytes come behind it.
            return self.answer_lost();
        }
        if !self.speaks_http && (*budget == 0 || is_binary(side.input.run())) {
            return match probe(from, side.input.run()) {
                Probe::Undecided => Step::Wait,
                other => Step::Out(Outcome::without_http(other)),
            };
        }
        let (found, left) = find_head(from, side.input.run(), *budget);
        *budget = left;
        side.pass(found);
        if !side.input.run().is_empty() {
            side.state = State::default();
        }
        Step::Moved
    }
}
