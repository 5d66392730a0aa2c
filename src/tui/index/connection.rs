//! A connection in the index.
//!
//! Job: handshake, totals, and where its messages stand. Input: rows and items.
//! Output: [`Connection`].

use super::row::Row;
use crate::base::{Conversing, PerPeer, Stamp};
use crate::event::{ConnectionInfo, Status};
use crate::finding::Severity;
use crate::http::Handshake;
use crate::tcp::Ending;

/// What one sender sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Messages, control frames included.
    pub messages: u64,
    /// Of these, compressed.
    pub compressed: u64,
    /// Of these, partial or lost.
    pub incomplete: u64,
    /// Bytes of frames.
    pub wire: u64,
    /// Payload bytes after inflation.
    pub payload: u64,
    /// Payload bytes as sent of compressed messages that are complete.
    pub deflated: u64,
    /// What these became.
    pub inflated: u64,
}

impl Totals {
    /// Counts a message.
    pub fn add(&mut self, row: &Row) {
        self.messages += 1;
        self.wire = self.wire.saturating_add(row.wire);
        self.compressed += u64::from(row.compressed);
        self.incomplete += u64::from(row.status != Status::Complete);
        let payload = row.payload().unwrap_or(0);
        self.payload = self.payload.saturating_add(payload);
        if row.compressed && row.status == Status::Complete {
            self.deflated = self.deflated.saturating_add(row.payload_wire);
            self.inflated = self.inflated.saturating_add(payload);
        }
    }

    /// Inflated bytes for each compressed one; zero where nothing was compressed.
    pub fn ratio(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a ratio of two figures")]
        if self.deflated == 0 {
            0.0
        } else {
            self.inflated as f64 / self.deflated as f64
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.messages += other.messages;
        self.compressed += other.compressed;
        self.incomplete += other.incomplete;
        self.wire = self.wire.saturating_add(other.wire);
        self.payload = self.payload.saturating_add(other.payload);
        self.deflated = self.deflated.saturating_add(other.deflated);
        self.inflated = self.inflated.saturating_add(other.inflated);
        self
    }
}

/// A connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its handshake and what was agreed.
    pub info: ConnectionInfo,
    /// The places of its messages' rows, in order.
    pub rows: Vec<u32>,
    /// Each sender's totals.
    pub peers: PerPeer<Totals>,
    /// Findings: errors, warnings, notes.
    pub findings: [u64; 3],
    /// How TCP ended.
    pub ending: Ending,
    /// The last packet known of it.
    pub last: Stamp,
    /// Bytes that the capture lacks.
    pub missing_bytes: u64,
}

impl Connection {
    /// A connection without messages.
    pub fn new(info: ConnectionInfo) -> Self {
        Self {
            rows: Vec::new(),
            peers: PerPeer::default(),
            findings: [0; 3],
            ending: Ending::Open,
            last: info.flow.first,
            missing_bytes: 0,
            info,
        }
    }

    /// Which conversation it is.
    pub fn conversing(&self) -> Conversing {
        self.info.conversing
    }

    /// The handshake, where any of it was captured.
    pub fn handshake(&self) -> Option<&Handshake> {
        self.info.handshake.as_deref()
    }

    /// Host and target of the request, as far as they were captured.
    pub fn target(&self) -> String {
        let part = |get: fn(&Handshake) -> Option<String>| {
            self.handshake().and_then(get).unwrap_or_default()
        };
        let target = part(Handshake::request_target);
        // RFC 9112 §3.2.2: a proxy is asked for the whole URL, which has the host in it.
        if target.contains("://") {
            target
        } else {
            part(Handshake::host) + &target
        }
    }

    /// Both senders together.
    pub fn totals(&self) -> Totals {
        self.peers.client.plus(&self.peers.server)
    }

    /// Nanoseconds from its first packet to its last.
    pub fn duration(&self) -> i64 {
        self.last.time.since(self.info.flow.first.time)
    }

    pub(super) fn count(&mut self, severity: Severity) {
        let [errors, warnings, notes] = &mut self.findings;
        match severity {
            Severity::Error => *errors += 1,
            Severity::Warning => *warnings += 1,
            Severity::Note => *notes += 1,
        }
    }
}
