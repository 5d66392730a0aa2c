//! The payload at the end of a line.
//!
//! Job: what it says, as far as it is known and there is room. Input: a message. Output: text; what is
//! long goes out in parts.

use std::fmt::Display;

use super::{Out, PART, TextSink};
use crate::event::{Message, Status};
use crate::output::censored::Censored;
use crate::output::json::{DECODED, binary};
use crate::page::escape::{self, HOLE};
use crate::page::{Bytes, Kind, Line, units};
use crate::payload::shown;
use crate::ws::{CloseBody, OpCode};

impl TextSink {
    /// What a line says in front of a payload that is not whole.
    pub(super) fn note(message: &Message<'_>) -> String {
        match message.status {
            Status::Complete => String::new(),
            Status::Partial(reason) => format!("(partial: {reason})"),
            Status::Lost(reason) => format!("(lost: {reason})"),
        }
    }

    /// The units in place of a payload where they say more, or where it may not be shown.
    pub(super) fn payload(
        &mut self,
        message: &Message<'_>,
        (width, censored): (usize, &Censored),
        out: Out<'_, '_>,
    ) {
        let mut room = width;
        let note = Self::note(message);
        if !note.is_empty() {
            let mut shown = String::new();
            escape::text(&note, width, &mut shown);
            room = room.saturating_sub(note.len() + 1);
            self.text
                .push_str(&self.layout.style.paint(Kind::Hole, shown));
            self.text.push(' ');
        }
        if let (Censored::Text(text), true) = (censored, message.units.is_empty()) {
            escape::text(text, room, &mut self.text);
        } else if let Censored::Closing(_) = censored {
            let payload = censored.payload(message.payload);
            self.close(&CloseBody::parse(&payload), room);
        } else if *censored != Censored::No || !(message.units.is_empty() || self.layout.raw) {
            escape::text(
                &units::summary(message.units, self.layout.redact),
                room,
                &mut self.text,
            );
        } else if let Some(decoded) = self.decoded(message) {
            escape::text(&decoded, room, &mut self.text);
        } else if let Some(body) = message.close() {
            self.close(&body, room);
        } else if let Some(text) = message.text {
            self.known(message.opcode, text.as_bytes(), (room, true), out);
        } else if !matches!(message.status, Status::Lost(_)) {
            self.pieces(message, room, out);
        }
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
    }

    fn close(&mut self, body: &CloseBody<'_>, room: usize) {
        if let Some(code) = body.code {
            let shown = format!("{code} {}", String::from_utf8_lossy(body.reason));
            escape::text(shown.trim_end(), room, &mut self.text);
        }
    }

    /// What a payload says that is compressed or binary, where that is asked for.
    fn decoded(&self, message: &Message<'_>) -> Option<String> {
        let payload = binary(message).filter(|_| self.layout.decode)?;
        let shown = shown(payload, message.inflated, DECODED)?;
        let text = shown.text.or_else(|| {
            let inside = shown.inflated?;
            if !inside.holes.is_empty() {
                let (bytes, holes) = (inside.bytes.as_slice(), inside.holes.as_slice());
                let lines = Bytes { bytes, holes }.text(Kind::Plain, bytes.len());
                return Some(lines.iter().map(Line::text).collect::<Vec<_>>().join(" "));
            }
            let mut digits = String::new();
            escape::hex(&inside.bytes, usize::MAX, &mut digits);
            Some(digits)
        });
        Some(format!("({}) {}", shown.was, text.unwrap_or_default()))
    }

    /// Known bytes and holes, one after the other. What is not the last leaves a column for `…`.
    fn pieces(&mut self, message: &Message<'_>, width: usize, out: Out<'_, '_>) {
        let endless = message.payload_bytes.is_none();
        let mut rest = message.payload;
        let (mut position, mut room) = (0, width);
        for (hole, len) in message.holes {
            let known = usize::try_from(hole - position).unwrap_or(usize::MAX);
            let (piece, behind) = rest.split_at(known.min(rest.len()));
            let Some(used) = self.known(message.opcode, piece, (room, false), out) else {
                return;
            };
            let skip = usize::try_from(*len).unwrap_or(usize::MAX);
            rest = behind.get(skip..).unwrap_or_default();
            position = hole + len;
            let last = rest.is_empty() && !endless;
            let Some(left) = self.hole(len, room - used, last) else {
                return;
            };
            room = left;
        }
        let used = self.known(message.opcode, rest, (room, !endless), out);
        if let (Some(used), true) = (used, endless) {
            self.hole(&"?", room - used, true);
        }
    }

    /// So many unknown bytes. Returns the columns that are left.
    fn hole(&mut self, len: &dyn Display, room: usize, last: bool) -> Option<usize> {
        let shown = format!("[{HOLE}{len}]");
        let left = room.checked_sub(shown.chars().count());
        let left = left.filter(|left| *left > 0 || last);
        let shown = if left.is_some() {
            shown
        } else {
            "…".to_owned()
        };
        if room > 0 {
            self.text
                .push_str(&self.layout.style.paint(Kind::Hole, shown));
        }
        left
    }

    /// Known bytes, with so much room, perhaps as the last of the line. Returns the columns used, where
    /// all of them fitted.
    fn known(
        &mut self,
        opcode: OpCode,
        piece: &[u8],
        (room, last): (usize, bool),
        out: Out<'_, '_>,
    ) -> Option<usize> {
        let width = if last { room } else { room.saturating_sub(1) };
        if width == 0 && room > 0 {
            self.text.push('…');
            return None;
        }
        if self.layout.is_cut() || piece.len() <= PART {
            return escape::bytes(piece, opcode == OpCode::Text, width, &mut self.text);
        }
        self.long(opcode, piece, out);
        // Nothing that follows has less room than there is.
        Some(0)
    }

    /// Known bytes that are not cut, part by part.
    fn long(&mut self, opcode: OpCode, piece: &[u8], out: Out<'_, '_>) {
        let is_text = opcode == OpCode::Text || std::str::from_utf8(piece).is_ok();
        if !is_text {
            for (index, part) in piece.chunks(PART).enumerate() {
                self.text.push_str(if index == 0 { "" } else { " " });
                escape::hex(part, usize::MAX, &mut self.text);
                self.send(out);
            }
            return;
        }
        for chunk in piece.utf8_chunks() {
            let mut rest = chunk.valid();
            while !rest.is_empty() {
                let mut end = PART.min(rest.len());
                while !rest.is_char_boundary(end) {
                    end -= 1;
                }
                let (part, after) = rest.split_at(end);
                escape::text(part, usize::MAX, &mut self.text);
                self.send(out);
                rest = after;
            }
            escape::part_of_text(chunk.invalid(), usize::MAX, &mut self.text);
        }
    }

    /// Hands on what the line has so far, but for spaces, which may be its end.
    fn send(&mut self, out: Out<'_, '_>) {
        let end = self.text.trim_end_matches(' ').len();
        out.put(self.text.get(..end).unwrap_or_default().as_bytes());
        self.text.drain(..end);
    }
}
