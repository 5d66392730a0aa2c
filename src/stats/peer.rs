//! One sender's totals.
//!
//! Job: what its messages were and what compression did to them. Input: messages.
//! Output: [`PeerStats`].

use super::histogram::Histogram;
use crate::event::{Message, Status, TcpTotals};
use crate::ws::OpCode;

/// Messages and frames by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Binary.
    Binary,
    /// Continuation frames; messages only where their first fragment is missing.
    Continuation,
    /// Close.
    Close,
    /// Ping.
    Ping,
    /// Pong.
    Pong,
    /// Reserved opcodes.
    Reserved,
}

impl Kind {
    /// All kinds, in the order they are printed.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Binary,
        Self::Continuation,
        Self::Close,
        Self::Ping,
        Self::Pong,
        Self::Reserved,
    ];

    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Continuation => "continuation",
            Self::Close => "close",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Reserved => "reserved",
        }
    }

    fn of(opcode: OpCode) -> Self {
        match opcode {
            OpCode::Continuation => Self::Continuation,
            OpCode::Text => Self::Text,
            OpCode::Binary => Self::Binary,
            OpCode::Close => Self::Close,
            OpCode::Ping => Self::Ping,
            OpCode::Pong => Self::Pong,
            OpCode::Reserved(_) => Self::Reserved,
        }
    }
}

/// A count for each [`Kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByKind([u64; 7]);

impl ByKind {
    /// The count of `kind`.
    pub fn get(&self, kind: Kind) -> u64 {
        self.0.get(kind as usize).copied().unwrap_or(0)
    }

    /// All counts together.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    fn add(&mut self, kind: Kind, count: u64) {
        if let Some(place) = self.0.get_mut(kind as usize) {
            *place += count;
        }
    }

    fn merge(&mut self, other: &Self) {
        for (place, count) in self.0.iter_mut().zip(other.0) {
            *place += count;
        }
    }
}

/// What one sender sent.
#[derive(Debug, Clone, Default)]
pub struct PeerStats {
    /// Messages by kind.
    pub messages: ByKind,
    /// Frames by kind.
    pub frames: ByKind,
    /// Data messages that were compressed.
    pub compressed: u64,
    /// Data messages that were not.
    pub plain: u64,
    /// Messages that are partial.
    pub partial: u64,
    /// Messages that are lost.
    pub lost: u64,
    /// Known payload bytes after inflation, control frames included.
    pub payload_bytes: u64,
    /// Payload bytes as sent of the compressed messages that could be inflated.
    pub compressed_bytes: u64,
    /// What these became.
    pub inflated_bytes: u64,
    /// Bytes of frames, headers included.
    pub websocket_bytes: u64,
    /// Payload bytes as sent of all messages.
    pub sent_bytes: u64,
    /// Compressed messages that were longer than their payload.
    pub grew: u64,
    /// Payload sizes of complete data messages.
    pub sizes: Histogram,
    /// What TCP saw.
    pub tcp: TcpTotals,
}

impl PeerStats {
    /// Counts one message.
    pub fn message(&mut self, message: &Message<'_>) {
        let kind = Kind::of(message.opcode);
        self.messages.add(kind, 1);
        self.frames.add(kind, 1);
        self.frames.add(
            Kind::Continuation,
            u64::from(message.frames.saturating_sub(1)),
        );
        self.websocket_bytes += message.wire_bytes;
        self.sent_bytes += message.payload_wire_bytes;
        match message.status {
            Status::Complete => {}
            Status::Partial(_) => self.partial += 1,
            Status::Lost(_) => self.lost += 1,
        }
        if !message.opcode.is_control() {
            self.compressed += u64::from(message.compressed);
            self.plain += u64::from(!message.compressed);
        }
        let Some(payload) = message.payload_bytes else {
            return;
        };
        let missing: u64 = message.holes.iter().map(|(_, len)| len).sum();
        let known = payload.saturating_sub(missing);
        if !matches!(message.status, Status::Lost(_)) {
            self.payload_bytes = self.payload_bytes.saturating_add(known);
        }
        if message.compressed && message.status == Status::Complete {
            self.compressed_bytes += message.payload_wire_bytes;
            self.inflated_bytes += payload;
            self.grew += u64::from(message.payload_wire_bytes > payload);
        }
        if !message.opcode.is_control() && message.status == Status::Complete {
            self.sizes.add(payload);
        }
    }

    /// Adds another's totals.
    pub fn merge(&mut self, other: &Self) {
        self.messages.merge(&other.messages);
        self.frames.merge(&other.frames);
        self.compressed += other.compressed;
        self.plain += other.plain;
        self.partial += other.partial;
        self.lost += other.lost;
        self.payload_bytes = self.payload_bytes.saturating_add(other.payload_bytes);
        self.compressed_bytes += other.compressed_bytes;
        self.inflated_bytes += other.inflated_bytes;
        self.websocket_bytes = self.websocket_bytes.saturating_add(other.websocket_bytes);
        self.sent_bytes = self.sent_bytes.saturating_add(other.sent_bytes);
        self.grew += other.grew;
        self.sizes.merge(&other.sizes);
        self.tcp.packets += other.tcp.packets;
        self.tcp.empty_packets += other.tcp.empty_packets;
        self.tcp.payload_bytes += other.tcp.payload_bytes;
        self.tcp.captured_bytes += other.tcp.captured_bytes;
        self.tcp.missing_bytes += other.tcp.missing_bytes;
    }
}
