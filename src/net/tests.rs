//! Whole packets through the decoder.

use std::net::IpAddr;

use proptest::prelude::*;

use super::craft::*;
use super::*;
use crate::base::Limits;
use crate::capture::{LinkType, Packet};

/// Every link type that is read, older numbers of some, and one of nobody.
const LINKS: &[u16] = &[
    0, 1, 9, 12, 14, 50, 51, 100, 101, 104, 105, 107, 108, 109, 113, 117, 119, 127, 149, 163, 166,
    178, 192, 204, 226, 228, 229, 239, 258, 276, 999,
];

fn assert_headers(name: &str, segment: &Segment<'_>) {
    let ports = (segment.source.port, segment.destination.port);
    assert_eq!(ports, (40_000, 8080), "{name}");
    assert_eq!((segment.seq, segment.ack), (SEQ, ACK), "{name}");
    assert_eq!(segment.payload_len as usize, PAYLOAD.len(), "{name}");
}

#[test]
fn every_link_and_tunnel_leads_to_the_segment() {
    for (name, link, bytes) in samples() {
        let segment =
            decode_one(&packet(link, &bytes)).unwrap_or_else(|other| panic!("{name}: {other:?}"));
        assert_headers(name, &segment);
        assert_eq!(segment.payload, PAYLOAD, "{name}");
        assert_eq!(
            (segment.flags, segment.window),
            (Flags(0x18), 512),
            "{name}"
        );
    }
}

#[test]
fn addresses_are_the_innermost() {
    let inner = ipv6(TCP, &tcp(PAYLOAD));
    let bytes = ipv4(41, &inner);
    let segment = decode_one(&packet(LinkType::RAW, &bytes)).unwrap();
    let address: IpAddr = "2001:db8::1".parse().unwrap();
    assert_eq!(segment.source.address, address);
}

#[test]
fn a_packet_cut_anywhere_keeps_its_length_or_says_that_it_is_cut() {
    for (name, link, bytes) in samples() {
        for len in 0..bytes.len() {
            let cut = Packet {
                data: &bytes[..len],
                ..packet(link, &bytes)
            };
            match decode_one(&cut) {
                Ok(segment) => {
                    assert_headers(name, &segment);
                    assert!(PAYLOAD.starts_with(segment.payload), "{name} at {len}");
                    let missing = PAYLOAD.len() - segment.payload.len();
                    let headers_cut = segment.payload.is_empty();
                    assert!(
                        headers_cut || missing == bytes.len() - len,
                        "{name} at {len}"
                    );
                }
                // A UDP header that is not there names no tunnel.
                Err(other) => {
                    // The header before it can be skipped although it is cut, too.
                    if let Other::Cut(fault) = other {
                        assert!(fault.offset < bytes.len(), "{name} at {len}");
                        assert!(fault.missing > 0, "{name} at {len}");
                    }
                    assert!(
                        matches!(other, Other::Cut(_) | Other::Udp),
                        "{name} at {len}: {other:?}"
                    );
                    assert!(len < bytes.len() - PAYLOAD.len(), "{name} at {len}");
                }
            }
        }
    }
}

#[test]
fn a_cut_that_the_recorder_did_not_note_is_seen_by_the_ip_length() {
    let bytes = ipv4(TCP, &tcp(PAYLOAD));
    let segment = decode_one(&packet(LinkType::RAW, &bytes[..60])).unwrap();
    assert_headers("cut", &segment);
    assert_eq!(segment.payload, &PAYLOAD[..8]);
}

#[test]
fn a_cut_tcp_header_gives_what_is_there() {
    let bytes = ipv4(TCP, &tcp(PAYLOAD));
    // Twenty bytes of IP; of TCP thirteen, then with flags, with half a window, with all of it.
    for (len, flags, window) in [
        (33, 0, 0xffff),
        (34, 0x18, 0xffff),
        (35, 0x18, 0xffff),
        (36, 0x18, 512),
    ] {
        let segment = decode_one(&packet(LinkType::RAW, &bytes[..len])).unwrap();
        assert_headers("cut", &segment);
        assert!(segment.payload.is_empty());
        assert_eq!((segment.flags, segment.window), (Flags(flags), window));
    }
    let other = decode_one(&packet(LinkType::RAW, &bytes[..32])).unwrap_err();
    let fault = Fault {
        header: Header::Tcp,
        offset: 20,
        missing: 1,
    };
    assert_eq!(other, Other::Cut(fault));
}

#[test]
fn padding_is_not_payload() {
    for payload in [&b""[..], b"x"] {
        for ip in [ipv4(TCP, &tcp(payload)), ipv6(TCP, &tcp(payload))] {
            let kind = if ip[0] >> 4 == 4 { IPV4 } else { IPV6 };
            let bytes = joined(&ethernet(kind, &ip), &[0; 20]);
            let segment = decode_one(&packet(LinkType::ETHERNET, &bytes)).unwrap();
            assert_eq!(segment.payload, payload);
            assert_eq!(segment.payload_len as usize, payload.len());
        }
    }
}

#[test]
fn a_length_of_zero_means_all_there_is() {
    let mut v4 = ipv4(TCP, &tcp(PAYLOAD));
    v4[2..4].fill(0);
    let mut v6 = ipv6(TCP, &tcp(PAYLOAD));
    v6[4..6].fill(0);
    for bytes in [v4, v6] {
        let whole = packet(LinkType::RAW, &bytes);
        assert_eq!(decode_one(&whole).unwrap().payload, PAYLOAD);
        let cut = Packet {
            data: &bytes[..bytes.len() - 5],
            ..whole
        };
        let segment = decode_one(&cut).unwrap();
        assert_headers("cut", &segment);
        assert_eq!(segment.payload.len(), PAYLOAD.len() - 5);
    }
}

#[test]
fn a_jumbo_segment_keeps_its_length() {
    let payload = vec![b'j'; 200_000];
    let mut bytes = ipv4(TCP, &tcp(b""));
    bytes[2..4].fill(0);
    bytes.extend_from_slice(&payload);
    let segment = decode_one(&packet(LinkType::RAW, &bytes)).unwrap();
    assert_eq!(segment.payload_len, 200_000);
    assert_eq!(segment.payload, payload);
}

#[test]
fn what_is_not_tcp_says_so() {
    let tcp = tcp(PAYLOAD);
    let mut few_words = tcp.clone();
    few_words[12] = 0x40;
    let mut many_words = tcp[..24].to_vec();
    many_words[12] = 0xf0;
    let mut short_total = ipv4(TCP, &tcp);
    short_total[2..4].copy_from_slice(&[0, 19]);
    let malformed = |header, offset, missing| {
        Other::Malformed(Fault {
            header,
            offset,
            missing,
        })
    };
    let cases = [
        (LinkType::ETHERNET, ethernet(0x0806, &[0; 28]), Other::NotIp),
        (
            LinkType::ETHERNET,
            ethernet(60, &[0x42, 0x42, 3]),
            Other::NotIp,
        ),
        (LinkType::NULL, vec![7, 0, 0, 0, 1], Other::NotIp),
        (LinkType(147), vec![1], Other::UnknownLink(LinkType(147))),
        (LinkType::RAW, ipv4(UDP, &udp(53, b"name")), Other::Udp),
        (
            LinkType::RAW,
            ipv4(1, &[8, 0]),
            Other::NotTcp { protocol: 1 },
        ),
        (LinkType::RAW, ipv6(59, &[]), Other::NotTcp { protocol: 59 }),
        (
            LinkType::RAW,
            ipv4(TCP, &few_words),
            malformed(Header::Tcp, 20, 0),
        ),
        (
            LinkType::RAW,
            ipv4(TCP, &many_words),
            malformed(Header::Tcp, 20, 36),
        ),
        (
            LinkType::RAW,
            ipv4(TCP, &tcp[..12]),
            malformed(Header::Tcp, 20, 1),
        ),
        (LinkType::RAW, short_total, malformed(Header::Ipv4, 0, 0)),
        (LinkType::RAW, vec![0x50; 40], malformed(Header::Ip, 0, 0)),
        (LinkType::RAW, vec![], malformed(Header::Ip, 0, 1)),
        (
            LinkType::RAW,
            ipv4(4, &ipv6(TCP, &tcp)),
            malformed(Header::Ip, 20, 0),
        ),
    ];
    for (link, bytes, expected) in cases {
        let found = decode_one(&packet(link, &bytes)).unwrap_err();
        assert_eq!(found, expected, "{link:?} {bytes:x?}");
    }
}

/// Holds that each packet is named as what hides its payload.
fn assert_unread(cases: &[(LinkType, Vec<u8>, Unread)]) {
    for (link, bytes, expected) in cases {
        let found = decode_one(&packet(*link, bytes)).unwrap_err();
        assert_eq!(found, Other::Unread(*expected), "{bytes:x?}");
    }
}

#[test]
fn wireless_frames_that_hide_their_payload_are_named() {
    let air = snap(IPV4, &ipv4(TCP, &tcp(PAYLOAD)));
    let gcmp = wireless([0x08, 0x41], &[9, 9, 0, 0x20, 0, 0, 0, 0], &[0x5e; 90]);
    let subframe = joined(&joined(&[6; 12], &[0, 60]), &[0x5e; 120]);
    assert_unread(&[
        (LinkType::IEEE802_11, gcmp, Unread::EncryptedWireless),
        (
            LinkType::IEEE802_11,
            wireless([0x08, 5], &[], &air),
            Unread::WirelessFragments,
        ),
        (
            LinkType::IEEE802_11,
            wireless([0x88, 1], &[0x80, 0], &subframe),
            Unread::AggregatedWireless,
        ),
    ]);
}

#[test]
fn tunnels_that_hide_their_payload_are_named() {
    let over = |port, head: &[u8]| ipv4(UDP, &udp(port, &joined(head, &[0x5e; 90])));
    assert_unread(&[
        (LinkType::RAW, ipv4(50, &[0x5e; 60]), Unread::Esp),
        (LinkType::RAW, over(4500, &[]), Unread::Esp),
        (LinkType::RAW, ipv4(108, &[0x5e; 60]), Unread::IpCompression),
        (LinkType::RAW, over(51820, &[4, 0, 0, 0]), Unread::WireGuard),
        (LinkType::RAW, over(1194, &[0x48]), Unread::OpenVpn),
        (
            LinkType::RAW,
            over(5247, &[1, 0, 0, 0]),
            Unread::EncryptedCapwap,
        ),
        (
            LinkType::RAW,
            over(5247, &[0, 0x10, 2, 0x80]),
            Unread::WirelessFragments,
        ),
        (
            LinkType::RAW,
            over(2152, &[0x30, 255, 0, 90, 0, 0, 0, 1]),
            Unread::Gtp,
        ),
        (LinkType::RAW, over(6080, &[0, 17, 0, 0]), Unread::Gue),
        (
            LinkType::RAW,
            over(1701, &[0, 2, 0, 1, 0, 2, 0, 0xfd]),
            Unread::PppData,
        ),
        (LinkType::RAW, ipv4(115, &[0x5e; 60]), Unread::L2tp),
        (LinkType::PPP, vec![0x2d, 1, 2, 3], Unread::PppHeaders),
        (
            LinkType::PPP,
            vec![0x3d, 0x80, 0, 0, 1, 0, 0x21],
            Unread::PppMultilink,
        ),
        (
            LinkType::ETHERNET,
            ethernet(0x88e5, &[0x0c; 60]),
            Unread::Macsec,
        ),
        (
            LinkType::ETHERNET,
            ethernet(0x8847, &joined(&[0, 1, 1, 64], &[0x5e; 60])),
            Unread::Mpls,
        ),
    ]);
}

#[test]
fn a_frame_that_a_radio_heard_wrong_is_not_taken() {
    let frame = wireless([0x08, 1], &[], &snap(IPV4, &ipv4(TCP, &tcp(PAYLOAD))));
    let found = |flags| {
        let bytes = radiotap(flags, &frame);
        decode_one(&packet(LinkType::IEEE802_11_RADIOTAP, &bytes)).map(|segment| segment.seq)
    };
    // The check sequence was there and right, and then wrong.
    assert_eq!(found(0x10), Ok(SEQ));
    assert_eq!(found(0x50), Err(Other::Unread(Unread::DamagedWireless)));
}

#[test]
fn a_check_sequence_is_not_payload() {
    for ip in [ipv4(TCP, &tcp(b"")), ipv6(TCP, &tcp(b""))] {
        let kind = if ip[0] >> 4 == 4 { IPV4 } else { IPV6 };
        let bytes = joined(&wireless([0x08, 1], &[], &snap(kind, &ip)), &[0xfc; 4]);
        let segment = decode_one(&packet(LinkType::IEEE802_11, &bytes)).unwrap();
        assert_eq!((segment.payload, segment.payload_len), (&b""[..], 0));
    }
}

#[test]
fn what_is_ethernet_is_not_read_as_ip() {
    // Addresses that begin like IP, and a type that nobody reads: lengths do not fit.
    let mut frame = ethernet(0x88cc, &[0; 50]);
    frame[..4].copy_from_slice(&[0x46, 0, 0, 40]);
    let found = decode_one(&packet(LinkType::ETHERNET, &frame)).unwrap_err();
    assert_eq!(found, Other::NotIp);
    let raw = ipv4(TCP, &tcp(PAYLOAD));
    let longer = joined(&raw, &[0]);
    assert!(decode_one(&packet(LinkType::ETHERNET, &longer)).is_err());
    assert!(decode_one(&packet(LinkType::LINUX_SLL, &raw)).is_err());
}

#[test]
fn what_only_resembles_a_tunnel_is_not_opened() {
    let frame = ethernet(IPV4, &ipv4(TCP, &tcp(PAYLOAD)));
    let vxlan = |head: [u8; 8]| ipv4(UDP, &udp(4789, &joined(&head, &frame)));
    let geneve = |head: [u8; 8]| ipv4(UDP, &udp(6081, &joined(&head, &frame)));
    let gre = |flags| ipv4(GRE, &gre(flags, 0x6558, &[], &frame));
    let over = |port, head: &[u8]| ipv4(UDP, &udp(port, &joined(head, &frame)));
    let cases = [
        (vxlan([0, 0, 0, 0, 0, 0, 1, 0]), Other::Udp),
        (vxlan([8, 0, 1, 0, 0, 0, 1, 0]), Other::Udp),
        (vxlan([8, 0, 0, 0, 0, 0, 1, 1]), Other::Udp),
        (geneve([0x40, 0, 0x65, 0x58, 0, 0, 1, 0]), Other::Udp),
        (geneve([0, 1, 0x65, 0x58, 0, 0, 1, 0]), Other::Udp),
        (geneve([0, 0, 0x65, 0x58, 0, 0, 1, 1]), Other::Udp),
        (geneve([0, 0, 0x12, 0x34, 0, 0, 1, 0]), Other::NotIp),
        (gre(0x0001), Other::NotTcp { protocol: GRE }),
        (gre(0x4000), Other::NotTcp { protocol: GRE }),
        // GTP: an echo, another version; TZSP's keep-alive; Teredo's bubbles have no IPv6 length.
        (over(2152, &[0x32, 1, 0, 4, 0, 0, 0, 0]), Other::Udp),
        (over(2152, &[0x48, 255, 0, 4, 0, 0, 0, 0]), Other::Udp),
        (over(37008, &[1, 4, 0, 1, 1]), Other::Udp),
        (over(3544, &[0x45, 0]), Other::Udp),
        // L2TP: control, reserved bits; the control channel of version 3.
        (over(1701, &[0xc8, 2, 0, 20, 0, 1, 0, 0]), Other::Udp),
        (over(1701, &[0x10, 2, 0, 1, 0, 2, 0, 0x21]), Other::Udp),
        (ipv4(115, &[0; 60]), Other::NotTcp { protocol: 115 }),
        // VXLAN on another port, with what is no frame or no header.
        (over(6784, &[8, 0, 0, 0, 0, 0, 7, 0, 0]), Other::Udp),
        (over(6784, &[8, 0, 0, 0, 0, 0, 7, 1]), Other::Udp),
        // Key exchange, a handshake, a keep-alive.
        (over(4500, &[0; 4]), Other::Udp),
        (over(51820, &[1, 0, 0, 0]), Other::Udp),
        (over(1194, &[0x38]), Other::Udp),
        (over(5247, &[0, 0x10, 2, 0x08]), Other::Udp),
        (over(4341, &[0; 8]), Other::Udp),
    ];
    for (bytes, expected) in cases {
        let found = decode_one(&packet(LinkType::RAW, &bytes)).unwrap_err();
        assert_eq!(found, expected, "{bytes:x?}");
    }
}

#[test]
fn vlans_and_tunnel_networks_keep_connections_apart() {
    let inner = ipv4(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &inner);
    let packets = [
        ethernet(IPV4, &inner),
        ethernet(0x8100, &tag(10, IPV4, &inner)),
        ethernet(0x8100, &tag(20, IPV4, &inner)),
        ethernet(0x88a8, &tag(10, 0x8100, &tag(20, IPV4, &inner))),
        ethernet(0x88a8, &tag(20, 0x8100, &tag(10, IPV4, &inner))),
        ethernet(IPV4, &ipv4(UDP, &vxlan(10, &frame))),
        ethernet(IPV4, &ipv4(UDP, &vxlan(20, &frame))),
        ethernet(IPV4, &ipv4(UDP, &geneve(10, IPV4, &inner))),
    ];
    let keys: std::collections::HashSet<FlowKey> = packets
        .iter()
        .map(|bytes| {
            decode_one(&packet(LinkType::ETHERNET, bytes))
                .unwrap()
                .flow()
                .0
        })
        .collect();
    assert_eq!(keys.len(), packets.len());
}

#[test]
fn priority_tags_and_gre_keys_do_not_name_a_network() {
    let inner = ipv4(TCP, &tcp(PAYLOAD));
    let none = Encapsulation::default();
    for bytes in [
        ethernet(0x8100, &tag(0xe000, IPV4, &inner)),
        ethernet(IPV4, &ipv4(GRE, &gre(0x2000, IPV4, &[1, 2, 3, 4], &inner))),
    ] {
        let segment = decode_one(&packet(LinkType::ETHERNET, &bytes)).unwrap();
        assert_eq!(segment.encapsulation, none);
    }
    // Priority and eligibility are no part of the id.
    let encapsulation = |tci| {
        let bytes = ethernet(0x8100, &tag(tci, IPV4, &inner));
        decode_one(&packet(LinkType::ETHERNET, &bytes))
            .unwrap()
            .encapsulation
    };
    assert_eq!(encapsulation(0xf005), encapsulation(5));
}

#[test]
fn nesting_is_followed_to_a_depth_and_no_deeper() {
    let nested = |depth| (0..depth).fold(ipv4(TCP, &tcp(PAYLOAD)), |inner, _| ipv4(4, &inner));
    let (eight, nine) = (nested(8), nested(9));
    assert!(decode_one(&packet(LinkType::RAW, &eight)).is_ok());
    let found = decode_one(&packet(LinkType::RAW, &nine)).unwrap_err();
    assert_eq!(found, Other::TooDeep);

    let tags = (0..40).fold(tag(1, IPV4, &[]), |inner, _| tag(1, 0x8100, &inner));
    let labels = [0, 0, 0, 64].repeat(40);
    let options = [60, 0, 1, 4, 0, 0, 0, 0].repeat(40);
    for (link, bytes) in [
        (LinkType::ETHERNET, ethernet(0x8100, &tags)),
        (LinkType::ETHERNET, ethernet(0x8847, &labels)),
        (LinkType::RAW, ipv6(60, &options)),
    ] {
        let found = decode_one(&packet(link, &bytes)).unwrap_err();
        assert_eq!(found, Other::TooDeep);
    }
}

/// Sends packets through one decoder; the payloads that came out, and the last reason.
fn run(packets: &[Vec<u8>]) -> (Vec<Vec<u8>>, Option<Other>) {
    let mut decoder = Decoder::new(Limits::default());
    let mut payloads = Vec::new();
    let mut last = None;
    for bytes in packets {
        match decoder.decode(&packet(LinkType::RAW, bytes)) {
            Decoded::Segment(segment) | Decoded::Reassembled(segment) => {
                assert_eq!(segment.payload.len(), segment.payload_len as usize);
                let place = segment.payload_start.map(|start| &bytes[start..]);
                assert!(place.is_none_or(|place| place.starts_with(segment.payload)));
                payloads.push(segment.payload.to_vec());
            }
            Decoded::Other(other) => last = Some(other),
        }
    }
    (payloads, last)
}

#[test]
fn extension_headers_behind_a_fragment_header_are_read_after_reassembly() {
    let datagram = joined(&[6, 0, 1, 4, 0, 0, 0, 0], &tcp(PAYLOAD));
    let (first, second) = datagram.split_at(16);
    let (payloads, last) = run(&[
        ipv6_piece(60, first, 5, 0, true),
        ipv6_piece(60, second, 5, 16, false),
    ]);
    assert_eq!(payloads, [PAYLOAD]);
    assert_eq!(last, Some(Other::FragmentHeld));
}

#[test]
fn fragments_inside_a_fragmented_tunnel_come_together() {
    let datagram = tcp(&[b'n'; 600]);
    let (first, second) = datagram.split_at(400);
    let mut packets = Vec::new();
    for (id, inner) in [
        (1, ipv4_piece(TCP, first, 77, 0, true)),
        (2, ipv4_piece(TCP, second, 77, 400, false)),
    ] {
        let outer = vxlan(9, &ethernet(IPV4, &inner));
        let (start, end) = outer.split_at(200);
        packets.push(ipv4_piece(UDP, end, id, 200, false));
        packets.push(ipv4_piece(UDP, start, id, 0, true));
    }
    let (payloads, last) = run(&packets);
    assert_eq!(payloads, [[b'n'; 600]]);
    assert_eq!(last, Some(Other::FragmentHeld));
}

/// Cuts a datagram at multiples of eight, in an order given by `keys`.
fn split(datagram: &[u8], cuts: &[usize], keys: &[u64]) -> Vec<(usize, Vec<u8>, bool)> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut * 8).collect();
    places.retain(|&place| place > 0 && place < datagram.len());
    places.extend([0, datagram.len()]);
    places.sort_unstable();
    places.dedup();
    let mut pieces: Vec<_> = places
        .windows(2)
        .map(|ends| {
            let more = ends[1] < datagram.len();
            (ends[0], datagram[ends[0]..ends[1]].to_vec(), more)
        })
        .collect();
    let key = |offset: usize| keys[offset / 8 % keys.len()];
    pieces.sort_by_key(|(offset, ..)| key(*offset));
    pieces
}

proptest! {
    #[test]
    fn fragments_in_any_order_give_the_same_payload(
        payload in prop::collection::vec(any::<u8>(), 1..2000),
        cuts in prop::collection::vec(1_usize..250, 1..20),
        keys in prop::collection::vec(any::<u64>(), 30..60),
        again in any::<prop::sample::Index>(),
        version6: bool,
    ) {
        let datagram = tcp(&payload);
        let pieces = split(&datagram, &cuts, &keys);
        prop_assume!(pieces.len() > 1);
        let mut packets: Vec<Vec<u8>> = pieces
            .iter()
            .map(|(offset, bytes, more)| if version6 {
                ipv6_piece(TCP, bytes, 99, *offset, *more)
            } else {
                ipv4_piece(TCP, bytes, 99, *offset, *more)
            })
            .collect();
        let twice = packets[again.index(packets.len())].clone();
        packets.insert(0, twice);
        let (payloads, _) = run(&packets);
        prop_assert_eq!(payloads, vec![payload]);
    }

    #[test]
    fn random_bytes_never_panic(
        links in prop::sample::select(LINKS),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        wire_len: u32,
    ) {
        let packet = Packet { wire_len, ..packet(LinkType(links), &bytes) };
        Decoder::new(Limits::default()).decode(&packet);
    }

    #[test]
    fn damaged_packets_never_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        len in any::<prop::sample::Index>(),
    ) {
        let samples = samples();
        let (_, link, mut bytes) = samples[which.index(samples.len())].clone();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let cut = &bytes[..len.index(bytes.len() + 1)];
        let mut decoder = Decoder::new(Limits::default());
        decoder.decode(&packet(link, &bytes));
        decoder.decode(&packet(link, cut));
    }
}
