//! Records out of what is delivered.
//!
//! Job: keep the place among records, lose it and find it again. Input: chunks and gaps.
//! Output: records, to the rest of [`Records`]. RFC 8446 §5.1.

use super::{Done, Out, Records};
use crate::base::Peer;
use crate::stream::{Delivery, Missing, Stamps};
use crate::tls::reading::framing::{Framing, Next};
use crate::tls::reading::record::Header;
use crate::tls::version::ContentType;

impl Records {
    pub(super) fn chunk(&mut self, from: Peer, bytes: &[u8], at: Stamps, out: &mut dyn Out) {
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
    pub(super) fn astray(&mut self, from: Peer, bytes: u64) {
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
    pub(super) fn seek(&mut self, from: Peer, mut framing: Framing, out: &mut dyn Out) {
        let version = self.known.record_version();
        while let Some(place) = framing.seek(version) {
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
            if self.waits_for_lines(from) {
                break;
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
    pub(super) fn skip_first(
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

    pub(super) fn gap(&mut self, from: Peer, missing: Missing, at: Stamps, out: &mut dyn Out) {
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

    /// Whether the direction is still before any protection, and a record may be so, too.
    pub(super) fn is_clear(&self, from: Peer, header: Header) -> bool {
        let direction = &self.directions[from];
        direction.current.is_none()
            && !direction.changed
            && header.content != ContentType::APPLICATION_DATA
            && !(self.known.is_1_3() && header.content != ContentType::CHANGE_CIPHER_SPEC)
    }
}
