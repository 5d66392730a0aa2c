//! One TCP connection's analysis.
//!
//! Job: own the connection's layers and move from HTTP to WebSocket at the upgrade.
//! Input: segments with their sender. Output: events, and what was [`Seen`] at the end.
//! RFC 6455 §4.

use super::context::{Context, Detail, Tools};
use super::inference;
use super::late::{Late, Verdict};
use super::websocket::{Start, WebSocket};
use crate::base::{PacketRef, Peer, PerPeer, Stamp};
use crate::deflate::{Agreement, Parameters, agree};
use crate::event::{ConnectionEnd, ConnectionInfo, Event, EventSink, Reason, TcpTotals, Upgrade};
use crate::finding::{Code, Finding, Observation};
use crate::http::{Exchange, Handshake, Outcome};
use crate::net::Bare;
use crate::stream::{Delivery, Stamps};
use crate::tcp::{Connection as Tcp, Flow, Stall, Windows};

/// What a connection turned out to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Seen {
    /// WebSocket.
    WebSocket,
    /// HTTP with an upgrade to WebSocket that was refused or not answered.
    UpgradeRefused,
    /// HTTP/1 without an upgrade to WebSocket.
    Http,
    /// HTTP/2 without TLS.
    Http2,
    /// TLS.
    Tls,
    /// Something else.
    Other,
    /// No payload at all.
    Nothing,
}

#[derive(Debug)]
pub(super) enum Phase {
    Http(Box<Exchange>),
    /// Neither HTTP nor TLS, and its beginning was not captured.
    Late(Box<Late>, Box<Exchange>),
    WebSocket(Box<WebSocket>),
    Ignored,
}

/// One connection.
#[derive(Debug)]
pub struct Session {
    pub(super) tcp: Tcp,
    pub(super) windows: Windows,
    pub(super) live: Live,
    pub(super) swapped: bool,
    pub(super) roles_settled: bool,
    /// Captured bytes up to the last waypoint, and the packet behind it.
    pub(super) marked: Option<(u64, u64)>,
}

/// What deliveries change; apart from `tcp`, which makes them.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) flow: Flow,
    pub(super) phase: Phase,
    pub(super) seen: Seen,
    pub(super) told: bool,
    pub(super) totals: PerPeer<TcpTotals>,
    pub(super) last: Stamp,
    /// The first FIN or reset.
    pub(super) first_end: Option<(Peer, Stamp)>,
    /// The frames showed that client and server are the other way round, and TCP still has to
    /// be told.
    pub(super) reversed: bool,
}

impl Session {
    /// A connection whose first segment is yet to come.
    pub fn new(flow: Flow, context: &Context) -> Self {
        Self {
            // Differing copies are a finding, and change nothing else.
            tcp: match context.tools.detail {
                Detail::Sizes => Tcp::without_comparison(),
                Detail::Payloads | Detail::Rules | Detail::Wire => Tcp::default(),
            },
            windows: Windows::default(),
            live: Live {
                flow,
                phase: Phase::Http(Box::new(Exchange::new(context.tools.limits))),
                seen: Seen::Nothing,
                told: false,
                totals: PerPeer::default(),
                last: flow.first,
                first_end: None,
                reversed: false,
            },
            swapped: false,
            roles_settled: flow.roles_known,
            marked: None,
        }
    }

    /// Takes a segment that `from` sent, by the roles of the flow; `captured` is its packet's
    /// length in the capture.
    pub fn segment(
        &mut self,
        from: Peer,
        segment: &Bare<'_>,
        (stamp, captured): (Stamp, usize),
        context: &mut Context,
        sink: &mut dyn EventSink,
    ) {
        let mut from = if self.swapped { from.other() } else { from };
        if !self.roles_settled && !segment.payload.is_empty() {
            self.roles_settled = true;
            if opposite(from, segment.payload) {
                self.live.swap_roles();
                self.settle_roles();
                from = from.other();
            }
        }
        let Context { budget, tools } = context;
        let live = &mut self.live;
        live.last = stamp;
        let totals = &mut live.totals[from];
        totals.packets += 1;
        totals.empty_packets += u64::from(segment.payload_len == 0);
        totals.payload_bytes += u64::from(segment.payload_len);
        totals.captured_bytes += captured as u64;
        if segment.flags.fin() || segment.flags.rst() {
            live.first_end.get_or_insert((from, stamp));
        }
        if let Some(stall) = self.windows.segment(from, segment, stamp) {
            live.stalled(&stall, sink);
        }
        self.tcp.segment(
            from,
            segment,
            stamp,
            budget,
            &mut |from, delivery, stamp| {
                live.delivery(from, delivery, stamp.into(), tools, sink);
            },
        );
        self.settle_roles();
    }

    /// Captured bytes of the connection, and packets of the capture up to `next`, since the last
    /// waypoint; more packets than there are where there was none yet.
    pub fn since_waypoint(&self, next: PacketRef) -> (u64, u64) {
        match self.marked {
            Some((bytes, packet)) => (self.captured() - bytes, next.number.saturating_sub(packet)),
            None => (self.captured(), u64::MAX),
        }
    }

    /// Captured bytes.
    pub(super) fn captured(&self) -> u64 {
        let totals = &self.live.totals;
        totals.client.captured_bytes + totals.server.captured_bytes
    }

    /// Whether the connection needs no further segment.
    pub fn is_over(&self) -> bool {
        matches!(self.live.phase, Phase::Ignored) || self.tcp.is_over()
    }

    /// Ends the connection: at its own end, or where the capture leaves it.
    pub fn finish(mut self, context: &mut Context, sink: &mut dyn EventSink) -> Seen {
        let reason = if self.tcp.is_over() {
            Reason::ConnectionEnded
        } else {
            Reason::CaptureEnded
        };
        let Context { budget, tools } = context;
        let live = &mut self.live;
        let last = live.last;
        for stall in self.windows.finish(last) {
            live.stalled(&stall, sink);
        }
        self.tcp.finish(last, budget, &mut |from, delivery, stamp| {
            live.delivery(from, delivery, stamp.into(), tools, sink);
        });
        if let Phase::Http(exchange) = &mut live.phase {
            let outcome = exchange.settle();
            live.outcome(outcome, tools, sink);
        }
        if let Phase::Late(late, _) = &live.phase {
            let verdict = late.verdict();
            live.late(verdict, tools, sink);
        }
        self.settle_roles();
        let live = &mut self.live;
        match &mut live.phase {
            Phase::WebSocket(websocket) => websocket.finish(reason, last, tools, sink),
            Phase::Http(exchange) => {
                if exchange.seen().requests + exchange.seen().responses > 0 {
                    live.seen = live.seen.min(Seen::Http);
                }
                if let Some(handshake) = exchange.finish() {
                    live.refused(handshake, Upgrade::Unanswered, sink);
                }
            }
            Phase::Late(..) | Phase::Ignored => {}
        }
        if live.told {
            sink.event(Event::End(&ConnectionEnd {
                connection: live.flow.number,
                ending: self.tcp.ending(),
                first_end: live.first_end,
                last,
                tcp: live.totals,
            }));
        }
        live.seen
    }

    /// Has TCP follow where the roles were exchanged.
    fn settle_roles(&mut self) {
        if std::mem::take(&mut self.live.reversed) {
            self.swapped = !self.swapped;
            self.tcp.swap_roles();
            self.windows.swap_roles();
        }
    }
}

impl Live {
    fn swap_roles(&mut self) {
        self.reversed = true;
        self.totals.swap();
        std::mem::swap(&mut self.flow.client, &mut self.flow.server);
        self.first_end = self.first_end.map(|(from, stamp)| (from.other(), stamp));
    }

    /// A receive window was closed for a time.
    fn stalled(&mut self, stall: &Stall, sink: &mut dyn EventSink) {
        if let Phase::WebSocket(websocket) = &mut self.phase {
            let receiver = if self.reversed {
                stall.receiver.other()
            } else {
                stall.receiver
            };
            websocket.stalled(&Stall { receiver, ..*stall }, sink);
        }
    }

    fn delivery(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        tools: &mut Tools,
        sink: &mut dyn EventSink,
    ) {
        let from = if self.reversed { from.other() } else { from };
        match delivery {
            Delivery::Chunk { .. } => self.seen = self.seen.min(Seen::Other),
            Delivery::Gap(missing) => {
                self.totals[from].missing_bytes += missing.exactly().unwrap_or(0);
            }
            Delivery::Conflict { .. } => {}
        }
        match &mut self.phase {
            Phase::WebSocket(websocket) => websocket.delivery(from, delivery, at, tools, sink),
            Phase::Http(exchange) => {
                let outcome = exchange.delivery(from, delivery, at);
                self.outcome(outcome, tools, sink);
            }
            Phase::Late(late, exchange) => {
                let outcome = exchange.delivery(from, delivery, at);
                let verdict = late.delivery(from, delivery, at);
                if outcome == Outcome::More {
                    self.late(verdict, tools, sink);
                } else {
                    self.http_after_all();
                    self.outcome(outcome, tools, sink);
                }
            }
            Phase::Ignored => {}
        }
    }

    fn outcome(&mut self, mut outcome: Outcome, tools: &mut Tools, sink: &mut dyn EventSink) {
        loop {
            match outcome {
                Outcome::More => return,
                Outcome::Refused(handshake) => self.refused(handshake, Upgrade::Refused, sink),
                Outcome::Upgraded(handshake) => {
                    self.upgraded(handshake, Upgrade::Accepted, tools, sink);
                    return;
                }
                Outcome::Unanswered(handshake) => {
                    self.upgraded(handshake, Upgrade::AnswerMissing, tools, sink);
                    return;
                }
                Outcome::Tls => return self.ignore(Seen::Tls),
                Outcome::Http2 => return self.ignore(Seen::Http2),
                Outcome::NotHttp => return self.not_http(tools, sink),
            }
            let Phase::Http(exchange) = &mut self.phase else {
                return;
            };
            outcome = exchange.resume();
        }
    }

    fn ignore(&mut self, seen: Seen) {
        self.seen = self.seen.min(seen);
        self.phase = Phase::Ignored;
    }

    /// Something else than HTTP: perhaps a WebSocket whose handshake went by before the capture.
    fn not_http(&mut self, tools: &mut Tools, sink: &mut dyn EventSink) {
        let missing = self
            .totals
            .iter()
            .any(|(_, totals)| totals.missing_bytes > 0);
        if self.flow.roles_known && !missing {
            return self.ignore(Seen::Other);
        }
        self.seen = self.seen.min(Seen::Other);
        let before = std::mem::replace(&mut self.phase, Phase::Ignored);
        let Phase::Http(mut exchange) = before else {
            return;
        };
        let mut late = Box::new(Late::new(self.flow.roles_known, tools.limits));
        let mut verdict = Verdict::Undecided;
        for from in Peer::BOTH {
            verdict = late.pieces(from, &exchange.take_rest(from));
        }
        // Or HTTP that was in the middle of something; an upgrade may still come.
        let midway = Box::new(Exchange::midway(tools.limits));
        self.phase = Phase::Late(late, midway);
        self.late(verdict, tools, sink);
    }

    fn http_after_all(&mut self) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Ignored) {
            Phase::Late(_, exchange) => Phase::Http(exchange),
            other => other,
        };
    }

    fn late(&mut self, verdict: Verdict, tools: &mut Tools, sink: &mut dyn EventSink) {
        let swapped = match verdict {
            Verdict::Undecided => return,
            Verdict::Other => return self.http_after_all(),
            Verdict::WebSocket { swapped } => swapped,
        };
        let Phase::Late(mut late, _) = std::mem::replace(&mut self.phase, Phase::Ignored) else {
            return;
        };
        if swapped {
            self.swap_roles();
        }
        self.seen = Seen::WebSocket;
        let mut pieces = late.take();
        for (from, _) in pieces.iter_mut().filter(|_| swapped) {
            *from = from.other();
        }
        let shown = inference::agreement(&pieces, tools.limits);
        self.tell(None, Upgrade::NotCaptured, shown, Vec::new(), sink);
        // RFC 7692 §7.1: what holds where nothing is said. A sender that does less is read
        // rightly by it, too, and so is one that has not compressed yet.
        let defaults = Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters::default()));
        let agreement = match shown {
            Agreement::Unknown => Agreement::Unknown,
            _ => defaults,
        };
        let starts = PerPeer::from_fn(|_| Start::Somewhere);
        let mut websocket = Box::new(WebSocket::new(self.flow.number, agreement, starts, tools));
        for (from, piece) in pieces {
            websocket.delivery(from, piece.delivery(), piece.at(), tools, sink);
        }
        self.phase = Phase::WebSocket(websocket);
    }

    fn refused(&mut self, handshake: Box<Handshake>, upgrade: Upgrade, sink: &mut dyn EventSink) {
        self.seen = Seen::UpgradeRefused;
        let agreement = Agreement::None;
        self.tell(Some(handshake), upgrade, agreement, Vec::new(), sink);
    }

    fn upgraded(
        &mut self,
        handshake: Box<Handshake>,
        upgrade: Upgrade,
        tools: &mut Tools,
        sink: &mut dyn EventSink,
    ) {
        self.seen = Seen::WebSocket;
        // Without the request, the client's bytes may begin in the middle of it.
        let asked = handshake.request.is_some();
        let offered = handshake.offered_extensions();
        let answered = upgrade == Upgrade::Accepted;
        // Without the answer, most servers agree to what was offered first.
        let agreed = if answered {
            handshake.agreed_extensions()
        } else {
            offered.clone()
        };
        let (agreement, notes) = agree(&offered, &agreed);
        let mut notes = if answered { notes } else { Vec::new() };
        let agreement = match (agreement, agreed.first()) {
            (Agreement::None, Some(extension)) if answered => {
                let name = &extension.name;
                let text = format!("the peers agreed on {name:?}, which wscope does not know");
                notes.push(Observation::new(Code::ExtensionUnknown, Peer::Server, text));
                Agreement::Unknown
            }
            (agreement, _) => agreement,
        };
        let answer_at =
            (answered && asked).then_some((handshake.request_at, handshake.response_at));
        if answered && matches!(agreement, Agreement::DeflateFrame(_)) {
            let text = "the peers agree on x-webkit-deflate-frame, an early draft";
            notes.push(Observation::new(
                Code::DeflateFrameObsolete,
                Peer::Server,
                text,
            ));
        }
        self.tell(Some(handshake), upgrade, agreement, notes, sink);
        let server = if answered {
            Start::InStep
        } else {
            Start::Somewhere
        };
        let client = if asked {
            Start::InStep
        } else {
            Start::Somewhere
        };
        let starts = PerPeer { client, server };
        let mut websocket = Box::new(WebSocket::new(self.flow.number, agreement, starts, tools));
        let before = std::mem::replace(&mut self.phase, Phase::Ignored);
        if let Phase::Http(mut exchange) = before {
            for from in Peer::BOTH {
                let rest = exchange.take_rest(from);
                if from == Peer::Client
                    && let Some(heads) = answer_at
                {
                    websocket.early(heads, &rest, sink);
                }
                for piece in &rest {
                    websocket.delivery(from, piece.delivery(), piece.at(), tools, sink);
                }
            }
        }
        self.phase = Phase::WebSocket(websocket);
    }

    fn tell(
        &mut self,
        handshake: Option<Box<Handshake>>,
        upgrade: Upgrade,
        agreement: Agreement,
        mut notes: Vec<Observation>,
        sink: &mut dyn EventSink,
    ) {
        self.told = true;
        let mut seen = handshake
            .as_ref()
            .map_or_else(Vec::new, |handshake| handshake.observations());
        seen.append(&mut notes);
        let (request_at, response_at) = handshake
            .as_ref()
            .map_or_else(Default::default, |h| (h.request_at, h.response_at));
        let info = ConnectionInfo {
            flow: self.flow,
            upgrade,
            handshake,
            agreement,
            inferred: matches!(upgrade, Upgrade::AnswerMissing | Upgrade::NotCaptured),
        };
        sink.event(Event::Connection(&info));
        for Observation {
            code,
            from,
            text,
            bit,
        } in seen
        {
            let at = if from == Some(Peer::Client) {
                request_at
            } else {
                response_at
            };
            let finding = Finding {
                code,
                from,
                message: None,
                at,
                bit,
                text,
            };
            sink.event(Event::Finding {
                connection: self.flow.number,
                finding: &finding,
            });
        }
    }
}

/// Whether a connection's first payload shows that its roles were guessed wrong.
fn opposite(from: Peer, payload: &[u8]) -> bool {
    match from {
        Peer::Client => payload.starts_with(b"HTTP/1."),
        Peer::Server => payload.starts_with(b"GET ") || payload.starts_with(b"CONNECT "),
    }
}
