//! One direction's frames, made into messages.
//!
//! Job: route each frame part to the payload it belongs to, and tell each message and the
//! findings on it when it ends. Input: [`ReaderEvent`]s. Output: events.
//! RFC 6455 §5.4–§5.6, §8.1, RFC 7692 §6–§7.

use super::context::{Detail, Tools};
use super::payload::Payload;
use crate::base::{Peer, Stamp};
use crate::deflate::{Agreement, Decoder, Fault};
use crate::event::{Event, EventSink, Message, Reason, Status};
use crate::finding::{Code, Finding, Observation};
use crate::ws::{
    Assembler, Body, CloseBody, FramePart, HeaderFault, LossCause, OpCode, PartialMessage,
    ReaderEvent, Rsv1, Slot, Step, close_code_allowed,
};

/// The connection that messages are numbered in.
#[derive(Debug)]
pub(super) struct Numbering {
    pub(super) connection: u64,
    pub(super) messages: u64,
}

/// One direction's messages.
#[derive(Debug)]
pub(super) struct Messages {
    from: Peer,
    rsv1: Rsv1,
    assembler: Assembler,
    decoder: Option<Decoder>,
    data: Payload,
    control: Payload,
}

impl Messages {
    pub(super) fn new(from: Peer, agreement: Agreement) -> Self {
        let (rsv1, parameters) = match agreement {
            Agreement::None => (Rsv1::Unused, None),
            Agreement::PermessageDeflate(both) => (Rsv1::Message, Some(both[from])),
            Agreement::DeflateFrame(both) => (Rsv1::Frame, Some(both[from])),
        };
        Self {
            from,
            rsv1,
            assembler: Assembler::new(from, rsv1),
            decoder: parameters.map(Decoder::new),
            data: Payload::default(),
            control: Payload::default(),
        }
    }

    /// The history before this point is unknown.
    pub(super) fn lose_history(&mut self, tools: &mut Tools) {
        if let Some(decoder) = &mut self.decoder {
            decoder.lose(&mut tools.engines);
        }
    }

    /// Takes what the reader says.
    pub(super) fn event(
        &mut self,
        event: ReaderEvent<'_>,
        tools: &mut Tools,
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        match event {
            ReaderEvent::Part(part) => self.part(&part, tools, numbering, sink),
            ReaderEvent::Lost { cause, stamp } => {
                let (code, text) = match cause {
                    LossCause::Gap => (
                        Code::FramingLost,
                        "the capture lacks the bytes of a frame header".to_owned(),
                    ),
                    LossCause::Guess => (
                        Code::FramingLost,
                        "the header found before was none: it led to bytes that begin no frame"
                            .to_owned(),
                    ),
                    LossCause::Header(HeaderFault::LengthTopBit) => (
                        Code::LengthTopBit,
                        "a 64-bit frame length has its highest bit set".to_owned(),
                    ),
                };
                self.abandon(Reason::FramingLost, tools, numbering, sink);
                self.lose_history(tools);
                let note = Observation {
                    code,
                    from: Some(self.from),
                    text,
                };
                tell(note, None, stamp, numbering, sink);
            }
            ReaderEvent::Found {
                skipped,
                bits,
                stamp,
            } => {
                let text = format!(
                    "a frame header was found again {skipped} bytes on; other bytes look so once in 2^{bits}"
                );
                tell(
                    Observation::new(Code::FramingFound, self.from, text),
                    None,
                    stamp,
                    numbering,
                    sink,
                );
            }
        }
    }

    /// The direction ends with `unframed` bytes that belong to no frame.
    pub(super) fn finish(
        &mut self,
        reason: Reason,
        (unframed, stamp): (u64, Stamp),
        tools: &mut Tools,
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        for (message, slot) in self
            .assembler
            .finish()
            .into_iter()
            .zip([Slot::Data, Slot::Control])
        {
            if let Some(message) = message {
                self.unfinished(&message, slot, reason, tools, numbering, sink);
            }
        }
        if unframed > 0 {
            let text = format!("{unframed} bytes at the end belong to no frame that could be read");
            let note = Observation::new(Code::FramingNotFound, self.from, text);
            tell(note, None, stamp, numbering, sink);
        }
        self.lose_history(tools);
        self.data.release(tools);
        self.control.release(tools);
    }

    fn part(
        &mut self,
        part: &FramePart<'_>,
        tools: &mut Tools,
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        let mut notes = Vec::new();
        let step = self.assembler.part(part, &mut |note| notes.push(note));
        if let Some(message) = &step.abandoned {
            if message.compressed || message.headless {
                self.lose_history(tools);
            }
            let reason = Reason::Abandoned;
            self.unfinished(message, Slot::Data, reason, tools, numbering, sink);
        }
        let compressed = match self.rsv1 {
            Rsv1::Unused => false,
            Rsv1::Message => self
                .assembler
                .message(step.slot)
                .is_some_and(|m| m.compressed),
            Rsv1::Frame => part.header.rsv1 && step.slot == Slot::Data,
        };
        if step.begins
            && step.ends
            && !compressed
            && let Body::Bytes(bytes) = part.body
        {
            self.whole(part, bytes, step.slot, notes, tools, numbering, sink);
            return;
        }
        self.gather(part, &step, compressed, notes, tools);
        if step.ends
            && let Some(message) = self.assembler.take(step.slot)
        {
            self.ended(&message, step.slot, tools, numbering, sink);
        }
    }

    /// Adds a part to the payload of its message.
    fn gather(
        &mut self,
        part: &FramePart<'_>,
        step: &Step,
        compressed: bool,
        notes: Vec<Observation>,
        tools: &mut Tools,
    ) {
        let per_frame = self.rsv1 == Rsv1::Frame;
        let limit = if step.slot == Slot::Control {
            1 << 16
        } else {
            tools.keep()
        };
        let payload = match step.slot {
            Slot::Data => &mut self.data,
            Slot::Control => &mut self.control,
        };
        if step.begins {
            payload.begin(tools);
        }
        payload
            .notes
            .extend(notes.into_iter().map(|note| (note, part.stamp)));
        match (&mut self.decoder, compressed) {
            (Some(decoder), true) => {
                if step.begins || (per_frame && part.begins) {
                    decoder.begin(&mut tools.engines);
                }
                payload.compressed(part, decoder, tools);
                if step.ends || (per_frame && part.ends) {
                    let kept_marker = payload.end_compressed(decoder, tools);
                    if kept_marker {
                        payload
                            .notes
                            .push((kept_flush_marker(self.from), part.stamp));
                    }
                }
            }
            _ => payload.plain(part, limit),
        }
    }

    /// A plain message that lies whole in one piece is told from where it lies.
    #[expect(
        clippy::too_many_arguments,
        reason = "the road of most messages, without detours"
    )]
    fn whole(
        &mut self,
        part: &FramePart<'_>,
        bytes: &[u8],
        slot: Slot,
        notes: Vec<Observation>,
        tools: &mut Tools,
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        let Some(message) = self.assembler.take(slot) else {
            return;
        };
        let wanted = tools.detail == Detail::Payloads || slot == Slot::Control;
        let limit = if wanted {
            tools.limits.payload_bytes
        } else {
            0
        };
        let kept = bytes.get(..limit.min(bytes.len())).unwrap_or_default();
        let payload = match part.header.mask {
            None => kept,
            Some(key) => {
                tools.unmasked.clear();
                crate::ws::unmask(kept, key, 0, &mut tools.unmasked);
                &tools.unmasked
            }
        };
        let notes: Vec<_> = notes.into_iter().map(|note| (note, part.stamp)).collect();
        let status = if message.headless {
            self.tail_only()
        } else {
            Status::Complete
        };
        let told = Told {
            message: &message,
            payload: if is_lost(status) { &[] } else { payload },
            arrived: bytes.len() as u64,
            total: (!message.headless).then_some(bytes.len() as u64),
            holes: &[],
            status,
        };
        told.tell(self.from, wanted, &notes, numbering, sink);
        if message.headless {
            self.lose_unseen(tools);
        }
    }

    fn ended(
        &mut self,
        message: &PartialMessage,
        slot: Slot,
        tools: &mut Tools,
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        let payload = self.payload(slot);
        let missing: u64 = message.holes.iter().map(|(_, len)| len).sum();
        // Where a hole lies in what is inflated (perhaps per frame), is not known.
        let inflated_hole = message.compressed && missing > 0;
        let unreadable = match (&payload.fault, payload.broken || inflated_hole) {
            (_, true) => Some(Reason::PayloadMissing),
            (Some(Fault::HistoryLost), _) => Some(Reason::HistoryLost),
            (Some(Fault::DistanceTooFar | Fault::Invalid(_)), _) => Some(Reason::InflateError),
            (None, false) => None,
        };
        let status = match unreadable {
            Some(reason) => Status::Lost(reason),
            None if message.headless => self.tail_only(),
            None if missing == 0 => Status::Complete,
            None if missing >= payload.total => Status::Lost(Reason::PayloadMissing),
            None => Status::Partial(Reason::PayloadMissing),
        };
        if let Some(note) = payload
            .fault
            .as_ref()
            .and_then(|fault| not_deflate(self.from, fault))
        {
            self.payload_mut(slot).notes.push((note, message.last));
        }
        let payload = self.payload(slot);
        let sized = unreadable.is_none() && !message.headless;
        let told = Told {
            message,
            payload: if is_lost(status) { &[] } else { &payload.kept },
            arrived: payload.total,
            total: sized.then_some(payload.total),
            holes: if is_lost(status) { &[] } else { &message.holes },
            status,
        };
        let wanted = tools.detail == Detail::Payloads || slot == Slot::Control;
        told.tell(self.from, wanted, &payload.notes, numbering, sink);
        self.payload_mut(slot).release(tools);
        if message.headless {
            self.lose_unseen(tools);
        }
    }

    /// A message has passed that may have been compressed, its first fragment would tell.
    fn lose_unseen(&mut self, tools: &mut Tools) {
        if self.rsv1 == Rsv1::Message {
            self.lose_history(tools);
        }
    }

    /// A message that will not end: what is known of it is told.
    fn unfinished(
        &mut self,
        message: &PartialMessage,
        slot: Slot,
        reason: Reason,
        tools: &mut Tools,
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        let mut message = message.clone();
        let compressed = message.compressed;
        let from = self.from;
        let hidden = message.headless && matches!(self.tail_only(), Status::Lost(_));
        let payload = self.payload_mut(slot);
        let arrived = payload.total;
        let missing: u64 = message.holes.iter().map(|(_, len)| len).sum();
        if !compressed && arrived < message.payload_wire_bytes {
            // The frame's length is known, the rest of its payload is not.
            message.hole(arrived, message.payload_wire_bytes - arrived);
        }
        let broken = payload.broken || (compressed && missing > 0);
        let readable = payload.fault.is_none() && !broken && !hidden && arrived > missing;
        let told = Told {
            message: &message,
            payload: if readable { &payload.kept } else { &[] },
            arrived,
            // Without its first or last frame, or inflated half-way, a message has no known length.
            total: (!compressed && !message.headless && message.bounded)
                .then_some(message.payload_wire_bytes),
            holes: if compressed || !readable {
                &[]
            } else {
                &message.holes
            },
            status: if readable {
                Status::Partial(reason)
            } else {
                Status::Lost(reason)
            },
        };
        let wanted = tools.detail == Detail::Payloads || slot == Slot::Control;
        told.tell(from, wanted, &payload.notes, numbering, sink);
        payload.release(tools);
    }

    fn abandon(
        &mut self,
        reason: Reason,
        tools: &mut Tools,
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        if let Some(message) = self.assembler.lost() {
            self.unfinished(&message, Slot::Data, reason, tools, numbering, sink);
        }
    }

    /// How much is known of a message whose first fragment is missing. RFC 7692 §6.1: only
    /// that one tells whether the rest is compressed.
    fn tail_only(&self) -> Status {
        match self.rsv1 {
            Rsv1::Message => Status::Lost(Reason::FirstFragmentMissing),
            Rsv1::Unused | Rsv1::Frame => Status::Partial(Reason::FirstFragmentMissing),
        }
    }

    fn payload(&self, slot: Slot) -> &Payload {
        match slot {
            Slot::Data => &self.data,
            Slot::Control => &self.control,
        }
    }

    fn payload_mut(&mut self, slot: Slot) -> &mut Payload {
        match slot {
            Slot::Data => &mut self.data,
            Slot::Control => &mut self.control,
        }
    }
}

fn is_lost(status: Status) -> bool {
    matches!(status, Status::Lost(_))
}

/// A message on its way to the sink.
struct Told<'a> {
    message: &'a PartialMessage,
    payload: &'a [u8],
    /// Payload bytes seen, or inflated, kept or not.
    arrived: u64,
    total: Option<u64>,
    holes: &'a [(u64, u64)],
    status: Status,
}

impl Told<'_> {
    fn tell(
        &self,
        from: Peer,
        wanted: bool,
        notes: &[(Observation, Stamp)],
        numbering: &mut Numbering,
        sink: &mut dyn EventSink,
    ) {
        numbering.messages += 1;
        let whole = wanted && self.status == Status::Complete;
        let truncated =
            wanted && (self.payload.len() as u64) < self.arrived && !is_lost(self.status);
        let utf8 = if whole {
            Some(std::str::from_utf8(self.payload))
        } else {
            None
        };
        let message = Message {
            connection: numbering.connection,
            number: numbering.messages,
            from,
            opcode: self.message.opcode,
            first: self.message.first,
            last: self.message.last,
            frames: self.message.frames,
            compressed: self.message.compressed,
            wire_bytes: self.message.wire_bytes,
            payload_wire_bytes: self.message.payload_wire_bytes,
            payload_bytes: self.total,
            status: self.status,
            payload: self.payload,
            text: utf8.and_then(Result::ok).filter(|_| !truncated),
            holes: self.holes,
            truncated,
        };
        sink.event(Event::Message(&message));
        let number = Some(numbering.messages);
        for (note, stamp) in notes {
            tell(note.clone(), number, *stamp, numbering, sink);
        }
        let mut note = |code, text: String| {
            tell(
                Observation::new(code, from, text),
                number,
                message.last,
                numbering,
                sink,
            );
        };
        if truncated {
            let text = format!("{} of {} bytes are kept", self.payload.len(), self.arrived);
            note(Code::PayloadTruncated, text);
        }
        if let (OpCode::Text, Some(Err(error))) = (message.opcode, utf8) {
            // RFC 6455 §8.1: text is UTF-8. A kept part may end inside a character.
            if !(truncated && error.error_len().is_none()) {
                let text = format!(
                    "byte {} of the text begins no UTF-8 character",
                    error.valid_up_to()
                );
                note(Code::TextNotUtf8, text);
            }
        }
        if let Some(body) = message.close() {
            check_close(&body, &mut note);
        }
    }
}

fn check_close(body: &CloseBody<'_>, note: &mut impl FnMut(Code, String)) {
    if body.half_a_code {
        // RFC 6455 §5.5.1: a body begins with a two-byte code.
        note(
            Code::CloseOneByte,
            "the close frame's body is a single byte".to_owned(),
        );
    }
    if let Some(code) = body.code.filter(|code| !close_code_allowed(*code)) {
        note(
            Code::CloseCodeInvalid,
            format!("close code {code} may not be sent"),
        );
    }
    if std::str::from_utf8(body.reason).is_err() {
        // RFC 6455 §5.5.1: the reason is UTF-8.
        note(
            Code::CloseReasonNotUtf8,
            "the close reason is not UTF-8".to_owned(),
        );
    }
}

fn kept_flush_marker(from: Peer) -> Observation {
    // RFC 7692 §7.2.1: the sender removes the four bytes that the flush ends in.
    Observation::new(
        Code::KeptFlushMarker,
        from,
        "the compressed payload ends in 00 00 ff ff, which the sender should have removed",
    )
}

fn not_deflate(from: Peer, fault: &Fault) -> Option<Observation> {
    match fault {
        Fault::HistoryLost => None,
        Fault::DistanceTooFar => Some(Observation::new(
            Code::DistanceTooFar,
            from,
            "a match copies from before the beginning of the window",
        )),
        Fault::Invalid(word) => Some(Observation::new(
            Code::DeflateInvalid,
            from,
            format!("the compressed payload does not inflate: {word}"),
        )),
    }
}

pub(super) fn tell(
    note: Observation,
    message: Option<u64>,
    at: Stamp,
    numbering: &Numbering,
    sink: &mut dyn EventSink,
) {
    let Observation { code, from, text } = note;
    let finding = Finding {
        code,
        from,
        message,
        at,
        bit: None,
        text,
    };
    sink.event(Event::Finding {
        connection: numbering.connection,
        finding: &finding,
    });
}

#[cfg(test)]
mod tests;
