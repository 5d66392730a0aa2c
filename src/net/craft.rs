//! Packets built by hand, for the tests of this layer.
//!
//! Every builder takes what goes inside and gives the bytes with a header in front, so that a
//! test reads like the packet: `ethernet(IPV4, &ipv4(6, &tcp(b"payload")))`.

mod links;
mod samples;
mod tunnels;

use etherparse::{IpNumber, Ipv4Header, Ipv6FlowLabel, Ipv6Header, TcpHeader, UdpHeader};

use super::decode::{Decoded, Decoder};
use super::other::Other;
use super::segment::Segment;
use crate::base::{Limits, PacketRef, Timestamp};
use crate::capture::{LinkType, Packet};

pub(super) use links::{radiotap, snap, wireless};
pub(super) use samples::samples;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const GRE: u8 = 47;
pub(super) const SEQ: u32 = 0xfedc_ba98;
pub(super) const ACK: u32 = 0x0102_0304;
pub(super) const PAYLOAD: &[u8] = b"the payload of the segment";

pub(super) fn packet(link: LinkType, data: &[u8]) -> Packet<'_> {
    Packet {
        place: PacketRef::new(0, 1),
        time: Timestamp::new(1_700_000_000, 0),
        link,
        data,
        wire_len: u32::try_from(data.len()).unwrap(),
    }
}

/// What a fresh decoder makes of one packet.
pub(super) fn decode_one<'a>(packet: &Packet<'a>) -> Result<Segment<'a>, Other> {
    match Decoder::new(Limits::default()).decode(packet) {
        Decoded::Segment(segment) => {
            let start = segment.payload_start.unwrap();
            let place = packet.data.get(start..start + segment.payload.len());
            assert_eq!(place.unwrap_or_default(), segment.payload);
            Ok(segment)
        }
        Decoded::Reassembled(_) => panic!("one packet is no datagram in fragments"),
        Decoded::Other(other) => Err(other),
    }
}

/// A TCP header with twelve bytes of options, and a payload.
pub(super) fn tcp(payload: &[u8]) -> Vec<u8> {
    let mut header = TcpHeader::new(40_000, 8080, SEQ, 512);
    header.acknowledgment_number = ACK;
    header.ack = true;
    header.psh = true;
    header
        .set_options_raw(&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2])
        .unwrap();
    joined(&header.to_bytes(), payload)
}

pub(super) fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let header = UdpHeader {
        source_port: 51_000,
        destination_port: port,
        length: u16::try_from(payload.len() + 8).unwrap_or(0),
        checksum: 0,
    };
    joined(&header.to_bytes(), payload)
}

pub(super) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_piece(protocol, payload, 7, 0, false)
}

/// A fragment: `offset` in bytes.
pub(super) fn ipv4_piece(
    protocol: u8,
    payload: &[u8],
    id: u16,
    offset: usize,
    more: bool,
) -> Vec<u8> {
    let mut header = Ipv4Header::new(
        u16::try_from(payload.len()).unwrap(),
        64,
        IpNumber(protocol),
        [10, 0, 0, 1],
        [10, 0, 0, 2],
    )
    .unwrap();
    header.identification = id;
    header.dont_fragment = false;
    header.more_fragments = more;
    header.fragment_offset = u16::try_from(offset / 8).unwrap().try_into().unwrap();
    joined(&header.to_bytes(), payload)
}

pub(super) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let end = |last| std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).octets();
    let header = Ipv6Header {
        traffic_class: 0,
        flow_label: Ipv6FlowLabel::ZERO,
        payload_length: u16::try_from(payload.len()).unwrap(),
        next_header: IpNumber(next),
        hop_limit: 64,
        source: end(1),
        destination: end(2),
    };
    joined(&header.to_bytes(), payload)
}

/// A fragment behind its IPv6 header.
pub(super) fn ipv6_piece(next: u8, payload: &[u8], id: u32, offset: usize, more: bool) -> Vec<u8> {
    let place = u16::try_from(offset).unwrap() | u16::from(more);
    let mut header = vec![next, 0];
    header.extend_from_slice(&place.to_be_bytes());
    header.extend_from_slice(&id.to_be_bytes());
    ipv6(44, &joined(&header, payload))
}

pub(super) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut header = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    header.extend_from_slice(&ether_type.to_be_bytes());
    joined(&header, payload)
}

/// A VLAN tag and the type of what is inside, to stand behind [`ethernet`]'s header.
pub(super) fn tag(id: u16, ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut header = id.to_be_bytes().to_vec();
    header.extend_from_slice(&ether_type.to_be_bytes());
    joined(&header, payload)
}

pub(super) fn vxlan(network: u32, payload: &[u8]) -> Vec<u8> {
    let [_, n0, n1, n2] = network.to_be_bytes();
    udp(4789, &joined(&[8, 0, 0, 0, n0, n1, n2, 0], payload))
}

pub(super) fn geneve(network: u32, ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let [_, n0, n1, n2] = network.to_be_bytes();
    let [high, low] = ether_type.to_be_bytes();
    // Two words of options.
    let header = [2, 0x40, high, low, n0, n1, n2, 0, 1, 2, 3, 1, 4, 5, 6, 7];
    udp(6081, &joined(&header, payload))
}

pub(super) fn gre(flags: u16, ether_type: u16, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut header = flags.to_be_bytes().to_vec();
    header.extend_from_slice(&ether_type.to_be_bytes());
    header.extend_from_slice(options);
    joined(&header, payload)
}

pub(super) fn joined(header: &[u8], payload: &[u8]) -> Vec<u8> {
    [header, payload].concat()
}
