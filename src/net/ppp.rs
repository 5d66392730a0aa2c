//! PPP, what carries it, and what looks like it.
//!
//! Job: find the network packet in a PPP frame. Input: an [`Extent`] from the PPP header on (or
//! from that of `PPPoE`, Cisco HDLC or Frame Relay). Output: what is inside and how to read it.
//! RFC 1661 §2 (PPP), 1662 §3.1 (framing), 1990 §3 (multilink), 2516 §4 (`PPPoE`), 1547 §2.1 and
//! 2427 §3 (HDLC and Frame Relay).

use super::extent::Extent;
use super::layer::{Kind, ether_type};
use super::other::{Header, Other};
use super::unread::Unread;

/// RFC 1661 §2: the protocol, in one byte when odd (§6.5); RFC 1662 §3.1: maybe after FF 03.
pub(super) fn open(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let extent = match extent.bytes().first() {
        Some(0xff) => match extent.take::<2>(Header::Ppp)? {
            ([_, 0x03], rest) => rest,
            _ => return Err(Other::NotIp),
        },
        _ => extent,
    };
    let (number, rest) = protocol(extent)?;
    if number == MULTILINK {
        let (number, rest) = multilink(rest)?;
        return inside(number, rest);
    }
    inside(number, rest)
}

const MULTILINK: u16 = 0x003d;

/// RFC 1661 §6.5: a protocol number is one byte where that is odd, else two.
fn protocol(extent: Extent<'_>) -> Result<(u16, Extent<'_>), Other> {
    let ([first], rest) = extent.take::<1>(Header::Ppp)?;
    if first & 1 == 1 {
        return Ok((u16::from(*first), rest));
    }
    let (both, rest) = extent.take::<2>(Header::Ppp)?;
    Ok((u16::from_be_bytes(*both), rest))
}

/// RFC 1990 §3: first and last fragment, six or two bits of zero, a number of 24 or 12 bits.
fn multilink(extent: Extent<'_>) -> Result<(u16, Extent<'_>), Other> {
    const WHOLE: u8 = 0xc0;
    let ([first], _) = extent.take::<1>(Header::Ppp)?;
    if first & WHOLE != WHOLE {
        return Err(Other::Unread(Unread::PppMultilink));
    }
    // Long numbers unless short ones are agreed: the protocol after them has to be one of ours.
    if *first == WHOLE {
        let long = protocol(extent.skip(Header::Ppp, 4)?)?;
        if is_network(long.0) {
            return Ok(long);
        }
    }
    protocol(extent.skip(Header::Ppp, 2)?)
}

fn is_network(protocol: u16) -> bool {
    matches!(protocol, IPV4 | IPV6 | MPLS | MPLS_MULTICAST)
}

const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;
const MPLS: u16 = 0x0281;
const MPLS_MULTICAST: u16 = 0x0283;

/// What the packets of a protocol are; numbers of the PPP registry.
fn inside(protocol: u16, rest: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    /// RFC 1144: compressed and uncompressed TCP. The latter has a slot for its IP protocol.
    const VAN_JACOBSON: [u16; 2] = [0x002d, 0x002f];
    /// RFC 3241, 3544: robust and other header compression.
    const ROBUST: [u16; 2] = [0x0003, 0x0005];
    const HEADERS: [u16; 4] = [0x0061, 0x0063, 0x0065, 0x0067];
    /// RFC 1962 and 1968, for the bundle and for a single link.
    const DATA: [u16; 4] = [0x00fd, 0x00fb, 0x0053, 0x0055];
    match protocol {
        IPV4 | IPV6 => Ok((Kind::Ip, rest)),
        MPLS | MPLS_MULTICAST => Ok((Kind::EtherType(ether_type::MPLS), rest)),
        MULTILINK => Err(Other::Unread(Unread::PppMultilink)),
        number if DATA.contains(&number) => Err(Other::Unread(Unread::PppData)),
        number
            if VAN_JACOBSON.contains(&number)
                || ROBUST.contains(&number)
                || HEADERS.contains(&number) =>
        {
            Err(Other::Unread(Unread::PppHeaders))
        }
        _ => Err(Other::NotIp),
    }
}

/// RFC 2516 §4: version and type 1, code 0 in a session, session id, length; then PPP.
pub(super) fn over_ethernet(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<6>(Header::Pppoe)? {
        ([0x11, 0x00, ..], rest) => Ok((Kind::Ppp, rest)),
        _ => Err(Other::NotIp),
    }
}

/// PPP with a byte for the direction in front, or in place of the address of RFC 1662 §3.1.
pub(super) fn directed(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let rest = extent.skip(Header::Ppp, 1)?;
    match rest.take::<1>(Header::Ppp)? {
        ([0x03], inside) => Ok((Kind::Ppp, inside)),
        _ => Ok((Kind::Ppp, rest)),
    }
}

/// PPP on a serial line, where a router may speak Cisco HDLC instead.
pub(super) fn serial(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.bytes().first() {
        Some(&CISCO_UNICAST | &CISCO_MULTICAST) => cisco(extent),
        _ => Ok((Kind::Ppp, extent)),
    }
}

const CISCO_UNICAST: u8 = 0x0f;
const CISCO_MULTICAST: u8 = 0x8f;

/// Cisco HDLC: address, a byte of zero, an `EtherType`. RFC 1547 §4.3.1 tells of it.
pub(super) fn cisco(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<4>(Header::Hdlc)? {
        ([CISCO_UNICAST | CISCO_MULTICAST, _, high, low], rest) => {
            Ok((Kind::EtherType(u16::from_be_bytes([*high, *low])), rest))
        }
        _ => Err(Other::NotIp),
    }
}

/// RFC 2427 §3: an address of two bytes, unnumbered information, maybe a pad, a protocol.
pub(super) fn frame_relay(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([_, last], rest) = extent.take::<2>(Header::FrameRelay)?;
    // Q.922 §3.3: the last byte of an address has its lowest bit set.
    if last & 1 == 0 {
        return Err(Other::NotIp);
    }
    let ([control], rest) = rest.take::<1>(Header::FrameRelay)?;
    // Without RFC 2427's control byte it is Cisco's encapsulation: an EtherType.
    if *control != 0x03 {
        let ([high, low], rest) = extent
            .skip(Header::FrameRelay, 2)?
            .take::<2>(Header::FrameRelay)?;
        return Ok((Kind::EtherType(u16::from_be_bytes([*high, *low])), rest));
    }
    let ([protocol], inside) = rest.take::<1>(Header::FrameRelay)?;
    match protocol {
        // RFC 2427 §4: the protocols that have a number of their own.
        0xcc | 0x8e => Ok((Kind::Ip, inside)),
        // RFC 2427 §3: a pad of zero, then 80 for a SNAP header.
        0x00 | 0x80 => snap(rest),
        _ => Err(Other::NotIp),
    }
}

/// RFC 2427 §3: organisation 0 and an `EtherType`, or 802.1's number for bridged Ethernet.
fn snap(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let extent = match extent.take::<1>(Header::FrameRelay)? {
        ([0x00], rest) => rest,
        _ => extent,
    };
    match extent.take::<6>(Header::FrameRelay)? {
        ([0x80, 0, 0, 0, high, low], rest) => {
            Ok((Kind::EtherType(u16::from_be_bytes([*high, *low])), rest))
        }
        // RFC 2427 §4.2: 00-80-C2 with 1 (with check sequence) or 7.
        ([0x80, 0, 0x80, 0xc2, 0, 1 | 7], rest) => Ok((Kind::Ethernet, rest)),
        _ => Err(Other::NotIp),
    }
}
