//! Which protocol a conversation speaks.
//!
//! Job: look at the first messages, keep them, and feed them to the decoder once one of them is
//! recognised; from then on feed it what comes. Input: messages, control frames and losses of one
//! conversation. Output: units and observations through [`Out`].
//!
//! What is said decides. A name that was agreed only raises the confidence: servers agree to names
//! that they do not speak, and tokens travel in the header.

mod looking;
mod recognised;
mod renumbered;

pub use recognised::{Recognised, Why};

use super::choice::Choice;
use super::decoder::{At, Body, Control, Opening, Out, Subprotocol};
use super::entry::Entry;
use crate::base::{Peer, Stamp};
use looking::Looking;
use renumbered::Renumbered;

/// Data messages that are looked at.
const MESSAGES: usize = 8;

/// Looks for a protocol in one conversation, and holds its decoder.
#[derive(Debug, Clone)]
pub struct Recogniser(State);

#[derive(Debug, Clone)]
enum State {
    Looking(Box<Looking>),
    /// It is known, and no message has come yet.
    Chosen(&'static Entry, Box<dyn Subprotocol>),
    Found(Recognised, Box<dyn Subprotocol>),
    Nothing,
}

impl Recogniser {
    /// For a conversation that opened so, which may speak one of `entries`.
    pub fn new(opening: &Opening<'_>, choice: Choice, entries: &'static [Entry]) -> Self {
        Self(match choice {
            Choice::Nothing => State::Nothing,
            Choice::Forced(entry) => State::Chosen(entry, (entry.new)(opening)),
            Choice::Recognise => State::Looking(Box::new(Looking::new(opening, entries))),
        })
    }

    /// What was recognised.
    pub fn recognised(&self) -> Option<&Recognised> {
        match &self.0 {
            State::Found(recognised, _) => Some(recognised),
            State::Looking(_) | State::Chosen(..) | State::Nothing => None,
        }
    }

    /// Whether nothing that still comes is looked at.
    pub fn is_over(&self) -> bool {
        matches!(self.0, State::Nothing)
    }

    /// The next data message. True where it is the one that shows the protocol.
    pub fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) -> bool {
        match &mut self.0 {
            State::Nothing => false,
            State::Found(recognised, decoder) => {
                let first = recognised.message;
                decoder.message(at, body, &mut Renumbered { first, out });
                false
            }
            State::Chosen(..) => {
                let State::Chosen(entry, mut decoder) =
                    std::mem::replace(&mut self.0, State::Nothing)
                else {
                    return false;
                };
                decoder.message(at, body, out);
                self.0 = State::Found(Recognised::of(entry, Why::Asked, at), decoder);
                true
            }
            State::Looking(looking) => {
                if let Some((entry, why)) = looking.look(at, &body) {
                    let recognised = Recognised::of(entry, why, at);
                    let decoder = looking.feed(entry, (at, body), out);
                    self.0 = State::Found(recognised, decoder);
                    return true;
                }
                if looking.seen >= MESSAGES {
                    self.0 = State::Nothing;
                } else {
                    looking.keep(at, &body);
                }
                false
            }
        }
    }

    /// A control frame went by.
    pub fn control(&mut self, at: &At, control: Control<'_>, out: &mut dyn Out) {
        if let State::Found(recognised, decoder) = &mut self.0 {
            let first = recognised.message;
            decoder.control(at, control, &mut Renumbered { first, out });
        }
    }

    /// Messages of `from` are lost, nobody knows how many.
    pub fn lost(&mut self, from: Peer) {
        match &mut self.0 {
            State::Found(_, decoder) | State::Chosen(_, decoder) => decoder.lost(from),
            State::Looking(looking) => looking.lost(from),
            State::Nothing => {}
        }
    }

    /// The conversation, or the capture, ends.
    pub fn finish(&mut self, stamp: Stamp, out: &mut dyn Out) {
        if let State::Found(recognised, decoder) = &mut self.0 {
            let first = recognised.message;
            decoder.finish(stamp, &mut Renumbered { first, out });
        }
        self.0 = State::Nothing;
    }

    /// Bytes of memory that messages take which wait until the protocol is recognised.
    pub fn kept(&self) -> usize {
        match &self.0 {
            State::Looking(looking) => looking.kept_bytes(),
            State::Chosen(..) | State::Found(..) | State::Nothing => 0,
        }
    }

    /// Has these messages take less room.
    pub fn pack(&mut self) {
        if let State::Looking(looking) = &mut self.0 {
            looking.pack();
        }
    }

    /// Gives these messages up, to save memory: they count as lost.
    pub fn let_go(&mut self) {
        if let State::Looking(looking) = &mut self.0 {
            looking.let_go();
        }
    }

    /// Bytes of memory that a copy takes, more or less.
    pub fn held(&self) -> usize {
        match &self.0 {
            State::Looking(looking) => looking.held(),
            State::Chosen(_, decoder) | State::Found(_, decoder) => decoder.held(),
            State::Nothing => 0,
        }
    }
}

#[cfg(test)]
mod tests;
