//! One direction's bytes, cut into frames.
//!
//! Job: find each header and hand on payload parts where they lie. Input: chunks and gaps.
//! Output: [`ReaderEvent`]s. RFC 6455 §5.2.
//!
//! Nothing of a payload is buffered here. A gap inside a payload leaves the framing in step where
//! its length is known; a gap over a header, or one of unknown length, means looking for the next
//! header, see [`super::resync`].

mod border;
mod gap;
mod step;

use std::collections::VecDeque;

use super::evidence::Expectation;
use super::habits::Habits;
use super::header::{FrameHeader, ParsedHeader, parse_frame_header};
use super::part::{Body, FramePart, LossCause, ReaderEvent};
use super::resync::{Found, Resync};
use super::trial::Trial;
use crate::base::{Limits, Stamp};
use crate::stream::{Delivery, Missing, Piece, Stamps};

#[derive(Debug, Clone)]
enum State {
    /// Between frames, with the first `have` bytes of a header.
    Header {
        bytes: [u8; FrameHeader::MAX_LEN],
        have: usize,
        first: Stamp,
    },
    /// Inside a payload.
    Payload(Open),
    /// Inside a payload, after a gap whose greatest length is tried.
    Trial(Box<Tried>),
    /// The next header is being looked for.
    Lost(Box<Resync>),
}

/// A frame whose payload is being read.
#[derive(Debug, Clone, Copy)]
struct Open {
    header: FrameHeader,
    /// Payload bytes that were handed on.
    offset: u64,
    /// A part was handed on.
    begun: bool,
    /// It may end before its length says so: its payload begins with a header.
    doubted: bool,
    first: Stamp,
}

/// A gap that is tried, and the frame that it is in.
#[derive(Debug, Clone)]
struct Tried {
    open: Open,
    len: u64,
    at: Stamps,
    trial: Trial,
}

const BETWEEN: State = State::Header {
    bytes: [0; FrameHeader::MAX_LEN],
    have: 0,
    first: Stamp::START,
};

/// Cuts one direction into frames.
#[derive(Debug, Clone)]
pub struct FrameReader {
    state: State,
    expectation: Expectation,
    habits: Habits,
    limits: Limits,
    /// The headers stand on a guess.
    guessed: bool,
    /// What a search had gathered, to be read from the header that it found.
    again: VecDeque<Piece>,
    /// How many bytes of the direction came or are missing, where that is known.
    received: Option<u64>,
}

impl FrameReader {
    /// A reader that stands in front of a header. `expectation` is used only after a loss.
    pub fn new(expectation: Expectation, limits: Limits) -> Self {
        Self {
            state: BETWEEN,
            expectation,
            habits: Habits::default(),
            limits,
            guessed: false,
            again: VecDeque::new(),
            received: Some(0),
        }
    }

    /// A reader that does not know where the first header stands, but what the sender did before.
    pub fn lost(expectation: Expectation, habits: Habits, limits: Limits) -> Self {
        Self {
            state: State::Lost(Box::new(Resync::new(expectation, habits, limits))),
            habits,
            ..Self::new(expectation, limits)
        }
    }

    /// From here on searches take RSV1 for possible.
    pub fn expect_rsv1(&mut self) {
        self.expectation.rsv1 = true;
    }

    /// Whether the reader stands between two frames.
    pub fn between_frames(&self) -> bool {
        matches!(self.state, State::Header { have: 0, .. })
    }

    /// Whether it knows where it stands, in a frame or between two: no gap is tried, no header
    /// looked for, and nothing gathered is left to read.
    pub fn is_in_step(&self) -> bool {
        matches!(self.state, State::Header { .. } | State::Payload(_)) && self.again.is_empty()
    }

    /// Whether the reader is looking for a header.
    pub fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost(_))
    }

    /// Bytes of memory that a search for a header takes.
    pub fn kept(&self) -> usize {
        match &self.state {
            State::Lost(resync) => resync.kept(),
            State::Header { .. } | State::Payload(_) | State::Trial(_) => 0,
        }
    }

    /// Gives up what a search for a header has gathered, to save memory.
    pub fn let_go(&mut self) {
        if let State::Lost(resync) = &mut self.state {
            resync.let_go();
        }
    }

    /// Takes what comes next in the direction.
    pub fn delivery(
        &mut self,
        delivery: Delivery<'_>,
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        let more = match delivery {
            Delivery::Chunk { bytes, .. } => Some(bytes.len() as u64),
            Delivery::Gap(missing) => missing.exactly(),
            Delivery::Conflict { .. } => return,
        };
        if let Delivery::Gap(missing) = delivery {
            self.settle(Some(missing), at, out);
        }
        self.received = (self.received.zip(more)).map(|(so_far, more)| so_far.saturating_add(more));
        self.take(delivery, at, out);
        self.take_again(out);
    }

    /// Reads what a search had gathered.
    fn take_again(&mut self, out: &mut impl FnMut(ReaderEvent<'_>)) {
        while let Some(piece) = self.again.pop_front() {
            self.take(piece.delivery(), piece.at(), out);
        }
    }

    fn take(&mut self, delivery: Delivery<'_>, at: Stamps, out: &mut impl FnMut(ReaderEvent<'_>)) {
        match delivery {
            _ if matches!(self.state, State::Trial(_)) => self.try_on(delivery, at, out),
            Delivery::Chunk { bytes, begins } => self.read(bytes, begins, at, out),
            Delivery::Gap(missing) => self.pass(missing, at, out),
            Delivery::Conflict { .. } => {}
        }
    }

    /// The place of `rest`, which is yet to be read.
    fn place(&self, rest: &[u8]) -> Option<u64> {
        let later: u64 = self.again.iter().map(Piece::span).sum();
        let received = self.received?;
        Some(received.saturating_sub(rest.len() as u64 + later))
    }

    fn read(
        &mut self,
        mut bytes: &[u8],
        mut begins: bool,
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        if begins {
            self.note_write(bytes);
        }
        while !bytes.is_empty() {
            let rest = match &mut self.state {
                State::Header { have: 0, .. } => match parse_frame_header(bytes) {
                    ParsedHeader::Complete(header) => {
                        if let Some(cause) = self.refusal(&header) {
                            self.lose(cause, bytes, at, out)
                        } else {
                            let rest = bytes.get(usize::from(header.header_len)..);
                            self.frame(header, rest.unwrap_or_default(), (at.first, at), out)
                        }
                    }
                    ParsedHeader::Incomplete => self.keep_header(bytes, at),
                    ParsedHeader::Invalid(fault) => {
                        self.lose(LossCause::Header(fault), bytes, at, out)
                    }
                },
                State::Header { .. } => self.split_header(bytes, at, out),
                State::Payload(open) => {
                    let mut open = *open;
                    open.doubted |= begins && self.is_header_inside(open, bytes);
                    self.payload(open, bytes, at, out)
                }
                State::Trial(_) => {
                    self.try_on(Delivery::Chunk { bytes, begins }, at, out);
                    &[]
                }
                State::Lost(_) => {
                    self.search(Delivery::Chunk { bytes, begins }, at, out);
                    &[]
                }
            };
            begins &= rest.len() == bytes.len();
            bytes = rest;
        }
    }

    /// Takes note of how a write begins.
    #[inline]
    fn note_write(&mut self, bytes: &[u8]) {
        let left = match &self.state {
            State::Header { have, .. } => *have as u64,
            State::Payload(open) => open.header.payload_len - open.offset,
            State::Trial(_) | State::Lost(_) => return,
        };
        self.habits.segment(left, bytes.len() as u64);
    }

    /// The direction ends. Returns the bytes that stayed without a frame: those of an
    /// unfinished header or of a search without success.
    pub fn finish(&mut self, at: Stamps, out: &mut impl FnMut(ReaderEvent<'_>)) -> u64 {
        self.settle(None, at, out);
        match std::mem::replace(&mut self.state, BETWEEN) {
            State::Header { have, .. } => have as u64,
            State::Payload(open) => open.unseen(),
            State::Trial(tried) => tried.open.unseen() + tried.trial.seen(),
            State::Lost(resync) => resync.seen(),
        }
    }

    fn frame<'a>(
        &mut self,
        header: FrameHeader,
        rest: &'a [u8],
        (first, at): (Stamp, Stamps),
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        self.habits.frame(&header);
        let open = Open {
            header,
            offset: 0,
            begun: false,
            doubted: false,
            first,
        };
        if rest.is_empty() && header.payload_len > 0 {
            self.state = State::Payload(open);
            return rest;
        }
        self.payload(open, rest, at, out)
    }

    fn payload<'a>(
        &mut self,
        open: Open,
        bytes: &'a [u8],
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        let left = open.header.payload_len - open.offset;
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (part, rest) = bytes.split_at(take);
        if open.doubted && take as u64 == left && self.is_out_of_step(rest) {
            // Where it really ends nobody knows, so it is not told as whole.
            return self.lose(LossCause::OutOfStep { inside: true }, bytes, at, out);
        }
        self.part(open, Body::Bytes(part), self.place(bytes), at.last, out);
        rest
    }

    /// Hands on the next part of a frame.
    fn part(
        &mut self,
        open: Open,
        body: Body<'_>,
        at: Option<u64>,
        stamp: Stamp,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        let Open {
            header,
            offset,
            begun,
            first,
            ..
        } = open;
        let end = offset + body.span();
        let ends = end == header.payload_len;
        out(ReaderEvent::Part(FramePart {
            header,
            begins: !begun,
            ends,
            offset,
            at,
            body,
            first,
            stamp,
        }));
        self.state = if ends {
            BETWEEN
        } else {
            State::Payload(Open {
                offset: end,
                begun: true,
                ..open
            })
        };
    }

    fn search(
        &mut self,
        delivery: Delivery<'_>,
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        let State::Lost(resync) = &mut self.state else {
            return;
        };
        if let Some(found) = resync.delivery(delivery, at) {
            self.found(found, at, out);
        }
    }

    /// Looks once more at what is searched: bytes are missing after it, or nothing follows.
    fn settle(
        &mut self,
        missing: Option<Missing>,
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        let State::Lost(resync) = &mut self.state else {
            return;
        };
        if let Some(found) = resync.settle(missing) {
            self.found(found, at, out);
            self.take_again(out);
        }
    }

    fn found(&mut self, found: Found, at: Stamps, out: &mut impl FnMut(ReaderEvent<'_>)) {
        self.state = BETWEEN;
        self.guessed = true;
        let first = found.pieces.first().map_or(at, Piece::at);
        out(ReaderEvent::Found {
            skipped: found.skipped,
            bits: found.bits,
            stamp: first.first,
        });
        self.read_again(found.pieces);
    }
}

impl Open {
    /// Bytes of it that nobody knows of: its header, where no part was handed on.
    fn unseen(&self) -> u64 {
        if self.begun {
            0
        } else {
            u64::from(self.header.header_len)
        }
    }
}

#[cfg(test)]
mod tests;
