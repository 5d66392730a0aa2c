//! What a radio says of an 802.11 frame that it heard.
//!
//! Job: take the header off, and leave out what the radio knows to be damaged. Input: an
//! [`Extent`] from the header on. Output: as [`super::wireless`].
//! Source: radiotap.org (header, field 1 "flags"); `LINKTYPE_IEEE802_11_PRISM` and
//! `LINKTYPE_IEEE802_11_AVS` of the pcap registry.

use super::super::extent::Extent;
use super::super::layer::Kind;
use super::super::other::{Header, Other};
use super::super::unread::Unread;
use super::wireless::{self, Padding};

/// Words of the map of fields; no driver writes more than a few.
const MAX_WORDS: usize = 16;

/// Radiotap: version 0, a pad, the length, a map of the fields; all little-endian.
pub(super) fn tap(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    /// Field "flags": padding after the 802.11 header; the frame check sequence was wrong.
    const PADDED: u8 = 0x20;
    const BAD: u8 = 0x40;
    let ([version, _, l0, l1], _) = extent.take::<4>(Header::Radio)?;
    let len = usize::from(u16::from_le_bytes([*l0, *l1]));
    if *version != 0 || len < 8 {
        return Err(extent.malformed(Header::Radio));
    }
    let flags = tap_flags(extent.limit(len))?;
    // A frame that arrived damaged is no copy of what was sent; the sender repeats it.
    if flags & BAD != 0 {
        return Err(Other::Unread(Unread::DamagedWireless));
    }
    let padding = if flags & PADDED == 0 {
        Padding::None
    } else {
        Padding::ToWord
    };
    wireless::open(extent.skip(Header::Radio, len)?, padding)
}

/// The field "flags"; 0 where it is not there.
fn tap_flags(header: Extent<'_>) -> Result<u8, Other> {
    const TIMER: u32 = 1;
    const FLAGS: u32 = 1 << 1;
    const MORE: u32 = 1 << 31;
    let (first, mut rest) = header.skip(Header::Radio, 4)?.take::<4>(Header::Radio)?;
    let first = u32::from_le_bytes(*first);
    let mut more = first & MORE != 0;
    let mut at: usize = 8;
    for _ in 0..MAX_WORDS {
        if !more {
            break;
        }
        let (word, after) = rest.take::<4>(Header::Radio)?;
        more = u32::from_le_bytes(*word) & MORE != 0;
        (rest, at) = (after, at + 4);
    }
    if first & FLAGS == 0 {
        return Ok(0);
    }
    if first & TIMER != 0 {
        // Fields lie at multiples of their size, counted from the header's first byte.
        at = at.next_multiple_of(8) + 8;
    }
    let ([flags], _) = header.skip(Header::Radio, at)?.take::<1>(Header::Radio)?;
    Ok(*flags)
}

/// Prism: a message code and the length of all; AVS, which some drivers put there instead:
/// a magic number and the length, big-endian.
pub(super) fn prism(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    /// Longer than either header is.
    const MOST: u32 = 1024;
    let ([c0, c1, c2, c3, l0, l1, l2, l3], _) = extent.take::<8>(Header::Radio)?;
    let len = [*l0, *l1, *l2, *l3];
    let len = if u32::from_be_bytes([*c0, *c1, *c2, *c3]) & 0xffff_f000 == 0x8021_1000 {
        u32::from_be_bytes(len)
    } else {
        // Prism's numbers are in the byte order of the machine that captured.
        u32::from_le_bytes(len).min(u32::from_be_bytes(len))
    };
    if !(8..=MOST).contains(&len) {
        return Err(extent.malformed(Header::Radio));
    }
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    wireless::open(extent.skip(Header::Radio, len)?, Padding::None)
}
