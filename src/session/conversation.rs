//! What one WebSocket says, from the first byte of its connection on.
//!
//! Job: own the layers above ordered bytes, pass over preambles, and hand on what comes to the layer
//! that it is for; `moves` has the moves from one to the next.
//! Input: chunks and gaps with their sender. Output: events. RFC 6455 §4.

mod copies;
mod ends;
mod memory;
mod moves;
mod over_http2;

use super::context::{Desk, Tools};
use super::late::Late;
use super::notes;
use super::seen::Seen;
use super::teller::Numbering;
use super::under_http2::UnderHttp2;
#[cfg(feature = "tls")]
use super::under_tls::{Carried, UnderTls};
use super::websocket::WebSocket;
use crate::base::{Conversing, Limits, Peer, PerPeer, Stamp};
use crate::finding::Observation;
use crate::http::{Exchange, Handshake, Outcome};
use crate::http2::{Sniff, Streams};
use crate::preamble::{Preamble, Proxied, Step};
use crate::stream::{Delivery, Stamps};
use crate::tcp::Stall;
use crate::tls::Facts;

#[derive(Debug)]
enum Phase {
    Preamble(Box<Preamble>),
    Http(Box<Exchange>),
    /// Neither HTTP nor TLS, and its beginning was not captured.
    Late(Box<Late>, Box<Otherwise>),
    WebSocket(Box<WebSocket>),
    #[cfg(feature = "tls")]
    Tls(Box<UnderTls<Conversation>>),
    Http2(Box<UnderHttp2<Conversation>>),
    /// A stream on which nothing has come.
    Fresh,
    Ignored,
}

/// What a connection of unknown beginning may be, other than a WebSocket.
#[derive(Debug)]
enum Otherwise {
    /// HTTP that was in the middle of something, or HTTP/2.
    Connection(Box<Exchange>, Sniff),
    /// It is a stream. A CONNECT for it was seen, or not.
    Stream(Option<Box<Handshake>>),
}

/// One conversation.
#[derive(Debug)]
#[cfg_attr(
    feature = "tls",
    expect(
        clippy::struct_excessive_bools,
        reason = "independent facts, none excludes another"
    )
)]
pub(super) struct Conversation {
    phase: Phase,
    numbering: Numbering,
    seen: Seen,
    told: bool,
    /// Bytes are missing.
    holed: bool,
    /// It was recognised without its handshake.
    late: bool,
    /// Some of the TLS was read.
    #[cfg(feature = "tls")]
    read: bool,
    /// The TLS that it is under, as far as that was known at its beginning.
    tls: Option<Box<Facts>>,
    /// What the preambles name, until the connection is reported.
    proxied_from: Vec<Proxied>,
    /// The first packet of its stream.
    began: Option<Stamp>,
}

impl Conversation {
    /// A conversation whose first byte is yet to come.
    pub(super) fn new(id: Conversing, limits: Limits) -> Self {
        Self {
            phase: Phase::Preamble(Box::new(Preamble::new(limits.head_bytes))),
            numbering: Numbering::new(id),
            seen: Seen::Nothing,
            told: false,
            holed: false,
            late: false,
            #[cfg(feature = "tls")]
            read: false,
            tls: None,
            proxied_from: Vec::new(),
            began: None,
        }
    }

    /// What it turned out to carry.
    pub(super) fn seen(&self) -> Seen {
        self.seen
    }

    /// Whether an event told of it.
    pub(super) fn is_told(&self) -> bool {
        match &self.phase {
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.is_told(),
            Phase::Http2(http2) => http2.is_told(),
            _ => self.told,
        }
    }

    /// Whether it is a connection with streams, and an event told of one.
    pub(super) fn has_streams(&self) -> bool {
        match &self.phase {
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.has_streams(),
            Phase::Http2(http2) => http2.is_told(),
            _ => false,
        }
    }

    /// Whether nothing that still comes is looked at. Of what was reported the end is reported, too.
    pub(super) fn is_ignored(&self) -> bool {
        match &self.phase {
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.is_over() || tls.inside.is_ignored(),
            Phase::Ignored => !self.told,
            _ => false,
        }
    }

    /// The open WebSocket on `stream`, and how many messages were told of it.
    pub(super) fn websocket(&self, stream: u32) -> Option<(&WebSocket, u64)> {
        match &self.phase {
            Phase::WebSocket(websocket) if self.numbering.id.stream == stream => {
                Some((websocket, self.numbering.messages))
            }
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.websocket(stream),
            Phase::Http2(http2) => http2.on(stream)?.websocket(stream),
            Phase::WebSocket(_)
            | Phase::Preamble(_)
            | Phase::Http(_)
            | Phase::Late(..)
            | Phase::Fresh
            | Phase::Ignored => None,
        }
    }

    /// All messages in progress hold too much: gives up to `excess` bytes up.
    #[cold]
    pub(super) fn trim(&mut self, excess: usize, tools: &mut Tools) {
        match &mut self.phase {
            Phase::WebSocket(websocket) => websocket.trim(excess, tools),
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.trim(excess, tools),
            Phase::Http2(http2) => {
                let wanted = tools.held.saturating_sub(excess);
                for one in http2.each() {
                    one.trim(tools.held.saturating_sub(wanted), tools);
                }
            }
            Phase::Preamble(_)
            | Phase::Http(_)
            | Phase::Late(..)
            | Phase::Fresh
            | Phase::Ignored => {}
        }
    }

    /// A receive window was closed for a time.
    pub(super) fn stalled(&mut self, receiver: Peer, stall: &Stall, desk: &mut Desk<'_>) {
        match &mut self.phase {
            Phase::WebSocket(websocket) => {
                websocket.stalled(receiver, stall, &mut self.numbering.teller(desk));
            }
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.stalled(receiver, stall, desk),
            Phase::Http2(http2) => {
                http2
                    .each()
                    .for_each(|inside| inside.stalled(receiver, stall, desk));
            }
            _ => {}
        }
    }

    /// Something was seen of the connection below. What is not told of needs no note.
    pub(super) fn noted(&mut self, note: Observation, at: Stamp, desk: &mut Desk<'_>) {
        match &mut self.phase {
            Phase::Http2(http2) => http2.noted(note, at, desk),
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.noted(note, at, desk),
            _ if self.told => self.numbering.teller(desk).finding(note, None, at),
            _ => {}
        }
    }

    /// Whose FIN was captured; comes before the end.
    #[cfg_attr(not(feature = "tls"), expect(clippy::unused_self, reason = "TLS asks"))]
    pub(super) fn fins(&mut self, fins: PerPeer<bool>) {
        #[cfg(feature = "tls")]
        if let Phase::Tls(tls) = &mut self.phase {
            tls.fins = fins;
        }
        #[cfg(not(feature = "tls"))]
        let _ = fins;
    }

    /// Takes what is delivered.
    pub(super) fn delivery(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        desk: &mut Desk<'_>,
    ) {
        let http2 = matches!(self.phase, Phase::Preamble(_)) && self.agreed_on_http2();
        match &mut self.phase {
            Phase::WebSocket(websocket) => {
                websocket.delivery(from, delivery, at, &mut self.numbering.teller(desk));
            }
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.delivery(from, delivery, at, desk),
            Phase::Http2(http2) => http2.delivery(from, delivery, at, desk),
            Phase::Ignored => {}
            Phase::Fresh => {
                self.await_frames(None, desk.tools.limits);
                self.before_websocket(from, delivery, at, desk);
            }
            Phase::Preamble(_) if http2 => {
                self.seen = self.seen.min(Seen::Http2);
                self.http2(Streams::new(desk.tools.limits));
                self.delivery(from, delivery, at, desk);
            }
            Phase::Preamble(preamble) => match preamble.delivery(from, delivery, at) {
                Step::Wait => self.seen = self.seen.min(Seen::Other),
                Step::Absent => {
                    self.preamble_over(desk);
                    self.before_websocket(from, delivery, at, desk);
                }
                Step::Over => self.preamble_over(desk),
            },
            Phase::Http(_) | Phase::Late(..) => self.before_websocket(from, delivery, at, desk),
        }
    }

    /// HTTP or TLS begins, with what the preamble kept.
    fn preamble_over(&mut self, desk: &mut Desk<'_>) {
        let http = Phase::Http(Box::new(Exchange::new(desk.tools.limits)));
        let Phase::Preamble(mut preamble) = std::mem::replace(&mut self.phase, http) else {
            return;
        };
        self.proxied_from.append(&mut preamble.take_named());
        for (from, piece) in preamble.take_rest() {
            self.delivery(from, piece.delivery(), piece.at(), desk);
        }
    }

    /// A second copy differs from the bytes that were used, so many bytes before the last one.
    pub(super) fn conflict(
        &mut self,
        from: Peer,
        conflict: (Delivery<'_>, i64),
        at: Stamp,
        desk: &mut Desk<'_>,
    ) {
        match &mut self.phase {
            Phase::WebSocket(websocket) => {
                websocket.conflict(from, conflict, at, &mut self.numbering.teller(desk));
            }
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.conflict(from, conflict.0, at, desk),
            Phase::Http2(http2) => {
                if let Some(note) = notes::delivered(from, conflict.0) {
                    http2.noted(note, at, desk);
                }
            }
            _ => {}
        }
    }

    fn before_websocket(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        desk: &mut Desk<'_>,
    ) {
        match delivery {
            Delivery::Chunk { .. } => self.seen = self.seen.min(Seen::Other),
            Delivery::Gap(_) => self.holed = true,
            Delivery::Conflict { .. } => return,
        }
        match &mut self.phase {
            Phase::Http(exchange) => {
                let outcome = exchange.delivery(from, delivery, at);
                self.outcome(outcome, desk);
            }
            Phase::Late(late, otherwise) => {
                let verdict = late.delivery(from, delivery, at);
                let Otherwise::Connection(exchange, sniff) = &mut **otherwise else {
                    return self.late(verdict, desk);
                };
                let outcome = exchange.delivery(from, delivery, at);
                sniff.delivery(from, delivery);
                if sniff.is_http2() {
                    self.http2_midway(desk);
                } else if outcome == Outcome::More {
                    self.late(verdict, desk);
                } else {
                    self.http_after_all();
                    self.outcome(outcome, desk);
                }
            }
            #[cfg(feature = "tls")]
            Phase::Tls(_) => {}
            Phase::Preamble(_)
            | Phase::WebSocket(_)
            | Phase::Http2(_)
            | Phase::Fresh
            | Phase::Ignored => {}
        }
    }
}

#[cfg(feature = "tls")]
impl Carried for Conversation {
    fn under(&mut self, facts: Facts) {
        self.tls = Some(Box::new(facts));
    }

    fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, desk: &mut Desk<'_>) {
        self.delivery(from, delivery, at, desk);
    }

    fn id(&self) -> Conversing {
        self.numbering.id
    }

    fn is_told(&self) -> bool {
        self.is_told()
    }

    fn noted(&mut self, note: Observation, at: Stamp, desk: &mut Desk<'_>) {
        self.noted(note, at, desk);
    }
}

#[cfg(test)]
mod tests;
