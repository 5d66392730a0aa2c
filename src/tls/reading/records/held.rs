//! Protected records between two that opened.
//!
//! Job: hold those that wait for a proof, give what is there of them once it comes, and say what was
//! lost. Input: records. Output: their contents, and gaps. RFC 8446 §5.2, RFC 5246 §6.2.3.

use super::{Out, Records, bound};
use crate::base::Peer;
use crate::stream::{Delivery, Missing, Stamps};
use crate::tls::reading::cipher::Sealed;
use crate::tls::reading::direction::{Held, Hit, Since};
use crate::tls::reading::framing::Record;
use crate::tls::reading::known::Order;
use crate::tls::reading::record::Header;
use crate::tls::reading::reveal::{Part, reveal};

impl Records {
    /// Says what went by since the last record that opened. Gives the records that are the first
    /// ones of the new keys.
    pub(super) fn settle(
        &mut self,
        from: Peer,
        hit: &Hit,
        at: Stamps,
        out: &mut dyn Out,
    ) -> Vec<Held> {
        let direction = &mut self.directions[from];
        let since = std::mem::take(&mut direction.since);
        let in_step = since.in_step();
        if in_step == 0 && !since.is_loss() {
            return Vec::new();
        }
        let all = since.lost_bytes + since.held_bytes as u64;
        if let (None, Some(epoch)) = (&hit.epoch, &direction.current) {
            let missed = hit.number.saturating_sub(epoch.next);
            if missed == 0 {
                return Vec::new();
            }
            direction.counts.recoveries += 1;
            let Some(lost) = missed.checked_sub(in_step).filter(|_| since.passed == 0) else {
                let missing = bound(all, missed * epoch.protection.overhead(), since.uncounted);
                direction.messages.lose();
                self.gap_in(from, missing, at, out);
                return Vec::new();
            };
            let first = epoch.next;
            for (held, number) in since.held.iter().zip(first..) {
                self.show_held(from, held, number, out);
            }
            if lost > 0 {
                let direction = &mut self.directions[from];
                let overhead = direction
                    .current
                    .as_ref()
                    .map_or(0, |it| it.protection.overhead());
                direction.messages.lose();
                let missing = bound(since.lost_bytes, lost * overhead, since.uncounted);
                self.gap_in(from, missing, at, out);
            }
            return Vec::new();
        }
        self.settle_before_new_keys(from, hit, since, at, out)
    }

    /// The same where the record that opened is under new keys.
    fn settle_before_new_keys(
        &mut self,
        from: Peer,
        hit: &Hit,
        since: Since,
        at: Stamps,
        out: &mut dyn Out,
    ) -> Vec<Held> {
        let direction = &mut self.directions[from];
        let all = since.lost_bytes + since.held_bytes as u64;
        let in_step = since.in_step();
        let Some(epoch) = &hit.epoch else {
            return Vec::new();
        };
        if direction.finished
            && epoch.protection.hides_type()
            && in_step == hit.number
            && !since.is_loss()
            && since.passed == 0
        {
            return since.held;
        }
        // New keys: records before it hold data only where the keys before did, or these.
        let had_data = direction.current.as_ref().is_some_and(|before| {
            before.order >= Order::APPLICATION || !before.protection.hides_type()
        });
        let first_data = u64::from(!epoch.protection.hides_type());
        let early = from == Peer::Client
            && self.known.may_have_early_data()
            && direction
                .current
                .as_ref()
                .is_none_or(|it| it.order == Order::EARLY);
        let data = epoch.order >= Order::APPLICATION || !epoch.protection.hides_type();
        // Keys after an update: there were data, or could be, under those before.
        let updated = epoch.protection.hides_type() && epoch.order > Order::APPLICATION;
        if had_data || early || updated || data && hit.number > first_data {
            direction.counts.recoveries += 1;
            self.gap_in(from, bound(all, 0, since.uncounted), at, out);
        }
        Vec::new()
    }

    /// Gives what is there of a cut record whose number is proven.
    pub(super) fn show_held(&mut self, from: Peer, held: &Held, number: u64, out: &mut dyn Out) {
        self.begin(out);
        let direction = &mut self.directions[from];
        let Some(epoch) = &direction.current else {
            return;
        };
        let most = u64::from(held.header.length)
            .saturating_sub(epoch.protection.overhead() - Header::BYTES as u64);
        let within = direction.messages.is_within();
        let mut plain = std::mem::take(&mut self.plain);
        let parts = if held.body.is_empty() {
            None
        } else {
            reveal(&epoch.protection, number, held, within, &mut plain)
        };
        match parts {
            None => {
                direction.messages.lose();
                self.gap_in(from, Missing::AtMost(most), held.at, out);
            }
            Some(parts) if parts.is_empty() => direction.messages.lose(),
            Some(parts) => {
                if out.wants_records() {
                    let record = Record {
                        header: held.header,
                        body: &held.body,
                        holes: &held.holes,
                        at: held.at,
                    };
                    self.show_layer(from, record, number, None, out);
                }
                let direction = &mut self.directions[from];
                direction.counts.unauthenticated += 1;
                let mut begins = true;
                for part in parts {
                    match part {
                        Part::Known(range) => {
                            let bytes = plain.get(range).unwrap_or_default();
                            direction.counts.data_bytes += bytes.len() as u64;
                            out.bytes(from, Delivery::Chunk { bytes, begins }, held.at);
                        }
                        Part::Missing(missing) => {
                            direction.counts.gaps += 1;
                            out.bytes(from, Delivery::Gap(missing), held.at);
                        }
                    }
                    begins = false;
                }
            }
        }
        self.plain = plain;
    }

    /// Keeps a protected record that did not open, until a later one tells its number.
    pub(super) fn hold(&mut self, from: Peer, record: Record<'_>, out: &mut dyn Out) {
        let waits = self.waits_for_lines(from);
        let cut = !record.holes.is_empty();
        let hopeless = !cut && self.is_hopeless(from);
        let direction = &mut self.directions[from];
        direction.counts.unopened += 1;
        if waits {
            direction.since.passed += 1;
            direction.since.held_bytes += record.body.len();
            return;
        }
        if hopeless || direction.budget == 0 {
            return self.give_up(from, record.at, out);
        }
        let tail = record.body.len().saturating_sub(Sealed::TAIL);
        let known_tail = record.holes.iter().all(|hole| hole.end <= tail);
        direction.before = record
            .body
            .get(tail..)
            .filter(|_| known_tail)
            .map(<[u8]>::to_vec);
        let since = &mut direction.since;
        since.held_bytes += record.body.len();
        let keeps = cut && since.held_bytes <= self.limits.tls_held_bytes;
        if since.held.len() >= 4096 {
            since.passed += 1;
            return;
        }
        since.held.push(Held {
            header: record.header,
            body: if keeps {
                record.body.to_vec()
            } else {
                Vec::new()
            },
            holes: if keeps {
                record.holes.to_vec()
            } else {
                Vec::new()
            },
            at: record.at,
        });
    }
}
