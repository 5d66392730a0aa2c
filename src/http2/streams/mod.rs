//! Both directions of one HTTP/2 connection.
//!
//! Job: follow the streams, and hand on what WebSockets carry. Input: what TCP or TLS delivers.
//! Output: what [`Out`] takes. RFC 9113 §5, §6; RFC 8441.

mod control;
mod heads;

use std::collections::BTreeMap;

use super::flow::Window;
use super::frame::{Head, Kind, Wrong};
use super::framing::{Framing, Step};
use super::out::{Answer, DataFrame, Opened, Out, Stall};
use super::side::Side;
use super::stream::{Role, Stream, Waiting};
use crate::base::{Limits, Peer, PerPeer, Stamp};
use crate::finding::{Code, Observation};
use crate::http::Handshake;
use crate::stream::{Delivery, Missing, Stamps};

/// Who goes on so soon after a window was opened has waited for it.
const SOON_NANOS: i64 = 20_000_000;

/// One connection.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "the streams are its streams")]
pub struct Streams {
    sides: PerPeer<Side>,
    streams: BTreeMap<u32, Stream>,
    /// All that was sent is known, so that windows are.
    counted: bool,
    /// The last time that each sender was not allowed to send on the connection.
    stalls: PerPeer<Option<Stall>>,
    /// The server gave the connection up.
    given_up: bool,
    limits: Limits,
}

impl Streams {
    /// A connection from its preface on.
    pub fn new(limits: Limits) -> Self {
        let framing = |from| Framing::new(from == Peer::Client, limits);
        Self {
            sides: PerPeer::from_fn(|from| Side::new(framing(from), false, limits)),
            streams: BTreeMap::new(),
            counted: true,
            stalls: PerPeer::default(),
            given_up: false,
            limits,
        }
    }

    /// A connection that a request of HTTP/1.1 turned into HTTP/2. RFC 9113 §3.1, RFC 7540 §3.2: stream 1
    /// answers that request.
    pub fn upgraded(limits: Limits) -> Self {
        let mut streams = Self::new(limits);
        let mut first = streams.stream(Role::Plain, Stamp::START);
        first.end(Peer::Client, Stamp::START);
        streams.streams.insert(1, first);
        streams
    }

    /// A connection that was open before the capture began.
    pub fn midway(limits: Limits) -> Self {
        Self {
            sides: PerPeer::from_fn(|_| Side::new(Framing::midway(limits), true, limits)),
            counted: false,
            ..Self::new(limits)
        }
    }

    /// Whether a copy can go on: every direction knows where frames begin.
    pub fn can_rest(&self) -> bool {
        self.sides.iter().all(|(_, side)| side.framing.is_in_step())
    }

    /// Bytes of memory that a copy takes.
    pub fn held(&self) -> usize {
        let sides = self.sides.iter().map(|(_, side)| side.held());
        let waiting = self.streams.values().map(|stream| match &stream.role {
            Role::Waiting(waiting) => waiting.bytes(),
            Role::Plain | Role::Open | Role::Refused | Role::Unknown => 0,
        });
        let streams = self.streams.len() * size_of::<Stream>();
        size_of::<Self>() + streams + sides.sum::<usize>() + waiting.sum::<usize>()
    }

    /// Takes what `from` sent next.
    pub fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, out: &mut dyn Out) {
        if let Delivery::Chunk { .. } = delivery
            && let Some(held_up) = self.sides[from].held_up.chunk(at.last)
        {
            self.tell_held_up(from, &held_up, out);
        }
        self.with_framing(
            from,
            &mut |framing, take| framing.delivery(delivery, at, take),
            out,
        );
    }

    /// The connection or the capture ends.
    pub fn finish(&mut self, at: Stamp, out: &mut dyn Out) {
        for from in Peer::BOTH {
            self.with_framing(
                from,
                &mut |framing, take| framing.finish(at.into(), take),
                out,
            );
        }
        for from in Peer::BOTH {
            if let Some(held_up) = self.sides[from].held_up.take() {
                self.tell_held_up(from, &held_up, out);
            }
        }
        let streams = std::mem::take(&mut self.streams);
        for (id, stream) in streams {
            self.leave(id, stream, out);
        }
        let windows = PerPeer::from_fn(|from| self.sides[from].window);
        self.tell_beyond(0, &windows, out);
    }

    fn with_framing(
        &mut self,
        from: Peer,
        feed: &mut dyn FnMut(&mut Framing, &mut super::framing::Take<'_>),
        out: &mut dyn Out,
    ) {
        let empty = Framing::new(false, self.limits);
        let mut framing = std::mem::replace(&mut self.sides[from].framing, empty);
        feed(&mut framing, &mut |step| self.step(from, step, out));
        // What the receiver allows may have been said in what was read.
        self.sides[from].framing = framing;
    }

    fn step(&mut self, from: Peer, step: Step<'_>, out: &mut dyn Out) {
        match step {
            Step::Data(stream, bytes, begins, at) => {
                self.bytes(from, stream, Delivery::Chunk { bytes, begins }, at, out);
            }
            Step::DataMissing(stream, missing, at) => {
                self.bytes(from, stream, Delivery::Gap(missing), at, out);
            }
            Step::DataBegins(head, at) => self.data_begins(from, head, at, out),
            Step::DataEnds(head, at) => {
                if head.flags.end_stream() {
                    self.end_stream(from, head.stream, at.last, out);
                }
            }
            Step::Frame(head, payload, at) => self.frame(from, head, payload, at, out),
            Step::Missed(head, at) => self.missed(from, head, at, out),
            Step::Padding(head, at) => self.wrong(from, head, Wrong::Padding, at, out),
            Step::Lost(missing, at) => self.lost(from, missing, at, out),
            Step::NoFrame(at) => {
                let text = format!("what the {from} sends is no frame");
                self.note(0, Code::H2FrameInvalid, from, text, at.first, out);
                self.lose(from);
            }
        }
    }

    fn data_begins(&mut self, from: Peer, head: Head, at: Stamps, out: &mut dyn Out) {
        if let Some(wrong) = head.wrong() {
            return self.wrong(from, head, wrong, at, out);
        }
        // RFC 9113 §6.10: nothing but its next part follows a part of a header block.
        if self.sides[from].is_inside_headers() {
            self.wrong(from, head, Wrong::InsideHeaders, at, out);
            self.sides[from].lose_headers();
        }
        self.sides[from].window.sent(head.length, at.last);
        if !self.streams.contains_key(&head.stream) && self.sides[Peer::Client].missed {
            let fresh = self.stream(Role::Unknown, at.first);
            self.insert(head.stream, fresh, out);
        }
        if let Some(stream) = self.streams.get_mut(&head.stream) {
            stream.windows[from].sent(head.length, at.last);
            if matches!(stream.role, Role::Open) {
                self.sides[from].held_up.stream(head.stream);
                let frame = DataFrame {
                    offset: stream.carried[from],
                    head,
                    at: at.first,
                };
                for stall in [stream.stalls[from].take(), self.stalls[from]] {
                    let soon = |stall: &Stall| at.last.time.since(stall.until.time) <= SOON_NANOS;
                    if let Some(stall) = stall.filter(soon) {
                        let resumed = true;
                        out.stalled(head.stream, &Stall { resumed, ..stall });
                    }
                }
                out.data(head.stream, from, &frame);
            }
            stream.used[from] += u64::from(head.length);
            stream.touch(at.last);
        }
    }

    /// Bytes of a stream, or a gap in them.
    fn bytes(
        &mut self,
        from: Peer,
        id: u32,
        delivery: Delivery<'_>,
        at: Stamps,
        out: &mut dyn Out,
    ) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        stream.touch(at.last);
        stream.carries(from, delivery);
        match &mut stream.role {
            Role::Plain | Role::Refused => {}
            Role::Open | Role::Unknown => out.bytes(id, from, delivery, at),
            Role::Waiting(waiting) => {
                waiting.hold(from, delivery, at);
                let missed = self.sides[Peer::Server].missed && from == Peer::Server;
                let full = waiting.bytes() > self.limits.head_bytes;
                if waiting.request.is_some() && (missed || full) {
                    // The server says more than an answer, and the answer was not captured.
                    self.open(id, Answer::Missing, out);
                } else if full {
                    stream.role = Role::Plain;
                }
            }
        }
    }

    /// A CONNECT has its answer, or will have none.
    fn open(&mut self, id: u32, answer: Answer, out: &mut dyn Out) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let role = match answer {
            Answer::Accepted => Role::Open,
            Answer::Missing => Role::Unknown,
            Answer::Refused | Answer::None => Role::Refused,
        };
        let Role::Waiting(mut waiting) = std::mem::replace(&mut stream.role, role) else {
            return;
        };
        let held = waiting.take();
        out.opened(id, opened(*waiting, answer));
        if !matches!(answer, Answer::Refused) {
            for (from, piece) in held {
                out.bytes(id, from, piece.delivery(), piece.at());
            }
        }
    }

    fn end_stream(&mut self, from: Peer, id: u32, at: Stamp, out: &mut dyn Out) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        stream.touch(at);
        if stream.end(from, at)
            && let Some(stream) = self.streams.remove(&id)
        {
            self.leave(id, stream, out);
        }
    }

    /// A stream is over, or the connection is.
    fn leave(&mut self, id: u32, mut stream: Stream, out: &mut dyn Out) {
        let ended = stream.ended();
        if matches!(stream.role, Role::Open) {
            self.tell_beyond(id, &stream.windows, out);
        }
        match &mut stream.role {
            Role::Plain => {}
            Role::Open | Role::Unknown | Role::Refused => out.ended(id, ended),
            Role::Waiting(waiting) => {
                if waiting.request.is_some() {
                    out.opened(id, opened(std::mem::take(waiting), Answer::None));
                    out.ended(id, ended);
                }
            }
        }
    }

    /// A stream with the windows that hold at its beginning.
    fn stream(&self, role: Role, at: Stamp) -> Stream {
        let size = |from: Peer| self.sides[from.other()].initial.size();
        Stream::new(role, PerPeer::from_fn(|from| Window::new(size(from))), at)
    }

    fn insert(&mut self, id: u32, stream: Stream, out: &mut dyn Out) {
        if self.streams.len() >= self.limits.streams {
            let plain = |(_, stream): &(&u32, &Stream)| matches!(stream.role, Role::Plain);
            let other = self
                .streams
                .iter()
                .find(plain)
                .or(self.streams.iter().next());
            if let Some(oldest) = other.map(|(id, _)| *id)
                && let Some(stream) = self.streams.remove(&oldest)
            {
                self.leave(oldest, stream, out);
            }
        }
        self.streams.insert(id, stream);
    }

    /// A frame other than DATA was not captured whole.
    fn missed(&mut self, from: Peer, head: Head, at: Stamps, out: &mut dyn Out) {
        match head.kind {
            Kind::HEADERS | Kind::PUSH_PROMISE | Kind::CONTINUATION => {
                self.sides[from].lose_headers();
                if head.kind == Kind::HEADERS && head.flags.end_stream() {
                    self.end_stream(from, head.stream, at.last, out);
                }
            }
            Kind::RST_STREAM => self.reset(from, head.stream, None, at.last, out),
            Kind::SETTINGS | Kind::WINDOW_UPDATE => self.counted = false,
            _ => {}
        }
    }

    /// Frames are missing: every stream may lack bytes, and every window may have changed.
    fn lost(&mut self, from: Peer, missing: Missing, at: Stamps, out: &mut dyn Out) {
        self.lose(from);
        if matches!(missing, Missing::AtMost(0)) {
            return;
        }
        for (id, stream) in &mut self.streams {
            stream.carries(from, Delivery::Gap(missing));
            match &mut stream.role {
                Role::Plain | Role::Refused => {}
                Role::Open | Role::Unknown => out.bytes(*id, from, Delivery::Gap(missing), at),
                Role::Waiting(waiting) => waiting.hold(from, Delivery::Gap(missing), at),
            }
        }
    }

    fn lose(&mut self, from: Peer) {
        self.sides[from].lose_headers();
        self.counted = false;
    }

    fn wrong(&self, from: Peer, head: Head, wrong: Wrong, at: Stamps, out: &mut dyn Out) {
        let text = format!("a {} frame of the {from} is wrong: {wrong}", head.kind);
        self.note(0, Code::H2FrameInvalid, from, text, at.first, out);
    }

    /// Tells something.
    #[expect(clippy::unused_self, reason = "its callers have nothing else at hand")]
    fn note(
        &self,
        id: u32,
        code: Code,
        from: Peer,
        text: impl Into<crate::finding::Sentence>,
        at: Stamp,
        out: &mut dyn Out,
    ) {
        out.note(id, Observation::new(code, from, text), at);
    }

    /// The streams that are WebSockets, as far as is known.
    fn websockets(&self) -> impl Iterator<Item = u32> {
        let open = |(_, stream): &(&u32, &Stream)| matches!(stream.role, Role::Open);
        self.streams.iter().filter(open).map(|(id, _)| *id)
    }
}

fn opened(waiting: Waiting, answer: Answer) -> Opened {
    let (request, request_at) = waiting.request.unzip();
    let (response, response_at) = waiting.response.unzip();
    Opened {
        handshake: Box::new(Handshake {
            request,
            request_at: request_at.unwrap_or_default(),
            response,
            response_at: response_at.unwrap_or_default(),
        }),
        answer,
        notes: waiting.notes,
    }
}

#[cfg(test)]
mod tests;
