//! From the link header, an Ethernet header or any other that names its payload, to IP.
//!
//! Job: take off Ethernet, VLAN tags, LLC/SNAP, MPLS labels, `PPPoE`, PPP and what else an
//! `EtherType` announces.
//! Input: a [`Layer`]. Output: the same with an IP header in front.
//! IEEE 802.3, 802.1Q, 802.1ah, 802.1AE, 802.2; IEC 62439-3 (HSR); RFC 1042 (SNAP), 8300 (NSH),
//! 6325 (TRILL).

use super::extent::Extent;
use super::layer::{Kind, Layer, ether_type, network};
use super::other::{Header, Other};
use super::unread::Unread;
use super::{link, mpls, ppp};

/// `EtherType`s that only this file knows.
mod other_type {
    pub(super) const MPLS_MULTICAST: u16 = 0x8848;
    pub(super) const OLD_QINQ: u16 = 0x9100;
    pub(super) const OLDER_QINQ: u16 = 0x9200;
    pub(super) const PPPOE_SESSION: u16 = 0x8864;
    pub(super) const BACKBONE: u16 = 0x88e7;
    pub(super) const MACSEC: u16 = 0x88e5;
    pub(super) const CISCO_META: u16 = 0x8909;
    pub(super) const CISCO_VN_TAG: u16 = 0x8926;
    pub(super) const E_TAG: u16 = 0x893f;
    pub(super) const HSR: u16 = 0x892f;
    pub(super) const NSH: u16 = 0x894f;
    pub(super) const TRILL: u16 = 0x22f3;
}

/// Headers between the link and IP: a link inside a link, Ethernet, eight VLAN tags, and what
/// MPLS or `PPPoE` need.
const MAX_HEADERS: usize = 16;

/// Takes headers off until IP is in front.
pub(super) fn to_ip(mut layer: Layer<'_>) -> Result<Layer<'_>, Other> {
    use other_type::{
        BACKBONE, CISCO_META, CISCO_VN_TAG, E_TAG, HSR, MACSEC, MPLS_MULTICAST, NSH, OLD_QINQ,
        OLDER_QINQ, PPPOE_SESSION, TRILL,
    };
    for _ in 0..MAX_HEADERS {
        let extent = layer.extent;
        (layer.kind, layer.extent) = match layer.kind {
            Kind::Ip | Kind::EtherType(ether_type::IPV4 | ether_type::IPV6) => return Ok(layer),
            Kind::Link(number) => link::open(number, extent)?,
            Kind::Ethernet | Kind::EtherType(ether_type::ETHERNET) => {
                typed(extent, Header::Ethernet, 12)?
            }
            Kind::EtherType(
                ether_type::VLAN | ether_type::SERVICE_VLAN | OLD_QINQ | OLDER_QINQ,
            ) => {
                let (vlan, kind, rest) = vlan_tag(extent)?;
                // IEEE 802.1Q §9.6: the null VLAN id marks a priority tag, which names no VLAN.
                if vlan != 0 {
                    layer.encapsulation = layer.encapsulation.within(network::VLAN, vlan);
                }
                (kind, rest)
            }
            Kind::EtherType(BACKBONE) => {
                // IEEE 802.1Q §9.7: four bits and flags, the instance's number; then a frame.
                let ([_, i0, i1, i2], rest) = extent.take::<4>(Header::Tag)?;
                let instance = u32::from_be_bytes([0, *i0, *i1, *i2]);
                layer.encapsulation = layer.encapsulation.within(network::BACKBONE, instance);
                (Kind::Ethernet, rest)
            }
            Kind::EtherType(ether_type::MPLS | MPLS_MULTICAST) => mpls::open(extent)?,
            Kind::EtherType(PPPOE_SESSION) => ppp::over_ethernet(extent)?,
            Kind::EtherType(MACSEC) => macsec(extent)?,
            Kind::EtherType(NSH) => service_header(extent)?,
            Kind::EtherType(TRILL) => trill(extent)?,
            // Tags whose last two bytes are the EtherType of what they mark.
            Kind::EtherType(CISCO_META | E_TAG) => typed(extent, Header::Tag, 6)?,
            Kind::EtherType(CISCO_VN_TAG | HSR) => typed(extent, Header::Tag, 4)?,
            Kind::Llc | Kind::EtherType(..=ether_type::MAX_LENGTH) => llc(extent)?,
            Kind::Ppp | Kind::EtherType(ether_type::PPP) => ppp::open(extent)?,
            Kind::EtherType(_) => return Err(Other::NotIp),
        };
    }
    Err(Other::TooDeep)
}

/// A header of `before` bytes and then an `EtherType`.
fn typed(extent: Extent<'_>, header: Header, before: usize) -> Result<(Kind, Extent<'_>), Other> {
    let len = before + 2;
    if extent.bytes().len() < len {
        return Err(extent.short(header, len));
    }
    let ([high, low], rest) = extent.skip(header, before)?.take::<2>(header)?;
    Ok((Kind::EtherType(u16::from_be_bytes([*high, *low])), rest))
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

/// IEEE 802.1AE §9.3: control bits with association, short length, packet number, maybe the
/// channel's identifier. A frame that is only authenticated shows what it carries.
fn macsec(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const CHANNEL: u8 = 0x20;
    /// E and C: encrypted, or changed otherwise.
    const CHANGED: u8 = 0x0c;
    let ([control, ..], _) = extent.take::<1>(Header::Macsec)?;
    if control & CHANGED != 0 {
        return Err(Other::Unread(Unread::Macsec));
    }
    if control & CHANNEL == 0 {
        typed(extent, Header::Macsec, 6)
    } else {
        typed(extent, Header::Macsec, 14)
    }
}

/// RFC 8300 §2.2: version, flags and hop limit, length in words, metadata type, protocol.
pub(super) fn service_header(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([first, second, _, protocol], _) = extent.take::<4>(Header::Nsh)?;
    // RFC 8300 §2.2: version 0; the length counts this word and the service path's.
    let words = usize::from(second & 0x3f);
    if first >> 6 != 0 || words < 2 {
        return Err(Other::NotIp);
    }
    let rest = extent.skip(Header::Nsh, words * 4)?;
    match protocol {
        1 | 2 => Ok((Kind::Ip, rest)),
        3 => Ok((Kind::Ethernet, rest)),
        5 => Ok((Kind::EtherType(ether_type::MPLS), rest)),
        _ => Err(Other::NotIp),
    }
}

/// RFC 6325 §3.1: version, options' length in words and hops, two nicknames; then a frame.
fn trill(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([first, second, ..], rest) = extent.take::<6>(Header::Trill)?;
    if first >> 6 != 0 {
        return Err(Other::NotIp);
    }
    let words = usize::from((u16::from_be_bytes([*first, *second]) >> 6) & 0x1f);
    Ok((Kind::Ethernet, rest.skip(Header::Trill, words * 4)?))
}
