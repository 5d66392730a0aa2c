//! The state of one direction.
//!
//! Job: know which keys hold, which number the next record has, and what went by unproven since the
//! last record that opened. Input: records, and what opening them showed. Output: [`Hit`]s.
//! RFC 8446 §5.3 and §7.2, RFC 5246 §6.1.

use std::ops::Range;

use super::cipher::{Protection, Sealed};
use super::framing::{Framing, Record};
use super::handshake::Messages;
use super::keylog::{KeyLog, OwnerId, Source};
use super::known::{Known, Lead, Order};
use super::record::Header;
use super::schedule::next_generation;
use super::secret::Secret;
use crate::base::Peer;
use crate::stream::{Piece, Stamps};
use crate::tls::report::Counts;
use crate::tls::suite::Suite;
use crate::tls::version::ContentType;

/// Keys that opened a record, and where they are.
#[derive(Debug, Clone)]
pub(super) struct Epoch {
    pub(super) order: Order,
    pub(super) protection: Protection,
    /// What the keys after a key update are made of.
    pub(super) secret: Option<(Suite, Secret)>,
    /// The number of the next record.
    pub(super) next: u64,
    /// The explicit nonce of the last record.
    pub(super) nonce: Option<u64>,
}

/// A record that opened.
pub(super) struct Hit {
    pub(super) content: ContentType,
    pub(super) number: u64,
    /// The keys, where they are not the ones before.
    pub(super) epoch: Option<Epoch>,
    /// Where the secret of new keys was found.
    pub(super) found: Option<Found>,
}

/// Where a secret was found that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) owner: OwnerId,
    pub(super) place: u32,
    pub(super) source: Source,
    pub(super) trial: bool,
    pub(super) suite: Suite,
}

/// A record in step that is not proven.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) header: Header,
    /// Empty where it is not worth keeping.
    pub(super) body: Vec<u8>,
    pub(super) holes: Vec<Range<usize>>,
    pub(super) at: Stamps,
}

/// What went by since the last record that opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Since {
    /// Records in step, each of which takes a number.
    pub(super) held: Vec<Held>,
    /// Records in step beyond those that are held.
    pub(super) passed: u64,
    /// Bytes that lie before or behind any record that was seen.
    pub(super) lost_bytes: u64,
    /// Bytes went by that nobody counted: the capture began later than the connection.
    pub(super) uncounted: bool,
    /// Bytes of `held`.
    pub(super) held_bytes: usize,
}

impl Since {
    /// Records in step that are not proven.
    pub(super) fn in_step(&self) -> u64 {
        self.held.len() as u64 + self.passed
    }

    /// Whether records may be lost that nobody counted.
    pub(super) fn is_loss(&self) -> bool {
        self.lost_bytes > 0 || self.uncounted
    }
}

/// One direction.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that a record can change"
)]
#[derive(Debug, Clone, Default)]
pub(super) struct Direction {
    pub(super) framing: Framing,
    pub(super) messages: Messages,
    pub(super) current: Option<Epoch>,
    /// RFC 5246 §7.1: what follows is protected by new keys.
    pub(super) changed: bool,
    pub(super) since: Since,
    /// The end of the last record, for TLS 1.0.
    pub(super) before: Option<Vec<u8>>,
    /// What waits for the other peer's hello.
    pub(super) waiting: Vec<Piece>,
    pub(super) waiting_bytes: usize,
    /// It waited long enough.
    pub(super) impatient: bool,
    /// Records were found after a loss while it waited.
    pub(super) stalled: bool,
    /// RFC 8446 §4.4.4: the handshake's last message was read; data come next.
    pub(super) finished: bool,
    /// RFC 8446 §6: it was ended by an alert.
    pub(super) alerted: bool,
    /// Nothing of it can be read any more.
    pub(super) unread: bool,
    /// The key update that the last record held.
    pub(super) updates: bool,
    pub(super) counts: Counts,
    /// Bytes hashed in vain that are left.
    pub(super) budget: u64,
}

/// Numbers that are tried where nobody knows how many records came before.
const LATE_NUMBERS: u64 = 4096;
/// Records that may be before the first one of new keys, those of a handshake among them.
const LIKELY: u64 = 16;
/// RFC 8446 §4.6.3: key updates that may be lost in one gap.
const LOST_UPDATES: u32 = 3;
/// Records that may be lost after a lost key update.
const AFTER_UPDATE: u64 = 64;
/// What deriving keys costs, in bytes hashed.
const DERIVING: u64 = 1024;

impl Direction {
    /// Opens a whole record under the keys there are, or may be, into `out`.
    pub(super) fn open(
        &mut self,
        from: Peer,
        record: Record<'_>,
        (keys, known): (&KeyLog, &Known),
        out: &mut Vec<u8>,
    ) -> Option<Hit> {
        let before = self.before.take();
        let sealed = Sealed {
            header: record.header,
            body: record.body,
            before: before.as_deref(),
        };
        let in_step = self.since.in_step();
        if let Some(epoch) = &self.current {
            let first = epoch.next + in_step;
            if let Some(content) = epoch.protection.open(first, sealed, out) {
                return Some(Hit::same(content, first));
            }
            if self.budget == 0 {
                return None;
            }
            let unknown = if self.since.uncounted {
                LATE_NUMBERS
            } else {
                0
            };
            let lost = self.since.lost_bytes / epoch.protection.overhead().max(1) + 1 + unknown;
            if let Some(hit) = epoch.find_on(
                sealed,
                (in_step, lost, self.since.is_loss()),
                out,
                &mut self.budget,
            ) {
                return Some(hit);
            }
        }
        if self.budget == 0 {
            return None;
        }
        self.budget = self.budget.saturating_sub(record.body.len() as u64);
        self.open_with_leads(from, sealed, (keys, known), out)
            .or_else(|| self.open_after_updates(sealed, out))
    }

    /// Tries the keys that may come next, from their first record on.
    fn open_with_leads(
        &mut self,
        from: Peer,
        sealed: Sealed<'_>,
        (keys, known): (&KeyLog, &Known),
        out: &mut Vec<u8>,
    ) -> Option<Hit> {
        let after = self.current.as_ref().map(|epoch| epoch.order);
        for lead in known.leads(keys, from, after) {
            self.budget = self.budget.saturating_sub(DERIVING);
            if self.budget == 0 {
                return None;
            }
            let Some(protection) = known.protection(&lead, from) else {
                continue;
            };
            let last = self.last_number(&protection);
            // Where nothing was lost, few records under the keys before stand between.
            let likely = last.saturating_sub(LIKELY)..=last;
            let found = protection
                .find(likely.clone(), sealed, out, &mut self.budget)
                .or_else(|| {
                    let rest = 0..=likely.start().checked_sub(1)?;
                    protection.find(rest, sealed, out, &mut self.budget)
                });
            if let Some((number, content)) = found {
                return Some(Hit::new(content, number, protection, &lead));
            }
        }
        None
    }

    /// The greatest number that the next record can have under keys that are new.
    fn last_number(&self, protection: &Protection) -> u64 {
        let cut = self.since.in_step();
        if self.since.uncounted {
            cut + LATE_NUMBERS
        } else if self.since.lost_bytes > 0 {
            cut + self.since.lost_bytes / protection.overhead().max(1) + 1
        } else {
            cut
        }
    }

    /// RFC 8446 §7.2: a key update may have been among what was lost.
    fn open_after_updates(&mut self, sealed: Sealed<'_>, out: &mut Vec<u8>) -> Option<Hit> {
        let epoch = self.current.as_ref()?;
        if !self.since.is_loss() && self.since.in_step() == 0 {
            return None;
        }
        let mut epoch = epoch.clone();
        for _ in 0..LOST_UPDATES {
            epoch = epoch.updated()?;
            let numbers = 0..=AFTER_UPDATE;
            let found = epoch
                .protection
                .find(numbers, sealed, out, &mut self.budget);
            if let Some((number, content)) = found {
                return Some(Hit {
                    content,
                    number,
                    epoch: Some(epoch),
                    found: None,
                });
            }
        }
        None
    }
}

impl Epoch {
    /// The numbers that the next record may have under the same keys, the likeliest first.
    fn find_on(
        &self,
        sealed: Sealed<'_>,
        (in_step, lost, is_loss): (u64, u64, bool),
        out: &mut Vec<u8>,
        budget: &mut u64,
    ) -> Option<Hit> {
        let first = self.next + in_step;
        // RFC 5288 §3: senders count their explicit nonces up, as RFC 5246 counts records.
        let nonce = self.protection.explicit_nonce(sealed.body);
        if let (Some(last), Some(now)) = (self.nonce, nonce) {
            let number = now
                .wrapping_sub(last)
                .wrapping_add(self.next)
                .wrapping_sub(1);
            if number > first
                && let Some(content) = self.protection.open(number, sealed, out)
            {
                return Some(Hit::same(content, number));
            }
        }
        let found = if is_loss {
            self.protection
                .find(self.next..=first + lost, sealed, out, budget)
        } else if in_step > 0 {
            // What did not open may have been put in by somebody else, without a number.
            self.protection
                .find(self.next..=self.next, sealed, out, budget)
        } else {
            None
        };
        found.map(|(number, content)| Hit::same(content, number))
    }

    /// The keys after a key update.
    pub(super) fn updated(&self) -> Option<Self> {
        let (suite, secret) = self.secret.as_ref()?;
        let secret = next_generation(suite.algorithm()?.hash, secret)?;
        Some(Self {
            order: Order(self.order.0 + 1),
            protection: Protection::of_traffic_secret(*suite, &secret)?,
            secret: Some((*suite, secret)),
            next: 0,
            nonce: None,
        })
    }
}

impl Hit {
    fn same(content: ContentType, number: u64) -> Self {
        Self {
            content,
            number,
            epoch: None,
            found: None,
        }
    }

    fn new(content: ContentType, number: u64, protection: Protection, lead: &Lead<'_>) -> Self {
        Self {
            content,
            number,
            epoch: Some(Epoch {
                order: lead.order,
                secret: protection
                    .hides_type()
                    .then(|| (lead.suite, lead.secret.clone())),
                protection,
                next: 0,
                nonce: None,
            }),
            found: Some(Found {
                owner: lead.owner,
                place: lead.place,
                source: lead.source,
                trial: lead.trial,
                suite: lead.suite,
            }),
        }
    }
}
