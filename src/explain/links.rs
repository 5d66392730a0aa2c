//! From bytes on the wire to bits to bytes of the payload, and back.
//!
//! Job: find what holds a bit, which bits made a byte, and where those stand on the wire. Input: an
//! [`Explanation`] and its [`Step`]s. Output: [`Group`]s and places. RFC 6455 §5.2, RFC 1951 §3.1.1.
//!
//! Bits of a frame are counted from its first byte in the order in which they are read: those of
//! the header and of a plain payload from each byte's highest bit, those of a compressed payload
//! from its lowest. Steps are in order, so all is found by halving, whatever the message's size.

use super::fields::{FieldInfo, frame_fields};
use super::frames::place;
use super::message::{Explanation, Frame};
use super::steps::{Step, What};

/// What a group of bits is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A field of the frame's header.
    Field(usize),
    /// A step through a compressed payload; of a stored block, one of its bytes.
    Step(usize),
    /// A byte of the frame's payload that stands for itself, or that nobody read.
    Byte,
}

/// Bits that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// What they are.
    pub thing: Thing,
    /// The first one and the one after the last, in the frame.
    pub bits: (u64, u64),
    /// The bytes of the message's payload that they make.
    pub makes: Option<(u64, u64)>,
}

/// A message with its steps. Bits of a frame count from its first byte in the order in which they are read.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a> {
    /// The message.
    pub explanation: &'a Explanation,
    /// All its steps.
    pub steps: &'a [Step],
}

/// A compressed payload as a frame sees it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Which payload of the message.
    payload: usize,
    /// Which bit of it the frame's payload begins with.
    first: u64,
    /// The frame is the last one that holds it.
    ends: bool,
}

/// Bits of a frame's header.
fn header_bits(frame: &Frame) -> u64 {
    8 * u64::from(frame.header.header_len)
}

impl<'a> Links<'a> {
    /// The frame of that number, from 0.
    pub fn frame(&self, frame: usize) -> Option<&'a Frame> {
        self.explanation.frames.get(frame)
    }

    /// The fields of a frame's header.
    pub fn fields(&self, frame: usize) -> Vec<FieldInfo> {
        let fields = |one: &Frame| frame_fields(&one.header, place(self.explanation, frame));
        self.frame(frame).map(fields).unwrap_or_default()
    }

    /// Where the bits of a frame end; restored bits of the compressed payload come after its own.
    pub fn end(&self, frame: usize) -> u64 {
        let Some(one) = self.frame(frame) else {
            return 0;
        };
        let own = header_bits(one) + 8 * one.wire.len() as u64;
        let restored = self.piece(frame).filter(|piece| piece.ends);
        let restored = restored.and_then(|piece| {
            let after = self.steps.partition_point(|s| s.payload() <= piece.payload);
            let last = self.steps.get(after.checked_sub(1)?)?;
            let (bits, _) = last.place(self.explanation)?;
            let bits = bits.end.checked_sub(piece.first)?;
            (last.payload() == piece.payload).then_some(bits + header_bits(one))
        });
        own.max(restored.unwrap_or(0))
    }

    /// Bytes of the frame that are on the wire and kept.
    pub fn wire_bytes(&self, frame: usize) -> u64 {
        let one = self.frame(frame);
        one.map_or(0, |one| {
            u64::from(one.header.header_len) + one.wire.len() as u64
        })
    }

    fn piece(&self, frame: usize) -> Option<Piece> {
        let explanation = self.explanation;
        if !explanation.compressed || explanation.opcode.is_control() {
            return None;
        }
        let before = explanation.frames.get(..frame)?;
        if explanation.is_per_frame() {
            self.frame(frame).filter(|one| one.header.rsv1)?;
            return Some(Piece {
                payload: before.iter().filter(|one| one.header.rsv1).count(),
                first: 0,
                ends: true,
            });
        }
        Some(Piece {
            payload: 0,
            first: before.iter().map(|one| one.passed.saturating_mul(8)).sum(),
            ends: frame + 1 == explanation.frames.len(),
        })
    }

    /// The step that holds a bit of a compressed payload.
    pub fn step_at(&self, payload: usize, bit: u64) -> Option<usize> {
        let explanation = self.explanation;
        let before = |step: &Step| {
            step.payload() < payload
                || (step.payload() == payload
                    && step
                        .place(explanation)
                        .is_some_and(|(bits, _)| bits.end <= bit))
        };
        let index = self.steps.partition_point(before);
        let step = self
            .steps
            .get(index)
            .filter(|one| one.payload() == payload)?;
        let (bits, _) = step.place(explanation)?;
        (bits.start <= bit).then_some(index)
    }

    /// The step that makes a byte of the payload.
    pub fn maker(&self, byte: u64) -> Option<usize> {
        let explanation = self.explanation;
        let before = |step: &Step| {
            step.place(explanation)
                .is_some_and(|(_, made)| made <= byte)
        };
        let index = self.steps.partition_point(before).checked_sub(1)?;
        let (start, end) = self.steps.get(index)?.says(explanation)?.makes?;
        (start..end).contains(&byte).then_some(index)
    }

    /// How many bytes of the payload are there after a step.
    pub fn made(&self, step: usize) -> u64 {
        let step = self.steps.get(step);
        let says = step.and_then(|step| step.says(self.explanation));
        let made = says.and_then(|says| says.makes).map(|(_, end)| end);
        let before = || step.and_then(|step| step.place(self.explanation));
        made.or_else(|| before().map(|(_, made)| made)).unwrap_or(0)
    }

    /// The group that holds a bit of a frame.
    pub fn group(&self, frame: usize, bit: u64) -> Option<Group> {
        let one = self.frame(frame).filter(|_| bit < self.end(frame))?;
        let header = header_bits(one);
        if bit < header {
            let fields = self.fields(frame);
            let at = fields.iter().position(|field| field.bits.1 > bit)?;
            return Some(Group {
                thing: Thing::Field(at),
                bits: fields.get(at)?.bits,
                makes: None,
            });
        }
        let piece = self.piece(frame);
        let step = piece.and_then(|piece| self.in_step(piece, one, bit));
        step.or_else(|| self.in_byte(frame, one, bit))
    }

    fn in_step(&self, piece: Piece, frame: &Frame, bit: u64) -> Option<Group> {
        let header = header_bits(frame);
        let at = bit - header + piece.first;
        let index = self.step_at(piece.payload, at)?;
        let says = self.steps.get(index)?.says(self.explanation)?;
        let (mut bits, mut makes) = (says.bits, says.makes);
        if let What::Stored(_) = says.what {
            // RFC 1951 §3.2.4: bytes as they are, each of which makes itself.
            let byte = (at - bits.start) / 8;
            bits.start += 8 * byte;
            bits.end = bits.start + 8;
            makes = makes.map(|(start, _)| (start + byte, start + byte + 1));
        }
        // A symbol can begin in one frame and end in the next.
        let most = if piece.ends {
            u64::MAX
        } else {
            piece.first + frame.passed.saturating_mul(8)
        };
        let own = |bit: u64| bit.clamp(piece.first, most) - piece.first + header;
        Some(Group {
            thing: Thing::Step(index),
            bits: (own(bits.start), own(bits.end)),
            makes,
        })
    }

    fn in_byte(&self, frame: usize, one: &Frame, bit: u64) -> Option<Group> {
        let header = header_bits(one);
        let byte = (bit - header) / 8;
        let start = header + 8 * byte;
        (byte < one.wire.len() as u64).then(|| Group {
            thing: Thing::Byte,
            bits: (start, start + 8),
            makes: self.plain(frame).map(|at| (at + byte, at + byte + 1)),
        })
    }

    /// Where the payload of a frame that is not compressed begins in the message's.
    fn plain(&self, frame: usize) -> Option<u64> {
        let explanation = self.explanation;
        if self.piece(frame).is_some() {
            return None;
        }
        let mut inflated = explanation.deflated.iter();
        let mut at = 0;
        for one in explanation.frames.get(..frame)? {
            at += if one.header.rsv1 && explanation.compressed {
                inflated.next()?.trace.blocks.last()?.makes.end
            } else {
                one.passed
            };
        }
        Some(at)
    }

    /// The frame and the bit of it where a bit of a compressed payload stands.
    pub fn locate(&self, payload: usize, bit: u64) -> Option<(usize, u64)> {
        let frames = &self.explanation.frames;
        if self.explanation.is_per_frame() {
            let mut compressed = frames.iter().enumerate().filter(|(_, one)| one.header.rsv1);
            let (frame, one) = compressed.nth(payload)?;
            return Some((frame, bit + header_bits(one)));
        }
        let last = frames.len().checked_sub(1)?;
        let mut first = 0;
        for (frame, one) in frames.iter().enumerate() {
            let next = first + one.passed.saturating_mul(8);
            // Restored bits belong to the last frame.
            if bit < next || frame == last {
                return Some((frame, bit - first + header_bits(one)));
            }
            first = next;
        }
        None
    }

    /// The frame and the bit of it where a step begins.
    pub fn of_step(&self, step: usize) -> Option<(usize, u64)> {
        let step = self.steps.get(step)?;
        let (bits, _) = step.place(self.explanation)?;
        self.locate(step.payload(), bits.start)
    }

    /// The frame and the first bit of what makes a byte of the payload.
    pub fn of_byte(&self, byte: u64) -> Option<(usize, u64)> {
        if let Some(index) = self.maker(byte) {
            let step = self.steps.get(index)?;
            let says = step.says(self.explanation)?;
            let (start, _) = says.makes?;
            let stored = matches!(says.what, What::Stored(_));
            let into = if stored { 8 * (byte - start) } else { 0 };
            return self.locate(step.payload(), says.bits.start + into);
        }
        let frames = &self.explanation.frames;
        (0..frames.len()).find_map(|frame| {
            let one = self.frame(frame)?;
            let into = byte.checked_sub(self.plain(frame)?)?;
            (into < one.wire.len() as u64).then(|| (frame, header_bits(one) + 8 * into))
        })
    }
}
