//! What one sender has in progress.
//!
//! Job: keep the frames of a message, the bits of its payload and what carried them, until it is
//! told. Input: what lies below messages. Output: the parts of an explanation.
//!
//! Memory is bounded: frames and bytes of the message in progress ([`MOST_FRAMES`] and
//! [`MOST_BYTES`]), a place for each compressed payload that a window can hold ([`MOST_PLACES`]), and
//! the ends of payloads that it can hold.

use std::collections::VecDeque;

use super::message::{Carrier, Deflated, Frame, Passage};
use super::past::Pasts;
use crate::base::Stamp;
use crate::event::Inflated;
use crate::http2::DataFrame;
use crate::ws::{Body, FramePart, OpCode};

/// Frames of one message that are kept.
const MOST_FRAMES: usize = 4096;
/// Payload bytes of one message, as sent, that are kept.
const MOST_BYTES: usize = 16 << 20;
/// Compressed payloads whose messages are remembered: a window holds 32,768 bytes, so no more
/// that are not empty can be copied from.
const MOST_PLACES: usize = 1 << 16;
/// TLS records that are remembered after the last part of a frame.
const MOST_BETWEEN: usize = 16;
/// What one sender has in progress.
#[derive(Debug)]
pub(super) struct Side {
    data: Gathered,
    control: Gathered,
    deflated: Vec<Deflated>,
    places: VecDeque<(u64, u64, Option<u64>)>,
    /// Ordinals of the message in progress, with where their output begins in it.
    pending: Vec<(u64, Option<u64>)>,
    /// The ends of earlier messages that the window can hold.
    pub(super) past: Pasts,
    /// Payload bytes of the message in progress so far, where compression is by frame and that
    /// is known.
    made: Option<u64>,
    /// Bytes of the TLS record that is read now that parts of frames took.
    used: u64,
    /// TLS records with the beginning of a frame's header, and how many bytes of it they hold.
    between: Vec<Carrier>,
    begun: u64,
    /// DATA frames of HTTP/2 that may carry the next message, each with the TLS record that it begins in.
    carriers: VecDeque<(DataFrame, Option<Carrier>)>,
}

/// Frames, and the records that carried them.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) frames: Vec<Frame>,
    pub(super) records: Vec<Carrier>,
    bytes: usize,
    /// The newest frame is not kept.
    skipping: bool,
}

impl Default for Side {
    fn default() -> Self {
        Self {
            data: Gathered::default(),
            control: Gathered::default(),
            deflated: Vec::new(),
            places: VecDeque::new(),
            pending: Vec::new(),
            past: Pasts::default(),
            made: Some(0),
            used: 0,
            between: Vec::new(),
            begun: 0,
            carriers: VecDeque::new(),
        }
    }
}

impl Side {
    /// What there is of the message in progress, or of the control frame, where a frame is one.
    pub(super) fn of(&mut self, opcode: OpCode) -> &mut Gathered {
        if opcode.is_control() {
            &mut self.control
        } else {
            &mut self.data
        }
    }

    /// Whether the message in progress has compressed payloads.
    pub(super) fn inflates(&self) -> bool {
        !self.pending.is_empty()
    }

    /// A record is over: keeps it where it ends in the beginning of a frame's header.
    pub(super) fn passed(&mut self, record: Carrier) {
        let left = record.layer.data.saturating_sub(self.used);
        self.used = 0;
        if left > 0 && self.between.len() < MOST_BETWEEN {
            self.begun += left;
            self.between.push(record);
        }
    }

    /// A part of a frame lies in `record`.
    pub(super) fn carried(&mut self, part: &FramePart<'_>, record: Option<&Carrier>) {
        if part.begins {
            let header = u64::from(part.header.header_len);
            self.used += header.saturating_sub(std::mem::take(&mut self.begun));
            for earlier in std::mem::take(&mut self.between) {
                self.of(part.header.opcode).carrier(&earlier, part.first);
            }
        }
        self.used += part.body.span();
        self.carried_on_stream(part, record);
    }

    /// The same of a stream: what else is in the record is not known here.
    pub(super) fn carried_on_stream(&mut self, part: &FramePart<'_>, record: Option<&Carrier>) {
        if let Some(record) = record {
            self.of(part.header.opcode).carrier(record, part.stamp);
        }
    }

    pub(super) fn carried_by(&mut self, frame: &DataFrame, record: Option<&Carrier>) {
        if self.carriers.len() >= MOST_FRAMES {
            self.carriers.pop_front();
        }
        self.carriers.push_back((*frame, record.cloned()));
    }

    /// The DATA frames that carry `frames`, with the records that they begin in. Earlier ones are forgotten.
    pub(super) fn carriers(&mut self, frames: &[Frame]) -> Vec<(DataFrame, Option<Carrier>)> {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return Vec::new();
        };
        let (Some(start), Some(_)) = (first.offset, last.offset) else {
            return Vec::new();
        };
        let end = last.payload_start() + last.passed;
        let reaches = |frame: &DataFrame| {
            let until = frame
                .offset
                .map(|offset| offset + u64::from(frame.head.length));
            until.is_some_and(|until| until > start)
        };
        self.carriers.retain(|(frame, _)| reaches(frame));
        let carries =
            |(frame, _): &&(DataFrame, _)| frame.offset.is_some_and(|offset| offset < end);
        self.carriers.iter().filter(carries).cloned().collect()
    }

    pub(super) fn part(&mut self, part: &FramePart<'_>, per_frame: bool) {
        self.of(part.header.opcode).part(part);
        if per_frame && !part.header.opcode.is_control() && !part.header.rsv1 {
            let len = match part.body {
                Body::Bytes(bytes) => bytes.len() as u64,
                Body::Hole(len) => len,
            };
            self.made = self.made.map(|made| made.saturating_add(len));
        }
    }

    pub(super) fn traced(&mut self, inflated: &Inflated<'_>, keep: bool) {
        let (base, trace) = (self.made, inflated.trace);
        self.pending.push((inflated.ordinal, base));
        let makes = trace.blocks.last().map_or(0, |block| block.makes.end);
        let whole = trace.dropped_blocks == 0;
        self.made = base.filter(|_| whole).map(|base| base + makes);
        if keep {
            self.deflated.push(Deflated {
                trace: trace.clone(),
                end: inflated.end,
                farthest: inflated.farthest,
                base,
                places: Vec::new(),
            });
        }
    }

    /// The data message of that `number` has ended: its payloads get its number.
    pub(super) fn settle(&mut self, number: u64) -> Vec<Deflated> {
        for (ordinal, base) in self.pending.drain(..) {
            if self.places.len() >= MOST_PLACES {
                self.places.pop_front();
            }
            self.places.push_back((ordinal, number, base));
        }
        self.made = Some(0);
        let mut deflated = std::mem::take(&mut self.deflated);
        for one in &mut deflated {
            one.places = self.places.iter().copied().collect();
        }
        deflated
    }
}

/// The records that carried parts of a message, and those that its DATA frames begin in.
pub(super) fn records(
    mut records: Vec<Carrier>,
    carriers: &[(DataFrame, Option<Carrier>)],
) -> Vec<Carrier> {
    for record in carriers.iter().filter_map(|(_, record)| record.as_ref()) {
        if !records.contains(record) && records.len() < MOST_FRAMES {
            records.push(record.clone());
        }
    }
    records.sort_by_key(|record| (record.at.first, record.layer.number));
    records
}

impl Gathered {
    /// A record carried some of it, that came with the packet of this stamp.
    fn carrier(&mut self, record: &Carrier, at: Stamp) {
        let known = self.records.last() == Some(record);
        let covers = (record.at.first..=record.at.last).contains(&at);
        if !known && covers && self.records.len() < MOST_FRAMES {
            self.records.push(record.clone());
        }
    }

    fn part(&mut self, part: &FramePart<'_>) {
        if part.begins {
            self.skipping = self.frames.len() >= MOST_FRAMES;
            if !self.skipping {
                self.frames.push(Frame {
                    header: part.header,
                    offset: part
                        .at
                        .map(|at| at.saturating_sub(u64::from(part.header.header_len))),
                    first: part.first,
                    wire: Vec::new(),
                    passed: 0,
                    passages: Vec::new(),
                });
            }
        }
        let room = MOST_BYTES.saturating_sub(self.bytes);
        let Some(frame) = self.frames.last_mut().filter(|_| !self.skipping) else {
            return;
        };
        let before = frame.wire.len();
        let (len, missing) = match part.body {
            Body::Bytes(bytes) => {
                let keep = bytes.get(..room.min(bytes.len())).unwrap_or_default();
                frame.wire.extend_from_slice(keep);
                (bytes.len() as u64, false)
            }
            Body::Hole(len) => {
                let keep = usize::try_from(len).unwrap_or(usize::MAX).min(room);
                frame.wire.resize(before + keep, 0);
                (len, true)
            }
        };
        self.bytes += frame.wire.len() - before;
        frame.passed = frame.passed.saturating_add(len);
        frame.passage(Passage {
            at: part.stamp,
            start: part.offset,
            len,
            missing,
        });
    }
}

impl Frame {
    fn passage(&mut self, next: Passage) {
        let joins = |last: &&mut Passage| {
            (last.at.packet, last.missing) == (next.at.packet, next.missing)
                && last.start + last.len == next.start
        };
        let room = self.passages.len() < MOST_FRAMES;
        match self.passages.last_mut().filter(joins) {
            Some(last) => last.len += next.len,
            None if room => self.passages.push(next),
            None => {}
        }
    }
}
