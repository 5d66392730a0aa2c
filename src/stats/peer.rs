//! One sender's totals.
//!
//! Job: what its messages were and what compression did to them. Input: messages.
//! Output: [`PeerStats`].

use std::ops::Deref;

use strum::{IntoStaticStr, VariantArray};

use super::histogram::Histogram;
use crate::event::{Facts, Status, TcpTotals};
use crate::ws::OpCode;

/// Messages and frames by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
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
    /// As it is printed.
    pub fn name(self) -> &'static str {
        self.into()
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

/// What one sender sent, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
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
    /// What TCP saw.
    pub tcp: TcpTotals,
}

impl Traffic {
    /// Counts one message.
    pub fn message(&mut self, message: &Facts) {
        let kind = Kind::of(message.opcode);
        self.messages.add(kind, 1);
        self.frames.add(kind, 1);
        let continuations = message.frames.saturating_sub(1);
        self.frames.add(Kind::Continuation, continuations.into());
        self.websocket_bytes = self.websocket_bytes.saturating_add(message.wire_bytes);
        self.sent_bytes = self.sent_bytes.saturating_add(message.payload_wire_bytes);
        match message.status {
            Status::Complete => {}
            Status::Partial(_) => self.partial += 1,
            Status::Lost(_) => self.lost += 1,
        }
        if !message.opcode.is_control() {
            self.compressed += u64::from(message.compressed);
            self.plain += u64::from(!message.compressed);
        }
        self.payload_bytes = self.payload_bytes.saturating_add(message.known_bytes);
        let Some(payload) = message.payload_bytes else {
            return;
        };
        if message.compressed && message.status == Status::Complete {
            self.compressed_bytes += message.payload_wire_bytes;
            self.inflated_bytes = self.inflated_bytes.saturating_add(payload);
            self.grew += u64::from(message.payload_wire_bytes > payload);
        }
    }

    /// Messages that are not whole.
    pub fn incomplete(&self) -> u64 {
        self.partial + self.lost
    }

    /// Inflated bytes for each compressed one; zero where nothing was compressed.
    #[expect(clippy::cast_precision_loss, reason = "a ratio of two figures")]
    pub fn ratio(&self) -> f64 {
        if self.compressed_bytes == 0 {
            0.0
        } else {
            self.inflated_bytes as f64 / self.compressed_bytes as f64
        }
    }

    /// Adds another's.
    pub fn merge(&mut self, other: &Self) {
        self.messages.merge(&other.messages);
        self.frames.merge(&other.frames);
        self.compressed += other.compressed;
        self.plain += other.plain;
        self.partial += other.partial;
        self.lost += other.lost;
        self.payload_bytes = self.payload_bytes.saturating_add(other.payload_bytes);
        self.compressed_bytes += other.compressed_bytes;
        self.inflated_bytes = self.inflated_bytes.saturating_add(other.inflated_bytes);
        self.websocket_bytes = self.websocket_bytes.saturating_add(other.websocket_bytes);
        self.sent_bytes = self.sent_bytes.saturating_add(other.sent_bytes);
        self.grew += other.grew;
        self.add_tcp(&other.tcp);
    }

    /// Adds what TCP carried.
    pub fn add_tcp(&mut self, other: &TcpTotals) {
        self.tcp.packets += other.packets;
        self.tcp.empty_packets += other.empty_packets;
        self.tcp.payload_bytes += other.payload_bytes;
        self.tcp.captured_bytes += other.captured_bytes;
        self.tcp.missing_bytes += other.missing_bytes;
    }
}

/// What one sender sent, with the distribution of sizes.
#[derive(Debug, Clone, Default)]
pub struct PeerStats {
    /// In figures.
    pub traffic: Traffic,
    /// Payload sizes of complete data messages.
    pub sizes: Histogram,
}

impl Deref for PeerStats {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.traffic
    }
}

impl PeerStats {
    /// Adds another's totals.
    pub fn merge(&mut self, other: &Self) {
        self.traffic.merge(&other.traffic);
        self.sizes.merge(&other.sizes);
    }

    /// Adds what TCP carried.
    pub fn add_tcp(&mut self, other: &TcpTotals) {
        self.traffic.add_tcp(other);
    }
}
