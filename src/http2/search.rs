//! The next frame after a loss.
//!
//! Job: find where frames begin again. Input: the chunks after the loss. Output: [`Found`], or nothing yet.
//! RFC 9113 §4.1, §6.
//!
//! Heads of frames have many bytes that can be only a few values, so that a chain of two or three is proof.
//! Senders begin a frame with a TLS record or a segment more often than not: there a shorter chain is
//! enough.

use super::frame::{Head, Kind, Setting, WindowUpdate};
use crate::base::Limits;
use crate::stream::{Backlog, Delivery, Missing, Piece, Stamps};

/// Bits of evidence that a chain needs from the beginning of a write.
const AT_WRITE: u32 = 40;

/// Bits that it needs from anywhere.
const ANYWHERE: u32 = 60;

/// The search over every place waits for so many bytes, and again at each doubling.
const FIRST_SCAN: usize = 4096;

/// Heads of a chain that are looked at.
const HEADS: usize = 8;

/// The longest frame that a head may announce: what no sender here is known to exceed.
const LONGEST: u32 = 1 << 20;

/// Numbers of streams above this are rare.
const FEW_STREAMS: u32 = 1 << 16;

/// Where frames begin again.
#[derive(Debug)]
pub(super) struct Found {
    /// What is missing before it.
    pub(super) missing: Missing,
    /// The packets that brought it.
    pub(super) at: Stamps,
    /// What was gathered from there on.
    pub(super) pieces: Vec<Piece>,
}

/// A search in progress.
#[derive(Debug, Clone)]
pub(super) struct Search {
    missing: Missing,
    gathered: Backlog,
    next_scan: usize,
    limit: usize,
}

impl Search {
    /// A search after a loss.
    pub(super) fn new(missing: Missing, limits: Limits) -> Self {
        Self {
            missing,
            gathered: Backlog::default(),
            next_scan: FIRST_SCAN,
            limit: limits.resync_bytes,
        }
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        self.gathered.len()
    }

    /// More bytes are missing, so that what was gathered leads nowhere.
    pub(super) fn gap(&mut self, missing: Missing) {
        self.pass(self.gathered.span());
        self.missing = self.missing.and(missing);
    }

    /// Nothing more comes: says what is missing.
    pub(super) fn give_up(&mut self) -> Missing {
        self.pass(self.gathered.span());
        at_most(self.missing)
    }

    /// Takes what comes next.
    pub(super) fn chunk(&mut self, bytes: &[u8], begins: bool, at: Stamps) -> Option<Found> {
        self.gathered.push(Delivery::Chunk { bytes, begins }, at);
        let place = self.at_writes().or_else(|| self.anywhere());
        if let Some(place) = place {
            self.pass(place);
            return Some(Found {
                missing: at_most(self.missing),
                at: self.gathered.first().unwrap_or(at),
                pieces: self.gathered.take(),
            });
        }
        while self.gathered.len() > self.limit {
            let before = self.gathered.span();
            self.gathered.forget_first();
            let passed = before - self.gathered.span();
            self.missing = self.missing.and(Missing::Bytes(passed));
        }
        None
    }

    fn pass(&mut self, bytes: u64) {
        self.missing = self.missing.and(Missing::Bytes(bytes));
        self.gathered.forget(bytes);
    }

    /// The first beginning of a write from which frames follow each other.
    fn at_writes(&self) -> Option<u64> {
        let bytes = self.gathered.from(0);
        let mut places = self.gathered.writes();
        places.find(|place| bits(rest(bytes, *place)) >= AT_WRITE)
    }

    fn anywhere(&mut self) -> Option<u64> {
        let bytes = self.gathered.from(0);
        if bytes.len() < self.next_scan {
            return None;
        }
        self.next_scan = bytes.len() * 2;
        let mut places = (0..).take(bytes.len().saturating_sub(Head::BYTES));
        places.find(|place| bits(rest(bytes, *place)) >= ANYWHERE)
    }
}

/// Bits of evidence that two ends speak HTTP/2 where `bytes`, a write of one of them, begin.
pub(super) fn bits(mut bytes: &[u8]) -> u32 {
    let mut sum = 0;
    let mut streams: Vec<u32> = Vec::new();
    for _ in 0..HEADS {
        let Some(head) = Head::first(bytes) else {
            break;
        };
        let payload = bytes.get(Head::BYTES..).unwrap_or_default();
        let Some(more) = evidence(head, payload, &streams) else {
            return 0;
        };
        sum += more;
        streams.push(head.stream);
        let end = Head::BYTES + head.length as usize;
        let Some(next) = bytes.get(end..) else {
            break;
        };
        if next.is_empty() {
            // A frame that ends where everything does.
            sum += 12;
        }
        bytes = next;
    }
    sum
}

/// Bits of evidence in one head; `None` where it is none. What is common in other data counts little.
fn evidence(head: Head, payload: &[u8], streams: &[u32]) -> Option<u32> {
    if !head.is_plausible(LONGEST) {
        return None;
    }
    let stream = match head.stream {
        // Where the kind demands it.
        0 => 16,
        stream if streams.contains(&stream) => 24,
        stream if stream < FEW_STREAMS => 12,
        _ => 2,
    };
    let kind = match head.kind {
        // Rows of zeros are common, and the number of a stream may come after them.
        Kind::DATA if head.length < 2 => return Some(0),
        Kind::DATA | Kind::HEADERS | Kind::CONTINUATION | Kind::PUSH_PROMISE => 10,
        Kind::SETTINGS if head.length > 0 => settings(payload)?,
        Kind::SETTINGS => 20,
        Kind::WINDOW_UPDATE => match WindowUpdate::read(payload) {
            Some(WindowUpdate(0)) => return None,
            _ => 24,
        },
        _ => 24,
    };
    Some(kind + stream)
}

/// The settings that there are have small numbers.
fn settings(payload: &[u8]) -> Option<u32> {
    let known = |entry: &[u8]| {
        let id = entry.first_chunk().map(|id| u16::from_be_bytes(*id));
        // Others are made up to keep receivers tolerant: RFC 8701.
        id.is_some_and(|id| id <= Setting::ENABLE_CONNECT_PROTOCOL.0 + 8 || id & 0x0f0f == 0x0a0a)
    };
    let first = payload.chunks_exact(6).next();
    first.is_none_or(known).then_some(24)
}

fn rest(bytes: &[u8], place: u64) -> &[u8] {
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    bytes.get(place..).unwrap_or_default()
}

/// Heads of frames are among what is missing, so that of a stream fewer bytes are.
fn at_most(missing: Missing) -> Missing {
    match missing {
        Missing::Bytes(bytes) => Missing::AtMost(bytes),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(length: u8, kind: u8, flags: u8, stream: u8) -> Vec<u8> {
        vec![0, 0, length, kind, flags, 0, 0, 0, stream]
    }

    #[test]
    fn frames_are_known_and_other_data_is_not() {
        let update = [head(4, 8, 0, 0), vec![0, 0, 1, 0]].concat();
        let data = [head(5, 0, 0, 1), vec![0x81, 3, b'a', b'b', b'c']].concat();
        assert!(bits(&[update.clone(), data.clone()].concat()) >= AT_WRITE);
        assert!(bits(&data) < AT_WRITE);
        assert!(bits(&[data.clone(), data.clone()].concat()) >= AT_WRITE);
        assert_eq!(bits(b"\x81\x05hello and so on"), 0);
        assert!(bits(&[0; 4096]) < AT_WRITE);
        assert!(bits(&[0, 0, 0, 0, 0, 0, 0, 0, 1].repeat(100)) < ANYWHERE);
    }
}
