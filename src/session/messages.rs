//! One direction's frames, made into messages.
//!
//! Job: route each frame part to the payload it belongs to, and tell each message when it
//! ends, with how much of it is known. Input: [`ReaderEvent`]s. Output: events.
//! RFC 6455 §5.4–§5.6, RFC 7692 §6–§7.

use super::context::{Detail, Tools};
use super::notes;
use super::payload::Payload;
use super::teller::{Teller, Told};
use crate::base::{Peer, Stamp};
use crate::deflate::{Agreement, Decoder, Takeover};
use crate::event::{Reason, Status, Wire};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::ws::{Assembler, Body, FramePart, PartialMessage, ReaderEvent, Rsv1, Slot, Step};

/// One direction's messages.
#[derive(Debug)]
pub(super) struct Messages {
    from: Peer,
    rsv1: Rsv1,
    assembler: Assembler,
    decoder: Option<Decoder>,
    /// Bytes that compressed messages put out.
    inflated: u64,
    /// That a stream was ended is told once.
    told_final: bool,
    data: Payload,
    control: Payload,
}

impl Messages {
    pub(super) fn new(from: Peer, agreement: Agreement, tools: &Tools) -> Self {
        let (rsv1, parameters) = match agreement {
            Agreement::None => (Rsv1::Unused, None),
            Agreement::Unknown => (Rsv1::Unknown, None),
            Agreement::PermessageDeflate(both) => (Rsv1::Message, Some(both[from])),
            Agreement::DeflateFrame(both) => (Rsv1::Frame, Some(both[from])),
        };
        Self {
            from,
            rsv1,
            assembler: Assembler::new(from, rsv1),
            told_final: false,
            decoder: parameters.map(|parameters| match tools.detail {
                Detail::Wire => Decoder::recording(parameters, tools.limits.trace_values),
                Detail::Rules => Decoder::watching(parameters),
                Detail::Sizes | Detail::Payloads => Decoder::new(parameters),
            }),
            inflated: 0,
            data: Payload::default(),
            control: Payload::default(),
        }
    }

    /// Whether it can be copied here.
    pub(super) fn can_rest(&self) -> bool {
        self.decoder.as_ref().is_none_or(Decoder::can_rest)
    }

    /// A copy, which [`resume`](Self::resume) makes whole.
    pub(super) fn resting(&self) -> Self {
        Self {
            assembler: self.assembler.clone(),
            decoder: self.decoder.as_ref().map(Decoder::resting),
            data: self.data.clone(),
            control: self.control.clone(),
            ..*self
        }
    }

    /// Makes a copy whole; where somebody looks, every bit is recorded from the next message on.
    pub(super) fn resume(&mut self, tools: &mut Tools) {
        self.data.resume(tools);
        self.control.resume(tools);
        if let Some(decoder) = &mut self.decoder {
            decoder.resume(&mut tools.engines);
            if tools.detail == Detail::Wire {
                decoder.record(tools.limits.trace_values);
            }
        }
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        let decoder = self.decoder.as_ref().map_or(0, Decoder::held);
        self.data.held() + self.control.held() + decoder
    }

    /// Bytes that compressed messages put out so far; `None` where none copies from another.
    pub(super) fn inflated(&self) -> Option<u64> {
        let decoder = self.decoder.as_ref()?;
        (decoder.parameters().takeover == Takeover::Keep).then_some(self.inflated)
    }

    /// What comes first stands somewhere in the direction: all before it is missing.
    pub(super) fn start_somewhere(&mut self, tools: &mut Tools) {
        self.assembler.lost();
        self.lose_history(tools);
    }

    /// Whether no message has begun and not ended, of data or of control.
    pub(super) fn is_between(&self) -> bool {
        self.assembler.is_at_rest()
    }

    /// Whether a message has begun and not ended.
    pub(super) fn in_progress(&self) -> bool {
        self.assembler.message(Slot::Data).is_some()
    }

    /// The history before this point is unknown.
    fn lose_history(&mut self, tools: &mut Tools) {
        if let Some(decoder) = &mut self.decoder {
            decoder.lose(&mut tools.engines);
        }
    }

    /// Takes what the reader says.
    pub(super) fn event(&mut self, event: ReaderEvent<'_>, teller: &mut Teller<'_>) {
        match event {
            ReaderEvent::Part(part) => self.part(&part, teller),
            ReaderEvent::Lost {
                cause,
                bytes,
                stamp,
            } => {
                let begun = self.assembler.lost();
                self.all_unfinished(begun, Reason::FramingLost, teller);
                self.lose_history(teller.tools);
                teller.finding(notes::framing_lost(self.from, cause, bytes), None, stamp);
            }
            ReaderEvent::Found {
                skipped,
                bits,
                stamp,
            } => {
                let place = match skipped {
                    Some(0) => "right here",
                    Some(_) => "{skipped} on",
                    None => "after a gap of unknown length",
                };
                let mut figures = vec![("evidence_bits", Figure::Id(bits.into()))];
                figures.extend(skipped.map(|skipped| ("skipped", Figure::Bytes(skipped))));
                let text = Sentence::new(
                    &format!(
                        "a frame begins {place}, by its looks; chance would look so once in \
                         2^{{evidence_bits}}"
                    ),
                    &figures,
                );
                let note = Observation::new(Code::FramingFound, self.from, text);
                teller.finding(note, None, stamp);
            }
        }
    }

    /// The direction ends with `unframed` bytes that belong to no frame.
    pub(super) fn finish(
        &mut self,
        reason: Reason,
        (unframed, stamp): (u64, Stamp),
        teller: &mut Teller<'_>,
    ) {
        let begun = self.assembler.finish();
        self.all_unfinished(begun, reason, teller);
        if unframed > 0 {
            let text = Sentence::new(
                "{unframed} at the end belong to no frame that can be read",
                &[("unframed", Figure::Bytes(unframed))],
            );
            let note = Observation::new(Code::FramingNotFound, self.from, text);
            teller.finding(note, None, stamp);
        }
        self.lose_history(teller.tools);
        self.data.release(teller.tools);
        self.control.release(teller.tools);
    }

    fn part(&mut self, part: &FramePart<'_>, teller: &mut Teller<'_>) {
        let mut notes = Vec::new();
        let mut step = self
            .assembler
            .part(part, &mut |note| notes.push((note, part.stamp)));
        if let Some(message) = step.abandoned.take() {
            self.unfinished(&message, Slot::Data, Reason::Abandoned, teller);
            if message.compressed || message.headless {
                self.lose_history(teller.tools);
            }
        }
        if teller.tools.detail == Detail::Wire {
            teller.wire(self.from, Wire::Part(part));
        }
        let compressed = match self.rsv1 {
            Rsv1::Unused | Rsv1::Unknown => false,
            Rsv1::Message => self
                .assembler
                .message(step.slot)
                .is_some_and(|m| m.compressed),
            Rsv1::Frame => part.header.rsv1 && step.slot == Slot::Data,
        };
        match part.body {
            Body::Bytes(bytes) if step.begins && step.ends && !compressed => {
                self.whole(part, bytes, (step.slot, &notes), teller);
            }
            _ => {
                let payload = self.payload(step.slot);
                if step.begins {
                    payload.begin(teller.tools);
                }
                payload.notes.append(&mut notes);
                self.gather(part, &step, compressed, teller);
                if step.ends
                    && let Some(message) = self.assembler.take(step.slot)
                {
                    self.ended(&message, step.slot, teller);
                }
            }
        }
    }

    /// Adds a part to the payload of its message.
    fn gather(
        &mut self,
        part: &FramePart<'_>,
        step: &Step,
        compressed: bool,
        teller: &mut Teller<'_>,
    ) {
        let payload = match step.slot {
            Slot::Data => &mut self.data,
            Slot::Control => &mut self.control,
        };
        let splits = part.ends && !step.ends && teller.tools.wants(step.slot);
        let (Some(decoder), true) = (&mut self.decoder, compressed) else {
            payload.plain(part, step.slot, teller.tools);
            if splits {
                payload.split(false);
            }
            return;
        };
        // x-webkit-deflate-frame compresses frame by frame.
        let per_frame = self.rsv1 == Rsv1::Frame;
        if step.begins || (per_frame && part.begins) {
            decoder.begin(&mut teller.tools.engines);
            let whole = part.ends && (step.ends || per_frame);
            if teller.tools.replays && !whole {
                decoder.keep_input();
            }
        }
        payload.compressed(part, decoder, teller.tools);
        if splits {
            payload.split(decoder.at_marker());
        }
        if step.ends || (per_frame && part.ends) {
            let outcome = payload.end_compressed(decoder, teller.tools);
            teller.inflated(self.from, decoder, &payload.output);
            let mut note = |note| payload.notes.push((note, part.stamp));
            let first_final = outcome.final_block && !self.told_final;
            self.told_final |= first_final;
            notes::compressed(self.from, decoder, &outcome, first_final, &mut note);
        }
    }

    /// A plain message that lies whole in one piece is told from where it lies.
    fn whole(
        &mut self,
        part: &FramePart<'_>,
        bytes: &[u8],
        (slot, notes): (Slot, &[(Observation, Stamp)]),
        teller: &mut Teller<'_>,
    ) {
        let Some(message) = self.assembler.take(slot) else {
            return;
        };
        let wanted = teller.tools.wants(slot);
        let limit = if wanted {
            teller.tools.limits.payload_bytes
        } else {
            0
        };
        let kept = bytes.get(..limit.min(bytes.len())).unwrap_or_default();
        let mut unmasked = std::mem::take(&mut teller.tools.unmasked);
        let payload = match part.header.mask {
            None => kept,
            Some(key) => {
                unmasked.clear();
                crate::ws::unmask(kept, key, 0, &mut unmasked);
                &unmasked
            }
        };
        let status = match (message.opaque, message.headless) {
            (true, _) => Status::Lost(Reason::ExtensionUnknown),
            (_, true) => self.tail_only(),
            (false, false) => Status::Complete,
        };
        teller.message(&Told {
            from: self.from,
            message: &message,
            payload: if is_lost(status) { &[] } else { payload },
            arrived: bytes.len() as u64,
            total: (!message.headless).then_some(bytes.len() as u64),
            splits: &[],
            holes: &[],
            status,
            wanted,
            notes,
        });
        teller.tools.unmasked = unmasked;
        self.passed(&message, teller.tools);
    }

    fn ended(&mut self, message: &PartialMessage, slot: Slot, teller: &mut Teller<'_>) {
        let (from, tail) = (self.from, self.tail_only());
        let payload = self.payload(slot);
        let (total, unknown, cut) = (payload.output.total, payload.output.unknown, payload.cut);
        let inflated = if message.compressed { total } else { 0 };
        let status = match &payload.fault {
            _ if message.opaque && payload.holed => Status::Lost(Reason::PayloadMissing),
            _ if message.opaque => Status::Lost(Reason::ExtensionUnknown),
            Some(_) => Status::Lost(Reason::InflateError),
            None if message.headless && unknown > 0 && unknown == total => {
                Status::Lost(Reason::FirstFragmentMissing)
            }
            None if message.headless => tail,
            None if unknown == 0 && !cut => Status::Complete,
            None if payload.holed => some_of(total - unknown, Reason::PayloadMissing),
            None => some_of(total - unknown, Reason::HistoryLost),
        };
        if let Some(fault) = &payload.fault {
            let note = notes::not_deflate(from, fault, payload.fault_bit);
            payload.notes.push((note, message.last));
        }
        let holes = payload.holes();
        let sized = payload.fault.is_none() && !cut && !message.opaque && !message.headless;
        teller.message(&Told {
            from,
            message,
            payload: if is_lost(status) {
                &[]
            } else {
                &payload.output.bytes
            },
            arrived: total,
            total: sized.then_some(total),
            splits: &payload.splits,
            holes: if is_lost(status) { &[] } else { &holes },
            status,
            wanted: teller.tools.wants(slot),
            notes: &payload.notes,
        });
        payload.release(teller.tools);
        self.inflated = self.inflated.saturating_add(inflated);
        self.passed(message, teller.tools);
    }

    /// Messages that will not end, in the order of their slots.
    fn all_unfinished(
        &mut self,
        begun: [Option<PartialMessage>; 2],
        reason: Reason,
        teller: &mut Teller<'_>,
    ) {
        for (message, slot) in begun.into_iter().zip([Slot::Data, Slot::Control]) {
            if let Some(message) = message {
                self.unfinished(&message, slot, reason, teller);
            }
        }
    }

    /// A message that will not end: what is known of it is told.
    fn unfinished(
        &mut self,
        message: &PartialMessage,
        slot: Slot,
        reason: Reason,
        teller: &mut Teller<'_>,
    ) {
        let from = self.from;
        let hidden = message.opaque || (message.headless && is_lost(self.tail_only()));
        let payload = match slot {
            Slot::Data => &mut self.data,
            Slot::Control => &mut self.control,
        };
        if let (true, Some(decoder)) = (message.compressed, &mut self.decoder) {
            payload.abandon(decoder, teller.tools);
            teller.inflated(from, decoder, &payload.output);
        }
        if reason == Reason::ConnectionEnded && slot == Slot::Data {
            let note = notes::ended_inside(from, message);
            payload.notes.push((note, message.last));
        }
        let known = payload.output.total - payload.output.unknown;
        let status = some_of(known, reason);
        let readable = payload.fault.is_none() && !hidden && !is_lost(status);
        let mut holes = payload.holes();
        let arrived = payload.output.total;
        if !message.compressed && arrived < message.payload_wire_bytes {
            // The frame's length is known, the rest of its payload is not.
            holes.push((arrived, message.payload_wire_bytes - arrived));
        }
        // Without its first or last frame, or inflated half-way, a message has no known length.
        let sized = !message.compressed && !message.headless && message.bounded;
        teller.message(&Told {
            from,
            message,
            payload: if readable { &payload.output.bytes } else { &[] },
            arrived,
            total: sized.then_some(message.payload_wire_bytes),
            splits: &payload.splits,
            holes: if readable { &holes } else { &[] },
            status: if readable {
                status
            } else {
                Status::Lost(reason)
            },
            wanted: teller.tools.wants(slot),
            notes: &payload.notes,
        });
        payload.release(teller.tools);
    }

    /// A message has passed. If it was compressed unseen (its first fragment would tell), it is
    /// missing in the history.
    fn passed(&mut self, message: &PartialMessage, tools: &mut Tools) {
        if message.headless && self.rsv1 == Rsv1::Message {
            self.lose_history(tools);
        }
    }

    /// How much is known of a message whose first fragment is missing. RFC 7692 §6: only that
    /// one tells whether the rest is compressed.
    fn tail_only(&self) -> Status {
        match self.rsv1 {
            Rsv1::Message | Rsv1::Unknown => Status::Lost(Reason::FirstFragmentMissing),
            Rsv1::Unused | Rsv1::Frame => Status::Partial(Reason::FirstFragmentMissing),
        }
    }

    fn payload(&mut self, slot: Slot) -> &mut Payload {
        match slot {
            Slot::Data => &mut self.data,
            Slot::Control => &mut self.control,
        }
    }
}

/// A payload of which `known` bytes are known and not all.
fn some_of(known: u64, reason: Reason) -> Status {
    if known > 0 {
        Status::Partial(reason)
    } else {
        Status::Lost(reason)
    }
}

fn is_lost(status: Status) -> bool {
    matches!(status, Status::Lost(_))
}

#[cfg(test)]
mod tests;
