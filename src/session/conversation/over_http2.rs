//! A conversation over HTTP/2, and what lies below it.
//!
//! Job: move from bytes to the streams of HTTP/2, and be what is on one. Input: what the connection has
//! brought so far; openings and deliveries of a stream. Output: events. RFC 9113 §3, RFC 8441 §5.

use super::{Conversation, Otherwise, Phase, Seen};
use crate::base::{Conversing, Limits, Peer, Stamp};
use crate::event::{Reason, Upgrade};
use crate::finding::Observation;
use crate::http::Handshake;
use crate::http2::{Answer, Opened, Stall, Streams};
use crate::session::context::{Desk, Tools};
use crate::session::late::Late;
use crate::session::teller::Numbering;
use crate::session::under_http2::{OnStream, UnderHttp2};
use crate::stream::{Delivery, Stamps};

impl Conversation {
    /// Whether the two ends agreed on HTTP/2 when TLS began.
    #[inline]
    pub(super) fn agreed_on_http2(&self) -> bool {
        // RFC 9113 §3.2: its name there is "h2".
        let agreed = self
            .tls
            .as_ref()
            .and_then(|facts| facts.protocol.as_deref());
        agreed == Some("h2")
    }

    /// HTTP/2 from here on.
    pub(super) fn http2(&mut self, streams: Streams) -> Phase {
        let mut like = Self::new(self.numbering.id, Limits::default());
        like.phase = Phase::Fresh;
        like.tls.clone_from(&self.tls);
        like.proxied_from.clone_from(&self.proxied_from);
        let http2 = Box::new(UnderHttp2::new(streams, self.numbering.id.connection, like));
        std::mem::replace(&mut self.phase, Phase::Http2(http2))
    }

    pub(super) fn http2_begins(&mut self, streams: fn(Limits) -> Streams, desk: &mut Desk<'_>) {
        self.seen = self.seen.min(Seen::Http2);
        if let Phase::Http(mut exchange) = self.http2(streams(desk.tools.limits)) {
            for from in Peer::BOTH {
                for piece in exchange.take_rest(from) {
                    self.delivery(from, piece.delivery(), piece.at(), desk);
                }
            }
        }
    }

    /// HTTP/2 that was in the middle of something.
    pub(super) fn http2_midway(&mut self, desk: &mut Desk<'_>) {
        self.seen = self.seen.min(Seen::Http2);
        let Phase::Late(mut late, otherwise) = self.http2(Streams::midway(desk.tools.limits))
        else {
            return;
        };
        let mut client = Peer::Client;
        if let Otherwise::Connection(_, sniff) = &*otherwise
            && sniff.is_reversed()
            && !desk.flow.roles.known
        {
            client = Peer::Server;
            desk.flow.roles.reverse();
        }
        for (from, piece) in late.take(client) {
            self.delivery(from, piece.delivery(), piece.at(), desk);
        }
    }

    /// Nobody knows what the stream carries; a CONNECT for it was seen, or not.
    pub(super) fn await_frames(&mut self, handshake: Option<Box<Handshake>>, limits: Limits) {
        // Who is the client is known by the connection.
        let late = Box::new(Late::new(true, limits));
        self.phase = Phase::Late(late, Box::new(Otherwise::Stream(handshake)));
    }
}

impl OnStream for Conversation {
    type Seen = Seen;

    fn on_stream(&self, id: Conversing, began: Stamp) -> Self {
        Self {
            phase: Phase::Fresh,
            numbering: Numbering::new(id),
            seen: Seen::Nothing,
            told: false,
            holed: true,
            late: false,
            #[cfg(feature = "tls")]
            read: false,
            tls: self.tls.clone(),
            proxied_from: self.proxied_from.clone(),
            began: Some(began),
        }
    }

    fn opened(&mut self, opened: Opened, desk: &mut Desk<'_>) {
        let Opened {
            handshake,
            answer,
            notes,
        } = opened;
        match answer {
            Answer::Accepted => self.upgraded(handshake, Upgrade::Accepted, desk),
            Answer::Refused => self.refused(handshake, Upgrade::Refused, desk),
            Answer::None => self.refused(handshake, Upgrade::Unanswered, desk),
            Answer::Missing => self.await_frames(Some(handshake), desk.tools.limits),
        }
        for (note, at) in notes {
            OnStream::noted(self, note, at, desk);
        }
    }

    fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, desk: &mut Desk<'_>) {
        self.delivery(from, delivery, at, desk);
    }

    fn held_back(&mut self, stall: &Stall, desk: &mut Desk<'_>) {
        if let Phase::WebSocket(websocket) = &mut self.phase {
            websocket.held_back(stall, &mut self.numbering.teller(desk));
        }
    }

    fn noted(&mut self, note: Observation, at: Stamp, desk: &mut Desk<'_>) {
        self.noted(note, at, desk);
    }

    fn finish(&mut self, reason: Reason, last: Stamp, desk: &mut Desk<'_>) {
        self.finish(reason, last, desk);
    }

    fn is_told(&self) -> bool {
        self.told
    }

    fn seen(&self) -> Seen {
        self.seen
    }

    fn is_closing(&self) -> bool {
        matches!(&self.phase, Phase::WebSocket(websocket) if websocket.is_closing())
    }

    fn held(&self) -> usize {
        self.held()
    }

    fn resting(&self) -> Option<Self> {
        self.resting()
    }

    fn resume(&mut self, tools: &mut Tools) {
        self.resume(tools);
    }
}
