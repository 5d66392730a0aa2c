//! A message in a row of fixed size.
//!
//! Job: all that a list shows, sorts and filters by. Input: a message event. Output: [`Row`] and
//! the first bytes of its payload.

mod figures;
#[cfg(test)]
pub(super) mod testing;

use std::fmt::Write;
use std::ops::Range;

use super::asked::Said;
use crate::base::{Conversing, PacketRef, Peer, Stamp, Timestamp};
use crate::event::{Facts, Message, Status};
use crate::finding::Severity;
use crate::page::escape::HOLE;
use crate::page::redact::Redact;
use crate::page::units;
use crate::ws::OpCode;
pub(super) use figures::FIGURES;

/// Bytes of a preview, at most.
pub(super) const PREVIEW: usize = 96;

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of a message that have nothing to do with each other"
)]
pub struct Row {
    /// When it was complete.
    pub time: Timestamp,
    /// The packet with its first byte.
    pub first_packet: u64,
    /// The packet that completed it.
    pub last_packet: u64,
    /// Bytes of its frames.
    pub wire: u64,
    /// Bytes of its payload as sent.
    pub payload_wire: u64,
    /// Bytes of its payload after inflation.
    payload: u64,
    /// Bytes of these that are known.
    known: u64,
    /// The files of both packets, each with its turn in the order of reading.
    files: [(u16, u16); 2],
    /// The connection's number.
    connection: u32,
    /// The stream's, or 0.
    stream: u32,
    /// Its number on the connection.
    pub number: u32,
    /// Frames it came in.
    pub frames: u32,
    preview_start: u32,
    preview_len: u8,
    /// Who sent it.
    pub from: Peer,
    /// What it is.
    pub opcode: OpCode,
    /// How much is known.
    pub status: Status,
    /// Its payload was compressed.
    pub compressed: bool,
    /// That it was is a guess.
    pub inferred: bool,
    /// The preview is text.
    pub text: bool,
    /// Longer than is kept.
    pub truncated: bool,
    /// The preview ends before the payload does.
    pub cut: bool,
    /// The worst finding on it.
    pub finding: Option<Severity>,
    /// What the filter said of it when it came.
    pub said: Said,
}

/// What stands for an unknown length.
const UNKNOWN: u64 = u64::MAX;

impl Row {
    /// Bytes of its payload after inflation; `None` where that is not known.
    pub fn payload(&self) -> Option<u64> {
        (self.payload != UNKNOWN).then_some(self.payload)
    }

    /// Whether its preview is its very payload.
    pub fn is_all(&self) -> bool {
        self.status == Status::Complete && self.text && !self.cut && self.opcode != OpCode::Close
    }

    /// Where its preview lies among those that it came with.
    pub(super) fn preview(&self) -> Range<usize> {
        let start = usize::try_from(self.preview_start).unwrap_or(usize::MAX);
        start..start.saturating_add(usize::from(self.preview_len))
    }

    /// From now on its preview begins there.
    pub(super) fn set_preview(&mut self, start: usize) {
        self.preview_start = u32::try_from(start).unwrap_or(u32::MAX);
    }

    /// The conversation.
    pub fn conversing(&self) -> Conversing {
        Conversing {
            connection: self.connection.into(),
            stream: self.stream,
        }
    }

    /// What the message is.
    pub fn facts(&self) -> Facts {
        let [first, last] = self.files;
        let packet = |(turn, file): (u16, u16), number| PacketRef {
            turn: turn.into(),
            file: file.into(),
            number,
        };
        Facts {
            conversing: self.conversing(),
            number: self.number.into(),
            from: self.from,
            opcode: self.opcode,
            first: packet(first, self.first_packet),
            last: Stamp {
                packet: packet(last, self.last_packet),
                time: self.time,
            },
            frames: self.frames,
            compressed: self.compressed,
            inferred: self.inferred,
            wire_bytes: self.wire,
            payload_wire_bytes: self.payload_wire,
            payload_bytes: self.payload(),
            known_bytes: self.known,
            status: self.status,
            truncated: self.truncated,
        }
    }

    /// The row of a message; its preview is appended to `previews`.
    pub fn of(message: &Message<'_>, previews: &mut Vec<u8>) -> Self {
        let start = previews.len();
        let (text, cut) = preview(message, previews);
        let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        Self {
            time: message.last.time,
            first_packet: message.first.number,
            last_packet: message.last.packet.number,
            wire: message.wire_bytes,
            payload_wire: message.payload_wire_bytes,
            payload: message.payload_bytes.unwrap_or(UNKNOWN),
            known: message.known_bytes,
            files: [message.first, message.last.packet].map(|packet| {
                let narrow = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
                (narrow(packet.turn), narrow(packet.file))
            }),
            connection: narrow(message.conversing.connection),
            stream: message.conversing.stream,
            number: narrow(message.number),
            frames: message.frames,
            preview_start: u32::try_from(start).unwrap_or(u32::MAX),
            preview_len: u8::try_from(previews.len() - start).unwrap_or(u8::MAX),
            from: message.from,
            opcode: message.opcode,
            status: message.status,
            compressed: message.compressed,
            inferred: message.inferred,
            text,
            truncated: message.truncated,
            cut,
            finding: None,
            said: Said::default(),
        }
    }
}

/// Appends a preview; whether it is text, and whether it was cut.
fn preview(message: &Message<'_>, out: &mut Vec<u8>) -> (bool, bool) {
    if !message.units.is_empty() {
        return (
            true,
            cut_text(&units::summary(message.units, Redact::Nothing), out),
        );
    }
    if let Some(body) = message.close() {
        let reason = String::from_utf8_lossy(body.reason);
        let line = body
            .code
            .map(|code| format!("{code} {reason}"))
            .unwrap_or_default();
        return (true, cut_text(line.trim_end(), out));
    }
    if let Some(text) = message.text {
        return (true, cut_text(text, out));
    }
    match message.status {
        Status::Complete => {}
        Status::Lost(_) => return (true, false),
        Status::Partial(_) => return (true, pieces(message, out)),
    }
    let kept = message.payload.get(..PREVIEW).unwrap_or(message.payload);
    out.extend_from_slice(kept);
    (false, kept.len() < message.payload.len())
}

fn cut_text(text: &str, out: &mut Vec<u8>) -> bool {
    let mut end = text.len().min(PREVIEW);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    out.extend_from_slice(text.as_bytes().get(..end).unwrap_or_default());
    end < text.len()
}

/// What is known, with the holes named.
fn pieces(message: &Message<'_>, out: &mut Vec<u8>) -> bool {
    let mut line = String::new();
    let mut at = 0_usize;
    let upto = |place: u64| {
        usize::try_from(place)
            .unwrap_or(usize::MAX)
            .min(message.payload.len())
    };
    for (start, len) in message.holes {
        let known = message.payload.get(at..upto(*start)).unwrap_or_default();
        line.push_str(&String::from_utf8_lossy(known));
        let _ = write!(line, "[{HOLE}{len}]");
        at = upto(start.saturating_add(*len));
        if line.len() > PREVIEW {
            break;
        }
    }
    let rest = message.payload.get(at..).unwrap_or_default();
    let rest = rest.get(..PREVIEW).unwrap_or(rest);
    line.push_str(&String::from_utf8_lossy(rest));
    cut_text(&line, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_end_between_characters() {
        let mut out = Vec::new();
        assert!(cut_text(&"ä".repeat(PREVIEW), &mut out));
        assert!(std::str::from_utf8(&out).is_ok());
        assert!(!cut_text("short", &mut out));
    }
}
