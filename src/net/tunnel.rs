//! Packets inside packets.
//!
//! Job: find the packet that a tunnel carries, strictly enough not to see tunnels where there
//! are none, and name those that hide it.
//! Input: a [`Datagram`] that is not TCP. Output: the [`Layer`] inside, one deeper.
//! RFC 2003 (IP in IP), 4213 §3 (IPv6 in IPv4), 4023 §3 and 7510 §3 (MPLS), 3378 §3 (`EtherIP`),
//! 8986 §9 (Ethernet), 4303 §2 and 3948 §2 (ESP), 9300 §5 (LISP), draft-ietf-intarea-gue §3.

mod capwap;
mod gre;
mod gtp;
mod l2tp;
mod teredo;
mod tzsp;
mod vxlan;

use etherparse::IpNumber;

use super::extent::Extent;
use super::guess;
use super::ip::Datagram;
use super::layer::{Kind, Layer, ether_type};
use super::other::{Header, Other};
use super::segment::Encapsulation;
use super::unread::Unread;

/// UDP ports.
mod port {
    pub(super) const OPENVPN: u16 = 1194;
    pub(super) const L2TP: u16 = 1701;
    pub(super) const GTP: u16 = 2152;
    pub(super) const TEREDO: u16 = 3544;
    pub(super) const LISP: u16 = 4341;
    /// `IPsec` through address translation.
    pub(super) const ESP: u16 = 4500;
    pub(super) const VXLAN: u16 = 4789;
    /// What Linux used before the assignment, and still does unless told.
    pub(super) const VXLAN_LINUX: u16 = 8472;
    pub(super) const VXLAN_GPE: u16 = 4790;
    pub(super) const CAPWAP_DATA: u16 = 5247;
    /// The backend of Flannel that needs no help of the kernel.
    pub(super) const FLANNEL: u16 = 8285;
    pub(super) const GUE: u16 = 6080;
    pub(super) const GENEVE: u16 = 6081;
    pub(super) const MPLS: u16 = 6635;
    pub(super) const TZSP: u16 = 37008;
    pub(super) const WIREGUARD: u16 = 51820;
}

/// The IP protocol number of Ethernet.
const ETHERNET: u8 = 143;

/// The layer that `datagram` carries, if it is a tunnel's.
pub(super) fn open<'a>(datagram: &Datagram<'a>) -> Result<Layer<'a>, Other> {
    let payload = datagram.payload;
    let (kind, extent) = match datagram.protocol {
        IpNumber::UDP => return udp(payload, datagram.encapsulation),
        IpNumber::GRE => gre::open(payload)?,
        // RFC 2003 §3.1 and RFC 4213 §3: protocol 4 carries version 4, 41 carries version 6.
        IpNumber::IPV4 => version(payload, 4)?,
        IpNumber::IPV6 => version(payload, 6)?,
        // RFC 4023 §3.
        IpNumber::MPLS_IN_IP => (Kind::EtherType(ether_type::MPLS), payload),
        IpNumber::ETHER_IP => ether_ip(payload)?,
        // RFC 8986 §9: an Ethernet frame, at the end of a segment route.
        IpNumber(ETHERNET) => (Kind::Ethernet, payload),
        IpNumber::LAYER2_TUNNELING_PROTOCOL => l2tp::over_ip(payload)?,
        IpNumber::ENCAPSULATING_SECURITY_PAYLOAD => return Err(Other::Unread(Unread::Esp)),
        IpNumber::IP_COMP => return Err(Other::Unread(Unread::IpCompression)),
        protocol => {
            return Err(Other::NotTcp {
                protocol: protocol.0,
            });
        }
    };
    Ok(Layer {
        kind,
        extent,
        encapsulation: datagram.encapsulation,
    })
}

fn version(extent: Extent<'_>, version: u8) -> Result<(Kind, Extent<'_>), Other> {
    match extent.bytes().first() {
        Some(byte) if byte >> 4 == version => Ok((Kind::Ip, extent)),
        Some(_) => Err(extent.malformed(Header::Ip)),
        None => Err(extent.short(Header::Ip, 1)),
    }
}

/// RFC 3378 §3: version 3 and twelve bits of zero; then an Ethernet frame.
fn ether_ip(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<2>(Header::EtherIp)? {
        ([0x30, 0], rest) => Ok((Kind::Ethernet, rest)),
        _ => Err(extent.malformed(Header::EtherIp)),
    }
}

/// RFC 768: source port, destination port, length, checksum.
fn udp(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
    let Ok(([s0, s1, d0, d1, ..], rest)) = extent.take::<8>(Header::Udp) else {
        return Err(Other::Udp);
    };
    let source = u16::from_be_bytes([*s0, *s1]);
    let destination = u16::from_be_bytes([*d0, *d1]);
    let (kind, extent) = match destination {
        port::VXLAN | port::VXLAN_LINUX => return vxlan::vxlan(rest, around),
        port::VXLAN_GPE => return vxlan::vxlan_gpe(rest, around),
        port::GENEVE => return vxlan::geneve(rest, around),
        port::GTP => gtp::open(rest)?,
        port::MPLS => (Kind::EtherType(ether_type::MPLS), rest),
        port::TZSP => tzsp::open(rest)?,
        port::LISP => lisp(rest)?,
        port::GUE => gue(rest)?,
        port::FLANNEL if guess::is_ip(rest)? => (Kind::Ip, rest),
        _ if vxlan::is_likely(rest)? => return vxlan::vxlan(rest, around),
        _ => two_way([source, destination], rest)?,
    };
    Ok(Layer {
        kind,
        extent,
        encapsulation: around,
    })
}

/// Tunnels of which one end alone may have the port, whoever sends.
fn two_way(ports: [u16; 2], extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let either = |port| ports.contains(&port);
    if either(port::L2TP) {
        l2tp::over_udp(extent)
    } else if either(port::TEREDO) {
        teredo::open(extent)
    } else if either(port::CAPWAP_DATA) {
        capwap::open(extent)
    } else if either(port::ESP) {
        match extent.take::<4>(Header::Udp)? {
            // RFC 3948 §2.2: four bytes of zero tell key exchange from ESP.
            ([0, 0, 0, 0], _) => Err(Other::Udp),
            _ => Err(Other::Unread(Unread::Esp)),
        }
    } else if either(port::WIREGUARD) {
        match extent.take::<4>(Header::Udp)? {
            // The protocol's paper, §5.4.6: type 4 is data, and three bytes of zero follow.
            ([4, 0, 0, 0], _) => Err(Other::Unread(Unread::WireGuard)),
            _ => Err(Other::Udp),
        }
    } else if either(port::OPENVPN) {
        match extent.take::<1>(Header::Udp)? {
            // The upper five bits are the message's kind: data of version 1 or 2.
            ([first], _) if matches!(first >> 3, 6 | 9) => Err(Other::Unread(Unread::OpenVpn)),
            _ => Err(Other::Udp),
        }
    } else {
        Err(Other::Udp)
    }
}

/// RFC 9300 §5.1: eight bytes of flags, nonce and locator bits; then IP.
fn lisp(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let inside = extent.skip(Header::Lisp, 8)?;
    if guess::is_ip(inside)? {
        Ok((Kind::Ip, inside))
    } else {
        Err(Other::Udp)
    }
}

/// draft-ietf-intarea-gue §3.1: version 0, control bit, length in words, protocol, flags.
/// §4: version 1 is IP itself, told by its version's nibble.
fn gue(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const CONTROL: u8 = 0x20;
    let ([first, protocol, ..], rest) = extent.take::<4>(Header::Gue)?;
    match first >> 6 {
        0 if first & CONTROL == 0 => {
            let inside = rest.skip(Header::Gue, usize::from(first & 0x1f) * 4)?;
            match IpNumber(*protocol) {
                IpNumber::IPV4 | IpNumber::IPV6 => Ok((Kind::Ip, inside)),
                IpNumber::GRE => gre::open(inside),
                IpNumber::MPLS_IN_IP => Ok((Kind::EtherType(ether_type::MPLS), inside)),
                IpNumber::ETHER_IP => ether_ip(inside),
                IpNumber(ETHERNET) => Ok((Kind::Ethernet, inside)),
                _ => Err(Other::Unread(Unread::Gue)),
            }
        }
        1 if guess::is_ip(extent)? => Ok((Kind::Ip, extent)),
        _ => Err(Other::Udp),
    }
}
