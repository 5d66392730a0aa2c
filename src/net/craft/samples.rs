//! The packets that every test of links and tunnels goes through.

use super::links::{families, lines, radio, serial, wrapped};
use super::tunnels::{further, tags};
use super::*;

/// One packet for each link type and each tunnel, all with the same segment inside.
pub(in crate::net) fn samples() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let mut samples = [links(), families(), serial(), lines(), radio(), wrapped()].concat();
    samples.extend(
        ether_payloads()
            .into_iter()
            .chain(tags())
            .map(|(name, ether_type, bytes)| {
                (name, LinkType::ETHERNET, ethernet(ether_type, &bytes))
            }),
    );
    samples.extend(
        tunnels()
            .into_iter()
            .chain(further())
            .chain(extensions())
            .map(|(name, bytes)| (name, LinkType::RAW, bytes)),
    );
    samples
}

fn links() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let sll = |protocol: u16| {
        let mut header = vec![0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
        header.extend_from_slice(&protocol.to_be_bytes());
        header
    };
    let sll2 = |protocol: u16| {
        let mut header = protocol.to_be_bytes().to_vec();
        header.extend_from_slice(&[0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]);
        header
    };
    let tagged = tag(5, IPV4, &v4);
    vec![
        ("raw", LinkType::RAW, v4.clone()),
        ("raw, IPv6", LinkType::RAW, v6.clone()),
        ("raw 12", LinkType(12), v4.clone()),
        ("raw 14", LinkType(14), v6.clone()),
        ("IPv4", LinkType::IPV4, v4.clone()),
        ("IPv6", LinkType::IPV6, v6.clone()),
        ("cooked", LinkType::LINUX_SLL, joined(&sll(IPV4), &v4)),
        (
            "cooked, VLAN",
            LinkType::LINUX_SLL,
            joined(&sll(0x8100), &tagged),
        ),
        ("cooked 2", LinkType::LINUX_SLL2, joined(&sll2(IPV6), &v6)),
    ]
}

fn ether_payloads() -> Vec<(&'static str, u16, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let snap = joined(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &v4);
    let frame = ethernet(IPV6, &v6);
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap();
    let eight = (1..8).fold(tag(8, IPV4, &v4), |inside, id| tag(id, 0x8100, &inside));
    vec![
        ("Ethernet", IPV4, v4.clone()),
        ("Ethernet, IPv6", IPV6, v6.clone()),
        ("VLAN", 0x8100, tag(5, IPV4, &v4)),
        ("QinQ", 0x88a8, tag(5, 0x8100, &tag(6, IPV6, &v6))),
        ("old QinQ", 0x9100, tag(5, 0x8100, &tag(6, IPV4, &v4))),
        ("eight tags", 0x8100, eight),
        ("SNAP", length(&snap), snap),
        ("LLC", 50, joined(&[6, 6, 3], &v4)),
        ("MPLS", 0x8847, joined(&[0, 1, 0, 64, 0, 2, 1, 64], &v6)),
        (
            "pseudowire",
            0x8847,
            joined(&[0, 2, 1, 64, 0, 0, 0, 0], &frame),
        ),
        (
            "PPPoE",
            0x8864,
            joined(&[0x11, 0, 0, 9, 0, 0, 0, 0x21], &v4),
        ),
    ]
}

fn tunnels() -> Vec<(&'static str, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &v4);
    let group_policy = joined(&[0x88, 0, 0, 9, 0, 0, 5, 0], &frame);
    let erspan2 = joined(&[0x10, 1, 0, 1, 0, 0, 0, 0], &frame);
    let erspan3 = joined(&[0x20, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], &frame);
    let erspan3_more = joined(&[0x20, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], &[0; 8]);
    vec![
        ("VXLAN", ipv4(UDP, &vxlan(77, &frame))),
        ("VXLAN, group policy", ipv4(UDP, &udp(4789, &group_policy))),
        (
            "VXLAN, Linux's port",
            ipv6(UDP, &udp(8472, &joined(&[8, 0, 0, 0, 0, 0, 1, 0], &frame))),
        ),
        (
            "VXLAN-GPE",
            ipv4(UDP, &udp(4790, &joined(&[12, 0, 0, 2, 0, 0, 1, 0], &v6))),
        ),
        ("Geneve", ipv4(UDP, &geneve(77, 0x6558, &frame))),
        ("Geneve, IP", ipv6(UDP, &geneve(77, IPV4, &v4))),
        ("GRE", ipv4(GRE, &gre(0, IPV4, &[], &v4))),
        (
            "GRE, all fields",
            ipv4(GRE, &gre(0xb000, IPV6, &[9; 12], &v6)),
        ),
        (
            "GRE, Ethernet",
            ipv6(GRE, &gre(0x2000, 0x6558, &[9; 4], &frame)),
        ),
        ("ERSPAN I", ipv4(GRE, &gre(0, 0x88be, &[], &frame))),
        (
            "ERSPAN II",
            ipv4(GRE, &gre(0x1000, 0x88be, &[0; 4], &erspan2)),
        ),
        (
            "ERSPAN III",
            ipv4(GRE, &gre(0x1000, 0x22eb, &[0; 4], &erspan3)),
        ),
        (
            "ERSPAN III, more",
            ipv4(
                GRE,
                &gre(0x1000, 0x22eb, &[0; 4], &joined(&erspan3_more, &frame)),
            ),
        ),
        ("IP in IP", ipv4(4, &v4)),
        ("6in4", ipv4(41, &v6)),
        ("4in6", ipv6(4, &v4)),
    ]
}

fn extensions() -> Vec<(&'static str, Vec<u8>)> {
    let hop_by_hop = joined(&[60, 0, 1, 4, 0, 0, 0, 0], &[43, 0, 1, 4, 0, 0, 0, 0]);
    let routing = joined(
        &[51, 0, 0, 0, 0, 0, 0, 0],
        &[6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1],
    );
    let extensions = [hop_by_hop, routing, tcp(PAYLOAD)].concat();
    let authentication = [6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1];
    vec![
        ("extension headers", ipv6(0, &extensions)),
        (
            "authentication",
            ipv4(51, &joined(&authentication, &tcp(PAYLOAD))),
        ),
        (
            "atomic fragment",
            ipv6_piece(TCP, &tcp(PAYLOAD), 9, 0, false),
        ),
    ]
}
