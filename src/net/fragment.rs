//! Putting IP fragments together again.
//!
//! Job: hold the pieces of datagrams until they are whole, within a bound of memory and of
//! capture time. Pieces may overlap while they agree; where they differ, nobody knows what the
//! receiver made of them, and the datagram is given up.
//! Input: [`Datagram`]s with a [`Piece`], in any order. Output: whole payloads.
//! RFC 791 §3.2, 815, 8200 §4.5.
//!
//! A datagram that can no longer become whole (a piece was cut by the snaplen, or the pieces
//! contradict each other) keeps its entry without bytes, so that its later pieces are not taken
//! for a new one. Everything given up is counted in [`FragmentLosses`].

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use etherparse::IpNumber;

use super::ip::{Datagram, Piece};
use super::other::{Header, Other};
use super::segment::Encapsulation;
use crate::base::Timestamp;

/// RFC 791 §3.1: no datagram is longer.
const MAX_DATAGRAM: usize = 65_535;
/// How long pieces wait for the others: what Linux grants; RFC 8200 §4.5 allows up to 60 s.
const PATIENCE_NANOS: u64 = 30_000_000_000;
/// What an entry costs besides its bytes (key twice, two maps), so that the bound holds for many
/// tiny pieces too.
const DATAGRAM_COST: usize = 320;
/// What a piece costs besides its bytes.
const PIECE_COST: usize = 64;

/// Fragmented datagrams that never gave a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FragmentLosses {
    /// Gone because [`Limits::fragment_bytes`](crate::base::Limits::fragment_bytes) was reached.
    pub evicted: u64,
    /// Still incomplete after 30 s of capture time.
    pub expired: u64,
    /// A piece was cut by the snaplen.
    pub cut: u64,
    /// The pieces contradict each other about the datagram's end or its bytes (an identification
    /// used again too soon, or an attack).
    pub inconsistent: u64,
    /// Still waiting for pieces.
    pub waiting: u64,
}

impl FragmentLosses {
    /// Adds those of another reader of packets.
    pub fn add(&mut self, other: &Self) {
        self.evicted += other.evicted;
        self.expired += other.expired;
        self.cut += other.cut;
        self.inconsistent += other.inconsistent;
        self.waiting += other.waiting;
    }
}

/// Which datagram a piece belongs to.
///
/// RFC 791 §3.2: addresses, protocol and identification. RFC 8200 §4.5 leaves the protocol out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    protocol: IpNumber,
    id: u32,
    encapsulation: Encapsulation,
}

impl Key {
    fn new(datagram: &Datagram<'_>, piece: Piece) -> Self {
        Self {
            source: datagram.source,
            destination: datagram.destination,
            protocol: if datagram.source.is_ipv4() {
                datagram.protocol
            } else {
                IpNumber::IPV6_FRAGMENTATION_HEADER
            },
            id: piece.id,
            encapsulation: datagram.encapsulation,
        }
    }
}

/// Pieces by offset; they never overlap.
type Pieces = BTreeMap<usize, Vec<u8>>;

/// A datagram in pieces.
#[derive(Debug)]
struct Partial {
    /// Its place in the order of arrival.
    age: u64,
    since: Timestamp,
    /// `None`: given up.
    pieces: Option<Pieces>,
    /// Bytes in `pieces`.
    held: usize,
    /// Length of the whole, known from the last fragment.
    total: Option<usize>,
    /// RFC 8200 §4.5: only what the first fragment says counts.
    protocol: Option<IpNumber>,
}

/// A reassembled payload.
#[derive(Debug)]
pub(super) struct Whole {
    /// How it is to be read.
    pub(super) protocol: IpNumber,
    /// All of it.
    pub(super) bytes: Vec<u8>,
}

/// The store of incomplete datagrams.
#[derive(Debug)]
pub(super) struct Fragments {
    limit: usize,
    used: usize,
    arrivals: u64,
    datagrams: HashMap<Key, Partial>,
    by_age: BTreeMap<u64, Key>,
    losses: FragmentLosses,
}

impl Fragments {
    /// An empty store that never holds more than `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            arrivals: 0,
            datagrams: HashMap::new(),
            by_age: BTreeMap::new(),
            losses: FragmentLosses::default(),
        }
    }

    /// What was given up so far, and what still waits.
    pub(super) fn losses(&self) -> FragmentLosses {
        let waiting = self.datagrams.values().filter(|d| d.pieces.is_some());
        FragmentLosses {
            waiting: waiting.count() as u64,
            ..self.losses
        }
    }

    /// Takes one piece in; gives the datagram once nothing is missing.
    pub(super) fn insert(
        &mut self,
        time: Timestamp,
        datagram: &Datagram<'_>,
        piece: Piece,
    ) -> Result<Whole, Other> {
        let extent = datagram.payload;
        let end = piece.offset.saturating_add(extent.wire_len());
        // RFC 8200 §4.5 (and RFC 791 §3.2): all but the last are multiples of eight bytes, and
        // none reaches beyond the longest datagram.
        if (piece.more && !extent.wire_len().is_multiple_of(8))
            || extent.wire_len() == 0
            || end > MAX_DATAGRAM
        {
            return Err(extent.malformed(Header::Fragment));
        }
        let key = Key::new(datagram, piece);
        self.expire(&key, time);
        let partial = self.entry(key, time);
        let Some(pieces) = &mut partial.pieces else {
            return Err(Other::FragmentDropped);
        };
        if extent.is_cut() {
            self.losses.cut += 1;
            return Err(self.give_up(&key));
        }
        if !ends_agree(pieces, partial.total, end, piece.more)
            || !bytes_agree(pieces, piece.offset, extent.bytes())
        {
            self.losses.inconsistent += 1;
            return Err(self.give_up(&key));
        }
        if !piece.more {
            partial.total = Some(end);
        }
        if piece.offset == 0 && partial.protocol.is_none() {
            partial.protocol = Some(datagram.protocol);
        }
        let (bytes, cost) = add(pieces, piece.offset, extent.bytes());
        partial.held += bytes;
        // The pieces do not overlap and none passes the end, so the sum tells completeness.
        let complete = partial.total == Some(partial.held);
        self.used += cost;
        if complete {
            return self.take(&key).ok_or(Other::FragmentDropped);
        }
        self.evict();
        if self.datagrams.contains_key(&key) {
            Err(Other::FragmentHeld)
        } else {
            Err(Other::FragmentDropped)
        }
    }

    /// The datagram's entry, made if there is none.
    fn entry(&mut self, key: Key, time: Timestamp) -> &mut Partial {
        let used = &mut self.used;
        let arrivals = &mut self.arrivals;
        let by_age = &mut self.by_age;
        self.datagrams.entry(key).or_insert_with(|| {
            *used += DATAGRAM_COST;
            *arrivals += 1;
            by_age.insert(*arrivals, key);
            Partial {
                age: *arrivals,
                since: time,
                pieces: Some(Pieces::new()),
                held: 0,
                total: None,
                protocol: None,
            }
        })
    }

    /// Frees the pieces of a hopeless datagram, but remembers it while there is room.
    fn give_up(&mut self, key: &Key) -> Other {
        if let Some(partial) = self.datagrams.get_mut(key) {
            let pieces = partial.pieces.take().unwrap_or_default();
            self.used -= cost_of(&pieces);
        }
        self.evict();
        Other::FragmentDropped
    }

    /// Takes the datagram out, its pieces joined.
    fn take(&mut self, key: &Key) -> Option<Whole> {
        let partial = self.remove(key)?;
        let mut bytes = Vec::with_capacity(partial.held);
        for piece in partial.pieces?.values() {
            bytes.extend_from_slice(piece);
        }
        Some(Whole {
            protocol: partial.protocol?,
            bytes,
        })
    }

    fn remove(&mut self, key: &Key) -> Option<Partial> {
        let partial = self.datagrams.remove(key)?;
        self.by_age.remove(&partial.age);
        self.used -= DATAGRAM_COST + partial.pieces.as_ref().map_or(0, cost_of);
        Some(partial)
    }

    /// Forgets the datagrams that waited too long, the oldest first, and `key` wherever it is.
    ///
    /// A clock that stepped back (the next file, earlier than the last) ends the wait as well.
    fn expire(&mut self, key: &Key, time: Timestamp) {
        let stale = |partial: &Partial| time.0.abs_diff(partial.since.0) > PATIENCE_NANOS;
        if self.datagrams.get(key).is_some_and(stale) {
            self.losses.expired += self.forget(key);
        }
        while let Some((_, &oldest)) = self.by_age.first_key_value() {
            if !self.datagrams.get(&oldest).is_some_and(stale) {
                break;
            }
            self.losses.expired += self.forget(&oldest);
        }
    }

    /// Forgets the oldest datagrams until the rest fits.
    fn evict(&mut self) {
        while self.used > self.limit {
            let Some((_, &oldest)) = self.by_age.first_key_value() else {
                break;
            };
            self.losses.evicted += self.forget(&oldest);
        }
    }

    /// Forgets a datagram; 1 unless it was given up, and so counted, before.
    fn forget(&mut self, key: &Key) -> u64 {
        let gone = self.remove(key);
        u64::from(gone.is_some_and(|partial| partial.pieces.is_some()))
    }
}

/// Whether a piece that ends at `end` agrees with what is known of the datagram's end.
fn ends_agree(pieces: &Pieces, total: Option<usize>, end: usize, more: bool) -> bool {
    let last = pieces
        .last_key_value()
        .map_or(0, |(&offset, bytes)| offset + bytes.len());
    match total {
        Some(total) if more => end <= total,
        Some(total) => end == total,
        None => more || last <= end,
    }
}

/// The pieces that share bytes with `offset..end`.
fn overlapping(pieces: &Pieces, offset: usize, end: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let before = pieces.range(..offset).next_back();
    before
        .into_iter()
        .chain(pieces.range(offset..end))
        .map(|(&start, piece)| (start, piece.as_slice()))
        .filter(move |(start, piece)| start + piece.len() > offset)
}

/// Whether a piece has the same bytes as the earlier ones where it overlaps them.
fn bytes_agree(pieces: &Pieces, offset: usize, bytes: &[u8]) -> bool {
    let end = offset + bytes.len();
    overlapping(pieces, offset, end).all(|(start, piece)| {
        let (from, to) = (offset.max(start), end.min(start + piece.len()));
        bytes.get(from - offset..to - offset) == piece.get(from - start..to - start)
    })
}

/// Adds the parts of `bytes` that no earlier piece covers; tells how many bytes, and their cost.
fn add(pieces: &mut Pieces, offset: usize, bytes: &[u8]) -> (usize, usize) {
    let end = offset + bytes.len();
    let mut at = offset;
    let mut uncovered = Vec::new();
    for (start, piece) in overlapping(pieces, offset, end) {
        if start > at {
            uncovered.push(at..start);
        }
        at = at.max(start + piece.len());
    }
    if at < end {
        uncovered.push(at..end);
    }
    let mut added = (0, 0);
    for range in uncovered {
        if let Some(part) = bytes.get(range.start - offset..range.end - offset) {
            pieces.insert(range.start, part.to_vec());
            added = (added.0 + part.len(), added.1 + part.len() + PIECE_COST);
        }
    }
    added
}

fn cost_of(pieces: &Pieces) -> usize {
    pieces.values().map(|piece| piece.len() + PIECE_COST).sum()
}

#[cfg(test)]
mod tests;
