//! Attachments of a packet of Socket.IO.
//!
//! Job: join binary messages to the packet before them. Input: binary messages. Output: a unit for each, and then
//! the packet's. Socket.IO protocol 5, "Packet encoding".

use super::{Session, Waiting};
use crate::base::Peer;
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::socketio::units::{attachment_unit, socketio_unit};
use crate::subprotocol::{At, Out, Part, UnitStatus};

/// Parts of a packet with attachments that are kept.
const PARTS: usize = 1024;

impl Session {
    /// One attachment of the packet before it.
    pub(super) fn attachment(&mut self, at: &At, parts: Vec<Part>, whole: bool, out: &mut dyn Out) {
        let Some(mut waiting) = self.waiting[at.from].take() else {
            return;
        };
        let wanted = waiting.packet.attachments;
        let mut unit = attachment_unit(parts.clone());
        if !whole {
            unit.status = UnitStatus::Partial;
        }
        // After a loss it may belong to another packet.
        if waiting.whole {
            unit.subject = waiting.packet.event.as_deref().map(str::to_owned);
            unit.fields.insert("num".into(), waiting.come.into());
            unit.fields.insert("attachments".into(), wanted.into());
        }
        out.unit(unit);
        waiting.come += 1;
        waiting.whole &= whole;
        if waiting.parts.len() < PARTS {
            waiting.parts.extend(parts);
        }
        if waiting.come < wanted {
            self.waiting[at.from] = Some(waiting);
        } else {
            let Waiting {
                packet,
                parts,
                whole,
                ..
            } = waiting;
            self.tell(at, &packet, parts, whole, out);
        }
    }

    /// Gives up a packet whose attachments do not come, since something else comes.
    pub(super) fn interrupt(&mut self, from: Peer, out: &mut dyn Out) {
        let Some(waiting) = self.waiting[from].take() else {
            return;
        };
        // Socket.IO 5, "Packet encoding": the attachments follow the packet one by one.
        let mut unit = socketio_unit(&waiting.packet, waiting.parts);
        unit.status = UnitStatus::Partial;
        out.unit(unit);
        if waiting.whole {
            out.observe(short_of(from, waiting.come, waiting.packet.attachments));
        }
    }

    /// The end: a packet whose attachments did not all come.
    pub(super) fn finish_attachments(&mut self, out: &mut dyn Out) {
        for from in Peer::BOTH {
            if let Some(waiting) = self.waiting[from].take()
                && waiting.whole
            {
                out.observe(short_of(from, waiting.come, waiting.packet.attachments));
            }
        }
    }
}

fn short_of(from: Peer, come: u64, wanted: u64) -> Observation {
    let figures = [
        ("come", Figure::Count(come)),
        ("wanted", Figure::Count(wanted)),
    ];
    let text = Sentence::new("{come} of {wanted} attachments of a packet came", &figures);
    Observation::new(Code::SocketioAttachments, from, text)
}
