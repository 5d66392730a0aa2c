//! How a message ends.
//!
//! Job: tell a message that has ended, or never will, with how much of it is known.
//! Input: its frames' account, its payload. Output: [`Told`] messages.
//! RFC 6455 §5.4, RFC 7692 §6.

use super::Messages;
use crate::base::Stamp;
use crate::event::{Reason, Status};
use crate::finding::Observation;
use crate::session::notes;
use crate::session::teller::{Teller, Told};
use crate::ws::{FramePart, PartialMessage, Rsv1, Slot};

impl Messages {
    /// A plain message that lies whole in one piece is told from where it lies.
    pub(super) fn whole(
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
            unknown: 0,
            total: (!message.headless).then_some(bytes.len() as u64),
            splits: &[],
            holes: &[],
            status,
            wanted,
            unmarked: self.rsv1 == Rsv1::Message,
            notes,
        });
        teller.tools.unmasked = unmasked;
        self.passed(&message);
    }

    pub(super) fn ended(&mut self, message: &PartialMessage, slot: Slot, teller: &mut Teller<'_>) {
        let (from, tail) = (self.from, self.tail_only());
        let unmarked = self.rsv1 == Rsv1::Message && !message.compressed;
        let payload = self.payload(slot);
        let (total, unknown, cut) = (payload.output.total, payload.output.unknown, payload.cut);
        let inflated = if message.compressed { total } else { 0 };
        let status = match &payload.fault {
            _ if message.opaque && payload.holed => Status::Lost(Reason::PayloadMissing),
            _ if message.opaque => Status::Lost(Reason::ExtensionUnknown),
            Some(_) => Status::Lost(Reason::InflateError),
            // Where a fragment was taken for compressed, nothing tells what is right.
            None if payload.marks.is_confused() => Status::Lost(Reason::InflateError),
            None if payload.marks.mixed => some_of(total - unknown, Reason::InflateError),
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
        let confused = payload.marks.is_confused();
        let holes = payload.holes();
        let sized = payload.fault.is_none()
            && !payload.marks.mixed
            && !cut
            && !message.opaque
            && !message.headless;
        teller.message(&Told {
            from,
            message,
            payload: if is_lost(status) {
                &[]
            } else {
                &payload.output.bytes
            },
            arrived: total,
            unknown,
            total: sized.then_some(total),
            splits: &payload.splits,
            holes: if is_lost(status) { &[] } else { &holes },
            status,
            wanted: teller.tools.wants(slot),
            unmarked,
            notes: &payload.notes,
        });
        payload.release(teller.tools);
        self.inflated = self.inflated.saturating_add(inflated);
        if confused {
            self.lose_history();
        }
        self.passed(message);
    }

    /// Messages that will not end, in the order of their slots.
    pub(super) fn all_unfinished(
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
    pub(super) fn unfinished(
        &mut self,
        message: &PartialMessage,
        slot: Slot,
        reason: Reason,
        teller: &mut Teller<'_>,
    ) {
        let from = self.from;
        let compressed = slot == Slot::Data && self.data.marked && self.stripped.inflates();
        let hidden = message.opaque
            || compressed
            || (slot == Slot::Data && self.data.marks.is_confused())
            || (message.headless && is_lost(self.tail_only()));
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
            let rest = message.payload_wire_bytes - arrived;
            holes.push((arrived, rest));
            if readable && payload.is_kept() {
                payload.pad(rest);
            }
        }
        // Without its first or last frame, or inflated half-way, a message has no known length.
        let sized = !message.compressed && !message.headless && message.bounded;
        teller.message(&Told {
            from,
            message,
            payload: if readable { &payload.output.bytes } else { &[] },
            arrived,
            unknown: payload.output.unknown,
            total: sized.then_some(message.payload_wire_bytes),
            splits: &payload.splits,
            holes: if readable { &holes } else { &[] },
            status: if readable {
                status
            } else {
                Status::Lost(reason)
            },
            wanted: teller.tools.wants(slot),
            unmarked: false,
            notes: &payload.notes,
        });
        payload.release(teller.tools);
    }

    /// A message has passed. If it was compressed unseen (its first fragment would tell), it is
    /// missing in the history.
    fn passed(&mut self, message: &PartialMessage) {
        if message.headless && (self.rsv1 == Rsv1::Message || self.stripped.inflates()) {
            self.lose_history();
        }
    }

    /// How much is known of a message whose first fragment is missing. RFC 7692 §6: only that
    /// one tells whether the rest is compressed.
    fn tail_only(&self) -> Status {
        match self.rsv1 {
            Rsv1::Message | Rsv1::Unknown => Status::Lost(Reason::FirstFragmentMissing),
            _ if self.stripped.inflates() => Status::Lost(Reason::FirstFragmentMissing),
            Rsv1::Unused | Rsv1::Frame => Status::Partial(Reason::FirstFragmentMissing),
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
