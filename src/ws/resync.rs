//! The next frame header after a loss over one.
//!
//! Job: find where frames begin again, with a figure for how sure that is.
//! Input: the chunks after the loss. Output: [`Found`], or nothing yet.
//! RFC 6455 §5.2, §5.5.
//!
//! Peers commonly begin a frame with a segment. So a chain of frames is followed from each
//! segment's start, and believed when chance hardly could make it: first bytes of headers, the
//! mask bit of the direction, frames that end where segments end, text that is UTF-8, fragments in
//! order. Then the search goes back to the earliest place whose chain runs into the one that is
//! believed. Where frames do not begin with segments, chains from all places are looked at.
//! `docs/recovery.md` has the rule and its figures.

mod anywhere;
mod chain;
mod scale;

use self::chain::{Chain, FIRST_GROUP, Start};
use self::scale::{Scale, is_full};
use super::evidence::Expectation;
use super::habits::Habits;
use crate::base::Limits;
use crate::stream::{Backlog, Delivery, Missing, Piece, Stamps};

/// Bits of evidence that a chain from the start of a segment needs.
pub(crate) const AT_SEGMENT: u32 = 20;

/// The search over every place waits for this much data, and again at each doubling.
const FIRST_SCAN: u64 = 4096;

/// Chains from segment starts that are followed at once.
const CHAINS_MAX: usize = 512;

/// A header found again.
#[derive(Debug)]
pub(super) struct Found {
    /// Bytes passed over since the loss, gaps included, where their number is known.
    pub(super) skipped: Option<u64>,
    /// The evidence.
    pub(super) bits: u32,
    /// What was gathered from the header on.
    pub(super) pieces: Vec<Piece>,
}

/// A search in progress.
#[derive(Debug, Clone)]
pub struct Resync {
    expectation: Expectation,
    habits: Habits,
    limit: u64,
    buffer: Backlog,
    /// From segment starts, the earliest first, as long as nothing speaks against them.
    chains: Vec<Chain>,
    /// Bytes in `buffer` that may begin a header.
    beginnings: usize,
    /// Bytes of the longest segment so far.
    longest: u64,
    next_scan: u64,
    /// Bytes before `buffer` since the loss, and whether a gap of unknown length is among them.
    skipped: u64,
    vague: bool,
}

impl Resync {
    /// A search that has seen nothing yet.
    pub fn new(expectation: Expectation, habits: Habits, limits: Limits) -> Self {
        Self {
            expectation,
            habits,
            limit: limits.resync_bytes as u64,
            buffer: Backlog::default(),
            chains: Vec::new(),
            beginnings: 0,
            longest: habits.longest(),
            next_scan: FIRST_SCAN,
            skipped: 0,
            vague: false,
        }
    }

    /// Bytes of memory that what it has gathered takes.
    pub fn kept(&self) -> usize {
        self.buffer.kept() + self.chains.capacity() * size_of::<Chain>()
    }

    /// Gives up what it has gathered: it holds no header.
    pub fn let_go(&mut self) {
        self.pass(0);
        self.chains = Vec::new();
    }

    /// Bytes without a frame so far, as far as they are known of.
    pub(super) fn seen(&self) -> u64 {
        self.skipped.saturating_add(self.buffer.span())
    }

    /// More bytes are no header, or missing.
    pub(super) fn pass(&mut self, len: u64) {
        self.skipped = self.seen().saturating_add(len);
        self.buffer.clear();
        self.chains.clear();
        self.beginnings = 0;
        self.next_scan = FIRST_SCAN;
    }

    /// More bytes are missing. Where they are few, as after each packet that a snaplen cut, a
    /// frame may reach over them; else what was gathered leads nowhere.
    fn gap(&mut self, missing: Missing, at: Stamps) {
        if self.reaches_over(missing) && !self.buffer.is_empty() {
            self.buffer.push(Delivery::Gap(missing), at);
            self.keep_limit();
        } else {
            self.vague |= missing.exactly().is_none();
            self.pass(missing.exactly().unwrap_or(0));
        }
    }

    fn reaches_over(&self, missing: Missing) -> bool {
        missing.exactly().is_some_and(|len| len <= self.limit / 4)
    }

    /// Takes what comes next; `Some` when a header was found.
    pub(super) fn delivery(&mut self, delivery: Delivery<'_>, at: Stamps) -> Option<Found> {
        if !self.gather(delivery, at) {
            return None;
        }
        let found = self.at_writes(false).or_else(|| self.anywhere(false));
        if let Some((at, bits)) = found {
            return Some(self.found(at, bits));
        }
        self.keep_limit();
        None
    }

    /// Bytes are missing, or nothing more comes: what is there is looked at once more.
    pub(super) fn settle(&mut self, missing: Option<Missing>) -> Option<Found> {
        let last = missing.is_none_or(|missing| !self.reaches_over(missing));
        let mut found = self.at_writes(true);
        if last && found.is_none() {
            found = self.anywhere(true);
        }
        let (at, bits) = found?;
        Some(self.found(at, bits))
    }

    /// Takes what comes next; the most evidence for any place, without settling on it.
    pub fn look(&mut self, delivery: Delivery<'_>, at: Stamps) -> u32 {
        if !self.gather(delivery, at) {
            return 0;
        }
        let chains = self.chains.iter();
        let believable = chains.filter(|chain| chain.first >= FIRST_GROUP);
        let best = believable.map(|chain| chain.bits).max().unwrap_or(0);
        let anywhere = self.anywhere(false).map_or(0, |(_, bits)| bits);
        self.keep_limit();
        best.max(anywhere)
    }

    /// Takes what comes next, and says whether there are more bytes now.
    fn gather(&mut self, delivery: Delivery<'_>, at: Stamps) -> bool {
        let (bytes, begins) = match delivery {
            Delivery::Chunk { bytes, begins } => (bytes, begins),
            Delivery::Gap(missing) => {
                self.gap(missing, at);
                return false;
            }
            Delivery::Conflict { .. } => return false,
        };
        let place = self.buffer.span();
        self.buffer.push(delivery, at);
        let may_begin = |byte: &&u8| self.expectation.begins(**byte);
        self.beginnings += bytes.iter().filter(may_begin).count();
        self.longest = self.longest.max(bytes.len() as u64);
        if begins {
            self.begin(place);
        }
        let mut chains = std::mem::take(&mut self.chains);
        let scale = self.scale();
        let need = self.need();
        chains.retain_mut(|chain| {
            chain.follow(&scale, self.skipped);
            !chain.over || chain.is_believed(need)
        });
        self.chains = chains;
        true
    }

    /// Follows a chain from the beginning of a write.
    fn begin(&mut self, place: u64) {
        let from = match self.buffer.write_before(place) {
            None => Start::Gap,
            Some(len) if is_full(len, self.longest) => Start::Inside,
            Some(_) => Start::Write,
        };
        if self.chains.len() < CHAINS_MAX {
            let strict = self.habits.is_aligned() == Some(true);
            self.chains
                .push(Chain::new(self.skipped + place, strict, from));
        }
    }

    /// Bits that a chain from the beginning of a write needs.
    fn need(&self) -> u32 {
        AT_SEGMENT - self.habits.bits_at_segment()
    }

    fn scale(&self) -> Scale<'_> {
        Scale {
            buffer: &self.buffer,
            expectation: self.expectation,
            habits: &self.habits,
            beginnings: self.beginnings,
            longest: self.longest,
        }
    }

    /// A chain from a segment start that is believed: where its first frame begins.
    fn at_writes(&self, now: bool) -> Option<(u64, u32)> {
        let need = self.need();
        let chains = self.chains.iter();
        let believed = chains
            .filter(|chain| chain.is_believed(need))
            .max_by_key(|chain| chain.bits)?;
        self.back_from(believed, need, now || believed.over)
    }

    /// The earliest place whose chain runs into the one that is believed.
    fn back_from(&self, believed: &Chain, need: u32, now: bool) -> Option<(u64, u32)> {
        let chains = || self.chains.iter().filter(|chain| chain.tip == believed.tip);
        let place = |chain: &Chain| chain.start.checked_sub(self.skipped);
        let seen = believed.aligned >= 2 || believed.loose > 0;
        let alone = believed.frames <= believed.aligned + 1;
        let aligned = match self.habits.is_aligned() {
            Some(aligned) => Some(aligned),
            None if seen || alone => Some(believed.loose == 0),
            None if now || self.buffer.span() >= self.limit / 2 => {
                Some(believed.loose == 0 && believed.group_ended)
            }
            None => None,
        };
        let earliest = chains().find(|chain| {
            let sure = chain.from != Start::Inside || chain.is_believed(need);
            chain.first >= FIRST_GROUP && sure
        });
        if aligned == Some(true)
            && let Some(earliest) = earliest
        {
            return place(earliest).map(|at| (at, earliest.bits));
        }
        let joining: Vec<u64> = chains().filter_map(place).collect();
        let found = anywhere::search(&self.scale(), &joining)?;
        // Writes to come show whether frames go on over their ends. Until then only what needs
        // no such knowledge is settled.
        let first = earliest.and_then(place);
        let sure = aligned.is_some() || first.is_some_and(|first| found.0 <= first);
        sure.then_some(found)
    }

    /// A chain from any place, when it is time to look.
    fn anywhere(&mut self, now: bool) -> Option<(u64, u32)> {
        if self.buffer.span() < self.next_scan && !now {
            return None;
        }
        self.next_scan = self.buffer.span().saturating_mul(2);
        // A sender all of whose frames began with segments is not read elsewhere: what looks
        // like frames there is what a payload is made of.
        if self.habits.is_aligned() == Some(true) {
            return None;
        }
        anywhere::search(&self.scale(), &[])
    }

    /// Of long frames that may begin in what is to be forgotten, the end is known.
    fn remember_long(&mut self, count: u64) {
        if self.habits.is_aligned() == Some(true) {
            return;
        }
        let places = anywhere::long(&self.scale());
        let places = places
            .into_iter()
            .filter(|at| *at < count && !self.buffer.is_edge(*at));
        let room = CHAINS_MAX.saturating_sub(self.chains.len());
        let mut chains: Vec<Chain> = places
            .take(room)
            .map(|at| Chain::new(self.skipped + at, false, Start::Anywhere))
            .collect();
        let scale = self.scale();
        chains.retain_mut(|chain| {
            chain.follow(&scale, self.skipped);
            !chain.over
        });
        self.chains.extend(chains);
    }

    fn found(&mut self, at: u64, bits: u32) -> Found {
        Found {
            skipped: (!self.vague).then_some(self.skipped + at),
            bits,
            pieces: self.buffer.pieces(at),
        }
    }

    /// Forgets the older half where the buffer is full.
    fn keep_limit(&mut self) {
        if self.buffer.span() <= self.limit {
            return;
        }
        let stale = self.buffer.span() - self.limit / 2;
        self.remember_long(stale);
        self.buffer.forget(stale);
        let begins = |byte: &&u8| self.expectation.begins(**byte);
        self.beginnings = self.buffer.unread().iter().filter(begins).count();
        self.skipped += stale;
        let skipped = self.skipped;
        self.chains.retain(|chain| chain.outlives(skipped));
        for chain in &mut self.chains {
            chain.forget(skipped);
        }
        self.next_scan = self.limit;
    }
}

#[cfg(test)]
mod tests;
