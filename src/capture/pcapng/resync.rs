//! The way back into a damaged pcapng file.
//!
//! Job: find the next block. Input: a window and the place from which to search.
//! Output: where a block is.
//! Source: draft-ietf-opsawg-pcapng §3.1: a known type, and the same possible length at both
//! ends. Blocks begin on multiples of four bytes, but a damage that added or removed bytes moves
//! all that follow, so every place is tried.

use super::block::{BlockType, SECTION_HEADER, SMALLEST, section_endian};
use crate::capture::bytes::{Endian, index};
use crate::capture::record::{End, Window};

/// Bytes of a block that a search believes in.
const LARGEST: usize = 1 << 20;

/// What a search came to. Bytes before `at` are of no further use.
#[derive(Debug)]
pub(super) enum Search {
    /// A block begins here.
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

/// Searches from `at` on, in the byte order of the section, if one has begun.
///
/// The damaged block itself is found wanting here once more, so `at` may be its first byte.
pub(super) fn search(endian: Option<Endian>, window: &Window<'_>, at: usize) -> Search {
    let end = window.bytes.len();
    let open = window.end == End::Open;
    for at in at..end {
        let rest = window.rest(at);
        if rest.len() < SMALLEST {
            if open {
                return Search::Need { at, need: SMALLEST };
            }
            continue;
        }
        let Some((endian, total)) = candidate(endian, rest) else {
            continue;
        };
        if rest.len() < total {
            if open {
                return Search::Need { at, need: total };
            }
            continue;
        }
        let trailer = total.saturating_sub(4);
        let trailer = rest.get(trailer..).and_then(|tail| endian.words(tail));
        if trailer.is_some_and(|[length]| index(length) == total) {
            return Search::Found(at);
        }
    }
    match window.end {
        End::Open => Search::Need {
            at: end,
            need: SMALLEST,
        },
        End::Reached | End::Failed => Search::Nothing { at: end },
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
