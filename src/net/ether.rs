//! From an Ethernet header, or any other that names its payload by an `EtherType`, to IP.
//!
//! Job: take off Ethernet, VLAN tags, LLC/SNAP, MPLS labels, `PPPoE` and PPP.
//! Input: a [`Layer`]. Output: the same with an IP header in front.
//! IEEE 802.3, 802.1Q, 802.2; RFC 1042 (SNAP), 3032 (MPLS), 4448 (Ethernet over MPLS),
//! 2516 (`PPPoE`), 1661 (PPP).

use super::extent::Extent;
use super::link::{Kind, Layer};
use super::other::{Header, Other};

/// `EtherType`s, and 802.3 lengths where they end.
pub(super) mod ether_type {
    /// IEEE 802.3 §3.2.6: up to this, the field is a length and LLC follows.
    pub(in crate::net) const MAX_LENGTH: u16 = 1500;
    pub(in crate::net) const IPV4: u16 = 0x0800;
    pub(in crate::net) const IPV6: u16 = 0x86dd;
    /// Transparent Ethernet bridging: a whole Ethernet frame follows.
    pub(in crate::net) const ETHERNET: u16 = 0x6558;
    pub(super) const VLAN: u16 = 0x8100;
    pub(super) const SERVICE_VLAN: u16 = 0x88a8;
    pub(super) const OLD_QINQ: u16 = 0x9100;
    pub(super) const MPLS: u16 = 0x8847;
    pub(super) const MPLS_MULTICAST: u16 = 0x8848;
    pub(super) const PPPOE_SESSION: u16 = 0x8864;
}

/// Headers between the link and IP: Ethernet, eight VLAN tags, and what MPLS or `PPPoE` need.
const MAX_HEADERS: usize = 13;
const MAX_LABELS: usize = 16;
/// The kind of an [`Encapsulation`](super::Encapsulation) layer.
const VLAN: u8 = 1;

/// Takes headers off until IP is in front.
pub(super) fn to_ip(mut layer: Layer<'_>) -> Result<Layer<'_>, Other> {
    for _ in 0..MAX_HEADERS {
        (layer.kind, layer.extent) = match layer.kind {
            Kind::Ip | Kind::EtherType(ether_type::IPV4 | ether_type::IPV6) => return Ok(layer),
            Kind::Ethernet | Kind::EtherType(ether_type::ETHERNET) => {
                let ([.., high, low], rest) = layer.extent.take::<14>(Header::Ethernet)?;
                (Kind::EtherType(u16::from_be_bytes([*high, *low])), rest)
            }
            Kind::EtherType(ether_type::VLAN | ether_type::SERVICE_VLAN | ether_type::OLD_QINQ) => {
                let (vlan, kind, rest) = vlan_tag(layer.extent)?;
                // IEEE 802.1Q §9.6: the null VLAN id marks a priority tag, which names no VLAN.
                if vlan != 0 {
                    layer.encapsulation = layer.encapsulation.within(VLAN, vlan);
                }
                (kind, rest)
            }
            Kind::EtherType(ether_type::MPLS | ether_type::MPLS_MULTICAST) => mpls(layer.extent)?,
            Kind::EtherType(ether_type::PPPOE_SESSION) => pppoe(layer.extent)?,
            Kind::EtherType(..=ether_type::MAX_LENGTH) => llc(layer.extent)?,
            Kind::EtherType(_) => return Err(Other::NotIp),
            Kind::Ppp => ppp(layer.extent)?,
        };
    }
    Err(Other::TooDeep)
}

/// IEEE 802.1Q §9.6: three bits of priority, one of eligibility, twelve of VLAN id; then the type.
fn vlan_tag(extent: Extent<'_>) -> Result<(u32, Kind, Extent<'_>), Other> {
    let ([tag_high, tag_low, high, low], rest) = extent.take::<4>(Header::Vlan)?;
    let vlan = u16::from_be_bytes([*tag_high, *tag_low]) & 0x0fff;
    let kind = Kind::EtherType(u16::from_be_bytes([*high, *low]));
    Ok((u32::from(vlan), kind, rest))
}

/// IEEE 802.2 and RFC 1042: destination and source access point, control, then maybe SNAP.
fn llc(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let (head, rest) = extent.take::<3>(Header::Llc)?;
    match head {
        // RFC 1042: both access points 170, unnumbered information: a SNAP header follows.
        [0xaa, 0xaa, 0x03] => {
            let (snap, rest) = rest.take::<5>(Header::Snap)?;
            match snap {
                // RFC 1042: organisation 0 means that an EtherType follows; IEEE 802.1H uses
                // 00-00-F8 for the same.
                [0, 0, 0 | 0xf8, high, low] => {
                    let ether_type = u16::from_be_bytes([*high, *low]);
                    if ether_type <= ether_type::MAX_LENGTH {
                        return Err(Other::NotIp);
                    }
                    Ok((Kind::EtherType(ether_type), rest))
                }
                _ => Err(Other::NotIp),
            }
        }
        // The access point that IEEE gave to IP.
        [0x06, 0x06, 0x03] => Ok((Kind::Ip, rest)),
        _ => Err(Other::NotIp),
    }
}

/// RFC 3032 §2.1: labels of four bytes, the last with the bottom-of-stack bit.
fn mpls(mut extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const BOTTOM: u8 = 0x01;
    for _ in 0..MAX_LABELS {
        let ([_, _, label, _], rest) = extent.take::<4>(Header::Mpls)?;
        extent = rest;
        if label & BOTTOM != 0 {
            // Nothing in a label says what it carries: RFC 4928 §3: the first nibble tells IP
            // from a pseudowire, whose control word begins with 0.
            return match extent.bytes().first().map(|byte| byte >> 4) {
                Some(4 | 6) => Ok((Kind::Ip, extent)),
                // RFC 4448 §4.6: an Ethernet frame after the control word.
                Some(0) => Ok((Kind::Ethernet, extent.take::<4>(Header::Mpls)?.1)),
                Some(_) => Err(Other::NotIp),
                None => Err(extent.short(Header::Ip, 1)),
            };
        }
    }
    Err(Other::TooDeep)
}

/// RFC 2516 §4: version and type 1, code 0 in a session, session id, length; then PPP.
fn pppoe(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<6>(Header::Pppoe)? {
        ([0x11, 0x00, ..], rest) => Ok((Kind::Ppp, rest)),
        _ => Err(Other::NotIp),
    }
}

/// RFC 1661 §2: the protocol, in one byte when odd (§6.5); RFC 1662 §3.1: maybe after FF 03.
fn ppp(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const IPV4: u16 = 0x0021;
    const IPV6: u16 = 0x0057;
    const MPLS: u16 = 0x0281;

    let extent = match extent.bytes().first() {
        Some(0xff) => match extent.take::<2>(Header::Ppp)? {
            ([_, 0x03], rest) => rest,
            _ => return Err(Other::NotIp),
        },
        _ => extent,
    };
    let ([first], rest) = extent.take::<1>(Header::Ppp)?;
    let (protocol, rest) = if first & 1 == 1 {
        (u16::from(*first), rest)
    } else {
        let (both, rest) = extent.take::<2>(Header::Ppp)?;
        (u16::from_be_bytes(*both), rest)
    };
    match protocol {
        IPV4 | IPV6 => Ok((Kind::Ip, rest)),
        MPLS => Ok((Kind::EtherType(ether_type::MPLS), rest)),
        _ => Err(Other::NotIp),
    }
}
