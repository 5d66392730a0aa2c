//! The payload of one message in progress.
//!
//! Job: gather plain bytes, or inflate compressed ones, within the limit.
//! Input: the parts of its frames. Output: the kept payload, its full length, what went wrong.
//! RFC 6455 §5.3, RFC 7692 §7.2.2.

use super::context::Tools;
use super::stripped::Inflated;
use crate::base::Stamp;
use crate::deflate::{Decoder, Fault, Outcome, Output};
use crate::event::Split;
use crate::finding::Observation;
use crate::ws::{Body, FramePart, Slot, unmask};

/// Ends of frames that are kept of one message.
const MOST_SPLITS: usize = 1 << 16;

/// Zeros that are put in the place of bytes that never came. A header that was taken for one by
/// mistake can announce any number of them.
const MOST_PADDED: usize = 1 << 20;

/// What has been gathered of a message.
#[derive(Debug, Clone, Default)]
pub(super) struct Payload {
    /// The first bytes, with zeros in the holes.
    pub(super) output: Output,
    /// How many of its bytes `Tools::held` counts.
    counted: usize,
    /// Bytes of its frames are missing.
    pub(super) holed: bool,
    /// Compressed ones of them: what came out is the payload's beginning.
    pub(super) cut: bool,
    /// Which of its later fragments were marked as compressed.
    pub(super) marks: Marks,
    /// Where its frames end, without the last one.
    pub(super) splits: Vec<Split>,
    /// Why it does not inflate, and where.
    pub(super) fault: Option<Fault>,
    pub(super) fault_bit: Option<u64>,
    /// It is marked as compressed although no compression was agreed, and may be so.
    pub(super) marked: bool,
    /// Rules that its frames broke, told once the message has a number.
    pub(super) notes: Vec<(Observation, Stamp)>,
}

/// RFC 7692 §6: RSV1 marks a message on its first frame only. Some senders set it on each fragment
/// that is compressed, and leave others among them as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
pub(super) struct Marks {
    with: bool,
    without: bool,
    /// One without a mark came before the first one with a mark, and was taken for compressed.
    confused: bool,
    /// Fragments that are not compressed are among those that are.
    pub(super) mixed: bool,
}

impl Marks {
    /// Notes a later fragment of a compressed message, with its mark; whether it is not compressed.
    pub(super) fn note(&mut self, marked: bool) -> bool {
        self.confused |= marked && !self.with && self.without;
        self.with |= marked;
        self.without |= !marked;
        self.is_plain(marked)
    }

    /// Whether what was inflated is not what was compressed.
    pub(super) fn is_confused(self) -> bool {
        self.confused
    }

    /// Whether a later fragment with or without a mark is not compressed.
    pub(super) fn is_plain(self, marked: bool) -> bool {
        self.with && !marked
    }
}

impl Payload {
    /// Begins a message with a buffer of the pool.
    pub(super) fn begin(&mut self, tools: &mut Tools) {
        let mut buffer = std::mem::take(&mut self.output.bytes);
        if buffer.capacity() == 0 {
            buffer = tools.lend();
        }
        self.output = Output::reuse(buffer, 0);
        self.count(tools);
        self.holed = false;
        self.cut = false;
        self.marked = false;
        self.marks = Marks::default();
        self.fault = None;
        self.fault_bit = None;
    }

    /// Gives the buffer back.
    pub(super) fn release(&mut self, tools: &mut Tools) {
        tools.held -= std::mem::take(&mut self.counted);
        tools.give_back(std::mem::take(&mut self.output).bytes);
        self.splits.clear();
        self.notes.clear();
    }

    /// Counts what a copy holds, where `tools` are others.
    pub(super) fn resume(&self, tools: &mut Tools) {
        tools.held += self.counted;
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        self.output.bytes.len()
            + size_of_val(self.output.holes.as_slice())
            + size_of_val(self.splits.as_slice())
            + size_of_val(self.notes.as_slice())
    }

    /// The holes in what is kept: start and length.
    pub(super) fn holes(&self) -> Vec<(u64, u64)> {
        let holes = self.output.holes.iter();
        holes.map(|hole| (hole.start, hole.len())).collect()
    }

    /// Sets how many bytes may be kept of this message, those that are kept included.
    fn limit(&mut self, slot: Slot, tools: &Tools) {
        let limit = match slot {
            // RFC 6455 §5.5: 125 bytes, for those who keep the rule.
            Slot::Control => 1 << 16,
            // Whether it inflates must not depend on who looks.
            Slot::Data if self.marked => tools.limits.payload_bytes,
            Slot::Data => tools.keep(),
        };
        self.output.set_limit(limit);
    }

    /// Whether all of it is known and kept.
    pub(super) fn is_whole(&self) -> bool {
        !self.holed && self.is_kept()
    }

    /// Whether all that has come is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.output.bytes.len() as u64 == self.output.total
    }

    /// Puts zeros in the place of its last bytes, which never came, unless they are too many.
    pub(super) fn pad(&mut self, rest: u64) {
        let rest = usize::try_from(rest).unwrap_or(usize::MAX);
        if rest <= MOST_PADDED && self.output.room(rest) == rest {
            self.output.bytes.resize(self.output.bytes.len() + rest, 0);
        }
    }

    /// Bytes that may be kept beside it of what it inflates to.
    pub(super) fn room_for_more(tools: &Tools) -> usize {
        tools.limits.payload_bytes
    }

    /// All messages in progress hold too much: gives up to `excess` of its last bytes up, and keeps
    /// no more from here on. How many it gave.
    pub(super) fn trim(&mut self, excess: usize, tools: &mut Tools) -> usize {
        let before = self.output.bytes.len();
        self.output.keep_first(before.saturating_sub(excess));
        self.count(tools);
        before - self.output.bytes.len()
    }

    /// Takes what its bytes inflate to in their place; without the bytes where nobody looks.
    pub(super) fn replace(&mut self, inflated: Inflated, tools: &mut Tools) {
        let Inflated { output, splits } = inflated;
        let sent = std::mem::replace(&mut self.output, output);
        tools.give_back(sent.bytes);
        self.splits = splits;
        if !tools.wants(Slot::Data) {
            self.output.bytes.clear();
            self.output.holes.clear();
        }
        self.count(tools);
    }

    /// Counts what is kept among all messages in progress.
    fn count(&mut self, tools: &mut Tools) {
        tools.held = tools.held + self.output.bytes.len() - self.counted;
        self.counted = self.output.bytes.len();
    }

    /// A frame ends that is not the message's last.
    pub(super) fn split(&mut self, flushed: bool) {
        if self.splits.len() < MOST_SPLITS {
            let at = self.output.total;
            self.splits.push(Split { at, flushed });
        }
    }

    /// Adds a part of a frame that is not compressed.
    pub(super) fn plain(&mut self, part: &FramePart<'_>, slot: Slot, tools: &mut Tools) {
        self.holed |= matches!(part.body, Body::Hole(_));
        if self.cut {
            return;
        }
        self.limit(slot, tools);
        let output = &mut self.output;
        match part.body {
            Body::Bytes(bytes) => {
                let keep = bytes.get(..output.room(bytes.len())).unwrap_or_default();
                match part.header.mask {
                    Some(key) => unmask(keep, key, part.offset, &mut output.bytes),
                    None => output.bytes.extend_from_slice(keep),
                }
                output.total += bytes.len() as u64;
            }
            Body::Hole(len) => output.skip(len),
        }
        self.count(tools);
    }

    /// Leaves out bytes of a fragment that is not compressed, in a message that is.
    pub(super) fn leave_out(&mut self, body: Body<'_>, tools: &mut Tools) {
        self.marks.mixed = true;
        self.limit(Slot::Data, tools);
        self.output.skip(body.span());
        self.count(tools);
    }

    /// Adds a part of a compressed frame.
    pub(super) fn compressed(
        &mut self,
        part: &FramePart<'_>,
        decoder: &mut Decoder,
        tools: &mut Tools,
    ) {
        self.holed |= matches!(part.body, Body::Hole(_));
        let mut unmasked = std::mem::take(&mut tools.unmasked);
        self.inflate(tools, |output| match (part.body, part.header.mask) {
            (Body::Bytes(bytes), None) => decoder.feed(bytes, output),
            (Body::Bytes(bytes), Some(key)) => {
                unmasked.clear();
                unmask(bytes, key, part.offset, &mut unmasked);
                decoder.feed(&unmasked, output);
            }
            (Body::Hole(len), _) => decoder.hole(len, output),
        });
        tools.unmasked = unmasked;
    }

    /// Ends what the decoder inflates.
    pub(super) fn end_compressed(&mut self, decoder: &mut Decoder, tools: &mut Tools) -> Outcome {
        let outcome = self.inflate(tools, |output| decoder.end(output));
        if self.fault.is_none() && outcome.fault.is_some() {
            self.fault.clone_from(&outcome.fault);
            self.fault_bit = outcome.bit;
        }
        self.cut |= outcome.cut;
        outcome
    }

    /// Takes what the decoder knows of a message that never ends.
    pub(super) fn abandon(&mut self, decoder: &mut Decoder, tools: &mut Tools) {
        let fault = self.inflate(tools, |output| decoder.abandon(output));
        self.fault = self.fault.take().or(fault);
    }

    /// Inflates into the payload; behind a place where it was cut, only for the history.
    fn inflate<T>(&mut self, tools: &mut Tools, work: impl FnOnce(&mut Output) -> T) -> T {
        if self.cut {
            return work(&mut Output::counting());
        }
        self.limit(Slot::Data, tools);
        let done = work(&mut self.output);
        self.count(tools);
        done
    }
}
