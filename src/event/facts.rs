//! What a message is, apart from its payload.
//!
//! Job: the one set of facts that text, JSON, the terminal UI, filters and totals all read. Input:
//! made by [`crate::session`]. Output: none; plain values.

use super::status::{Reason, Status};
use crate::base::{Conversing, PacketRef, Peer, Stamp};
use crate::ws::OpCode;

/// What a message is, apart from its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The conversation.
    pub conversing: Conversing,
    /// From 1 per conversation over both peers, in the order of completion.
    pub number: u64,
    /// Who sent it.
    pub from: Peer,
    /// What it is.
    pub opcode: OpCode,
    /// The packet with its first byte.
    pub first: PacketRef,
    /// The packet that completed it; its time is the message's.
    pub last: Stamp,
    /// Frames it came in.
    pub frames: u32,
    /// Its payload was compressed.
    pub compressed: bool,
    /// That it was is a guess: it is marked so and inflates, and no extension was agreed.
    pub inferred: bool,
    /// Bytes of its frames, headers included.
    pub wire_bytes: u64,
    /// Bytes of its payload as sent: compressed where it was.
    pub payload_wire_bytes: u64,
    /// Bytes of its payload after inflation; `None` where that is not known.
    pub payload_bytes: Option<u64>,
    /// Bytes of its payload after inflation that are known, kept or not.
    pub known_bytes: u64,
    /// How much is known.
    pub status: Status,
    /// The payload is longer than [`Limits::payload_bytes`](crate::base::Limits).
    pub truncated: bool,
}

impl Facts {
    /// Bytes of its payload as sent, where it was compressed.
    pub fn compressed_bytes(&self) -> Option<u64> {
        self.compressed.then_some(self.payload_wire_bytes)
    }

    /// Payload bytes, and the compressed ones that they were sent as, where it was compressed and
    /// both are known.
    pub fn inflation(&self) -> Option<(u64, u64)> {
        let wire = self.compressed_bytes().filter(|wire| *wire > 0)?;
        Some((self.payload_bytes?, wire))
    }

    /// Payload bytes for each compressed one.
    #[expect(clippy::cast_precision_loss, reason = "a ratio of two figures")]
    pub fn ratio(&self) -> Option<f64> {
        let (payload, wire) = self.inflation()?;
        Some(payload as f64 / wire as f64)
    }

    /// Why it is not complete.
    pub fn reason(&self) -> Option<Reason> {
        self.status.reason()
    }

    /// Whether no byte of it is known.
    pub fn is_lost(&self) -> bool {
        matches!(self.status, Status::Lost(_))
    }
}
