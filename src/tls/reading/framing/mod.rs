//! Records out of ordered bytes with gaps.
//!
//! Job: cut a direction into records, keep the place over holes inside of one, and find candidates
//! for the next record after a loss over a header. Input: bytes and gaps. Output: [`Record`]s,
//! whole or with holes; after a loss places where one may begin, for whoever can prove it.
//! RFC 8446 §5.1.

use std::ops::Range;

use super::cipher::Sealed;
use super::record::{Header, may_begin_record};
use crate::stream::Stamps;
use crate::tls::version::Version;

/// A record as far as it was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) header: Header,
    /// As long as the header says; zeros in the holes.
    pub(super) body: &'a [u8],
    /// What of the body is not known, in order.
    pub(super) holes: &'a [Range<usize>],
    pub(super) at: Stamps,
}

/// What comes next in a direction.
pub(super) enum Next<'a> {
    /// A record.
    Record(Record<'a>),
    /// More bytes are needed.
    More,
    /// What comes is no record: the place is lost, or it never was TLS.
    Astray,
}

/// Where a record may begin after a loss.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) record: Record<'a>,
    /// How many bytes lie before it.
    pub(super) before: usize,
    /// The end of what lies before it.
    pub(super) tail: Option<&'a [u8]>,
    /// A write of the sender begins there, and another record follows, or nothing yet.
    pub(super) likely: bool,
}

/// One direction's place among records.
#[derive(Debug, Clone, Default)]
pub(super) struct Framing {
    /// The beginning of a record whose end is yet to come, with its header; or all bytes since
    /// the place was lost.
    kept: Vec<u8>,
    holes: Vec<Range<usize>>,
    first: Stamps,
    /// Whether a record begins where `kept` does.
    lost: bool,
    /// How far into `kept` was searched.
    searched: usize,
    /// Where in `kept` a delivery began while the place is lost.
    starts: Vec<(usize, Stamps)>,
    /// The record in `kept` was given out; it goes with the next call.
    given: usize,
}

impl Framing {
    /// Bytes that it holds.
    pub(super) fn held(&self) -> usize {
        self.kept.len()
    }

    /// Bytes that it holds of a record that is not whole, or of none.
    pub(super) fn unfinished(&self) -> usize {
        if self.given > 0 { 0 } else { self.kept.len() }
    }

    /// The next record of `bytes`, from which it takes what it used.
    pub(super) fn next<'a, 'b: 'a>(&'a mut self, bytes: &mut &'b [u8], at: Stamps) -> Next<'a> {
        self.forget_given();
        if self.kept.is_empty() {
            let Some(header) = Header::read(bytes) else {
                return self.keep_beginning(bytes, at);
            };
            if !header.is_plausible() {
                return Next::Astray;
            }
            // The straight road: a whole record is read where it lies.
            if let Some((whole, rest)) = bytes.split_at_checked(header.whole()) {
                *bytes = rest;
                return Next::Record(Record {
                    header,
                    body: whole.get(Header::BYTES..).unwrap_or_default(),
                    holes: &[],
                    at,
                });
            }
            return self.keep_beginning(bytes, at);
        }
        if self.kept.len() < Header::BYTES {
            self.fill_to(Header::BYTES, bytes);
        }
        let Some(header) = Header::read(&self.kept) else {
            return Next::More;
        };
        if !header.is_plausible() {
            return Next::Astray;
        }
        self.fill_to(header.whole(), bytes);
        if self.kept.len() < header.whole() {
            return Next::More;
        }
        self.give(header, at)
    }

    /// The header of the record in progress.
    pub(super) fn pending(&self) -> Option<Header> {
        if self.given > 0 || self.lost {
            return None;
        }
        Header::read(&self.kept).filter(|header| header.is_plausible())
    }

    /// A gap of this many bytes. Gives the record that it ends, and how many bytes went by after
    /// that one's end: 0 where the place is still known.
    pub(super) fn gap(&mut self, missing: u64, at: Stamps) -> (Option<Record<'_>>, u64) {
        self.forget_given();
        let Some(header) = self.pending() else {
            return (None, missing);
        };
        let open = header.whole().saturating_sub(self.kept.len());
        let hole = usize::try_from(missing).map_or(open, |missing| missing.min(open));
        let from = self.kept.len().saturating_sub(Header::BYTES);
        self.holes.push(from..from + hole);
        self.kept.resize(self.kept.len() + hole, 0);
        let rest = missing.saturating_sub(hole as u64);
        if hole < open {
            return (None, rest);
        }
        match self.give(header, at) {
            Next::Record(record) => (Some(record), rest),
            Next::More | Next::Astray => (None, rest),
        }
    }

    /// The place is lost; what was kept of a record's beginning is given up. Returns how many
    /// bytes that were.
    pub(super) fn lose(&mut self) -> u64 {
        self.forget_given();
        let dropped = self.kept.len();
        *self = Self {
            lost: true,
            ..Self::default()
        };
        dropped as u64
    }

    /// Whether the place is lost.
    pub(super) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Keeps bytes among which a record is looked for.
    pub(super) fn gather(&mut self, bytes: &[u8], at: Stamps) {
        self.starts.push((self.kept.len(), at));
        self.kept.extend_from_slice(bytes);
    }

    /// Goes to the next place at which a whole record of this version may lie. Only one that is
    /// not believed is passed by asking again.
    pub(super) fn seek(&mut self, version: Option<Version>) -> Option<Place<'_>> {
        let (place, header) = (self.searched..self.kept.len()).find_map(|place| {
            let header = self.plausible(place, version)?;
            let whole = self.kept.len() - place >= header.whole();
            whole.then_some((place, header))
        })?;
        self.searched = place + 1;
        let end = place + header.whole();
        let chained = end == self.kept.len()
            || Header::read(self.kept.get(end..)?).is_none_or(Header::is_plausible);
        Some(Place {
            record: Record {
                header,
                body: self.kept.get(place + Header::BYTES..end)?,
                holes: &[],
                at: Stamps {
                    first: self.stamps_at(place).first,
                    last: self.stamps_at(end - 1).last,
                },
            },
            before: place,
            tail: place
                .checked_sub(Sealed::TAIL)
                .and_then(|from| self.kept.get(from..place)),
            likely: chained && self.starts.iter().any(|&(start, _)| start == place),
        })
    }

    /// Gives up what lies before the first place that is not decided yet: a plausible header
    /// whose record is not whole, or the end. Keeps at most `most` bytes. Returns how many went.
    pub(super) fn settle(&mut self, version: Option<Version>, most: usize) -> u64 {
        let end = self.kept.len();
        let undecided = |place: &usize| {
            let rest = self.kept.get(*place..).unwrap_or_default();
            match self.plausible(*place, version) {
                Some(header) => rest.len() < header.whole(),
                None => rest.len() < Header::BYTES && may_begin_record(rest),
            }
        };
        let place = (0..end).find(undecided).unwrap_or(end);
        let place = place.max(end.saturating_sub(most));
        drop(self.cut(place));
        place as u64
    }

    /// A record that begins `place` bytes into what was gathered was proven, or is believed:
    /// gives back what was gathered from there on, to be read in step.
    pub(super) fn found(&mut self, place: usize) -> Vec<(Stamps, Vec<u8>)> {
        drop(self.cut(place));
        let mut pieces = Vec::new();
        while let Some(&(start, at)) = self.starts.last() {
            pieces.push((at, self.kept.split_off(start.min(self.kept.len()))));
            self.starts.pop();
        }
        *self = Self::default();
        pieces.reverse();
        pieces
    }

    fn cut(&mut self, place: usize) -> std::vec::Drain<'_, u8> {
        let at = self.stamps_at(place);
        self.starts.retain(|&(start, _)| start > place);
        for (start, _) in &mut self.starts {
            *start -= place;
        }
        if place < self.kept.len() {
            self.starts.insert(0, (0, at));
        }
        self.searched = 0;
        self.kept.drain(..place.min(self.kept.len()))
    }

    fn plausible(&self, place: usize, version: Option<Version>) -> Option<Header> {
        Header::read(self.kept.get(place..)?).filter(|header| {
            header.is_plausible() && version.is_none_or(|version| version == header.version)
        })
    }

    fn stamps_at(&self, place: usize) -> Stamps {
        let before = self.starts.iter().rev().find(|&&(start, _)| start <= place);
        before.map_or_else(Stamps::default, |&(_, at)| at)
    }

    fn keep_beginning(&mut self, bytes: &mut &[u8], at: Stamps) -> Next<'static> {
        if !may_begin_record(bytes) {
            return Next::Astray;
        }
        if !bytes.is_empty() {
            self.first = at;
            self.kept.extend_from_slice(bytes);
            *bytes = &[];
        }
        Next::More
    }

    fn fill_to(&mut self, length: usize, bytes: &mut &[u8]) {
        let need = length.saturating_sub(self.kept.len()).min(bytes.len());
        let (part, rest) = bytes.split_at_checked(need).unwrap_or((bytes, &[]));
        self.kept.extend_from_slice(part);
        *bytes = rest;
    }

    fn give(&mut self, header: Header, at: Stamps) -> Next<'_> {
        self.given = header.whole();
        Next::Record(Record {
            header,
            body: self.kept.get(Header::BYTES..).unwrap_or_default(),
            holes: &self.holes,
            at: Stamps {
                first: self.first.first,
                last: at.last,
            },
        })
    }

    /// The record that was given is to be given again; false where it still lies in the bytes that
    /// it was cut from.
    pub(super) fn refuse(&mut self) -> bool {
        std::mem::take(&mut self.given) > 0
    }

    fn forget_given(&mut self) {
        if self.given > 0 {
            self.given = 0;
            self.kept.clear();
            self.holes.clear();
        }
    }
}
