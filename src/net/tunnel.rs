//! Packets inside packets.
//!
//! Job: find the packet that a tunnel carries, strictly enough not to see tunnels where there
//! are none.
//! Input: a [`Datagram`] that is not TCP. Output: the [`Layer`] inside, one deeper.
//! RFC 7348 §5 (VXLAN), 8926 §3.4 (Geneve), 2784 §2 and 2890 §2 (GRE), 2003 (IP in IP),
//! 4213 §3 (IPv6 in IPv4).

use etherparse::IpNumber;

use super::ether::ether_type;
use super::extent::Extent;
use super::ip::Datagram;
use super::link::{Kind, Layer};
use super::other::{Header, Other};
use super::segment::Encapsulation;

/// Destination ports.
mod port {
    pub(super) const VXLAN: u16 = 4789;
    /// What Linux used before the assignment, and still does unless told.
    pub(super) const VXLAN_LINUX: u16 = 8472;
    pub(super) const VXLAN_GPE: u16 = 4790;
    pub(super) const GENEVE: u16 = 6081;
}

/// The kinds of an [`Encapsulation`] layer; VLAN has 1.
const VXLAN: u8 = 2;
const GENEVE: u8 = 3;

/// The layer that `datagram` carries, if it is a tunnel's.
pub(super) fn open<'a>(datagram: &Datagram<'a>) -> Result<Layer<'a>, Other> {
    let bare = |(kind, extent)| Layer {
        kind,
        extent,
        encapsulation: datagram.encapsulation,
    };
    match datagram.protocol {
        IpNumber::UDP => udp(datagram.payload, datagram.encapsulation),
        IpNumber::GRE => gre(datagram.payload).map(bare),
        // RFC 2003 §3.1 and RFC 4213 §3: protocol 4 carries version 4, 41 carries version 6.
        IpNumber::IPV4 => version(datagram.payload, 4).map(bare),
        IpNumber::IPV6 => version(datagram.payload, 6).map(bare),
        protocol => Err(Other::NotTcp {
            protocol: protocol.0,
        }),
    }
}

fn version(extent: Extent<'_>, version: u8) -> Result<(Kind, Extent<'_>), Other> {
    match extent.bytes().first() {
        Some(byte) if byte >> 4 == version => Ok((Kind::Ip, extent)),
        Some(_) => Err(extent.malformed(Header::Ip)),
        None => Err(extent.short(Header::Ip, 1)),
    }
}

/// RFC 768: source port, destination port, length, checksum.
fn udp(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
    let Ok(([_, _, high, low, ..], rest)) = extent.take::<8>(Header::Udp) else {
        return Err(Other::Udp);
    };
    match u16::from_be_bytes([*high, *low]) {
        port::VXLAN | port::VXLAN_LINUX => vxlan(rest, around),
        port::VXLAN_GPE => vxlan_gpe(rest, around),
        port::GENEVE => geneve(rest, around),
        _ => Err(Other::Udp),
    }
}

/// The 24 bits of a virtual network's number.
fn network(bytes: [u8; 3]) -> u32 {
    let [high, middle, low] = bytes;
    u32::from_be_bytes([0, high, middle, low])
}

/// RFC 7348 §5: flags with I set, 24 reserved bits, the network's number, 8 reserved bits.
fn vxlan(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
    let (head, rest) = extent.take::<8>(Header::Vxlan)?;
    let [.., n0, n1, n2, _] = *head;
    match head {
        // The reserved bits are sent as zero; the group policy draft puts a G flag, a few more
        // and a group there. A receiver ignores them; we hold them against chance.
        [0x08, 0, 0, 0, .., 0] | [0x88, .., 0] => Ok(Layer {
            kind: Kind::Ethernet,
            extent: rest,
            encapsulation: around.within(VXLAN, network([n0, n1, n2])),
        }),
        _ => Err(Other::Udp),
    }
}

/// draft-ietf-nvo3-vxlan-gpe §3: as VXLAN, with the P flag and the payload's protocol.
fn vxlan_gpe(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
    let (head, rest) = extent.take::<8>(Header::Vxlan)?;
    let [flags, r0, r1, next, n0, n1, n2, r2] = *head;
    let kind = match (flags, r0, r1, next, r2) {
        (0x08, 0, 0, 0, 0) | (0x0c, 0, 0, 3, 0) => Kind::Ethernet,
        (0x0c, 0, 0, 1 | 2, 0) => Kind::Ip,
        _ => return Err(Other::Udp),
    };
    Ok(Layer {
        kind,
        extent: rest,
        encapsulation: around.within(VXLAN, network([n0, n1, n2])),
    })
}

/// RFC 8926 §3.4: version and options' length, flags, protocol, the network's number, reserved.
fn geneve(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
    let (head, rest) = extent.take::<8>(Header::Geneve)?;
    let [first, flags, high, low, n0, n1, n2, reserved] = *head;
    // RFC 8926 §3.4: version 0; below the O and C flags six bits that are sent as zero.
    if first >> 6 != 0 || flags & 0x3f != 0 || reserved != 0 {
        return Err(Other::Udp);
    }
    // The options' length counts words of 32 bits.
    let extent = rest.skip(Header::Geneve, usize::from(first & 0x3f) * 4)?;
    let kind = match u16::from_be_bytes([high, low]) {
        ether_type::ETHERNET => Kind::Ethernet,
        ether_type::IPV4 | ether_type::IPV6 => Kind::Ip,
        _ => return Err(Other::NotIp),
    };
    Ok(Layer {
        kind,
        extent,
        encapsulation: around.within(GENEVE, network([n0, n1, n2])),
    })
}

/// RFC 2784 §2, RFC 2890 §2: flags and version, protocol, then what the flags announce.
fn gre(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const CHECKSUM: u16 = 0x8000;
    const ROUTING: u16 = 0x4000;
    const KEY: u16 = 0x2000;
    const SEQUENCE: u16 = 0x1000;
    const VERSION: u16 = 0x0007;
    /// ERSPAN types I and II, and III: a switch's mirror port.
    const ERSPAN: u16 = 0x88be;
    const ERSPAN3: u16 = 0x22eb;

    let ([f0, f1, p0, p1], rest) = extent.take::<4>(Header::Gre)?;
    let flags = u16::from_be_bytes([*f0, *f1]);
    // RFC 2784 §2.3: discard a packet with bits that only RFC 1701 defined; version 1 is PPTP's.
    if flags & (ROUTING | VERSION) != 0 {
        return Err(Other::NotTcp {
            protocol: IpNumber::GRE.0,
        });
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
