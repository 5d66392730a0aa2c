//! One direction's frames, made into messages.
//!
//! Job: route each frame part to the payload it belongs to, and tell each message when it
//! ends, with how much of it is known. Input: [`ReaderEvent`]s. Output: events.
//! RFC 6455 §5.4–§5.6, RFC 7692 §6–§7.

mod ends;
mod left_plain;

use super::context::{Detail, Tools};
use super::notes;
use super::payload::Payload;
use super::stripped::{Stripped, decoder, record};
use super::teller::Teller;
use crate::base::{Peer, Stamp};
use crate::deflate::{Agreement, Decoder, Takeover};
use crate::event::{Reason, Wire};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::ws::{
    Assembler, Body, FramePart, OpCode, PartialMessage, ReaderEvent, Rsv1, Slot, Step,
};

/// One direction's messages.
#[derive(Debug)]
pub(super) struct Messages {
    from: Peer,
    rsv1: Rsv1,
    assembler: Assembler,
    decoder: Option<Decoder>,
    /// Messages that are marked as compressed although nothing was agreed.
    stripped: Stripped,
    /// Bytes that compressed messages put out.
    inflated: u64,
    /// That a stream was ended is told once.
    told_final: bool,
    /// An HTTP message is where a frame should begin, and no frame was found since.
    in_http: bool,
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
            in_http: false,
            decoder: parameters.map(|parameters| decoder(parameters, tools)),
            stripped: Stripped::default(),
            inflated: 0,
            data: Payload::default(),
            control: Payload::default(),
        }
    }

    /// A copy, which [`resume`](Self::resume) makes whole.
    pub(super) fn resting(&self) -> Self {
        Self {
            assembler: self.assembler.clone(),
            decoder: self.decoder.clone(),
            stripped: self.stripped.clone(),
            data: self.data.clone(),
            control: self.control.clone(),
            ..*self
        }
    }

    /// Makes a copy whole; where somebody looks, bits are recorded from the next message on.
    pub(super) fn resume(&mut self, tools: &mut Tools) {
        self.data.resume(tools);
        self.control.resume(tools);
        let record = record(tools);
        for decoder in self.decoder.iter_mut().chain(self.stripped.decoder()) {
            decoder.record(record);
        }
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        let decoder = self.decoder.as_ref().map_or(0, Decoder::held);
        self.data.held() + self.control.held() + decoder + self.stripped.held()
    }

    /// Bytes that its windows take.
    pub(super) fn kept(&self) -> usize {
        self.decoder.as_ref().map_or(0, Decoder::takes) + self.stripped.kept()
    }

    /// Nothing comes for a time: its windows take less room.
    pub(super) fn rest(&mut self, pack: bool) {
        let pack = pack && !self.in_progress();
        for decoder in self.decoder.iter_mut().chain(self.stripped.decoder()) {
            decoder.rest(pack);
        }
    }

    /// Shows the bytes of its windows, which may be taken out and must be put back before anything else comes.
    pub(super) fn windows(&mut self, visit: &mut dyn FnMut(&mut Vec<u8>)) {
        let decoders = self.decoder.iter_mut().chain(self.stripped.decoder());
        decoders.flat_map(Decoder::window).for_each(visit);
    }

    /// Gives its windows up, to save memory.
    pub(super) fn let_go(&mut self) {
        for decoder in self.decoder.iter_mut().chain(self.stripped.decoder()) {
            decoder.let_go();
        }
    }

    /// Bytes that compressed messages put out so far; `None` where none copies from another.
    pub(super) fn inflated(&self) -> Option<u64> {
        if self.stripped.inflates() {
            return Some(self.inflated);
        }
        let decoder = self.decoder.as_ref()?;
        (decoder.parameters().takeover == Takeover::Keep).then_some(self.inflated)
    }

    /// All messages in progress hold too much: those of this direction give up to `excess` bytes up.
    /// How many they gave.
    pub(super) fn trim(&mut self, excess: usize, tools: &mut Tools) -> usize {
        self.data.trim(excess, tools)
    }

    /// What comes first stands somewhere in the direction: all before it is missing.
    pub(super) fn start_somewhere(&mut self) {
        self.assembler.lost();
        self.lose_history();
    }

    /// Whether messages are compressed, as it seems, although nothing was agreed.
    pub(super) fn are_compressed_unagreed(&self) -> bool {
        self.stripped.inflates()
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
    fn lose_history(&mut self) {
        if let Some(decoder) = &mut self.decoder {
            decoder.lose();
        }
        self.stripped.lose();
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
                self.lose_history();
                teller.numbering.lost(self.from);
                let note = notes::framing_lost(self.from, cause, bytes);
                self.in_http = note.code == Code::HttpInStream;
                teller.finding(note, None, stamp);
            }
            ReaderEvent::Found {
                skipped,
                bits,
                stamp,
            } => {
                self.in_http = false;
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
        // An HTTP message was told where it begins.
        if unframed > 0 && !self.in_http {
            let text = Sentence::new(
                "{unframed} at the end belong to no frame that can be read",
                &[("unframed", Figure::Bytes(unframed))],
            );
            let note = Observation::new(Code::FramingNotFound, self.from, text);
            teller.finding(note, None, stamp);
        }
        self.lose_history();
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
            if message.compressed || message.headless || self.data.marked {
                self.lose_history();
            }
        }
        if part.begins {
            teller.tools.account.headers += u64::from(part.header.header_len);
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
        let marked = step.begins && self.is_marked(part, step.slot);
        if compressed && self.is_left_plain(part, step.slot, &mut notes) {
            self.data.notes.append(&mut notes);
            self.data.leave_out(part.body, teller.tools);
            if step.ends {
                self.end_left_plain(teller);
            }
            return;
        }
        match part.body {
            Body::Bytes(bytes) if step.begins && step.ends && !compressed && !marked => {
                self.whole(part, bytes, (step.slot, &notes), teller);
            }
            _ => {
                let payload = self.payload(step.slot);
                if step.begins {
                    payload.begin(teller.tools);
                    payload.marked = marked;
                }
                payload.notes.append(&mut notes);
                self.gather(part, &step, compressed, teller);
                if step.ends
                    && let Some(mut message) = self.assembler.take(step.slot)
                {
                    if step.slot == Slot::Data && self.data.marked {
                        self.inflate_marked(&mut message, teller);
                    }
                    self.ended(&message, step.slot, teller);
                }
            }
        }
    }

    /// Whether a message begins that is marked as compressed although nothing was agreed, and may
    /// be compressed. RFC 7692 §6: the mark is on the first frame.
    fn is_marked(&self, part: &FramePart<'_>, slot: Slot) -> bool {
        let header = &part.header;
        self.rsv1 == Rsv1::Unused
            && header.rsv1
            && slot == Slot::Data
            && header.opcode != OpCode::Continuation
            && self.stripped.is_tried()
    }

    /// Whether a close frame was sent.
    pub(super) fn is_closing(&self) -> bool {
        self.assembler.is_closed()
    }

    /// Shows what such a message inflates to, where it does.
    fn inflate_marked(&mut self, message: &mut PartialMessage, teller: &mut Teller<'_>) {
        let (payload, tools) = (&mut self.data, &mut *teller.tools);
        if !payload.is_whole() {
            return self.stripped.lose();
        }
        let keep = Payload::room_for_more(tools);
        let sent = (payload.output.bytes.as_slice(), payload.splits.as_slice());
        let inflated = self.stripped.inflate(sent, message.opcode, keep, tools);
        let Some(inflated) = inflated else {
            return;
        };
        message.compressed = true;
        message.inferred = true;
        for (note, _) in &mut payload.notes {
            if note.code == Code::Rsv1WithoutExtension {
                note.text = notes::stripped().into();
            }
        }
        if let Some(decoder) = self.stripped.decoder() {
            teller.inflated(self.from, decoder, &inflated.output);
        }
        self.data.replace(inflated, teller.tools);
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
            decoder.begin();
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

    fn payload(&mut self, slot: Slot) -> &mut Payload {
        match slot {
            Slot::Data => &mut self.data,
            Slot::Control => &mut self.control,
        }
    }
}

#[cfg(test)]
mod tests;
