//! What is there of a cut record.
//!
//! Job: give the bytes of a record with holes whose number is proven, and nothing that is not
//! certain to be application data. Input: a held record, its keys and number.
//! Output: [`Part`]s of its content. RFC 8446 §5.2 and §5.4.

use std::ops::Range;

use super::cipher::Protection;
use super::direction::Held;
use super::handshake::MessageType;
use super::version::ContentType;
use crate::stream::Missing;

/// A part of a cut record's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Bytes that were captured, at these places of the plain bytes.
    Known(Range<usize>),
    /// A hole.
    Missing(Missing),
}

/// Decrypts what was captured of `held` into `plain` and returns its application data in order;
/// empty where it holds something else; `None` where nothing can be said but how long it is.
pub(super) fn reveal(
    protection: &Protection,
    number: u64,
    held: &Held,
    within_message: bool,
    plain: &mut Vec<u8>,
) -> Option<Vec<Part>> {
    let start = protection.reveal(number, &held.body, plain)?;
    // The record says a part of its nonce itself: without that nothing decrypts.
    if held.holes.first().is_some_and(|hole| hole.start < start) {
        return None;
    }
    let holes: Vec<Range<usize>> = held
        .holes
        .iter()
        .map(|hole| hole.start - start..(hole.end - start).min(plain.len()))
        .filter(|hole| hole.start < hole.end)
        .collect();
    if !protection.hides_type() {
        return Some(match held.header.content {
            ContentType::APPLICATION_DATA => parts(&holes, plain.len(), None),
            _ => Vec::new(),
        });
    }
    inner(&holes, plain, within_message)
}

/// TLS 1.3: the type stands after the content, before padding of zeros.
fn inner(holes: &[Range<usize>], plain: &[u8], within_message: bool) -> Option<Vec<Part>> {
    let tail_from = holes.last().map_or(0, |hole| hole.end);
    let tail = plain.get(tail_from..).unwrap_or_default();
    if let Some(at) = tail.iter().rposition(|&byte| byte != 0) {
        let content = tail.get(at).map(|&byte| ContentType(byte));
        return Some(match content {
            Some(ContentType::APPLICATION_DATA) => parts(holes, tail_from + at, None),
            _ => Vec::new(),
        });
    }
    // The type is in the hole. What could be a handshake message is not taken for data.
    let last = holes.last()?;
    let known_from = plain.get(..4)?;
    let is_known = holes.first().is_none_or(|hole| hole.start >= 4);
    let [kind, high, middle, low] = *known_from else {
        return None;
    };
    let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
    let like_handshake = MessageType::follows_handshake(kind) && length + 4 < plain.len();
    // RFC 8446 §6: an alert is two bytes long.
    if within_message || !is_known || like_handshake || plain.len() <= 3 {
        return None;
    }
    let before = holes.iter().rev().nth(1).map_or(0, |hole| hole.end);
    let end = certain_end(plain.get(before..last.start)?);
    // At least the type is no content.
    let most = plain.len().checked_sub(before + end + 1)?;
    Some(parts(holes, before + end, Some(most)))
}

/// How many of the known bytes before the last hole are content for certain: the type and padding
/// may have begun among them.
fn certain_end(known: &[u8]) -> usize {
    let solid = known.iter().rposition(|&byte| byte != 0);
    match solid.and_then(|at| Some((at, *known.get(at)?))) {
        Some((at, byte)) if ContentType(byte).is_known() => at,
        Some(_) => known.len(),
        // Zeros only: they, too, may be padding, and the type lie in the hole before them.
        None => 0,
    }
}

/// Known ranges and holes up to `end`, and then a hole of at most `most` bytes.
fn parts(holes: &[Range<usize>], end: usize, most: Option<usize>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    for hole in holes.iter().filter(|hole| hole.start < end) {
        if at < hole.start {
            parts.push(Part::Known(at..hole.start));
        }
        parts.push(Part::Missing(Missing::Bytes(
            (hole.end.min(end) - hole.start) as u64,
        )));
        at = hole.end;
    }
    if at < end {
        parts.push(Part::Known(at..end));
    }
    if let Some(most) = most.filter(|&most| most > 0) {
        parts.push(Part::Missing(Missing::AtMost(most as u64)));
    }
    parts
}
