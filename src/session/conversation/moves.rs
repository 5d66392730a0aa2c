//! The moves of a conversation from one layer to the next.
//!
//! Job: go from HTTP to TLS, to HTTP/2, to WebSocket or to nothing that is looked at, and tell the
//! connection. Input: what HTTP, or the search in a late start, came to. Output: events.
//! RFC 6455 §4.

use super::{Conversation, Otherwise, Phase, Seen};
use crate::base::{Peer, PerPeer};
use crate::deflate::{Agreement, Parameters};
use crate::event::{ConnectionInfo, Event, Upgrade};
use crate::finding::Observation;
use crate::http::{Exchange, Handshake, Outcome};
use crate::http2::{Sniff, Streams};
use crate::session::context::Desk;
use crate::session::late::{Late, Verdict};
#[cfg(feature = "tls")]
use crate::session::under_tls::UnderTls;
use crate::session::websocket::{Start, WebSocket};
use crate::session::{inference, opening};

impl Conversation {
    pub(super) fn outcome(&mut self, mut outcome: Outcome, desk: &mut Desk<'_>) {
        loop {
            match outcome {
                Outcome::More => return,
                Outcome::Refused(handshake) => self.refused(handshake, Upgrade::Refused, desk),
                Outcome::Upgraded(handshake) => {
                    return self.upgraded(handshake, Upgrade::Accepted, desk);
                }
                Outcome::Unanswered(handshake) => {
                    return self.upgraded(handshake, Upgrade::AnswerMissing, desk);
                }
                Outcome::Tls => return self.tls(desk),
                Outcome::Http2 => return self.http2_begins(Streams::new, desk),
                Outcome::UpgradedToHttp2 => return self.http2_begins(Streams::upgraded, desk),
                Outcome::NotHttp => return self.not_http(desk),
            }
            let Phase::Http(exchange) = &mut self.phase else {
                return;
            };
            outcome = exchange.resume();
        }
    }

    #[cfg(not(feature = "tls"))]
    pub(super) fn tls(&mut self, _: &mut Desk<'_>) {
        self.ignore(Seen::Tls);
    }

    /// TLS from here on, with a conversation of its own inside.
    #[cfg(feature = "tls")]
    pub(super) fn tls(&mut self, desk: &mut Desk<'_>) {
        self.seen = self.seen.min(Seen::Tls);
        let before = std::mem::replace(&mut self.phase, Phase::Ignored);
        let Phase::Http(mut exchange) = before else {
            return;
        };
        let id = self.numbering.id;
        let mut inside = Self::new(id, desk.tools.limits);
        inside.proxied_from = std::mem::take(&mut self.proxied_from);
        let mut tls = Box::new(UnderTls::new(inside, id.connection, desk));
        for from in Peer::BOTH {
            for piece in exchange.take_rest(from) {
                tls.delivery(from, piece.delivery(), piece.at(), desk);
            }
        }
        self.phase = Phase::Tls(tls);
    }

    pub(super) fn ignore(&mut self, seen: Seen) {
        self.seen = self.seen.min(seen);
        self.phase = Phase::Ignored;
    }

    /// Something else than HTTP: perhaps a WebSocket whose handshake went by before the capture.
    pub(super) fn not_http(&mut self, desk: &mut Desk<'_>) {
        let roles_known = desk.flow.roles.known;
        if roles_known && !self.holed {
            return self.ignore(Seen::Other);
        }
        self.seen = self.seen.min(Seen::Other);
        let before = std::mem::replace(&mut self.phase, Phase::Ignored);
        let Phase::Http(mut exchange) = before else {
            return;
        };
        let limits = desk.tools.limits;
        let mut late = Box::new(Late::new(roles_known, limits));
        let mut verdict = Verdict::Undecided;
        let mut sniff = Sniff::default();
        for from in Peer::BOTH {
            let pieces = exchange.take_rest(from);
            for piece in &pieces {
                sniff.delivery(from, piece.delivery());
            }
            verdict = late.pieces(from, &pieces);
        }
        // Or HTTP that was in the middle of something; an upgrade may still come.
        let midway = Otherwise::Connection(Box::new(Exchange::midway(limits)), sniff);
        self.phase = Phase::Late(late, Box::new(midway));
        if sniff.is_http2() {
            self.http2_midway(desk);
        } else {
            self.late(verdict, desk);
        }
    }

    pub(super) fn http_after_all(&mut self) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Ignored) {
            Phase::Late(_, otherwise) => match *otherwise {
                Otherwise::Connection(exchange, _) => Phase::Http(exchange),
                Otherwise::Stream(_) => Phase::Ignored,
            },
            other => other,
        };
    }

    pub(super) fn late(&mut self, verdict: Verdict, desk: &mut Desk<'_>) {
        let client = match verdict {
            Verdict::Undecided => return,
            Verdict::Tls => return self.ignore(Seen::Tls),
            Verdict::Other => return self.http_after_all(),
            Verdict::WebSocket { .. } if self.is_passed_over(desk) => return,
            Verdict::WebSocket { client } => client,
        };
        let before = std::mem::replace(&mut self.phase, Phase::Ignored);
        let Phase::Late(mut late, otherwise) = before else {
            return;
        };
        if client == Peer::Server {
            desk.flow.roles.reverse();
        }
        self.seen = Seen::WebSocket;
        self.late = true;
        let start = if late.is_idle() {
            Start::Between
        } else {
            Start::Somewhere
        };
        let pieces = late.take(client);
        let shown = inference::agreement(&pieces, desk.tools.limits);
        let (handshake, upgrade) = match *otherwise {
            Otherwise::Stream(Some(handshake)) => (Some(handshake), Upgrade::AnswerMissing),
            _ => (None, Upgrade::NotCaptured),
        };
        self.tell(handshake, upgrade, shown, Vec::new(), desk);
        // RFC 7692 §7.1: what holds where nothing is said. A sender that does less is read
        // rightly by it, too, and so is one that has not compressed yet.
        let defaults = Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters::default()));
        let agreement = match shown {
            Agreement::Unknown => Agreement::Unknown,
            _ => defaults,
        };
        let starts = PerPeer::from_fn(|from| {
            let lacks = desk.lacks(from);
            if lacks { Start::Uncaptured } else { start }
        });
        self.listen(starts, None, desk);
        let mut websocket = Box::new(WebSocket::new(agreement, starts, desk.tools));
        let teller = &mut self.numbering.teller(desk);
        for (from, piece) in pieces {
            websocket.delivery(from, piece.delivery(), piece.at(), teller);
        }
        self.phase = Phase::WebSocket(websocket);
    }

    pub(super) fn refused(
        &mut self,
        handshake: Box<Handshake>,
        upgrade: Upgrade,
        desk: &mut Desk<'_>,
    ) {
        self.seen = Seen::UpgradeRefused;
        if desk.tools.leaves_out(self.numbering.id) {
            return;
        }
        let agreement = Agreement::None;
        self.tell(Some(handshake), upgrade, agreement, Vec::new(), desk);
    }

    /// Whether it is a WebSocket that nobody asked for.
    pub(super) fn is_passed_over(&mut self, desk: &Desk<'_>) -> bool {
        let left_out = desk.tools.leaves_out(self.numbering.id);
        if left_out {
            self.ignore(Seen::WebSocket);
        }
        left_out
    }

    pub(super) fn upgraded(
        &mut self,
        handshake: Box<Handshake>,
        upgrade: Upgrade,
        desk: &mut Desk<'_>,
    ) {
        if self.is_passed_over(desk) {
            return;
        }
        self.seen = Seen::WebSocket;
        if handshake.draft().is_some() {
            self.tell(Some(handshake), upgrade, Agreement::None, Vec::new(), desk);
            return self.ignore(Seen::WebSocket);
        }
        let answered = upgrade == Upgrade::Accepted;
        // Without the request, the client's bytes may begin in the middle of it.
        let asked = handshake.request.is_some();
        let heads = (answered && asked).then_some((handshake.request_at, handshake.response_at));
        let (agreement, notes) = opening::agreement(&handshake, answered);
        let handshake = self.tell(Some(handshake), upgrade, agreement, notes, desk);
        let starts = PerPeer {
            client: Start::of(asked, desk.lacks(Peer::Client)),
            server: Start::of(answered, desk.lacks(Peer::Server)),
        };
        self.listen(starts, handshake.as_deref(), desk);
        let mut websocket = Box::new(WebSocket::new(agreement, starts, desk.tools));
        let before = std::mem::replace(&mut self.phase, Phase::Ignored);
        if let Phase::Late(mut late, _) = before {
            let teller = &mut self.numbering.teller(desk);
            for (from, piece) in late.take(Peer::Client) {
                websocket.delivery(from, piece.delivery(), piece.at(), teller);
            }
        } else if let Phase::Http(mut exchange) = before {
            let teller = &mut self.numbering.teller(desk);
            for from in Peer::BOTH {
                let rest = exchange.take_rest(from);
                if let (Peer::Client, Some(heads)) = (from, heads)
                    && let Some((note, at)) = opening::early(heads, &rest)
                {
                    teller.finding(note, None, at);
                }
                for piece in &rest {
                    websocket.delivery(from, piece.delivery(), piece.at(), teller);
                }
            }
        }
        self.phase = Phase::WebSocket(websocket);
    }

    pub(super) fn tell(
        &mut self,
        handshake: Option<Box<Handshake>>,
        upgrade: Upgrade,
        agreement: Agreement,
        notes: Vec<Observation>,
        desk: &mut Desk<'_>,
    ) -> Option<Box<Handshake>> {
        self.told = true;
        let (mut seen, mut request_at, mut response_at) = Default::default();
        if let Some(handshake) = &handshake {
            seen = handshake.observations();
            (request_at, response_at) = (handshake.request_at, handshake.response_at);
        }
        let whole = handshake
            .as_ref()
            .is_none_or(|handshake| handshake.is_whole());
        let mut flow = *desk.flow;
        // A stream begins where its first bytes do.
        flow.first = self.began.unwrap_or(flow.first);
        let info = ConnectionInfo {
            conversing: self.numbering.id,
            processes: desk.tools.processes(&flow),
            flow,
            upgrade,
            handshake,
            agreement,
            inferred: matches!(upgrade, Upgrade::AnswerMissing | Upgrade::NotCaptured) || !whole,
            tls: self.tls.clone(),
            proxied_from: self.proxied_from.clone(),
        };
        desk.sink.event(Event::Connection(&info));
        let teller = &mut self.numbering.teller(desk);
        for note in seen.into_iter().chain(notes) {
            let client = note.from == Some(Peer::Client);
            let at = if client { request_at } else { response_at };
            teller.finding(note, None, at);
        }
        info.handshake
    }

    /// Messages come from here on, and perhaps some went before.
    pub(super) fn listen(
        &mut self,
        starts: PerPeer<Start>,
        handshake: Option<&Handshake>,
        desk: &Desk<'_>,
    ) {
        self.numbering.look_into(handshake, desk.tools);
        for from in Peer::BOTH {
            if starts[from] != Start::InStep {
                self.numbering.lost(from);
            }
        }
    }
}
