//! The way back into a damaged pcapng file.
//!
//! Job: tell a block. Input: a window and a place in it. Output: whether a block is there.
//! Source: draft-ietf-opsawg-pcapng §3.1: a known type, and the same possible length at both
//! ends. Blocks begin on multiples of four bytes, but a damage that added or removed bytes moves
//! all that follow, so every place is tried.

use super::block::{BlockType, SECTION_HEADER, SMALLEST, section_endian};
use crate::capture::bytes::{Endian, index};
use crate::capture::record::{End, Window};
use crate::capture::recover::Likeness;

/// Bytes of a block that a search believes in.
const LARGEST: usize = 1 << 20;

/// Whether a block begins at `at`, in the byte order of the section, if one has begun.
///
/// The damaged block itself is found wanting here once more, so `at` may be its first byte.
pub(super) fn likeness(endian: Option<Endian>, window: &Window<'_>, at: usize) -> Likeness {
    let unfinished = |need| {
        if window.end == End::Open {
            Likeness::Need(need)
        } else {
            Likeness::No
        }
    };
    let rest = window.rest(at);
    if rest.len() < SMALLEST {
        return unfinished(SMALLEST);
    }
    let Some((endian, total)) = candidate(endian, rest) else {
        return Likeness::No;
    };
    if rest.len() < total {
        return unfinished(total);
    }
    let trailer = total.saturating_sub(4);
    let trailer = rest.get(trailer..).and_then(|tail| endian.words(tail));
    if trailer.is_some_and(|[length]| index(length) == total) {
        Likeness::Yes
    } else {
        Likeness::No
    }
}

/// Byte order and length of what may be a block at the start of `rest`.
#[inline]
fn candidate(section: Option<Endian>, rest: &[u8]) -> Option<(Endian, usize)> {
    let is_section = rest.first_chunk::<4>()? == &SECTION_HEADER.to_le_bytes();
    let endian = if is_section {
        section_endian(rest)?
    } else {
        section?
    };
    let [kind, length] = endian.words(rest)?;
    let total = index(length);
    let smallest = BlockType(kind).smallest()?;
    (total >= smallest && total <= LARGEST && total.is_multiple_of(4)).then_some((endian, total))
}
