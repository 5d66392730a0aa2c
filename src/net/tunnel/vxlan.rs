//! Virtual networks over UDP.
//!
//! Job: open VXLAN and Geneve, and note the network's number. Input: an [`Extent`] from the
//! tunnel's header on. Output: a [`Layer`].
//! RFC 7348 §5 (VXLAN), draft-ietf-nvo3-vxlan-gpe §3, RFC 8926 §3.4 (Geneve).

use super::super::extent::Extent;
use super::super::guess;
use super::super::layer::{Kind, Layer, ether_type, network as kind};
use super::super::other::{Header, Other};
use super::super::segment::Encapsulation;

/// The 24 bits of a virtual network's number.
fn network(bytes: [u8; 3]) -> u32 {
    let [high, middle, low] = bytes;
    u32::from_be_bytes([0, high, middle, low])
}

/// Whether a datagram to any port is VXLAN: overlays choose their own ports. A header of four fixed
/// bytes and another, and a frame with IP inside that fits, leave no room for chance.
pub(super) fn is_likely(extent: Extent<'_>) -> Result<bool, Other> {
    match extent.take::<8>(Header::Vxlan) {
        Ok(([0x08, 0, 0, 0, .., 0], frame)) => guess::is_ethernet(frame),
        _ => Ok(false),
    }
}

/// RFC 7348 §5: flags with I set, 24 reserved bits, the network's number, 8 reserved bits.
pub(super) fn vxlan(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
    let (head, rest) = extent.take::<8>(Header::Vxlan)?;
    let [.., n0, n1, n2, _] = *head;
    match head {
        // The reserved bits are sent as zero; the group policy draft puts a G flag, a few more
        // and a group there. A receiver ignores them; we hold them against chance.
        [0x08, 0, 0, 0, .., 0] | [0x88, .., 0] => Ok(Layer {
            kind: Kind::Ethernet,
            extent: rest,
            encapsulation: around.within(kind::VXLAN, network([n0, n1, n2])),
        }),
        _ => Err(Other::Udp),
    }
}

/// draft-ietf-nvo3-vxlan-gpe §3: as VXLAN, with the P flag and the payload's protocol.
pub(super) fn vxlan_gpe(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
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
        encapsulation: around.within(kind::VXLAN, network([n0, n1, n2])),
    })
}

/// RFC 8926 §3.4: version and options' length, flags, protocol, the network's number, reserved.
pub(super) fn geneve(extent: Extent<'_>, around: Encapsulation) -> Result<Layer<'_>, Other> {
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
        encapsulation: around.within(kind::GENEVE, network([n0, n1, n2])),
    })
}
