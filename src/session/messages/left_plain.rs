//! Fragments that are left plain in a compressed message.
//!
//! Job: see them by their mark, and end a message with one. Input: frame parts. Output: whether it is
//! one. RFC 7692 §6.

use super::Messages;
use crate::base::Stamp;
use crate::finding::{Code, Observation};
use crate::session::teller::Teller;
use crate::ws::{FramePart, OpCode, Rsv1, Slot};

impl Messages {
    /// Whether a later fragment of a compressed message is not compressed, as its sender marks those
    /// that are. RFC 7692 §6: the mark belongs on the first frame only.
    pub(super) fn is_left_plain(
        &mut self,
        part: &FramePart<'_>,
        slot: Slot,
        notes: &mut Vec<(Observation, Stamp)>,
    ) -> bool {
        let header = &part.header;
        let later = slot == Slot::Data && header.opcode == OpCode::Continuation;
        if self.rsv1 != Rsv1::Message || !later {
            return false;
        }
        let plain = if part.begins {
            self.data.marks.note(header.rsv1)
        } else {
            self.data.marks.is_plain(header.rsv1)
        };
        if plain && part.begins {
            let text = "a later fragment lacks the header bit RSV1, which this sender sets on each \
                        compressed one: it is not compressed, and its bytes are left out";
            let note = Observation::new(Code::Rsv1OnContinuation, self.from, text);
            notes.push((note, part.stamp));
        }
        plain
    }

    /// A compressed message ends with a fragment that is not compressed.
    pub(super) fn end_left_plain(&mut self, teller: &mut Teller<'_>) {
        if let Some(decoder) = &mut self.decoder {
            self.data.end_compressed(decoder, teller.tools);
            teller.inflated(self.from, decoder, &self.data.output);
        }
        if let Some(message) = self.assembler.take(Slot::Data) {
            self.ended(&message, Slot::Data, teller);
        }
    }
}
