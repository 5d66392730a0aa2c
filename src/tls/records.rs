//! Both directions of one TLS connection.
//!
//! Job: read handshakes, open records, follow changes of keys, go on after losses.
//! Input: what TCP, or another stream, delivers, and logged secrets. Output: application data as
//! deliveries, [`Note`]s, and [`Facts`] about the connection.
//! RFC 8446, RFC 5246.

use super::cipher::Sealed;
use super::direction::{Direction, Held, Hit};
use super::facts::{Story, facts};
use super::framing::{Framing, Next, Record};
use super::handshake::{ClientHello, MessageType, ServerHello, agreed_protocol};
use super::keylog::Keys;
use super::known::{Known, Order};
use super::record::Header;
use super::report::Facts;
use super::reveal::{Part, reveal};
use super::version::{ContentType, Version};
use crate::base::{Limits, Peer, PerPeer, Stamp};
use crate::stream::{Delivery, Missing, Piece, Stamps};

/// Who takes what TLS carries.
pub trait Out {
    /// Application data follow: what is known of the connection by now. Comes once.
    fn begins(&mut self, facts: Facts);
    /// Application data that `from` sent, and what lacks of them.
    fn bytes(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps);
    /// Something that the record layer or a handshake shows.
    fn note(&mut self, from: Peer, note: Note, at: Stamps);
}

/// What the record layer or a handshake shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The hello of this peer was read.
    Hello,
    /// RFC 8446 §6: level and description.
    Alert(u8, u8),
    /// RFC 8446 §5.1 and §5.2: a record is longer than it may be, in bytes.
    TooLong(u16),
    /// RFC 8446 §4.1.3: the server speaks TLS 1.3, and somebody made it speak less.
    Downgraded,
    /// Keys changed: this many times in this direction.
    KeyUpdate(u32),
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
            let dropped = direction.framing.lose();
            direction.since.lost_bytes += dropped;
            let since = std::mem::take(&mut direction.since);
            if direction.unread || since.in_step() == 0 && !since.is_loss() {
                continue;
            }
            let most = since.lost_bytes + since.held_bytes as u64;
            let missing = bound(most, 0, since.uncounted);
            self.gap_in(from, missing, at.into(), out);
        }
    }

    /// What is known so far.
    pub fn facts(&self) -> Facts {
        facts(&self.keys, &self.known, &self.story, &self.directions)
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

    fn chunk(&mut self, from: Peer, bytes: &[u8], at: Stamps, out: &mut dyn Out) {
        let mut framing = std::mem::take(&mut self.directions[from].framing);
        let mut rest = bytes;
        while !framing.is_lost() {
            let before = rest;
            match framing.next(&mut rest, at) {
                Next::Record(record) => {
                    if let Done::Waits = self.record(from, record, out) {
                        let bytes = if framing.refuse() { rest } else { before };
                        self.directions[from].framing = framing;
                        return self.wait(
                            from,
                            Delivery::Chunk {
                                bytes,
                                begins: false,
                            },
                            at,
                        );
                    }
                    if self.directions[from].unread {
                        return;
                    }
                }
                Next::More => {
                    self.directions[from].framing = framing;
                    return;
                }
                Next::Astray => {
                    let dropped = framing.lose();
                    self.astray(from, dropped);
                }
            }
        }
        framing.gather(rest, at);
        self.seek(from, framing, out);
    }

    /// The place is lost.
    fn astray(&mut self, from: Peer, bytes: u64) {
        let known = &mut self.known;
        let hello = match from {
            Peer::Client => known.client.is_some(),
            Peer::Server => known.server.is_some(),
        };
        let direction = &mut self.directions[from];
        if !hello {
            known.missed[from] = true;
            direction.since.uncounted = true;
        }
        direction.since.lost_bytes += bytes;
        if direction.current.is_none() {
            direction.messages.lose();
        }
    }

    /// Looks for the next record among what was gathered since the place was lost.
    fn seek(&mut self, from: Peer, mut framing: Framing, out: &mut dyn Out) {
        let version = self.known.record_version();
        loop {
            let Some(place) = framing.seek(version) else {
                break;
            };
            let before = place.before;
            if self.must_wait(from) {
                // Only the tag proves a record, and the keys are not known yet.
                self.directions[from].stalled = true;
                break;
            }
            let clear = place.likely && self.is_clear(from, place.record.header);
            self.directions[from].before = place.tail.map(<[u8]>::to_vec);
            let at = place.record.at;
            let proven = !clear && self.try_record(from, place.record, before as u64, out);
            if proven || clear {
                let mut pieces = framing.found(before).into_iter();
                let direction = &mut self.directions[from];
                direction.framing = Framing::default();
                if clear {
                    direction.messages.restart();
                    direction.since.lost_bytes += before as u64;
                }
                if proven {
                    // The record itself was dealt with.
                    self.skip_first(from, &mut pieces, out);
                }
                for (at, bytes) in pieces {
                    let begins = true;
                    self.take(
                        from,
                        Delivery::Chunk {
                            bytes: &bytes,
                            begins,
                        },
                        at,
                        out,
                    );
                }
                return;
            }
            if self.is_hopeless(from) || self.directions[from].budget == 0 {
                return self.give_up(from, at, out);
            }
        }
        let most = 2 * (Header::BYTES + usize::from(Header::LONGEST));
        let direction = &mut self.directions[from];
        direction.since.lost_bytes += framing.settle(version, most);
        direction.framing = framing;
    }

    /// Takes the rest of the pieces after the record that they begin with.
    fn skip_first(
        &mut self,
        from: Peer,
        pieces: &mut impl Iterator<Item = (Stamps, Vec<u8>)>,
        out: &mut dyn Out,
    ) {
        let mut left = 0;
        for (at, bytes) in pieces.by_ref() {
            if left == 0 {
                left = Header::read(&bytes).map_or(0, Header::whole);
            }
            if left < bytes.len() {
                let rest = bytes.get(left..).unwrap_or_default();
                let begins = false;
                self.take(
                    from,
                    Delivery::Chunk {
                        bytes: rest,
                        begins,
                    },
                    at,
                    out,
                );
                return;
            }
            left -= bytes.len();
            if left == 0 {
                return;
            }
        }
    }

    fn gap(&mut self, from: Peer, missing: Missing, at: Stamps, out: &mut dyn Out) {
        let mut framing = std::mem::take(&mut self.directions[from].framing);
        let Some(bytes) = missing.exactly() else {
            let dropped = framing.lose();
            self.directions[from].framing = framing;
            self.astray(from, dropped);
            self.directions[from].since.uncounted = true;
            return;
        };
        if framing.is_lost() {
            let dropped = framing.lose();
            self.directions[from].since.lost_bytes += bytes + dropped;
            self.directions[from].framing = framing;
            return;
        }
        let (record, after) = framing.gap(bytes, at);
        if let Some(record) = record {
            if self.must_wait(from) && self.is_protected(from, record.header) {
                // The record is read again when the hello is there, and so is the gap.
                framing.refuse();
                self.directions[from].framing = framing;
                self.wait(
                    from,
                    Delivery::Chunk {
                        bytes: &[],
                        begins: false,
                    },
                    at,
                );
                if after > 0 {
                    self.wait(from, Delivery::Gap(Missing::Bytes(after)), at);
                }
                return;
            }
            self.record(from, record, out);
        }
        if after > 0 {
            let dropped = framing.lose();
            self.astray(from, after + dropped);
        }
        self.directions[from].framing = framing;
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

    fn is_protected(&self, from: Peer, header: Header) -> bool {
        let direction = &self.directions[from];
        match header.content {
            ContentType::APPLICATION_DATA => true,
            // RFC 8446 §5: a change_cipher_spec of TLS 1.3 means nothing, and is in the clear.
            ContentType::CHANGE_CIPHER_SPEC if header.length == 1 => false,
            _ if self.known.is_1_3() => false,
            _ => direction.changed || direction.current.is_some(),
        }
    }

    /// Whether the direction is still before any protection, and a record may be so, too.
    fn is_clear(&self, from: Peer, header: Header) -> bool {
        let direction = &self.directions[from];
        direction.current.is_none()
            && !direction.changed
            && header.content != ContentType::APPLICATION_DATA
            && !(self.known.is_1_3() && header.content != ContentType::CHANGE_CIPHER_SPEC)
    }

    /// A record in step.
    fn record(&mut self, from: Peer, record: Record<'_>, out: &mut dyn Out) -> Done {
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
        if record.holes.is_empty() {
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
    fn note_missed_hello(&mut self, from: Peer) {
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

    /// Opens a whole record and says what it holds; false where it does not open.
    fn try_record(&mut self, from: Peer, record: Record<'_>, lost: u64, out: &mut dyn Out) -> bool {
        let direction = &mut self.directions[from];
        direction.since.lost_bytes += lost;
        let sources = (&*self.keys, &self.known);
        let mut plain = std::mem::take(&mut self.plain);
        let hit = direction.open(from, record, sources, &mut plain);
        let opened = hit.is_some();
        if let Some(hit) = hit {
            let content = hit.content;
            self.proven(from, hit, record, out);
            self.content(from, content, &plain, record.at, out);
        } else {
            direction.since.lost_bytes -= lost;
        }
        self.plain = plain;
        opened
    }

    /// The number of a record is known: says what was lost before it, and keeps its keys.
    fn proven(&mut self, from: Peer, hit: Hit, record: Record<'_>, out: &mut dyn Out) {
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
            self.known.owner.get_or_insert(found.owner);
        }
        let length = record.header.length;
        if let Some(epoch) = &mut direction.current {
            epoch.next = hit.number + 1;
            epoch.nonce = epoch.protection.explicit_nonce(record.body);
            let most = (1 << 14)
                + if epoch.protection.hides_type() {
                    256
                } else {
                    2048
                };
            if length > most {
                // RFC 8446 §5.2, RFC 5246 §6.2.3.
                out.note(from, Note::TooLong(length), record.at);
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

    /// Says what went by since the last record that opened. Gives the records that are the first
    /// ones of the new keys.
    fn settle(&mut self, from: Peer, hit: &Hit, at: Stamps, out: &mut dyn Out) -> Vec<Held> {
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
        let Some(epoch) = &hit.epoch else {
            return Vec::new();
        };
        if direction.finished && in_step == hit.number && !since.is_loss() && since.passed == 0 {
            return since.held;
        }
        // New keys: records before it hold data only where the keys before did, or these.
        let had_data = direction.current.as_ref().is_some_and(|before| {
            before.order >= Order::APPLICATION || !before.protection.hides_type()
        });
        let first_data = u64::from(!epoch.protection.hides_type());
        let early = from == Peer::Client
            && self.known.client.as_ref().is_some_and(|it| it.early_data)
            && direction
                .current
                .as_ref()
                .is_none_or(|it| it.order == Order::EARLY);
        let data = epoch.order >= Order::APPLICATION || !epoch.protection.hides_type();
        if had_data || early || data && hit.number > first_data {
            direction.counts.recoveries += 1;
            self.gap_in(from, bound(all, 0, since.uncounted), at, out);
        }
        Vec::new()
    }

    /// Gives what is there of a cut record whose number is proven.
    fn show_held(&mut self, from: Peer, held: &Held, number: u64, out: &mut dyn Out) {
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
    fn hold(&mut self, from: Peer, record: Record<'_>, out: &mut dyn Out) {
        let cut = !record.holes.is_empty();
        let hopeless = !cut && self.is_hopeless(from);
        let direction = &mut self.directions[from];
        direction.counts.unopened += 1;
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

    /// Whether no secret can open what comes in this direction.
    fn is_hopeless(&self, from: Peer) -> bool {
        let direction = &self.directions[from];
        let after = direction.current.as_ref().map(|it| it.order);
        let next_is_needed = after.is_none_or(|order| {
            order < Order::APPLICATION && self.known.is_1_3() || direction.changed
        });
        next_is_needed && self.known.leads(&self.keys, from, after).next().is_none()
    }

    /// Nothing of this direction can be read from here on.
    fn give_up(&mut self, from: Peer, at: Stamps, out: &mut dyn Out) {
        let direction = &mut self.directions[from];
        direction.unread = true;
        direction.framing = Framing::default();
        self.forget_since(from);
        self.gap_in(from, Missing::Unknown, at, out);
    }

    fn clear_record(&mut self, from: Peer, record: Record<'_>, out: &mut dyn Out) {
        let content = record.header.content;
        if let Some(hole) = record.holes.first() {
            let head = record.body.get(..hole.start).unwrap_or_default();
            return self.cut_hello(from, content, head, record.at, out);
        }
        if content == ContentType::CHANGE_CIPHER_SPEC {
            let direction = &mut self.directions[from];
            // RFC 8446 §5: in TLS 1.3 it is there for old boxes between the peers.
            if !self.known.is_1_3() {
                direction.changed = true;
            }
            return;
        }
        self.content(from, content, record.body, record.at, out);
    }

    /// A hello that the capture cut: what stands at its beginning is enough for much.
    fn cut_hello(
        &mut self,
        from: Peer,
        content: ContentType,
        head: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) {
        let whole = self.directions[from].messages.is_within();
        self.directions[from].messages.lose();
        if content != ContentType::HANDSHAKE {
            return;
        }
        if let (false, Some((&kind, rest))) = (whole, head.split_first())
            && MessageType(kind) == MessageType::CLIENT_HELLO
            && let Some(body) = rest.get(3..)
        {
            self.message(from, MessageType(kind), body, at, out);
        }
        let missed = match from {
            Peer::Client => self.known.client.is_none(),
            Peer::Server => self.known.server.is_none(),
        };
        self.known.missed[from] |= missed;
    }

    /// What a record holds, in the clear or opened.
    fn content(
        &mut self,
        from: Peer,
        content: ContentType,
        bytes: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) {
        let direction = &mut self.directions[from];
        match content {
            ContentType::APPLICATION_DATA => {
                direction.counts.data += 1;
                direction.counts.data_bytes += bytes.len() as u64;
                if !bytes.is_empty() {
                    self.begin(out);
                    out.bytes(
                        from,
                        Delivery::Chunk {
                            bytes,
                            begins: true,
                        },
                        at,
                    );
                }
            }
            ContentType::HANDSHAKE => {
                direction.messages.feed(bytes);
                while let Some((kind, body)) = self.directions[from].messages.next() {
                    self.message(from, kind, &body, at, out);
                }
                self.update(from, at, out);
            }
            ContentType::ALERT => {
                if let [level, description] = *bytes {
                    self.story.alert(from, level, description);
                    out.note(from, Note::Alert(level, description), at);
                }
            }
            // RFC 5246 §7.1: in a handshake under the protection of the one before.
            ContentType::CHANGE_CIPHER_SPEC => direction.changed = true,
            _ => {}
        }
    }

    fn message(
        &mut self,
        from: Peer,
        kind: MessageType,
        body: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) {
        match (kind, from) {
            (MessageType::CLIENT_HELLO, Peer::Client) => {
                if let Some(hello) = ClientHello::read(body) {
                    self.client_hello(hello);
                    out.note(from, Note::Hello, at);
                }
            }
            (MessageType::SERVER_HELLO, Peer::Server) => {
                if let Some(hello) = ServerHello::read(body) {
                    if hello.is_downgraded() {
                        out.note(from, Note::Downgraded, at);
                    }
                    self.story.server_hello(&hello);
                    self.known.retried |= hello.retry;
                    self.known.server = Some(hello);
                    out.note(from, Note::Hello, at);
                }
            }
            (MessageType::ENCRYPTED_EXTENSIONS, Peer::Server) => {
                self.story.protocol = agreed_protocol(body);
            }
            (MessageType::FINISHED, _) => self.directions[from].finished = true,
            (MessageType::KEY_UPDATE, _) if self.known.version().is_none_or(is_new) => {
                self.directions[from].updates = true;
            }
            _ => {}
        }
    }

    fn client_hello(&mut self, hello: ClientHello) {
        self.story.client_hello(&hello);
        // RFC 5246 §7.4.1.1: a hello under protection begins another handshake.
        let before = self.known.client.as_ref().map(|it| it.random);
        let differs = before.is_some_and(|before| before != hello.random);
        if differs && self.directions[Peer::Client].current.is_some() {
            let known = &mut self.known;
            known.serial += 1;
            known.owner = None;
            known.server = None;
            self.story.renegotiated();
        }
        self.known.client = Some(hello);
    }

    /// RFC 8446 §4.6.3: what the sender says after a key update is under new keys.
    fn update(&mut self, from: Peer, at: Stamps, out: &mut dyn Out) {
        let direction = &mut self.directions[from];
        if !std::mem::take(&mut direction.updates) {
            return;
        }
        if let Some(next) = direction
            .current
            .as_ref()
            .and_then(super::direction::Epoch::updated)
        {
            let count = next.order.0.saturating_sub(Order::APPLICATION.0);
            direction.current = Some(next);
            out.note(from, Note::KeyUpdate(count), at);
        }
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
        self.directions[from].since = super::direction::Since::default();
    }
}

fn is_new(version: Version) -> bool {
    version >= Version::TLS_1_3
}

fn bound(bytes: u64, overhead: u64, uncounted: bool) -> Missing {
    if uncounted {
        Missing::Unknown
    } else {
        Missing::AtMost(bytes.saturating_sub(overhead))
    }
}
