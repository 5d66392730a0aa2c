//! All secrets of all key logs.
//!
//! Job: keep them in their order, and find those of one connection at once. Input: lines. Output:
//! candidates.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use zeroize::Zeroizing;

use super::blocks::Blocks;
use super::line::{Label, Parsed, parse};
use crate::base::Peer;
use crate::tls::reading::secret::Secret;

/// Where a secret was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A key log file.
    File,
    /// A decryption secrets block of a pcapng file.
    Block,
}

/// How many lines there were, by what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Secrets that are kept.
    pub secrets: u64,
    /// Lines that say what another one said.
    pub repeated: u64,
    /// Lines with a label that is of no use here: exporters, premaster secrets.
    pub useless: u64,
    /// Lines with a known label that are cut off or not hexadecimal.
    pub malformed: u64,
    /// Lines that are not of a key log at all.
    pub unknown: u64,
    /// Secrets beyond [`KeyLog::MOST_PER_CONNECTION`], or beyond all bounds; not kept.
    pub dropped: u64,
}

/// One secret, in the chain of its connection's.
#[derive(Debug, Clone)]
struct Entry {
    label: Label,
    source: Source,
    owner: u32,
    /// The next secret of the same connection, [`NONE`] where it is the last.
    next: u32,
    secret: Secret,
}

/// Whose secrets they are: a client random, or a session id.
#[derive(Debug, Clone)]
struct Owner {
    name: [u8; 32],
    first: u32,
    last: u32,
    secrets: u16,
}

const NONE: u32 = u32::MAX;

/// Secrets of one connection have one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tls::reading) struct OwnerId(u32);

/// All secrets of all key logs.
#[derive(Clone, Default)]
pub struct KeyLog {
    owners: Blocks<Owner>,
    entries: Blocks<Entry>,
    /// The hash of a name to its place in `owners`; where two names have one hash, the second
    /// takes the next number that is free.
    places: HashMap<u64, u32, RandomState>,
    hasher: RandomState,
    pub(super) counts: Counts,
    /// More may come.
    grows: bool,
    /// The secrets that a tag fitted, by their places; one list for all states of the log.
    used: Arc<Mutex<BTreeSet<u32>>>,
}

/// A secret that may be the right one.
#[derive(Debug, Clone, Copy)]
pub(in crate::tls::reading) struct Candidate<'a> {
    pub(in crate::tls::reading) label: Label,
    /// Its place in the log.
    pub(in crate::tls::reading) place: u32,
    /// Whose it is.
    pub(in crate::tls::reading) owner: OwnerId,
    pub(in crate::tls::reading) source: Source,
    pub(in crate::tls::reading) secret: &'a Secret,
}

impl KeyLog {
    /// Different secrets that are kept of one connection.
    pub const MOST_PER_CONNECTION: u16 = 256;
    /// Bytes of a line that is written, at most.
    const LINE: usize = 256;
    /// Secrets that are kept in all.
    pub const MOST: u32 = 1 << 24;

    /// What was read so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Says that more may come: what cannot be read yet is not given up.
    pub fn expect_more(&mut self) {
        self.grows = true;
    }

    /// Whether more may come.
    pub fn grows(&self) -> bool {
        self.grows
    }

    /// Whether there are secrets for all application data of a connection.
    pub(in crate::tls::reading) fn is_enough(&self, random: &[u8; 32]) -> bool {
        let has = |wanted| self.candidates(random).any(|it| it.label == wanted);
        has(Label::Master)
            || has(Label::Traffic(Peer::Client, 0)) && has(Label::Traffic(Peer::Server, 0))
    }

    /// Whether there is no secret in it.
    pub fn is_empty(&self) -> bool {
        self.counts.secrets == 0
    }

    /// Whether any line names this client random, be it with a secret of no use.
    pub fn names(&self, random: &[u8; 32]) -> bool {
        self.owner(random).is_some()
    }

    /// The secrets of a connection in the order of their lines.
    pub(in crate::tls::reading) fn candidates(
        &self,
        name: &[u8; 32],
    ) -> impl Iterator<Item = Candidate<'_>> {
        self.chain(self.owner(name))
    }

    /// The same for somebody whose secret was right.
    pub(in crate::tls::reading) fn of(
        &self,
        owner: OwnerId,
    ) -> impl Iterator<Item = Candidate<'_>> {
        self.chain(self.owners.get(owner.0))
    }

    fn chain(&self, owner: Option<&Owner>) -> impl Iterator<Item = Candidate<'_>> {
        let first = owner.map_or(NONE, |owner| owner.first);
        let next = |place: &u32| Some(self.entries.get(*place)?.next);
        std::iter::successors(Some(first), next)
            .map_while(|place| Some(self.entries.get(place)?.candidate(place)))
    }

    /// All secrets, those of one key log in the order of its lines.
    pub(in crate::tls::reading) fn all(&self) -> impl Iterator<Item = Candidate<'_>> {
        let entries = self.entries.iter().zip(0..);
        entries.map(|(entry, place)| entry.candidate(place))
    }

    /// A tag fitted the secret at a place.
    pub(in crate::tls::reading) fn note_used(&self, place: u32) {
        self.lock_used().insert(place);
    }

    /// The places of the secrets that were used so far: those that a tag fitted.
    pub fn used(&self) -> BTreeSet<u32> {
        self.lock_used().clone()
    }

    /// The secrets at these places as lines of a key log, in their order.
    pub fn lines(&self, places: &BTreeSet<u32>) -> Zeroizing<Vec<u8>> {
        // Room for all of them, so that nothing is left where they were before.
        let mut lines = Zeroizing::new(Vec::with_capacity(places.len() * Self::LINE));
        for place in places.iter().copied() {
            let entry = self.entries.get(place);
            let owner = entry.and_then(|entry| self.owners.get(entry.owner));
            if let (Some(entry), Some(owner)) = (entry, owner) {
                entry.label.write(&owner.name, &entry.secret, &mut lines);
            }
        }
        lines
    }

    fn lock_used(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn line(&mut self, line: &[u8], source: Source) {
        match parse(line) {
            Parsed::Secret(label, name, secret) => self.add(label, name, secret, source),
            Parsed::Useless(name) => {
                self.counts.useless += 1;
                if let Some(name) = name {
                    self.place(name);
                }
            }
            Parsed::Malformed => self.counts.malformed += 1,
            Parsed::Unknown => self.counts.unknown += 1,
            Parsed::Blank => {}
        }
    }

    fn add(&mut self, label: Label, name: [u8; 32], secret: Secret, source: Source) {
        let known = self
            .candidates(&name)
            .any(|it| it.label == label && *it.secret == secret);
        if known {
            self.counts.repeated += 1;
            return;
        }
        let at = self.entries.len();
        let full = at >= Self::MOST;
        let Some((id, owner)) = self.place(name).filter(|_| !full) else {
            self.counts.dropped += 1;
            return;
        };
        if owner.secrets >= Self::MOST_PER_CONNECTION {
            self.counts.dropped += 1;
            return;
        }
        owner.secrets += 1;
        let before = std::mem::replace(&mut owner.last, at);
        if owner.first == NONE {
            owner.first = at;
        }
        if let Some(entry) = self.entries.get_mut(before) {
            entry.next = at;
        }
        self.counts.secrets += 1;
        self.entries.push(Entry {
            label,
            source,
            owner: id,
            next: NONE,
            secret,
        });
    }

    fn owner(&self, name: &[u8; 32]) -> Option<&Owner> {
        let mut hash = self.hasher.hash_one(name);
        loop {
            let owner = self.owners.get(*self.places.get(&hash)?)?;
            if owner.name == *name {
                return Some(owner);
            }
            hash = hash.wrapping_add(1);
        }
    }

    /// The owner of this name, who is new where there is none yet.
    fn place(&mut self, name: [u8; 32]) -> Option<(u32, &mut Owner)> {
        let mut hash = self.hasher.hash_one(name);
        while let Some(&at) = self.places.get(&hash) {
            if self.owners.get(at).is_some_and(|owner| owner.name == name) {
                return Some((at, self.owners.get_mut(at)?));
            }
            hash = hash.wrapping_add(1);
        }
        let at = self.owners.len();
        if at >= Self::MOST {
            return None;
        }
        self.places.insert(hash, at);
        self.owners.push(Owner {
            name,
            first: NONE,
            last: NONE,
            secrets: 0,
        });
        Some((at, self.owners.get_mut(at)?))
    }
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLog of {} secrets", self.counts.secrets)
    }
}

impl Entry {
    fn candidate(&self, place: u32) -> Candidate<'_> {
        Candidate {
            label: self.label,
            place,
            owner: OwnerId(self.owner),
            source: self.source,
            secret: &self.secret,
        }
    }
}
