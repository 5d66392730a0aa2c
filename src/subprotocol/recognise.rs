//! Which protocol a conversation speaks.
//!
//! Job: look at the first messages, keep them, and feed them to the decoder once one of them is
//! recognised; from then on feed it what comes. Input: messages, control frames and losses of one
//! conversation. Output: units and observations through [`Out`].
//!
//! What is said decides. A name that was agreed only raises the confidence: servers agree to names
//! that they do not speak, and tokens travel in the header.

use strum::IntoStaticStr;

use super::asked::Question;
use super::choice::Choice;
use super::decoder::{At, Body, Control, Opening, Out, Subprotocol};
use super::entry::{Confidence, Entry};
use super::look::Look;
use super::unit::{Answered, Unit};
use crate::base::{Limits, Peer, Stamp};
use crate::deflate::Packed;
use crate::finding::Observation;

/// Data messages that are looked at.
const MESSAGES: usize = 8;

/// Why a protocol was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Why {
    /// Hardly anything else says this.
    Said,
    /// Its name was agreed, and what is said fits.
    SaidAndAgreed,
    /// It was asked for.
    Asked,
}

impl Why {
    /// `said`, `said-and-agreed` or `asked`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A protocol that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// Its name in the registry.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Why.
    pub why: Why,
    /// The message that showed it. Units of those before it are reported with it.
    pub message: u64,
}

/// Looks for a protocol in one conversation, and holds its decoder.
#[derive(Debug)]
pub struct Recogniser(State);

#[derive(Debug)]
enum State {
    Looking(Box<Looking>),
    /// It is known, and no message has come yet.
    Chosen(&'static Entry, Box<dyn Subprotocol>),
    Found(Recognised, Box<dyn Subprotocol>),
    Nothing,
}

/// What is kept until a protocol is recognised.
#[derive(Debug, Clone)]
struct Looking {
    entries: &'static [Entry],
    target: Option<String>,
    agreed: Option<String>,
    limits: Limits,
    kept: Vec<Kept>,
    /// Data messages that were looked at.
    seen: usize,
    /// Bytes that may still be kept.
    room: usize,
}

#[derive(Debug, Clone)]
enum Kept {
    Message {
        at: At,
        text: bool,
        bytes: Bytes,
        holes: Vec<(u64, u64)>,
        whole: bool,
    },
    /// Messages of a sender are lost, or were too long to keep.
    Lost(Peer),
}

#[derive(Debug, Clone)]
enum Bytes {
    Plain(Vec<u8>),
    Packed(Packed),
}

impl Recogniser {
    /// For a conversation that opened so, which may speak one of `entries`.
    pub fn new(opening: &Opening<'_>, choice: Choice, entries: &'static [Entry]) -> Self {
        Self(match choice {
            Choice::Nothing => State::Nothing,
            Choice::Forced(entry) => State::Chosen(entry, (entry.new)(opening)),
            Choice::Recognise => State::Looking(Box::new(Looking {
                entries,
                target: opening.target.map(str::to_owned),
                agreed: opening.agreed.map(str::to_owned),
                kept: Vec::new(),
                seen: 0,
                limits: opening.limits,
                room: opening.limits.recognised_bytes,
            })),
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
        let State::Looking(looking) = &mut self.0 else {
            return;
        };
        for kept in &mut looking.kept {
            if let Kept::Message { bytes, .. } = kept
                && let Bytes::Plain(plain) = bytes
                && let Some(packed) = Packed::of(plain)
            {
                *bytes = Bytes::Packed(packed);
            }
        }
    }

    /// Gives these messages up, to save memory: they count as lost.
    pub fn let_go(&mut self) {
        if let State::Looking(looking) = &mut self.0 {
            looking.kept = Vec::new();
            for from in Peer::BOTH {
                looking.lost(from);
            }
        }
    }

    /// A copy that goes on from here.
    #[must_use]
    pub fn resting(&self) -> Self {
        Self(match &self.0 {
            State::Looking(looking) => State::Looking(looking.clone()),
            State::Chosen(entry, decoder) => State::Chosen(entry, decoder.resting()),
            State::Found(recognised, decoder) => State::Found(*recognised, decoder.resting()),
            State::Nothing => State::Nothing,
        })
    }

    /// Bytes of memory that a copy takes, more or less.
    pub fn held(&self) -> usize {
        match &self.0 {
            State::Looking(looking) => {
                let places = size_of_val(looking.kept.as_slice());
                size_of::<Looking>() + places + looking.kept_bytes()
            }
            State::Chosen(_, decoder) | State::Found(_, decoder) => decoder.held(),
            State::Nothing => 0,
        }
    }
}

impl Recognised {
    fn of(entry: &Entry, why: Why, at: &At) -> Self {
        Self {
            name: entry.name,
            title: entry.title,
            why,
            message: at.message,
        }
    }
}

impl Looking {
    /// Bytes of the messages.
    fn kept_bytes(&self) -> usize {
        let kept = self.kept.iter().map(|kept| match kept {
            Kept::Message { bytes, .. } => match bytes {
                Bytes::Plain(bytes) => bytes.len(),
                Bytes::Packed(packed) => packed.takes(),
            },
            Kept::Lost(_) => 0,
        });
        kept.sum()
    }

    fn opening(&self) -> Opening<'_> {
        Opening {
            target: self.target.as_deref(),
            agreed: self.agreed.as_deref(),
            limits: self.limits,
        }
    }

    /// The protocol that a message shows.
    fn look(&mut self, at: &At, body: &Body<'_>) -> Option<(&'static Entry, Why)> {
        self.seen += 1;
        let opening = self.opening();
        let look = Look::new(*body);
        let mut possible = None;
        for entry in self.entries {
            let agreed = opening.agreed.is_some_and(|agreed| {
                let mut tokens = entry.tokens.iter();
                tokens.any(|token| token.eq_ignore_ascii_case(agreed.trim()))
            });
            let why = if agreed {
                Why::SaidAndAgreed
            } else {
                Why::Said
            };
            match (entry.suits)(&opening, at, &look) {
                Confidence::Certain => return Some((entry, why)),
                Confidence::Possible if agreed => possible = possible.or(Some((entry, why))),
                Confidence::Possible | Confidence::No => {}
            }
        }
        possible
    }

    /// A decoder that has seen what was kept and the message that shows the protocol.
    fn feed(
        &mut self,
        entry: &Entry,
        (at, body): (&At, Body<'_>),
        out: &mut dyn Out,
    ) -> Box<dyn Subprotocol> {
        let mut decoder = (entry.new)(&self.opening());
        let first = at.message;
        let out = &mut Renumbered { first, out };
        for kept in self.kept.drain(..) {
            match kept {
                Kept::Lost(from) => decoder.lost(from),
                Kept::Message {
                    at,
                    text,
                    bytes,
                    holes,
                    whole,
                } => {
                    let bytes = match bytes {
                        Bytes::Plain(bytes) => bytes,
                        Bytes::Packed(packed) => packed.unpack().unwrap_or_default(),
                    };
                    let body = Body {
                        text,
                        bytes: &bytes,
                        holes: &holes,
                        whole,
                    };
                    out.about(&at);
                    decoder.message(&at, body, out);
                }
            }
        }
        out.about(at);
        decoder.message(at, body, out);
        decoder
    }

    fn keep(&mut self, at: &At, body: &Body<'_>) {
        let Some(room) = self.room.checked_sub(body.bytes.len()) else {
            return self.lost(at.from);
        };
        self.room = room;
        self.kept.push(Kept::Message {
            at: *at,
            text: body.text,
            bytes: Bytes::Plain(body.bytes.to_vec()),
            holes: body.holes.to_vec(),
            whole: body.whole,
        });
    }

    fn lost(&mut self, from: Peer) {
        // Losses in a row say no more than one of each sender.
        let last = self.kept.iter().rev();
        let mut losses = last.take_while(|kept| matches!(kept, Kept::Lost(_)));
        if !losses.any(|kept| matches!(kept, Kept::Lost(peer) if *peer == from)) {
            self.kept.push(Kept::Lost(from));
        }
    }
}

/// Names units of the messages that were kept by the message that they are reported with.
struct Renumbered<'a> {
    first: u64,
    out: &'a mut dyn Out,
}

impl Renumbered<'_> {
    fn renumber(&self, answered: &mut Answered) {
        answered.message = answered.message.max(self.first);
    }
}

impl Out for Renumbered<'_> {
    fn unit(&mut self, mut unit: Unit) -> usize {
        for answered in &mut unit.answers {
            self.renumber(answered);
        }
        self.out.unit(unit)
    }

    fn observe(&mut self, observation: Observation) {
        self.out.observe(observation);
    }

    fn about(&mut self, at: &At) {
        self.out.about(at);
    }

    fn pending(&mut self, mut question: Question) {
        self.renumber(&mut question.unit);
        self.out.pending(question);
    }
}

#[cfg(test)]
mod tests;
