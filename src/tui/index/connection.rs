//! A connection in the index.
//!
//! Job: handshake, totals, and where its messages stand. Input: rows and items.
//! Output: [`Connection`].

use crate::base::{Conversing, PerPeer, Stamp};
use crate::event::ConnectionInfo;
use crate::finding::Severity;
use crate::http::Handshake;
use crate::stats::Traffic;
use crate::tcp::Ending;

/// A connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its handshake and what was agreed.
    pub info: ConnectionInfo,
    /// The places of its messages' rows, in order.
    pub rows: Vec<u32>,
    /// Each sender's totals.
    pub peers: PerPeer<Traffic>,
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
    pub fn totals(&self) -> Traffic {
        let mut both = self.peers.client;
        both.merge(&self.peers.server);
        both
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
