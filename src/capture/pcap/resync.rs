//! The way back into a damaged pcap file.
//!
//! Job: find the next packet record, which has no mark of its own. Input: a window and the place
//! from which to search. Output: where a record is that is followed by others.
//! Source: none; a record must hold to all of draft-ietf-opsawg-pcap §5, lie near the last
//! packet in time, and lead to two more such, or exactly to the end of the file.

use super::rules::{NEAR, Record, Rules, USUAL_PACKET};
use crate::capture::bytes::index;
use crate::capture::record::{End, Window};

/// Records in a row that make a place believable.
const CHAIN: usize = 3;

/// What a search came to. Bytes before `at` are of no further use.
#[derive(Debug)]
pub(super) enum Search {
    /// A record begins here.
    Found(usize),
    /// Perhaps here; `need` bytes from there on will tell.
    Need { at: usize, need: usize },
    /// There is none up to the end.
    Nothing { at: usize },
}

impl Search {
    pub(super) fn at(&self) -> usize {
        match *self {
            Self::Found(at) | Self::Need { at, .. } | Self::Nothing { at } => at,
        }
    }
}

/// What a chain of records from one place shows.
enum Chain {
    Yes,
    No,
    /// So many bytes are needed to tell.
    Need(usize),
}

/// Searches from `at` on; `last` is the second of the last good packet.
pub(super) fn search(rules: &Rules, window: &Window<'_>, at: usize, last: Option<u32>) -> Search {
    let end = window.bytes.len();
    for at in at..end {
        match chain(rules, window, at, last) {
            Chain::Yes => return Search::Found(at),
            Chain::No => {}
            Chain::Need(need) => return Search::Need { at, need },
        }
    }
    match window.end {
        End::Open => Search::Need {
            at: end,
            need: rules.variant.header,
        },
        End::Reached | End::Failed => Search::Nothing { at: end },
    }
}

fn chain(rules: &Rules, window: &Window<'_>, start: usize, last: Option<u32>) -> Chain {
    let open = window.end == End::Open;
    let end = window.bytes.len();
    let mut at = start;
    let mut last = last;
    for before in 0..CHAIN {
        let Some(record) = rules.record(window.rest(at)) else {
            let header = at.saturating_add(rules.variant.header);
            return match (open, before) {
                (true, _) => Chain::Need(header.saturating_sub(start)),
                (false, 0) => Chain::No,
                (false, _) => Chain::Yes,
            };
        };
        if !plausible(rules, &record, last) {
            return Chain::No;
        }
        last = Some(record.seconds);
        at = at
            .saturating_add(rules.variant.header)
            .saturating_add(index(record.captured));
        if at > end {
            return match (open, before) {
                (true, _) => Chain::Need(at.saturating_sub(start)),
                (false, 0) => Chain::No,
                // A chain whose last packet is cut off is still one.
                (false, _) => Chain::Yes,
            };
        }
    }
    Chain::Yes
}

/// Whether a good writer can have written this record.
fn plausible(rules: &Rules, record: &Record, last: Option<u32>) -> bool {
    record.captured > 0
        && record.captured <= USUAL_PACKET.min(rules.max)
        && record.captured <= record.wire
        && record.wire <= USUAL_PACKET.max(rules.max)
        && record.fraction < rules.variant.unit
        && last.is_none_or(|last| record.seconds.abs_diff(last) <= NEAR)
}
