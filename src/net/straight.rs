//! The commonest packet, in one look: Ethernet, an IP header without options, TCP.
//!
//! Job: save such packets the way through every header that could be there. Input: a
//! [`Packet`]. Output: what [`super::ether`] and [`super::ip`] would make of it, or `None` where
//! it has any other shape or a length that needs thought. RFC 791 §3.1, 8200 §3.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use etherparse::IpNumber;

use super::extent::Extent;
use super::ip::Datagram;
use super::segment::Encapsulation;
use crate::capture::{LinkType, Packet};

/// The datagram in a packet of this shape.
#[inline]
pub(super) fn datagram<'a>(packet: &Packet<'a>) -> Option<Datagram<'a>> {
    if packet.link != LinkType::ETHERNET {
        return None;
    }
    let (ethernet, rest) = packet.data.split_first_chunk::<ETHERNET>()?;
    let (source, destination, (header, len)) = match ethernet {
        [.., 0x08, 0x00] => version4(rest)?,
        [.., 0x86, 0xdd] => version6(rest)?,
        _ => return None,
    };
    Some(Datagram {
        source,
        destination,
        encapsulation: Encapsulation::default(),
        protocol: IpNumber::TCP,
        payload: Extent::end_of(packet.data, ETHERNET + header).limit(len),
        piece: None,
    })
}

/// The header in front of the IP header.
const ETHERNET: usize = 14;

/// Both ends, the header's length, and the length that it gives what follows.
type Around = (IpAddr, IpAddr, (usize, usize));

/// Five words, no fragment, TCP.
#[inline]
fn version4(bytes: &[u8]) -> Option<Around> {
    const LEN: usize = 20;
    let (header, _) = bytes.split_first_chunk::<LEN>()?;
    let [start @ .., s0, s1, s2, s3, d0, d1, d2, d3] = header;
    // The flag that forbids fragmentation does not matter, nor does the reserved one.
    let [
        0x45,
        _,
        t0,
        t1,
        _,
        _,
        0x00 | 0x40 | 0x80 | 0xc0,
        0,
        _,
        6,
        _,
        _,
    ] = start
    else {
        return None;
    };
    let len = usize::from(u16::from_be_bytes([*t0, *t1])).checked_sub(LEN)?;
    let source = Ipv4Addr::new(*s0, *s1, *s2, *s3);
    let destination = Ipv4Addr::new(*d0, *d1, *d2, *d3);
    Some((source.into(), destination.into(), (LEN, len)))
}

/// No extension header, no jumbogram, TCP.
#[inline]
fn version6(bytes: &[u8]) -> Option<Around> {
    const LEN: usize = 40;
    let (start, rest) = bytes.split_first_chunk::<8>()?;
    let (source, rest) = rest.split_first_chunk::<16>()?;
    let (destination, _) = rest.split_first_chunk::<16>()?;
    let [0x60..=0x6f, _, _, _, l0, l1, 6, _] = start else {
        return None;
    };
    let len = match u16::from_be_bytes([*l0, *l1]) {
        0 => return None,
        len => usize::from(len),
    };
    let source = Ipv6Addr::from(*source);
    let destination = Ipv6Addr::from(*destination);
    Some((source.into(), destination.into(), (LEN, len)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::craft::{IPV4, IPV6, PAYLOAD, TCP, ethernet, ipv4, ipv6, packet, tcp};
    use super::super::{ether, ip, link};
    use super::*;

    fn common() -> [Vec<u8>; 2] {
        let tcp = tcp(PAYLOAD);
        [
            ethernet(IPV4, &ipv4(TCP, &tcp)),
            ethernet(IPV6, &ipv6(TCP, &tcp)),
        ]
    }

    #[test]
    fn common_packets_take_it() {
        for bytes in common() {
            assert!(datagram(&packet(LinkType::ETHERNET, &bytes)).is_some());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn both_roads_lead_to_the_same(
            version6: bool,
            changes in prop::collection::vec((0usize..60, any::<u8>()), 0..4),
            pad in 0usize..40,
            cut in 0usize..80,
            more in 0u32..100,
        ) {
            let mut bytes = common()[usize::from(version6)].clone();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            bytes.resize(bytes.len() + pad, 0);
            bytes.truncate(bytes.len() - cut.saturating_sub(40));
            let mut packet = packet(LinkType::ETHERNET, &bytes);
            packet.wire_len += more;
            if let Some(straight) = datagram(&packet) {
                let around = link::open(&packet).and_then(ether::to_ip);
                let around = around.and_then(|layer| ip::read(&layer)).unwrap();
                prop_assert_eq!(format!("{straight:?}"), format!("{around:?}"));
            }
        }
    }
}
