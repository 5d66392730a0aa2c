//! What is there of a cut record.
//!
//! Job: give the bytes of a record with holes whose number is proven, and nothing that is not
//! certain to be application data. Input: a held record, its keys and number.
//! Output: [`Part`]s of its content. RFC 8446 §5.2 and §5.4.

use std::ops::Range;

use super::cipher::Protection;
use super::direction::Held;
use super::handshake::MessageType;
use crate::stream::Missing;
use crate::tls::version::ContentType;

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

#[cfg(test)]
mod tests {
    #![expect(
        clippy::single_range_in_vec_init,
        reason = "a list of known ranges, mostly of one"
    )]

    use super::*;
    use crate::stream::Stamps;
    use crate::tls::reading::record::Header;
    use crate::tls::reading::secret::Secret;
    use crate::tls::suite::Suite;
    use crate::tls::version::Version;

    fn protection() -> Protection {
        let secret = Secret::new(&[7; 32]).unwrap();
        Protection::of_traffic_secret(Suite(0x1301), &secret).unwrap()
    }

    /// What is known of a record with this inner content whose holes are given.
    fn shown(inner: &[u8], holes: &[Range<usize>]) -> Option<Vec<(Option<Vec<u8>>, u64)>> {
        // A stream cipher encrypts as it decrypts; the tag is not looked at.
        let mut body = Vec::new();
        let untagged = [inner, &[0; 16]].concat();
        protection().reveal(3, &untagged, &mut body).unwrap();
        body.extend([0; 16]);
        for hole in holes {
            body[hole.clone()].fill(0);
        }
        let held = Held {
            header: Header {
                content: ContentType::APPLICATION_DATA,
                version: Version::TLS_1_2,
                length: u16::try_from(body.len()).unwrap(),
            },
            body,
            holes: holes.to_vec(),
            at: Stamps::default(),
        };
        let mut plain = Vec::new();
        let parts = reveal(&protection(), 3, &held, false, &mut plain)?;
        let part = |part: &Part| match part {
            Part::Known(range) => (Some(plain[range.clone()].to_vec()), 0),
            Part::Missing(Missing::Bytes(bytes)) => (None, *bytes),
            Part::Missing(Missing::AtMost(bytes)) => (None, 1000 + bytes),
            Part::Missing(Missing::Unknown) => (None, u64::MAX),
        };
        Some(parts.iter().map(part).collect())
    }

    fn known(bytes: &[u8]) -> (Option<Vec<u8>>, u64) {
        (Some(bytes.to_vec()), 0)
    }

    #[test]
    fn a_hole_before_the_type_has_a_length() {
        let parts = shown(b"hello there\x17", &[2..5, 7..8]).unwrap();
        let expected = [
            known(b"he"),
            (None, 3),
            known(b" t"),
            (None, 1),
            known(b"ere"),
        ];
        assert_eq!(parts, expected);
    }

    #[test]
    fn where_the_type_is_missing_only_a_bound_is_known() {
        let parts = shown(b"hello there\x17", &[8..28]).unwrap();
        assert_eq!(parts, [known(b"hello th"), (None, 1003)]);
    }

    #[test]
    fn what_may_be_type_and_padding_is_not_shown() {
        let parts = shown(b"hello\x17\0\0\0\0\0\0", &[8..28]).unwrap();
        assert_eq!(parts, [known(b"hello"), (None, 1006)]);
        let parts = shown(b"hello\x17", &[6..22]).unwrap();
        assert_eq!(parts, [known(b"hello")]);
        // These zeros follow no type: they are content.
        let parts = shown(b"hello\0\0\0there\x17", &[8..30]).unwrap();
        assert_eq!(parts, [known(b"hello\0\0\0"), (None, 1005)]);
    }

    #[test]
    fn what_may_be_a_handshake_message_is_not_shown() {
        let ticket = b"\x04\0\0\x05ticket and more\x16";
        assert_eq!(shown(ticket, &[10..36]), None);
        assert_eq!(shown(ticket, &[10..12]), Some(Vec::new()));
        assert_eq!(shown(b"hello there\x17", &[1..28]), None);
    }
}
