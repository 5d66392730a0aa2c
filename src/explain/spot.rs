//! The cursor of the three rows: wire bytes, bits, text.
//!
//! Job: move by byte, bit, group, block and row, and stay in what is there. Input: a [`Spot`] and
//! how far. Output: the next [`Spot`].

use super::links::{Links, Thing};
use crate::page::{Bytes, Kind};

/// Which row the cursor is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Row {
    /// The bytes on the wire.
    Wire,
    /// Bits, grouped.
    #[default]
    Bits,
    /// The bytes of the message's payload.
    Text,
}

/// How far the cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// By bits.
    Bit,
    /// By bytes, groups or characters, as the row has them.
    Part,
    /// By blocks; where there are none, by frames.
    Block,
    /// From row to row.
    Row,
}

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spot {
    /// The row that it moves in.
    pub row: Row,
    /// The frame, from 0.
    pub frame: usize,
    /// The bit of the frame; see [`Links`](super::Links) for the order.
    pub bit: u64,
    /// The byte of the message's payload.
    pub byte: u64,
}

impl Spot {
    /// Goes to the first bit; the row stays.
    pub fn restart(&mut self) {
        *self = Self {
            row: self.row,
            ..Self::default()
        };
    }
}

/// The most that is gone at once, but for the first and the last place.
const FAR: isize = 1 << 12;

impl Links<'_> {
    fn payload(&self) -> Bytes<'_> {
        Bytes {
            bytes: &self.explanation.payload,
            holes: &self.explanation.holes,
        }
    }

    /// The spot where `bit` of a frame is the cursor's.
    fn on(&self, spot: Spot, (frame, bit): (usize, u64)) -> Spot {
        let group = self.group(frame, bit);
        let byte = group.and_then(|group| match (group.makes, group.thing) {
            (Some((start, _)), _) => Some(start),
            // What makes nothing stands between what was made and what comes.
            (None, Thing::Step(step)) => Some(self.made(step)),
            (None, _) => None,
        });
        let last = self.payload().len().saturating_sub(1);
        Spot {
            frame,
            bit,
            byte: byte.unwrap_or(spot.byte).min(last),
            ..spot
        }
    }

    /// A spot in what is there.
    pub fn fixed(&self, spot: Spot) -> Spot {
        let last = self.explanation.frames.len().saturating_sub(1);
        let frame = spot.frame.min(last);
        let byte = spot.byte.min(self.payload().len().saturating_sub(1));
        let row = match spot.row {
            Row::Text if self.payload().is_empty() => Row::Bits,
            row => row,
        };
        Spot {
            row,
            frame,
            bit: spot.bit.min(self.last(row, frame)),
            byte,
        }
    }

    /// The last bit of a frame; what was put back was never on the wire.
    fn last(&self, row: Row, frame: usize) -> u64 {
        let end = match row {
            Row::Wire => 8 * self.wire_bytes(frame),
            Row::Bits | Row::Text => self.end(frame),
        };
        end.saturating_sub(1)
    }

    /// The spot at the beginning of a step.
    pub fn at_step(&self, step: usize) -> Option<Spot> {
        let place = self.of_step(step)?;
        Some(self.on(Spot::default(), place))
    }

    /// The step that the cursor is on, or the next one.
    pub fn step_of(&self, spot: Spot) -> Option<usize> {
        let mut place = Some((spot.frame, spot.bit));
        while let Some((frame, bit)) = place {
            let group = self.group(frame, bit)?;
            if let Thing::Step(step) = group.thing {
                return Some(step);
            }
            // Past the header in one step; no other frame's header is of use.
            let header = 8 * u64::from(self.frame(frame)?.header.header_len);
            place = (bit < header).then_some((frame, header));
        }
        None
    }

    /// The spot after a move.
    pub fn moved(&self, spot: Spot, unit: Unit, by: isize) -> Spot {
        let spot = self.fixed(spot);
        match unit {
            Unit::Row => return self.change_row(spot, by),
            Unit::Part | Unit::Bit | Unit::Block if by == isize::MIN => {
                return match spot.row {
                    Row::Text => self.on_byte(spot, 0),
                    _ => self.on(spot, (0, 0)),
                };
            }
            _ if by == isize::MAX => {
                let frame = self.explanation.frames.len().saturating_sub(1);
                return if spot.row == Row::Text {
                    let end = self.payload().len();
                    self.on_byte(spot, self.character_before(end))
                } else {
                    let last = self.last(spot.row, frame);
                    self.on(spot, self.start_of(spot.row, (frame, last)))
                };
            }
            _ => {}
        }
        let mut spot = spot;
        for _ in 0..by.clamp(-FAR, FAR).unsigned_abs() {
            let next = self.one(spot, unit, by > 0);
            if next == spot {
                break;
            }
            spot = next;
        }
        spot
    }

    fn one(&self, spot: Spot, unit: Unit, on: bool) -> Spot {
        let here = (spot.frame, spot.bit);
        match (unit, spot.row) {
            (Unit::Part, Row::Text) => {
                let next = spot.byte + self.character(spot.byte);
                if !on {
                    self.on_byte(spot, self.character_before(spot.byte))
                } else if next < self.payload().len() {
                    self.on_byte(spot, next)
                } else {
                    spot
                }
            }
            (Unit::Bit, _) => {
                let row = match spot.row {
                    Row::Text => Row::Bits,
                    row => row,
                };
                let spot = Spot { row, ..spot };
                let to = if on {
                    self.after(row, here.0, here.1 + 1)
                } else {
                    self.before(row, here)
                };
                to.map_or(spot, |to| self.on(spot, to))
            }
            (Unit::Block, _) => match self.block(spot, on) {
                Some(to) => self.on(
                    Spot {
                        row: Row::Bits,
                        ..spot
                    },
                    to,
                ),
                None => spot,
            },
            (_, row) => {
                let to = if on {
                    self.after(row, here.0, self.end_of(row, here))
                } else {
                    let (_, start) = self.start_of(row, here);
                    let before = self.before(row, (here.0, start));
                    before.map(|before| self.start_of(row, before))
                };
                to.map_or(spot, |to| self.on(spot, to))
            }
        }
    }

    /// Where the byte or the group that holds a bit begins.
    fn start_of(&self, row: Row, (frame, bit): (usize, u64)) -> (usize, u64) {
        let start = match row {
            Row::Wire => bit / 8 * 8,
            _ => self.group(frame, bit).map_or(bit, |group| group.bits.0),
        };
        (frame, start)
    }

    /// Where it ends.
    fn end_of(&self, row: Row, (frame, bit): (usize, u64)) -> u64 {
        match row {
            Row::Wire => bit / 8 * 8 + 8,
            _ => self.group(frame, bit).map_or(bit + 1, |group| group.bits.1),
        }
    }

    /// A bit of the frame, or the first one of the next.
    fn after(&self, row: Row, frame: usize, bit: u64) -> Option<(usize, u64)> {
        if bit <= self.last(row, frame) {
            return Some((frame, bit));
        }
        (frame + 1 < self.explanation.frames.len()).then_some((frame + 1, 0))
    }

    /// The bit before, or the last one of the frame before.
    fn before(&self, row: Row, (frame, bit): (usize, u64)) -> Option<(usize, u64)> {
        if bit > 0 {
            return Some((frame, bit - 1));
        }
        let frame = frame.checked_sub(1)?;
        Some((frame, self.last(row, frame)))
    }

    /// The beginning of the next block or the one before; where there is none, of a frame.
    fn block(&self, spot: Spot, on: bool) -> Option<(usize, u64)> {
        let of = |step: usize| {
            self.steps
                .get(step)
                .map(|step| (step.payload(), step.number()))
        };
        let Some(Thing::Step(step)) = self.group(spot.frame, spot.bit).map(|group| group.thing)
        else {
            let header = self.frame(spot.frame)?.header.header_len;
            let header = 8 * u64::from(header);
            return match (on, spot.bit) {
                (true, bit) if bit < header => self.after(Row::Bits, spot.frame, header),
                (true, _) => self.after(Row::Bits, spot.frame, self.end(spot.frame)),
                (false, 1..) => Some((spot.frame, 0)),
                (false, 0) => Some((spot.frame.checked_sub(1)?, 0)),
            };
        };
        let here = of(step)?;
        let steps = self.steps;
        let first_of = |block| steps.partition_point(|s| (s.payload(), s.number()) < block);
        if on {
            let next = steps.partition_point(|s| (s.payload(), s.number()) <= here);
            return self.of_step(next);
        }
        let first = first_of(here);
        if first < step {
            // From within a block to its beginning, as players go back to that of a song.
            return self.of_step(first);
        }
        match first.checked_sub(1).and_then(of) {
            Some(before) => self.of_step(first_of(before)),
            None => Some((0, 0)),
        }
    }

    fn change_row(&self, spot: Spot, by: isize) -> Spot {
        let row = match (spot.row, by.signum()) {
            (Row::Wire, 1) | (Row::Text, -1) => Row::Bits,
            (Row::Bits, -1) => Row::Wire,
            (Row::Bits, 1) => Row::Text,
            (row, _) => row,
        };
        match row {
            Row::Wire => {
                // Restored bits were never on the wire.
                let last = self.wire_bytes(spot.frame).saturating_sub(1);
                let bit = (spot.bit / 8).min(last) * 8;
                // The cursor stays on its symbol where that begins in the byte.
                let bit = if spot.bit / 8 * 8 == bit {
                    spot.bit
                } else {
                    bit
                };
                self.fixed(Spot { row, bit, ..spot })
            }
            Row::Text if self.payload().is_empty() => spot,
            row => self.fixed(Spot { row, ..spot }),
        }
    }

    fn on_byte(&self, spot: Spot, byte: u64) -> Spot {
        let byte = byte.min(self.payload().len().saturating_sub(1));
        let (frame, bit) = self.of_byte(byte).unwrap_or((spot.frame, spot.bit));
        Spot {
            row: Row::Text,
            frame,
            bit,
            byte,
        }
    }

    /// The bytes of the character at `at`.
    fn character(&self, at: u64) -> u64 {
        let end = self.payload().len();
        if at >= end {
            return 0;
        }
        self.payload().cell(at, end, Kind::Plain).1
    }

    /// Where the character before `at` begins.
    fn character_before(&self, at: u64) -> u64 {
        let fits = |len: &u64| {
            at.checked_sub(*len)
                .is_some_and(|start| self.character(start) == *len)
        };
        let len = (2..=4).rev().find(fits).unwrap_or(1);
        at.saturating_sub(len)
    }
}
