//! One direction's bytes, cut into frames.
//!
//! Job: find each header and hand on payload parts where they lie. Input: chunks and gaps.
//! Output: [`ReaderEvent`]s. RFC 6455 §5.2.
//!
//! Nothing of a payload is buffered here. A gap inside a payload leaves the framing in step,
//! since the length is known; a gap over a header means looking for the next one, see
//! [`super::resync`].

use std::collections::VecDeque;

use super::evidence::Expectation;
use super::header::{FrameHeader, ParsedHeader, parse_frame_header};
use super::part::{Body, FramePart, LossCause, ReaderEvent};
use super::resync::{Resync, Stretch};
use crate::base::{Limits, Stamp};

#[derive(Debug, Clone)]
enum State {
    /// Between frames, with the first `have` bytes of a header.
    Header {
        bytes: [u8; FrameHeader::MAX_LEN],
        have: usize,
        first: Stamp,
    },
    /// Inside a payload.
    Payload {
        header: FrameHeader,
        offset: u64,
        begun: bool,
        first: Stamp,
    },
    /// The next header is being looked for.
    Lost(Box<Resync>),
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
    limits: Limits,
    /// The headers stand on a guess.
    guessed: bool,
    /// What a search had gathered, to be read from the header that it found.
    again: VecDeque<Stretch>,
    /// How many bytes of the direction came or are known to be missing.
    received: u64,
}

impl FrameReader {
    /// A reader that stands in front of a header. `expectation` is used only after a loss.
    pub fn new(expectation: Expectation, limits: Limits) -> Self {
        Self {
            state: BETWEEN,
            expectation,
            limits,
            guessed: false,
            again: VecDeque::new(),
            received: 0,
        }
    }

    /// A reader that does not know where the first header stands.
    pub fn lost(expectation: Expectation, limits: Limits) -> Self {
        Self {
            state: State::Lost(Box::new(Resync::new(expectation, limits))),
            ..Self::new(expectation, limits)
        }
    }

    /// Whether the reader stands between two frames.
    pub fn between_frames(&self) -> bool {
        matches!(self.state, State::Header { have: 0, .. })
    }

    /// Whether it stands between two frames and has nothing left to read.
    pub fn is_at_rest(&self) -> bool {
        self.between_frames() && self.again.is_empty()
    }

    /// Whether the reader is looking for a header.
    pub fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost(_))
    }

    /// Takes the next bytes of the direction.
    pub fn chunk(&mut self, bytes: &[u8], stamp: Stamp, out: &mut impl FnMut(ReaderEvent<'_>)) {
        self.received += bytes.len() as u64;
        self.read(bytes, stamp, out);
        while let Some(stretch) = self.again.pop_front() {
            match stretch {
                Stretch::Bytes(stamp, bytes) => self.read(&bytes, stamp, out),
                Stretch::Gap(stamp, len) => self.pass(len, stamp, out),
            }
        }
    }

    /// Where `rest` stands, which is yet to be read.
    fn at(&self, rest: &[u8]) -> u64 {
        let later: u64 = self.again.iter().map(Stretch::len).sum();
        self.received.saturating_sub(rest.len() as u64 + later)
    }

    fn read(&mut self, mut bytes: &[u8], stamp: Stamp, out: &mut impl FnMut(ReaderEvent<'_>)) {
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Header { have: 0, .. } => match parse_frame_header(bytes) {
                    ParsedHeader::Complete(header) if self.misled(&header) => {
                        self.lose(LossCause::Guess, bytes, stamp, out)
                    }
                    ParsedHeader::Complete(header) => {
                        let rest = bytes.get(usize::from(header.header_len)..);
                        self.frame(header, rest.unwrap_or_default(), (stamp, stamp), out)
                    }
                    ParsedHeader::Incomplete => self.keep_header(bytes, stamp),
                    ParsedHeader::Invalid(fault) => {
                        self.lose(LossCause::Header(fault), bytes, stamp, out)
                    }
                },
                State::Header { .. } => self.split_header(bytes, stamp, out),
                State::Payload {
                    header,
                    offset,
                    begun,
                    first,
                } => {
                    let (header, offset, begins, first) = (*header, *offset, !*begun, *first);
                    self.payload(header, bytes, (offset, begins), (first, stamp), out)
                }
                State::Lost(_) => {
                    self.search(bytes, stamp, out);
                    &[]
                }
            };
        }
    }

    /// Takes note of `len` bytes that the capture lacks.
    pub fn gap(&mut self, len: u64, stamp: Stamp, out: &mut impl FnMut(ReaderEvent<'_>)) {
        self.received = self.received.saturating_add(len);
        self.pass(len, stamp, out);
    }

    fn pass(&mut self, len: u64, stamp: Stamp, out: &mut impl FnMut(ReaderEvent<'_>)) {
        let mut beyond = len;
        let at = self.at(&[]).saturating_sub(len);
        if let State::Payload {
            header,
            offset,
            begun,
            first,
        } = self.state
        {
            let hole = len.min(header.payload_len - offset);
            let ends = offset + hole == header.payload_len;
            out(ReaderEvent::Part(FramePart {
                header,
                begins: !begun,
                ends,
                offset,
                at,
                body: Body::Hole(hole),
                first,
                stamp,
            }));
            self.state = if ends {
                BETWEEN
            } else {
                State::Payload {
                    header,
                    offset: offset + hole,
                    begun: true,
                    first,
                }
            };
            beyond -= hole;
        }
        if beyond == 0 {
            return;
        }
        if let State::Lost(resync) = &mut self.state {
            resync.gap(beyond, stamp);
        } else {
            self.lose(LossCause::Gap, &[], stamp, out);
            if let State::Lost(resync) = &mut self.state {
                resync.gap(beyond, stamp);
            }
        }
    }

    /// The direction ends. Returns the bytes that stayed without a frame: those of an
    /// unfinished header or of a search without success.
    pub fn finish(&mut self) -> u64 {
        match std::mem::replace(&mut self.state, BETWEEN) {
            State::Header { have, .. } => have as u64,
            // No part of it has been handed on, so nobody knows of this frame.
            State::Payload {
                header,
                begun: false,
                ..
            } => u64::from(header.header_len),
            State::Payload { .. } => 0,
            State::Lost(resync) => resync.skipped(),
        }
    }

    /// A header that does not end in this chunk.
    fn keep_header<'a>(&mut self, bytes: &'a [u8], stamp: Stamp) -> &'a [u8] {
        let mut kept = [0; FrameHeader::MAX_LEN];
        let have = bytes.len().min(kept.len());
        for (to, from) in kept.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.state = State::Header {
            bytes: kept,
            have,
            first: stamp,
        };
        &[]
    }

    /// The header that began in an earlier chunk.
    fn split_header<'a>(
        &mut self,
        bytes: &'a [u8],
        stamp: Stamp,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        let State::Header {
            bytes: kept,
            have,
            first,
        } = &mut self.state
        else {
            return bytes;
        };
        let [byte, rest @ ..] = bytes else {
            return bytes;
        };
        if let Some(place) = kept.get_mut(*have) {
            *place = *byte;
            *have += 1;
        }
        let (kept, have, first) = (*kept, *have, *first);
        match parse_frame_header(kept.get(..have).unwrap_or_default()) {
            ParsedHeader::Complete(header) if self.misled(&header) => {
                self.lose(LossCause::Guess, &[], stamp, out);
                rest
            }
            ParsedHeader::Complete(header) => self.frame(header, rest, (first, stamp), out),
            ParsedHeader::Incomplete => rest,
            ParsedHeader::Invalid(fault) => {
                // What was kept of it counts as passed over, all of it.
                self.lose(LossCause::Header(fault), &[], stamp, out);
                rest
            }
        }
    }

    /// Whether a guess turns out wrong: it led to a header that nobody sends.
    fn misled(&self, header: &FrameHeader) -> bool {
        self.guessed && !self.expectation.allows(header)
    }

    fn frame<'a>(
        &mut self,
        header: FrameHeader,
        rest: &'a [u8],
        (first, stamp): (Stamp, Stamp),
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        if rest.is_empty() && header.payload_len > 0 {
            self.state = State::Payload {
                header,
                offset: 0,
                begun: false,
                first,
            };
            return rest;
        }
        self.payload(header, rest, (0, true), (first, stamp), out)
    }

    fn payload<'a>(
        &mut self,
        header: FrameHeader,
        bytes: &'a [u8],
        (offset, begins): (u64, bool),
        (first, stamp): (Stamp, Stamp),
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        let left = header.payload_len - offset;
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (part, rest) = bytes.split_at(take);
        let ends = take as u64 == left;
        out(ReaderEvent::Part(FramePart {
            header,
            begins,
            ends,
            offset,
            at: self.at(bytes),
            body: Body::Bytes(part),
            first,
            stamp,
        }));
        self.state = if ends {
            BETWEEN
        } else {
            State::Payload {
                header,
                offset: offset + take as u64,
                begun: true,
                first,
            }
        };
        rest
    }

    fn lose<'a>(
        &mut self,
        cause: LossCause,
        bytes: &'a [u8],
        stamp: Stamp,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        out(ReaderEvent::Lost { cause, stamp });
        let mut resync = Resync::new(self.expectation, self.limits);
        // What was begun of a header cannot be told from payload any more.
        if let State::Header { have, .. } = self.state {
            resync.gap(have as u64, stamp);
        }
        // The faulty header itself is passed over, so that it is not found again.
        let rest = match (cause, bytes) {
            (LossCause::Header(_) | LossCause::Guess, [_, rest @ ..]) => {
                resync.gap(1, stamp);
                rest
            }
            _ => bytes,
        };
        self.state = State::Lost(Box::new(resync));
        rest
    }

    fn search(&mut self, bytes: &[u8], stamp: Stamp, out: &mut impl FnMut(ReaderEvent<'_>)) {
        let State::Lost(resync) = &mut self.state else {
            return;
        };
        let Some(found) = resync.chunk(bytes, stamp) else {
            return;
        };
        self.state = BETWEEN;
        self.guessed = true;
        let stamp = match found.stretches.first() {
            Some(Stretch::Bytes(first, _)) => *first,
            _ => stamp,
        };
        out(ReaderEvent::Found {
            skipped: found.skipped,
            bits: found.bits,
            stamp,
        });
        for stretch in found.stretches.into_iter().rev() {
            self.again.push_front(stretch);
        }
    }
}

#[cfg(test)]
mod tests;
