//! The payload of one message in progress.
//!
//! Job: gather plain bytes, or inflate compressed ones, within the limit.
//! Input: the parts of its frames. Output: the kept payload, its full length, what went wrong.
//! RFC 6455 §5.3, RFC 7692 §7.2.2.

use super::context::Tools;
use crate::base::Stamp;
use crate::deflate::{Decoder, Fault, Outcome, Sink};
use crate::finding::Observation;
use crate::ws::{Body, FramePart, Slot, unmask};

/// What has been gathered of a message.
#[derive(Debug, Default)]
pub(super) struct Payload {
    /// The first bytes, zeros in the holes.
    pub(super) kept: Vec<u8>,
    /// How many of them `Tools::held` counts.
    counted: usize,
    /// All bytes, kept or not.
    pub(super) total: u64,
    /// Compressed bytes are missing.
    pub(super) broken: bool,
    /// Why it does not inflate.
    pub(super) fault: Option<Fault>,
    /// Rules that its frames broke, told once the message has a number.
    pub(super) notes: Vec<(Observation, Stamp)>,
}

impl Payload {
    /// Begins a message with a buffer of the pool.
    pub(super) fn begin(&mut self, tools: &mut Tools) {
        if self.kept.capacity() == 0 {
            self.kept = tools.lend();
        }
        self.kept.clear();
        self.count(tools);
        self.total = 0;
        self.broken = false;
        self.fault = None;
    }

    /// Gives the buffer back.
    pub(super) fn release(&mut self, tools: &mut Tools) {
        tools.held -= std::mem::take(&mut self.counted);
        tools.give_back(std::mem::take(&mut self.kept));
        self.notes.clear();
    }

    /// How many bytes may be kept of this message now, those that are kept included.
    fn limit(&self, slot: Slot, tools: &Tools) -> usize {
        let own = match slot {
            // RFC 6455 §5.5: 125 bytes, for those who keep the rule.
            Slot::Control => 1 << 16,
            Slot::Data => tools.keep(),
        };
        let free = tools.limits.payload_total_bytes.saturating_sub(tools.held);
        own.min(self.kept.len().saturating_add(free))
    }

    /// Counts what is kept among all messages in progress.
    fn count(&mut self, tools: &mut Tools) {
        tools.held = tools.held + self.kept.len() - self.counted;
        self.counted = self.kept.len();
    }

    /// Adds a part of a frame that is not compressed.
    pub(super) fn plain(&mut self, part: &FramePart<'_>, slot: Slot, tools: &mut Tools) {
        let room = self.limit(slot, tools).saturating_sub(self.kept.len());
        match part.body {
            Body::Bytes(bytes) => {
                self.total += bytes.len() as u64;
                let keep = bytes.get(..room.min(bytes.len())).unwrap_or_default();
                match part.header.mask {
                    Some(key) => unmask(keep, key, part.offset, &mut self.kept),
                    None => self.kept.extend_from_slice(keep),
                }
            }
            Body::Hole(len) => {
                self.total = self.total.saturating_add(len);
                let zeros = usize::try_from(len).unwrap_or(usize::MAX).min(room);
                self.kept.resize(self.kept.len() + zeros, 0);
            }
        }
        self.count(tools);
    }

    /// Adds a part of a compressed frame.
    pub(super) fn compressed(
        &mut self,
        part: &FramePart<'_>,
        decoder: &mut Decoder,
        tools: &mut Tools,
    ) {
        let limit = self.limit(Slot::Data, tools);
        let mut sink = Sink {
            kept: &mut self.kept,
            limit,
            total: &mut self.total,
        };
        match (part.body, part.header.mask) {
            (Body::Bytes(bytes), None) => decoder.feed(bytes, &mut tools.engines, &mut sink),
            (Body::Bytes(bytes), Some(key)) => {
                tools.unmasked.clear();
                unmask(bytes, key, part.offset, &mut tools.unmasked);
                decoder.feed(&tools.unmasked, &mut tools.engines, &mut sink);
            }
            (Body::Hole(_), _) => {
                self.broken = true;
                decoder.lose(&mut tools.engines);
            }
        }
        self.count(tools);
    }

    /// Ends what the decoder inflates.
    pub(super) fn end_compressed(&mut self, decoder: &mut Decoder, tools: &mut Tools) -> Outcome {
        let limit = self.limit(Slot::Data, tools);
        let mut sink = Sink {
            kept: &mut self.kept,
            limit,
            total: &mut self.total,
        };
        let outcome = decoder.end(&mut tools.engines, &mut sink);
        self.fault = self.fault.take().or_else(|| outcome.fault.clone());
        self.count(tools);
        outcome
    }
}
