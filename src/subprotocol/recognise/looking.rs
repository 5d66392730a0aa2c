//! Messages that wait until a protocol is recognised.
//!
//! Job: look at each, keep it, and feed all to the decoder in the end. Input: messages and losses.
//! Output: the protocol that a message shows; units of what was kept.

use super::recognised::Why;
use super::renumbered::Renumbered;
use crate::base::{Limits, Peer};
use crate::deflate::Packed;
use crate::subprotocol::decoder::{At, Body, Opening, Out, Subprotocol};
use crate::subprotocol::entry::{Confidence, Entry};
use crate::subprotocol::look::Look;

/// What is kept until a protocol is recognised.
#[derive(Debug, Clone)]
pub(super) struct Looking {
    entries: &'static [Entry],
    target: Option<String>,
    agreed: Option<String>,
    limits: Limits,
    kept: Vec<Kept>,
    /// Data messages that were looked at.
    pub(super) seen: usize,
    /// Bytes that may still be kept.
    room: usize,
    /// Bytes that the kept messages take.
    takes: usize,
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

impl Looking {
    /// For a conversation that opened so, which may speak one of `entries`.
    pub(super) fn new(opening: &Opening<'_>, entries: &'static [Entry]) -> Self {
        Self {
            entries,
            target: opening.target.map(str::to_owned),
            agreed: opening.agreed.map(str::to_owned),
            kept: Vec::new(),
            seen: 0,
            limits: opening.limits,
            room: opening.limits.recognised_bytes,
            takes: 0,
        }
    }

    /// Has the messages take less room.
    pub(super) fn pack(&mut self) {
        for kept in &mut self.kept {
            if let Kept::Message { bytes, .. } = kept
                && let Bytes::Plain(plain) = bytes
                && let Some(packed) = Packed::of(plain)
            {
                self.takes = self.takes + packed.takes() - plain.len();
                *bytes = Bytes::Packed(packed);
            }
        }
    }

    /// Gives them up: they count as lost.
    pub(super) fn let_go(&mut self) {
        self.kept = Vec::new();
        self.takes = 0;
        for from in Peer::BOTH {
            self.lost(from);
        }
    }

    /// Bytes of memory that a copy takes, more or less.
    pub(super) fn held(&self) -> usize {
        size_of::<Self>() + size_of_val(self.kept.as_slice()) + self.kept_bytes()
    }

    /// Bytes of the messages.
    pub(super) fn kept_bytes(&self) -> usize {
        self.takes
    }

    fn opening(&self) -> Opening<'_> {
        Opening {
            target: self.target.as_deref(),
            agreed: self.agreed.as_deref(),
            limits: self.limits,
        }
    }

    /// The protocol that a message shows.
    pub(super) fn look(&mut self, at: &At, body: &Body<'_>) -> Option<(&'static Entry, Why)> {
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
    pub(super) fn feed(
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
                        read: None,
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

    pub(super) fn keep(&mut self, at: &At, body: &Body<'_>) {
        let Some(room) = self.room.checked_sub(body.bytes.len()) else {
            return self.lost(at.from);
        };
        self.room = room;
        self.takes += body.bytes.len();
        self.kept.push(Kept::Message {
            at: *at,
            text: body.text,
            bytes: Bytes::Plain(body.bytes.to_vec()),
            holes: body.holes.to_vec(),
            whole: body.whole,
        });
    }

    pub(super) fn lost(&mut self, from: Peer) {
        // Losses in a row say no more than one of each sender.
        let last = self.kept.iter().rev();
        let mut losses = last.take_while(|kept| matches!(kept, Kept::Lost(_)));
        if !losses.any(|kept| matches!(kept, Kept::Lost(peer) if *peer == from)) {
            self.kept.push(Kept::Lost(from));
        }
    }
}
