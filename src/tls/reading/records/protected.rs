//! Protected records.
//!
//! Job: open them, and tell which cannot be opened. Input: records. Output: their contents. RFC 8446 §5.2, RFC 5246 §6.2.3.

use super::{Done, Note, Out, Records};
use crate::base::Peer;
use crate::stream::{Missing, Stamps};
use crate::tls::reading::cipher::Sealed;
use crate::tls::reading::direction::Hit;
use crate::tls::reading::framing::{Framing, Record};
use crate::tls::reading::known::Order;
use crate::tls::reading::record::Header;
use crate::tls::report::RecordLayer;
use crate::tls::version::ContentType;

impl Records {
    /// A record in step.
    pub(super) fn record(&mut self, from: Peer, record: Record<'_>, out: &mut dyn Out) -> Done {
        let header = record.header;
        if !self.is_protected(from, header) {
            self.clear_record(from, record, out);
            return Done::Yes;
        }
        // The client's early data need no hello of the server.
        let early = from == Peer::Client
            && self.known.client.as_ref().is_some_and(|it| it.early_data)
            && header.content == ContentType::APPLICATION_DATA;
        self.note_missed_hello(from);
        if self.must_wait(from) && !early {
            return Done::Waits;
        }
        let tries = record.holes.is_empty() && !self.waits_for_lines(from);
        if tries {
            if self.try_record(from, record, 0, out) {
                return Done::Yes;
            }
            if early && self.must_wait(from) {
                return Done::Waits;
            }
        }
        self.hold(from, record, out);
        Done::Yes
    }

    /// A direction that begins with protected records began before the capture.
    pub(super) fn note_missed_hello(&mut self, from: Peer) {
        let known = &mut self.known;
        let hello = match from {
            Peer::Client => known.client.is_some(),
            Peer::Server => known.server.is_some() || known.serial > 0,
        };
        if !hello && !known.missed[from] {
            known.missed[from] = true;
            self.directions[from].since.uncounted = true;
        }
    }

    pub(super) fn is_protected(&self, from: Peer, header: Header) -> bool {
        let direction = &self.directions[from];
        match header.content {
            ContentType::APPLICATION_DATA => true,
            // RFC 8446 §5: a change_cipher_spec of TLS 1.3 means nothing, and is in the clear.
            ContentType::CHANGE_CIPHER_SPEC if header.length == 1 => false,
            _ if self.known.is_1_3() => false,
            _ => direction.changed || direction.current.is_some(),
        }
    }

    /// Opens a whole record and says what it holds; false where it does not open.
    pub(super) fn try_record(
        &mut self,
        from: Peer,
        record: Record<'_>,
        lost: u64,
        out: &mut dyn Out,
    ) -> bool {
        let direction = &mut self.directions[from];
        direction.since.lost_bytes += lost;
        let sources = (&*self.keys, &self.known);
        let mut plain = std::mem::take(&mut self.plain);
        let hit = direction.open(from, record, sources, &mut plain);
        let opened = hit.is_some();
        if let Some(hit) = hit {
            let content = hit.content;
            let number = hit.number;
            self.proven(from, hit, record, out);
            if content == ContentType::APPLICATION_DATA && out.wants_records() {
                self.show_layer(from, record, number, Some(plain.len()), out);
            }
            // RFC 8446 §5.1, RFC 5246 §6.2.1: whatever protects it, a record holds no more.
            let most = 1 << 14;
            if let Ok(length) = u16::try_from(plain.len())
                && length > most
            {
                out.note(from, Note::TooLong { length, most }, record.at);
            }
            self.content(from, content, &plain, record.at, out);
        } else {
            direction.since.lost_bytes -= lost;
        }
        self.plain = plain;
        opened
    }

    /// Tells the layer of a record of application data with so much content, or of a cut one.
    pub(super) fn show_layer(
        &self,
        from: Peer,
        record: Record<'_>,
        number: u64,
        content: Option<usize>,
        out: &mut dyn Out,
    ) {
        let Some(epoch) = &self.directions[from].current else {
            return;
        };
        let Record { header, body, .. } = record;
        let (nonce, tag) = epoch.protection.nonce_and_tag(number, body);
        let end = body.len().saturating_sub(tag.len());
        let whole = |from: usize| record.holes.iter().all(|hole| hole.end <= from);
        let inner = epoch.protection.hides_type() && content.is_some();
        let layer = RecordLayer {
            content: header.content,
            version: header.version,
            length: header.length,
            number,
            nonce,
            tag: if whole(end) { tag } else { Vec::new() },
            inner: inner.then_some(ContentType::APPLICATION_DATA),
            padding: content.and_then(|content| epoch.protection.padding(body.len(), content)),
            data: content.map_or(0, |content| content as u64),
            authentic: content.is_some(),
        };
        out.record(from, &layer, record.at);
    }

    /// The number of a record is known: says what was lost before it, and keeps its keys.
    pub(super) fn proven(&mut self, from: Peer, hit: Hit, record: Record<'_>, out: &mut dyn Out) {
        let late = self.directions[from].since.passed;
        if hit.epoch.is_some() && late > 0 && self.keys.grows() {
            self.story.lines_came_late();
            out.note(from, Note::LinesCameLate(late), record.at);
        }
        let held = self.settle(from, &hit, record.at, out);
        let direction = &mut self.directions[from];
        if let Some(epoch) = hit.epoch {
            direction.messages.restart();
            direction.changed = false;
            direction.finished = false;
            direction.current = Some(epoch);
        }
        for (held, number) in held.iter().zip(0..) {
            self.show_held(from, held, number, out);
        }
        let direction = &mut self.directions[from];
        if let Some(found) = hit.found {
            self.story.found(from, found);
            self.keys.note_used(found.place);
            self.known.owner.get_or_insert(found.owner);
        }
        let length = record.header.length;
        if let Some(epoch) = &mut direction.current {
            epoch.next = hit.number + 1;
            epoch.nonce = epoch.protection.explicit_nonce(record.body);
            // RFC 8446 §5.2, RFC 5246 §6.2.3.
            let expansion = if epoch.protection.hides_type() {
                256
            } else {
                2048
            };
            let most = (1 << 14) + expansion;
            if length > most {
                out.note(from, Note::TooLong { length, most }, record.at);
            }
        }
        let tail = record.body.len().saturating_sub(Sealed::TAIL);
        direction.before = record.body.get(tail..).map(<[u8]>::to_vec);
        direction.counts.opened += 1;
        direction.budget = self
            .limits
            .tls_trial_bytes
            .min(direction.budget + 16 * u64::from(length));
    }

    /// Whether no secret can open what comes in this direction.
    pub(super) fn is_hopeless(&self, from: Peer) -> bool {
        let direction = &self.directions[from];
        let after = direction.current.as_ref().map(|it| it.order);
        let next_is_needed = after.is_none_or(|order| {
            order < Order::APPLICATION && self.known.is_1_3() || direction.changed
        });
        next_is_needed && self.known.leads(&self.keys, from, after).next().is_none()
    }

    /// Whether no secret can open what comes in this direction yet, and the key log grows.
    pub(super) fn waits_for_lines(&self, from: Peer) -> bool {
        self.keys.grows() && self.is_hopeless(from)
    }

    /// Nothing of this direction can be read from here on.
    pub(super) fn give_up(&mut self, from: Peer, at: Stamps, out: &mut dyn Out) {
        let direction = &mut self.directions[from];
        direction.unread = true;
        direction.framing = Framing::default();
        self.forget_since(from);
        self.gap_in(from, Missing::Unknown, at, out);
    }
}
