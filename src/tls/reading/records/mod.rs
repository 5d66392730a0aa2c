//! Both directions of one TLS connection.
//!
//! Job: read handshakes, open records, follow changes of keys, go on after losses.
//! Input: what TCP, or another stream, delivers, and logged secrets. Output: application data as
//! deliveries, [`Note`]s, and [`Facts`] about the connection.
//! RFC 8446, RFC 5246.

mod content;
mod feed;
mod held;
mod protected;

use crate::base::{Limits, Peer, PerPeer, Stamp};
use crate::stream::{Delivery, Missing, Piece, Stamps};
use crate::tls::alert::Alert;
use crate::tls::certificate::Certificate;
use crate::tls::reading::direction::{Direction, Since};
use crate::tls::reading::facts::{Story, facts};
use crate::tls::reading::keylog::Keys;
use crate::tls::reading::known::{Known, Order};
use crate::tls::report::{Facts, RecordLayer};
use crate::tls::version::Version;

/// Who takes what TLS carries.
pub trait Out {
    /// Application data follow: what is known of the connection by now. Comes once.
    fn begins(&mut self, facts: Facts);
    /// Application data that `from` sent, and what lacks of them.
    fn bytes(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps);
    /// Whether records are to be shown.
    fn wants_records(&self) -> bool {
        false
    }
    /// The record that carries the data that follow, where that is wanted.
    fn record(&mut self, from: Peer, record: &RecordLayer, at: Stamps) {
        let _ = (from, record, at);
    }
    /// Something that the record layer or a handshake shows.
    fn note(&mut self, from: Peer, note: Note, at: Stamps);
}

/// What the record layer or a handshake shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The hello of this peer was read.
    Hello,
    /// RFC 8446 §6: it ends, or warns.
    Alert(Alert),
    /// RFC 8446 §5.1 and §5.2: a record is longer than it may be.
    TooLong {
        /// Its bytes, header left out.
        length: u16,
        /// The most there may be.
        most: u16,
    },
    /// RFC 8446 §4.1.3: both peers speak a later version than was agreed on.
    Downgraded {
        /// What was agreed on.
        agreed: Version,
        /// What the server says that it speaks.
        could: Version,
    },
    /// RFC 8996: a version was agreed on that is no longer safe.
    Old(Version),
    /// A certificate.
    Certificate {
        /// What it says.
        certificate: Box<Certificate>,
        /// The name that the client asked for, where the certificate is for other names.
        other_name: Option<String>,
    },
    /// Keys changed: this many times in this direction.
    KeyUpdate(u32),
    /// The key log got the secrets of this direction after so many of its records had gone by.
    LinesCameLate(u64),
}

/// One TLS connection.
#[derive(Debug, Clone)]
pub struct Records {
    keys: Keys,
    limits: Limits,
    pub(super) known: Known,
    pub(super) story: Story,
    pub(super) directions: PerPeer<Direction>,
    /// Where records are opened into.
    plain: Vec<u8>,
    /// Data were put out.
    begun: bool,
}

/// Whether a record was dealt with.
enum Done {
    Yes,
    /// It waits for the other peer's hello.
    Waits,
}

impl Records {
    /// A connection whose first record is yet to come. With `trials`, secrets are tried that the
    /// log gives for other connections, where its own cannot be told.
    pub fn new(keys: Keys, limits: Limits, trials: bool) -> Self {
        Self {
            keys,
            limits,
            known: Known {
                trials,
                ..Known::default()
            },
            story: Story::default(),
            directions: PerPeer::from_fn(|_| Direction {
                budget: limits.tls_trial_bytes,
                ..Direction::default()
            }),
            plain: Vec::new(),
            begun: false,
        }
    }

    /// From here on these secrets are tried, too.
    pub fn renew(&mut self, keys: &Keys) {
        if !self.keys.is_same(keys) {
            self.keys = keys.clone();
        }
    }

    /// Whether reading is better begun later, as the key log grows and lacks what the connection
    /// needs. Of one whose beginning was not captured nobody can tell.
    pub fn lacks_lines(&self, keys: &Keys) -> bool {
        match &self.known.client {
            Some(client) => !keys.is_enough(&client.random),
            None => !self.known.missed[Peer::Client],
        }
    }

    /// Whether nothing that still comes can be read.
    pub fn is_over(&self) -> bool {
        self.directions.client.unread && self.directions.server.unread
    }

    /// Takes what `from` sent next.
    pub fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, out: &mut dyn Out) {
        self.take(from, delivery, at, out);
        self.release(out);
    }

    /// Ends the connection: what is still held is given up, and said to be missing.
    pub fn finish(&mut self, at: Stamp, out: &mut dyn Out) {
        for from in Peer::BOTH {
            self.directions[from].impatient = true;
        }
        self.release(out);
        for from in Peer::BOTH {
            let direction = &mut self.directions[from];
            // Where nothing is pending, no place is lost.
            if direction.framing.unfinished() > 0 {
                direction.since.lost_bytes += direction.framing.lose();
            }
            let since = std::mem::take(&mut direction.since);
            if direction.unread || since.in_step() == 0 && !since.is_loss() {
                continue;
            }
            let most = since.lost_bytes + since.held_bytes as u64;
            let missing = bound(most, 0, since.uncounted);
            self.gap_in(from, missing, at.into(), out);
        }
    }

    /// Whether all that `from` sent was read, and its last word was not an alert: who ends a
    /// connection says so first. RFC 8446 §6.1.
    pub fn ends_without_alert(&self, from: Peer) -> bool {
        let direction = &self.directions[from];
        let reads = direction.current.as_ref().is_some_and(|epoch| {
            epoch.order >= Order::APPLICATION || !epoch.protection.hides_type()
        });
        reads
            && !direction.unread
            && !direction.alerted
            && direction.since.in_step() == 0
            && !direction.since.is_loss()
            && !direction.framing.is_lost()
            && direction.framing.unfinished() == 0
            && direction.waiting.is_empty()
    }

    /// What is known so far.
    pub fn facts(&self) -> Facts {
        facts(&self.keys, &self.known, &self.story, &self.directions)
    }

    /// Bytes that it holds, of records that are not whole or not proven yet.
    pub fn held(&self) -> usize {
        let directions = self.directions.iter();
        let held = directions.map(|(_, direction)| {
            direction.framing.held() + direction.since.held_bytes + direction.waiting_bytes
        });
        size_of::<Self>() + self.plain.len() + held.sum::<usize>()
    }

    /// The same connection at this moment.
    #[must_use]
    pub fn resting(&self) -> Self {
        self.clone()
    }

    fn take(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, out: &mut dyn Out) {
        let direction = &mut self.directions[from];
        if direction.unread {
            return;
        }
        if !direction.waiting.is_empty() {
            return self.wait(from, delivery, at);
        }
        match delivery {
            Delivery::Chunk { bytes, .. } => self.chunk(from, bytes, at, out),
            Delivery::Gap(missing) => self.gap(from, missing, at, out),
            Delivery::Conflict { .. } => {}
        }
    }

    /// Keeps what cannot be read before the other peer's hello.
    fn wait(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) {
        let direction = &mut self.directions[from];
        match delivery {
            Delivery::Chunk { bytes, begins } => {
                direction.waiting_bytes += bytes.len();
                direction.waiting.push(Piece::Chunk {
                    at,
                    bytes: bytes.to_vec(),
                    begins,
                });
            }
            Delivery::Gap(missing) => direction.waiting.push(Piece::Gap { at, missing }),
            Delivery::Conflict { .. } => {}
        }
        let most = self.limits.tls_held_bytes;
        direction.impatient |= direction.waiting_bytes > most || direction.waiting.len() > 1024;
    }

    /// Reads what waited, where it need not wait any longer.
    fn release(&mut self, out: &mut dyn Out) {
        // Twice, as what the server said may be what the client waits for.
        for from in [Peer::Client, Peer::Server, Peer::Client] {
            let direction = &mut self.directions[from];
            if direction.stalled && !self.must_wait(from) {
                let direction = &mut self.directions[from];
                direction.stalled = false;
                let framing = std::mem::take(&mut direction.framing);
                self.seek(from, framing, out);
            }
            if self.directions[from].waiting.is_empty() || self.must_wait(from) {
                continue;
            }
            let pieces = std::mem::take(&mut self.directions[from].waiting);
            self.directions[from].waiting_bytes = 0;
            for piece in pieces {
                match piece {
                    Piece::Chunk { at, bytes, begins } => {
                        let bytes = bytes.as_slice();
                        self.take(from, Delivery::Chunk { bytes, begins }, at, out);
                    }
                    Piece::Gap { at, missing } => {
                        self.take(from, Delivery::Gap(missing), at, out);
                    }
                }
            }
        }
    }

    /// Whether nothing protected of this direction can be read yet, and may be later.
    fn must_wait(&self, from: Peer) -> bool {
        let known = &self.known;
        let other = from.other();
        let hello = match from {
            Peer::Client => known.server.is_some() && !self.awaits_second_hello(),
            Peer::Server => known.client.is_some(),
        };
        !hello && !known.missed[other] && !self.directions[from].impatient
    }

    /// Whether the server asked for another hello and did not answer that one yet.
    fn awaits_second_hello(&self) -> bool {
        self.known.server.as_ref().is_some_and(|hello| hello.retry)
    }

    /// Says what is known before the first data.
    fn begin(&mut self, out: &mut dyn Out) {
        if !self.begun {
            self.begun = true;
            out.begins(self.facts());
        }
    }

    /// Says that bytes are missing, where any can be.
    fn gap_in(&mut self, from: Peer, missing: Missing, at: Stamps, out: &mut dyn Out) {
        if !matches!(missing, Missing::Bytes(0) | Missing::AtMost(0)) {
            self.directions[from].counts.gaps += 1;
            self.begin(out);
            out.bytes(from, Delivery::Gap(missing), at);
        }
    }

    fn forget_since(&mut self, from: Peer) {
        self.directions[from].since = Since::default();
    }
}

fn bound(bytes: u64, overhead: u64, uncounted: bool) -> Missing {
    if uncounted {
        Missing::Unknown
    } else {
        Missing::AtMost(bytes.saturating_sub(overhead))
    }
}
