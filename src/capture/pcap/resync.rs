//! The way back into a damaged pcap file.
//!
//! Job: tell a packet record, which has no mark of its own, by those after it. Input: a window and a
//! place in it. Output: whether a record is there that others follow.
//! Source: none; a record must hold to all of draft-ietf-opsawg-pcap §5, lie near the last
//! packet in time, and lead to two more such, or exactly to the end of the file.

use super::rules::{NEAR, Record, Rules, USUAL_PACKET};
use crate::capture::bytes::index;
use crate::capture::record::{End, Window};
use crate::capture::recover::Likeness;

/// Records in a row that make a place believable.
const CHAIN: usize = 3;

/// Whether records begin at `start`; `last` is the second of the last good packet.
pub(super) fn likeness(
    rules: &Rules,
    window: &Window<'_>,
    start: usize,
    last: Option<u32>,
) -> Likeness {
    let open = window.end == End::Open;
    let end = window.bytes.len();
    let mut at = start;
    let mut last = last;
    for before in 0..CHAIN {
        let Some(record) = rules.record(window.rest(at)) else {
            let header = at.saturating_add(rules.variant.header);
            return match (open, before) {
                (true, _) => Likeness::Need(header.saturating_sub(start)),
                (false, 0) => Likeness::No,
                (false, _) => Likeness::Yes,
            };
        };
        if !plausible(rules, &record, last) {
            return Likeness::No;
        }
        last = Some(record.seconds);
        at = at
            .saturating_add(rules.variant.header)
            .saturating_add(index(record.captured));
        if at > end {
            return match (open, before) {
                (true, _) => Likeness::Need(at.saturating_sub(start)),
                (false, 0) => Likeness::No,
                // A chain whose last packet is cut off is still one.
                (false, _) => Likeness::Yes,
            };
        }
    }
    Likeness::Yes
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
