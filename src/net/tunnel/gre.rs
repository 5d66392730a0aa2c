//! Generic routing encapsulation.
//!
//! Job: open GRE, and what switches and access servers send inside it. Input: an [`Extent`] from
//! the GRE header on. Output: what is inside and how to read it.
//! RFC 2784 §2 and 2890 §2 (GRE), 2637 §4.1 (PPTP), draft-foschiano-erspan §4 (ERSPAN),
//! draft-wilson-wrec-wccp-v2 §4.12 (WCCP).

use etherparse::IpNumber;

use super::super::extent::Extent;
use super::super::layer::{Kind, ether_type};
use super::super::other::{Header, Other};

/// GRE of a version or with flags that name no packet.
const NOT_OURS: Other = Other::NotTcp {
    protocol: IpNumber::GRE.0,
};

/// RFC 2784 §2, RFC 2890 §2: flags and version, protocol, then what the flags announce.
pub(super) fn open(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const CHECKSUM: u16 = 0x8000;
    const ROUTING: u16 = 0x4000;
    const KEY: u16 = 0x2000;
    const SEQUENCE: u16 = 0x1000;
    const VERSION: u16 = 0x0007;
    const POINT_TO_POINT: u16 = 1;
    /// ERSPAN types I and II, and III: a switch's mirror port.
    const ERSPAN: u16 = 0x88be;
    const ERSPAN3: u16 = 0x22eb;
    /// What a router redirects to a web cache.
    const WCCP: u16 = 0x883e;

    let ([f0, f1, p0, p1], rest) = extent.take::<4>(Header::Gre)?;
    let flags = u16::from_be_bytes([*f0, *f1]);
    if flags & VERSION == POINT_TO_POINT {
        return point_to_point(flags, [*p0, *p1], rest);
    }
    // RFC 2784 §2.3: discard a packet with bits that only RFC 1701 defined.
    if flags & (ROUTING | VERSION) != 0 {
        return Err(NOT_OURS);
    }
    // Four bytes each: checksum with reserved, key, sequence number. The key is no part of the
    // connection's name: each direction may have its own.
    let announced = [CHECKSUM, KEY, SEQUENCE].map(|flag| flags & flag != 0);
    let words = announced.into_iter().filter(|&present| present).count();
    let inside = rest.skip(Header::Gre, words * 4)?;
    match u16::from_be_bytes([*p0, *p1]) {
        // Type I has neither sequence number nor header of its own.
        ERSPAN if flags & SEQUENCE == 0 => Ok((Kind::Ethernet, inside)),
        ERSPAN => erspan2(inside),
        ERSPAN3 => erspan3(inside),
        WCCP => redirected(inside),
        // RFC 2784 §2.4: an EtherType. What is a length elsewhere names nothing here.
        ..=ether_type::MAX_LENGTH => Err(Other::NotIp),
        protocol => Ok((Kind::EtherType(protocol), inside)),
    }
}

/// draft-foschiano-erspan §4.2: version 1 in the first nibble, eight bytes.
fn erspan2(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<8>(Header::Erspan)? {
        ([first, ..], rest) if first >> 4 == 1 => Ok((Kind::Ethernet, rest)),
        _ => Err(Other::NotIp),
    }
}

/// draft-foschiano-erspan §4.3: version 2, twelve bytes, eight more when the O bit is set.
fn erspan3(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([first, .., kind, last], rest) = extent.take::<12>(Header::Erspan)?;
    if first >> 4 != 2 {
        return Err(Other::NotIp);
    }
    let inside = if last & 0x01 == 0 {
        rest
    } else {
        rest.skip(Header::Erspan, 8)?
    };
    // The frame type, five bits after the P bit.
    match (kind >> 2) & 0x1f {
        0 => Ok((Kind::Ethernet, inside)),
        2 => Ok((Kind::Ip, inside)),
        _ => Err(Other::NotIp),
    }
}

/// draft-wilson-wrec-wccp-v2 §4.12: version 2 has four bytes before the packet; version 1 has not.
fn redirected(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([first], _) = extent.take::<1>(Header::Gre)?;
    if first >> 4 == 4 {
        Ok((Kind::Ip, extent))
    } else {
        Ok((Kind::Ip, extent.skip(Header::Gre, 4)?))
    }
}

/// RFC 2637 §4.1: length and call after the protocol, then numbers that the flags announce; PPP.
fn point_to_point(
    flags: u16,
    protocol: [u8; 2],
    extent: Extent<'_>,
) -> Result<(Kind, Extent<'_>), Other> {
    const SEQUENCE: u16 = 0x1000;
    const ACKNOWLEDGEMENT: u16 = 0x0080;
    /// The key is always there; checksum, routing and the other bits never.
    const FIXED: u16 = 0xef7f;
    const KEY: u16 = 0x2001;
    // Without a sequence number there is no payload: an acknowledgement alone.
    if u16::from_be_bytes(protocol) != ether_type::PPP
        || flags & FIXED != KEY
        || flags & SEQUENCE == 0
    {
        return Err(NOT_OURS);
    }
    let ([l0, l1, ..], rest) = extent.take::<4>(Header::Gre)?;
    let numbers = if flags & ACKNOWLEDGEMENT == 0 { 4 } else { 8 };
    let len = usize::from(u16::from_be_bytes([*l0, *l1]));
    Ok((Kind::Ppp, rest.skip(Header::Gre, numbers)?.limit(len)))
}
