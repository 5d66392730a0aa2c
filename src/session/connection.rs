//! One TCP connection's analysis.
//!
//! Job: put segments in order, count them, know who is the client, and hand what was sent to the
//! conversation. Input: segments with the end that sent them. Output: events, and what was
//! [`Seen`] at the end.

use super::context::{Context, Desk, Detail, Tools};
use super::conversation::Conversation;
use super::notes;
use super::seen::Seen;
use crate::base::{End, PacketRef, Peer, PerEnd, PerPeer, Stamp};
use crate::event::{ConnectionEnd, Event, EventSink, Reason, TcpTotals, TransportEnd};
use crate::net::Bare;
use crate::stream::Delivery;
use crate::tcp::{Answers, Connection as Tcp, Flow, Note, Stall, Windows};

/// One connection.
#[derive(Debug)]
pub struct Session {
    pub(super) tcp: Tcp,
    pub(super) windows: Windows,
    pub(super) answers: Answers,
    pub(super) live: Live,
    pub(super) last: Stamp,
    /// The first FIN or reset.
    pub(super) first_end: Option<(End, Stamp)>,
    /// No payload was captured yet.
    pub(super) silent: bool,
    /// Captured bytes from which on the next waypoint's are counted, and the packet after the
    /// last one.
    pub(super) marked: Option<(u64, u64)>,
    /// What was seen beside bytes before the connection was told.
    pub(super) untold: Vec<(End, Note, Stamp)>,
}

/// So much is kept of it.
const UNTOLD_MAX: usize = 16;

/// What deliveries change; apart from `tcp`, which makes them.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) flow: Flow,
    pub(super) totals: PerEnd<TcpTotals>,
    /// Bytes handed on, gaps included.
    pub(super) delivered: PerEnd<u64>,
    /// Bytes handed on in this step.
    pub(super) handed: usize,
    /// The same from the beginning on.
    pub(super) taken: u64,
    pub(super) conversation: Conversation,
}

impl Session {
    /// A connection whose first segment is yet to come.
    pub fn new(flow: Flow, context: &Context) -> Self {
        Self {
            // Differing copies are a finding, and change nothing else.
            tcp: match context.tools.detail {
                Detail::Sizes => Tcp::without_comparison(),
                Detail::Symbols | Detail::Payloads | Detail::Rules | Detail::Wire => Tcp::default(),
            },
            windows: Windows::default(),
            answers: Answers::default(),
            live: Live {
                flow,
                totals: PerEnd::default(),
                delivered: PerEnd::default(),
                handed: 0,
                taken: 0,
                conversation: Conversation::new(flow.number.into(), context.tools.limits),
            },
            last: flow.first,
            first_end: None,
            silent: true,
            marked: None,
            untold: Vec::new(),
        }
    }

    /// Takes a segment that `from` sent; `captured` is its packet's length in the capture.
    pub fn segment(
        &mut self,
        from: End,
        segment: &Bare<'_>,
        (stamp, captured): (Stamp, usize),
        context: &mut Context,
        sink: &mut dyn EventSink,
    ) {
        let Context { budget, tools } = context;
        tools.now = stamp.time;
        let live = &mut self.live;
        let before = live.begin(tools);
        if self.silent && !segment.payload.is_empty() {
            self.silent = false;
            live.check_roles(from, segment.payload);
        }
        self.last = stamp;
        let totals = &mut live.totals[from];
        totals.packets += 1;
        totals.empty_packets += u64::from(segment.payload_len == 0);
        totals.payload_bytes += u64::from(segment.payload_len);
        totals.captured_bytes += captured as u64;
        tools.account.captured += segment.payload.len() as u64;
        if segment.flags.fin() || segment.flags.rst() {
            self.first_end.get_or_insert((from, stamp));
        }
        if let Some(stall) = self.windows.segment(from, segment, stamp) {
            live.stalled(&stall, tools, sink);
        }
        self.answers.segment(from, segment, stamp);
        self.tcp.segment(
            from,
            segment,
            stamp,
            budget,
            &mut |from, delivery, stamp| {
                live.delivery(from, delivery, stamp, tools, sink);
            },
        );
        if self.tcp.has_notes() || !self.untold.is_empty() {
            self.notes(tools, sink);
        }
        self.live.settle(before, segment.payload.len(), tools);
    }

    /// Gives up what is missing, since all connections together hold too much.
    #[cold]
    pub fn give_up(&mut self, context: &mut Context, sink: &mut dyn EventSink) {
        let Context { budget, tools } = context;
        let (live, last) = (&mut self.live, self.last);
        let before = live.begin(tools);
        self.tcp
            .give_up(last, budget, &mut |from, delivery, stamp| {
                live.delivery(from, delivery, stamp, tools, sink);
            });
        self.notes(tools, sink);
        self.live.settle(before, 0, tools);
    }

    /// Bytes of memory that [`let_go`](Self::let_go) frees.
    pub fn kept(&mut self) -> usize {
        self.live.conversation.kept()
    }

    /// Nothing comes for a time: takes less room, and less still where it is to `pack`, which takes some
    /// time of the processor. Forgets nothing.
    pub fn rest(&mut self, pack: bool) {
        self.live.conversation.rest(pack);
    }

    /// Gives up what is kept of what went by, since all connections together keep too much.
    #[cold]
    pub fn let_go(&mut self, context: &mut Context, sink: &mut dyn EventSink) {
        let tools = &mut context.tools;
        let before = self.live.begin(tools);
        let (conversation, mut desk) = self.live.parts(tools, sink);
        conversation.let_go(&mut desk);
        self.live.settle(before, 0, tools);
    }

    /// Tells what the segments showed beside bytes, once it is known that there is somebody to tell
    /// of: a connection whose beginning is missing shows late what it is.
    #[cold]
    fn notes(&mut self, tools: &mut Tools, sink: &mut dyn EventSink) {
        for (end, note, at) in self.tcp.take_notes() {
            if note == Note::ResetIgnored && self.first_end == Some((end, at)) {
                self.first_end = None;
            }
            if self.untold.len() < UNTOLD_MAX {
                self.untold.push((end, note, at));
            }
        }
        if self.live.conversation.is_told() {
            for (end, note, at) in std::mem::take(&mut self.untold) {
                self.live.noted(end, note, at, tools, sink);
            }
        }
    }

    /// Captured bytes of the connection, less than the last waypoint takes, and packets of the
    /// capture up to `next`, since then; more packets than there are where there was none yet.
    pub fn since_waypoint(&self, next: PacketRef) -> (u64, u64) {
        match self.marked {
            Some((bytes, packet)) => (
                self.captured().saturating_sub(bytes),
                next.number.saturating_sub(packet),
            ),
            None => (self.captured(), u64::MAX),
        }
    }

    /// Captured bytes.
    pub(super) fn captured(&self) -> u64 {
        let totals = &self.live.totals;
        totals.first.captured_bytes + totals.second.captured_bytes
    }

    /// What it carries, where nothing that still comes is looked at.
    pub fn ignored(&self) -> Option<Seen> {
        let conversation = &self.live.conversation;
        conversation.is_ignored().then(|| conversation.seen())
    }

    /// Whether the connection needs no further segment.
    pub fn is_over(&self) -> bool {
        self.live.conversation.is_ignored() || self.tcp.is_over()
    }

    /// Ends the connection: at its own end, or where the capture leaves it.
    pub fn finish(mut self, context: &mut Context, sink: &mut dyn EventSink) -> Seen {
        let reason = if self.tcp.has_ended() {
            Reason::ConnectionEnded
        } else {
            Reason::CaptureEnded
        };
        let Context { budget, tools } = context;
        let (live, last) = (&mut self.live, self.last);
        for stall in self.windows.finish(last) {
            live.stalled(&stall, tools, sink);
        }
        for (end, unheard) in self.answers.finish() {
            live.noted(end, Note::Unheard(unheard), unheard.first, tools, sink);
        }
        self.tcp.finish(last, budget, &mut |from, delivery, stamp| {
            live.delivery(from, delivery, stamp, tools, sink);
        });
        self.notes(tools, sink);
        let live = &mut self.live;
        let (ending, first_end) = (self.tcp.ending(), self.first_end);
        let roles = live.flow.roles;
        let (conversation, mut desk) = live.parts(tools, sink);
        if reason == Reason::ConnectionEnded {
            desk.ended = Some((
                ending.map(|end| roles.peer(end)),
                first_end.map(|(end, stamp)| (roles.peer(end), stamp)),
            ));
        }
        conversation.fins(PerPeer::from_fn(|from| ending.has_fin(&roles.end(from))));
        conversation.finish(reason, last, &mut desk);
        // What it was may have shown at its end only.
        self.notes(tools, sink);
        let live = &self.live;
        // The conversation may have known better who is who.
        let Flow { number, roles, .. } = live.flow;
        let ending = ending.map(|end| roles.peer(end));
        if live.conversation.has_streams() {
            sink.event(Event::Transport(&TransportEnd {
                flow: live.flow,
                ending,
                last,
                tcp: live.totals.by(roles),
            }));
        } else if live.conversation.is_told() {
            sink.event(Event::End(&ConnectionEnd {
                conversing: number.into(),
                ending,
                first_end: first_end.map(|(end, stamp)| (roles.peer(end), stamp)),
                last,
                tcp: Some(live.totals.by(roles)),
                stream: None,
            }));
        }
        let taken = live.taken;
        live.conversation.count(taken, &mut tools.account);
        live.conversation.seen()
    }
}

impl Live {
    /// A step begins: what messages in progress hold before it.
    fn begin(&mut self, tools: &Tools) -> usize {
        self.handed = 0;
        tools.held
    }

    /// A step ends that brought `own` bytes: messages in progress may have grown by what it was
    /// granted, and by what was held elsewhere until now.
    fn settle(&mut self, before: usize, own: usize, tools: &mut Tools) {
        let released = self.handed.saturating_sub(own);
        let most = before.saturating_add(tools.grant).saturating_add(released);
        if tools.held > most {
            self.conversation.trim(tools.held - most, tools);
        }
    }

    /// Holds the roles against the first payload, where they are a guess.
    fn check_roles(&mut self, from: End, payload: &[u8]) {
        let roles = &mut self.flow.roles;
        let opposite = match roles.peer(from) {
            Peer::Client => payload.starts_with(b"HTTP/1.") || is_hello(payload, 2),
            Peer::Server => {
                let begins: [&[u8]; 3] = [b"GET ", b"CONNECT ", b"PROXY "];
                begins.into_iter().any(|begins| payload.starts_with(begins)) || is_hello(payload, 1)
            }
        };
        if opposite && !roles.known {
            roles.reverse();
        }
    }

    /// Whether no packet of an end was captured.
    fn uncaptured(&self) -> PerEnd<bool> {
        let none = |totals: &TcpTotals| totals.packets == 0;
        PerEnd {
            first: none(&self.totals.first),
            second: none(&self.totals.second),
        }
    }

    /// The conversation, and what it works with.
    fn parts<'a>(
        &'a mut self,
        tools: &'a mut Tools,
        sink: &'a mut dyn EventSink,
    ) -> (&'a mut Conversation, Desk<'a>) {
        let uncaptured = self.uncaptured();
        let desk = Desk {
            tools,
            sink,
            flow: &mut self.flow,
            uncaptured,
            ended: None,
        };
        (&mut self.conversation, desk)
    }

    /// A receive window was closed for a time.
    fn stalled(&mut self, stall: &Stall, tools: &mut Tools, sink: &mut dyn EventSink) {
        let receiver = self.flow.roles.peer(stall.receiver);
        let (conversation, mut desk) = self.parts(tools, sink);
        conversation.stalled(receiver, stall, &mut desk);
    }

    /// Something was seen beside bytes.
    fn noted(
        &mut self,
        end: End,
        note: Note,
        at: Stamp,
        tools: &mut Tools,
        sink: &mut dyn EventSink,
    ) {
        let note = notes::connection(self.flow.roles.peer(end), note);
        let (conversation, mut desk) = self.parts(tools, sink);
        conversation.noted(note, at, &mut desk);
    }

    fn delivery(
        &mut self,
        from: End,
        delivery: Delivery<'_>,
        stamp: Stamp,
        tools: &mut Tools,
        sink: &mut dyn EventSink,
    ) {
        if let Delivery::Gap(missing) = delivery {
            self.totals[from].missing_bytes += missing.exactly().unwrap_or(0);
        }
        if let Delivery::Chunk { bytes, .. } = delivery {
            self.handed += bytes.len();
            self.taken += bytes.len() as u64;
        }
        let delivered = &mut self.delivered[from];
        *delivered += delivery.span();
        let back = match delivery {
            Delivery::Conflict { at: Some(at), .. } => {
                Some(delivered.wrapping_sub(at).cast_signed())
            }
            _ => None,
        };
        let from = self.flow.roles.peer(from);
        let (conversation, mut desk) = self.parts(tools, sink);
        if let Some(back) = back {
            return conversation.conflict(from, (delivery, back), stamp, &mut desk);
        }
        conversation.delivery(from, delivery, stamp.into(), &mut desk);
    }
}

/// RFC 8446 §4 and §5.1: a handshake record that begins with a hello, the client's of type 1, the
/// server's of type 2.
fn is_hello(payload: &[u8], kind: u8) -> bool {
    matches!(payload, [22, 3, 0..=4, _, _, message, 0, ..] if *message == kind)
}
