//! Headers that say something of a packet, and which link type it has.
//!
//! Job: take them off. Input: an [`Extent`] from the header on. Output: the packet, to be read by
//! its own link type.
//! Source: the specification of PPI 1.0.7, §3; Apple's `net/pktap.h`; `LINKTYPE_JUNIPER_ETHER` of
//! the pcap registry.

use super::super::extent::Extent;
use super::super::guess;
use super::super::layer::Kind;
use super::super::other::{Header, Other};
use crate::capture::LinkType;

/// PPI: version 0, flags, length of header and fields, link type; all little-endian.
pub(super) fn ppi(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([version, _, l0, l1, t0, t1, t2, t3], _) = extent.take::<8>(Header::Ppi)?;
    let len = usize::from(u16::from_le_bytes([*l0, *l1]));
    if *version != 0 || len < 8 {
        return Err(extent.malformed(Header::Ppi));
    }
    Ok((
        packet_of(u32::from_le_bytes([*t0, *t1, *t2, *t3])),
        extent.skip(Header::Ppi, len)?,
    ))
}

/// PKTAP: length of the header, whether a packet follows, its link type, and much that does not
/// matter here; in the byte order of the machine that captured.
pub(super) fn pktap(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const PACKET: u32 = 1;
    /// Up to the length of the link header.
    const LEAST: usize = 52;
    let (head, _) = extent.take::<12>(Header::Pktap)?;
    let [l0, l1, l2, l3, n0, n1, n2, n3, t0, t1, t2, t3] = *head;
    // The length of a header is below 64 KiB, so its first two bytes or its last two are 0.
    let native = if [l2, l3] == [0, 0] {
        u32::from_le_bytes
    } else {
        u32::from_be_bytes
    };
    let len = usize::try_from(native([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    if len < LEAST || native([n0, n1, n2, n3]) != PACKET {
        return Err(extent.malformed(Header::Pktap));
    }
    Ok((
        packet_of(native([t0, t1, t2, t3])),
        extent.skip(Header::Pktap, len)?,
    ))
}

/// Juniper: "MGC", flags, maybe extensions with their length in front; then Ethernet, or without
/// it a protocol in four bytes.
pub(super) fn juniper(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const EXTENDED: u8 = 0x80;
    const NO_ETHERNET: u8 = 0x02;
    let ([b'M', b'G', b'C', flags], mut rest) = extent.take::<4>(Header::Juniper)? else {
        return Err(extent.malformed(Header::Juniper));
    };
    if flags & EXTENDED != 0 {
        let ([l0, l1], after) = rest.take::<2>(Header::Juniper)?;
        rest = after.skip(Header::Juniper, usize::from(u16::from_be_bytes([*l0, *l1])))?;
    }
    if flags & NO_ETHERNET == 0 {
        return Ok((Kind::Ethernet, rest));
    }
    let inside = rest.skip(Header::Juniper, 4)?;
    Ok((guess::payload(inside)?, inside))
}

/// A packet of the link type that a system's own number names.
fn packet_of(number: u32) -> Kind {
    // No system has numbers past 16 bits: such a one names nothing that is read.
    Kind::Link(LinkType::from_number(
        u16::try_from(number).unwrap_or(u16::MAX),
    ))
}
