//! Which message a frame belongs to.
//!
//! Job: apply the fragmentation rules, note every broken one, and keep the account of the
//! message in progress. Input: [`FramePart`]s of one direction. Output: a [`Step`] each, and
//! the [`PartialMessage`] when it ends. RFC 6455 §5.4–§5.5, RFC 7692 §6.

use super::header::FrameHeader;
use super::keys::MaskKeys;
use super::opcode::OpCode;
use super::part::{Body, FramePart};
use crate::base::{Peer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};

/// What RSV1 means on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rsv1 {
    /// No extension uses it.
    Unused,
    /// An extension was agreed that wscope does not know: it may use any reserved bit.
    Unknown,
    /// permessage-deflate: on a message's first frame. RFC 7692 §6.
    Message,
    /// x-webkit-deflate-frame: on each compressed frame.
    Frame,
}

/// The two messages a direction can be in at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A data message, perhaps in fragments.
    Data,
    /// A control frame, perhaps between fragments.
    Control,
}

/// A message in progress, or one that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
pub struct PartialMessage {
    /// Of its first frame; `Continuation` where that was not captured.
    pub opcode: OpCode,
    /// Compressed, by RSV1 and the agreed extension: some of it, where that is per frame.
    pub compressed: bool,
    /// That it is compressed is a guess: no extension was agreed.
    pub inferred: bool,
    /// Frames so far.
    pub frames: u32,
    /// Bytes of its frames that have passed, headers included; those missing count.
    pub wire_bytes: u64,
    /// Bytes of their payloads that have passed.
    pub payload_passed: u64,
    /// Of these, those that the capture holds.
    pub payload_captured: u64,
    /// Bytes of their payloads as the headers announce them.
    pub payload_wire_bytes: u64,
    /// The packet with its first byte.
    pub first: Stamp,
    /// The latest packet with bytes of it.
    pub last: Stamp,
    /// The first fragment was not seen.
    pub headless: bool,
    /// An extension that wscope does not know changed it.
    pub opaque: bool,
    /// Its last frame has begun, so its length is known.
    pub bounded: bool,
}

impl PartialMessage {
    fn new(opcode: OpCode, compressed: bool, first: Stamp) -> Self {
        Self {
            opcode,
            compressed,
            inferred: false,
            frames: 0,
            wire_bytes: 0,
            payload_passed: 0,
            payload_captured: 0,
            payload_wire_bytes: 0,
            first,
            last: first,
            headless: false,
            opaque: false,
            bounded: false,
        }
    }

    fn add(&mut self, part: &FramePart<'_>) {
        if part.begins {
            self.frames = self.frames.saturating_add(1);
            self.wire_bytes = self
                .wire_bytes
                .saturating_add(u64::from(part.header.header_len));
            let announced = part.header.payload_len;
            self.payload_wire_bytes = self.payload_wire_bytes.saturating_add(announced);
            self.first = self.first.min(part.first);
            self.bounded = part.header.fin;
        }
        let passed = match part.body {
            Body::Bytes(bytes) => {
                self.last = self.last.max(part.stamp);
                let len = bytes.len() as u64;
                self.payload_captured = self.payload_captured.saturating_add(len);
                len
            }
            // What shows that bytes are missing is a packet of the other side, or a later one.
            Body::Hole(len) => len,
        };
        self.wire_bytes = self.wire_bytes.saturating_add(passed);
        self.payload_passed = self.payload_passed.saturating_add(passed);
    }
}

/// What a frame part means for the messages of its direction.
#[derive(Debug)]
pub struct Step {
    /// The message that the part belongs to.
    pub slot: Slot,
    /// The part is that message's first.
    pub begins: bool,
    /// It is its last.
    pub ends: bool,
    /// A message that was in progress and will not be ended, since this one began.
    pub abandoned: Option<PartialMessage>,
}

/// The messages of one direction.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
pub struct Assembler {
    from: Peer,
    rsv1: Rsv1,
    data: Option<PartialMessage>,
    control: Option<PartialMessage>,
    /// Frames may have been lost since the last one seen.
    after_loss: bool,
    closed: bool,
    told_mask: bool,
    told_closed: bool,
    keys: MaskKeys,
}

impl Assembler {
    /// An assembler for what `from` sends.
    pub fn new(from: Peer, rsv1: Rsv1) -> Self {
        Self {
            from,
            rsv1,
            data: None,
            control: None,
            after_loss: false,
            closed: false,
            told_mask: false,
            told_closed: false,
            keys: MaskKeys::default(),
        }
    }

    /// Whole frames may be missing from here on: fragments may lack their first one.
    /// Returns the message in progress, which cannot be ended any more.
    pub fn lost(&mut self) -> [Option<PartialMessage>; 2] {
        self.after_loss = true;
        self.finish()
    }

    /// Whether no message is in progress.
    pub fn is_at_rest(&self) -> bool {
        self.data.is_none() && self.control.is_none()
    }

    /// The direction ends. Returns what is unfinished, data before control.
    pub fn finish(&mut self) -> [Option<PartialMessage>; 2] {
        [self.data.take(), self.control.take()]
    }

    /// The message in `slot`.
    pub fn message(&self, slot: Slot) -> Option<&PartialMessage> {
        match slot {
            Slot::Data => self.data.as_ref(),
            Slot::Control => self.control.as_ref(),
        }
    }

    /// Whether a close frame has passed.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Takes the message out of `slot` after a step that ended it.
    pub fn take(&mut self, slot: Slot) -> Option<PartialMessage> {
        match slot {
            Slot::Data => self.data.take(),
            Slot::Control => self.control.take(),
        }
    }

    /// Places a frame part; `note` gets every rule it breaks.
    pub fn part(&mut self, part: &FramePart<'_>, note: &mut impl FnMut(Observation)) -> Step {
        let header = &part.header;
        let (slot, begins, abandoned) = if part.begins {
            self.check_bits(header, note);
            self.begin(part, note)
        } else {
            (slot_of(header.opcode), false, None)
        };
        let message = match slot {
            Slot::Data => self.data.as_mut(),
            Slot::Control => self.control.as_mut(),
        };
        if let Some(message) = message {
            message.add(part);
            message.compressed |= self.rsv1 == Rsv1::Frame && header.rsv1 && slot == Slot::Data;
        }
        let ends = part.ends && (header.fin || slot == Slot::Control);
        Step {
            slot,
            begins,
            ends,
            abandoned,
        }
    }

    fn begin(
        &mut self,
        part: &FramePart<'_>,
        note: &mut impl FnMut(Observation),
    ) -> (Slot, bool, Option<PartialMessage>) {
        let header = &part.header;
        let compressed = header.rsv1 && matches!(self.rsv1, Rsv1::Message | Rsv1::Frame);
        let mut fresh = PartialMessage::new(header.opcode, compressed, part.first);
        fresh.opaque = self.rsv1 == Rsv1::Unknown && (header.rsv1 || header.rsv2 || header.rsv3);
        if slot_of(header.opcode) == Slot::Control {
            fresh.compressed = false;
            self.control = Some(fresh);
            self.closed |= header.opcode == OpCode::Close;
            return (Slot::Control, true, None);
        }
        let after_loss = std::mem::take(&mut self.after_loss);
        match (header.opcode, self.data.is_some()) {
            (OpCode::Continuation, true) => (Slot::Data, false, None),
            (OpCode::Continuation, false) => {
                if !after_loss {
                    // RFC 6455 §5.4: a continuation continues something.
                    note(self.seen(
                        Code::ContinuationWithoutStart,
                        "a frame says that it continues a message, and none is in progress",
                    ));
                }
                fresh.headless = true;
                self.data = Some(fresh);
                (Slot::Data, true, None)
            }
            (_, in_progress) => {
                if in_progress {
                    // RFC 6455 §5.4: fragments of different messages are not interleaved.
                    note(self.seen(
                        Code::MessageInterrupted,
                        format!(
                            "a {} frame begins a message, and the one before it has not ended",
                            header.opcode
                        ),
                    ));
                }
                let abandoned = self.data.replace(fresh);
                (Slot::Data, true, abandoned)
            }
        }
    }

    fn check_bits(&mut self, header: &FrameHeader, note: &mut impl FnMut(Observation)) {
        // The common frame breaks none of these.
        if header.mask.is_some() != (self.from == Peer::Client) {
            self.check_mask(header, note);
        }
        if let (Some(key), 1..) = (header.mask, header.payload_len)
            && let Some((code, text)) = self.keys.note(key)
        {
            note(self.seen(code, text));
        }
        if self.closed && !self.told_closed && !header.opcode.is_control() {
            self.told_closed = true;
            // RFC 6455 §5.5.1: no data follow a close frame. A pong may: the other side can ping
            // until it has read the close.
            let text = format!("a {} frame follows the close frame", header.opcode);
            note(self.seen(Code::DataAfterClose, text));
        }
        if header.rsv1 && self.rsv1 != Rsv1::Unknown {
            self.check_rsv1(header, note);
        }
        if (header.rsv2 || header.rsv3) && self.rsv1 != Rsv1::Unknown {
            // RFC 6455 §5.2: reserved bits are 0 unless an extension gives them a meaning.
            note(self.seen(
                Code::ReservedBit,
                "the header bit RSV2 or RSV3 is set, and no agreed extension uses it",
            ));
        }
        if header.opcode.is_reserved() {
            let text = Sentence::new(
                "the frame's kind (opcode) is {opcode}, which has no meaning",
                &[("opcode", Figure::Id(header.opcode.bits().into()))],
            );
            note(self.seen(Code::ReservedOpcode, text));
        }
        if !header.minimal {
            let text = Sentence::new(
                "the header of {header} announces {payload} of payload, for which a shorter one \
                 exists",
                &[
                    ("header", Figure::Bytes(header.header_len.into())),
                    ("payload", Figure::Bytes(header.payload_len)),
                ],
            );
            note(self.seen(Code::LengthNotMinimal, text));
        }
        if header.opcode.is_control() {
            self.check_control(header, note);
        }
    }

    fn check_mask(&mut self, header: &FrameHeader, note: &mut impl FnMut(Observation)) {
        if std::mem::replace(&mut self.told_mask, true) {
            return;
        }
        // RFC 6455 §5.1: a client masks all its frames, a server none.
        if header.mask.is_some() {
            note(self.seen(Code::MaskFromServer, "the server's frame has a masking key"));
        } else {
            note(self.seen(
                Code::NoMaskFromClient,
                "the client's frame has no masking key",
            ));
        }
    }

    fn check_rsv1(&self, header: &FrameHeader, note: &mut impl FnMut(Observation)) {
        if self.rsv1 == Rsv1::Unused {
            // RFC 6455 §5.2: RSV1 is 0 unless an extension gives it a meaning.
            note(self.seen(
                Code::Rsv1WithoutExtension,
                "the header bit RSV1, which marks compression, is set, and no compression was agreed",
            ));
        } else if header.opcode.is_control() {
            // RFC 7692 §6: control frames are never compressed.
            let text = format!(
                "the header bit RSV1, which marks compression, is set on a {} frame",
                header.opcode
            );
            note(self.seen(Code::Rsv1OnControl, text));
        } else if header.opcode == OpCode::Continuation && self.rsv1 == Rsv1::Message {
            // RFC 7692 §6: only the first frame of a message carries the bit.
            note(self.seen(
                Code::Rsv1OnContinuation,
                "the header bit RSV1, which marks compression, is set on a later fragment",
            ));
        }
    }

    fn check_control(&self, header: &FrameHeader, note: &mut impl FnMut(Observation)) {
        if !header.fin {
            // RFC 6455 §5.5: control frames are not fragmented.
            let text = format!(
                "a {} frame says that more fragments follow (its FIN bit is clear)",
                header.opcode
            );
            note(self.seen(Code::ControlFragmented, text));
        }
        if header.payload_len > 125 {
            // RFC 6455 §5.5: their payload is 125 bytes at the most.
            let text = Sentence::new(
                &format!("a {} frame carries {{payload}}", header.opcode),
                &[("payload", Figure::Bytes(header.payload_len))],
            );
            note(self.seen(Code::ControlTooLong, text));
        }
    }

    fn seen(&self, code: Code, text: impl Into<Sentence>) -> Observation {
        Observation::new(code, self.from, text)
    }
}

fn slot_of(opcode: OpCode) -> Slot {
    if opcode.is_control() {
        Slot::Control
    } else {
        Slot::Data
    }
}

#[cfg(test)]
mod tests;
