//! Packets of each link type.

use super::*;

/// Address family, link type and IP version of BSD's headers.
pub(in crate::net) fn families() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    // Linux, Windows, OpenBSD, Solaris, FreeBSD, macOS.
    let mut samples: Vec<_> = [10, 23, 24, 26, 28, 30]
        .into_iter()
        .map(|family| ("null", LinkType::NULL, joined(&[family, 0, 0, 0], &v6)))
        .collect();
    let log = |len: u8, family| {
        let mut header = vec![0; usize::from(len).next_multiple_of(4)];
        header[..2].copy_from_slice(&[len, family]);
        header
    };
    let ipnet = |family| {
        let mut header = [0; 24];
        header[..2].copy_from_slice(&[1, family]);
        header
    };
    samples.extend([
        ("null, little", LinkType::NULL, joined(&[2, 0, 0, 0], &v4)),
        ("null, big", LinkType::NULL, joined(&[0, 0, 0, 2], &v4)),
        ("loop", LinkType::LOOP, joined(&[0, 0, 0, 2], &v4)),
        ("enc", LinkType::ENC, {
            joined(&[2, 0, 0, 0, 1, 2, 3, 4, 0, 0, 4, 0], &v4)
        }),
        ("pflog", LinkType::PFLOG, joined(&log(61, 2), &v4)),
        ("pflog, IPv6", LinkType::PFLOG, joined(&log(100, 28), &v6)),
        ("ipnet", LinkType::IPNET, joined(&ipnet(2), &v4)),
        ("ipnet, IPv6", LinkType::IPNET, joined(&ipnet(26), &v6)),
    ]);
    samples
}

/// PPP.
pub(in crate::net) fn serial() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    vec![
        ("PPP", LinkType::PPP, joined(&[0xff, 3, 0, 0x21], &v4)),
        ("PPP, short", LinkType::PPP, joined(&[0x57], &v6)),
        ("PPP, serial", LinkType::PPP_HDLC, joined(&[0, 0x57], &v6)),
        (
            "PPP, MPLS",
            LinkType::PPP,
            joined(&[2, 0x81, 0, 1, 1, 64], &v4),
        ),
        (
            "PPP, multilink",
            LinkType::PPP,
            joined(&[0xff, 3, 0, 0x3d, 0xc0, 0, 0, 7, 0, 0x21], &v4),
        ),
        (
            "PPP, multilink, short",
            LinkType::PPP,
            joined(&[0x3d, 0xc0, 7, 0x57], &v6),
        ),
        (
            "PPP of pppd",
            LinkType::PPP_PPPD,
            joined(&[1, 3, 0, 0x21], &v4),
        ),
        (
            "PPP with direction",
            LinkType::PPP_WITH_DIR,
            joined(&[0, 0xff, 3, 0, 0x21], &v4),
        ),
        (
            "PPPoE alone",
            LinkType::PPP_ETHER,
            joined(&[0x11, 0, 0, 9, 0, 0, 0, 0x21], &v4),
        ),
    ]
}

/// Cisco HDLC, Frame Relay and ATM.
pub(in crate::net) fn lines() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &v4);
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    vec![
        (
            "Cisco HDLC",
            LinkType::C_HDLC,
            joined(&[0x0f, 0, 8, 0], &v4),
        ),
        (
            "Cisco HDLC as PPP",
            LinkType::PPP_HDLC,
            joined(&[0x8f, 0, 0x86, 0xdd], &v6),
        ),
        (
            "Frame Relay",
            LinkType::FRELAY,
            joined(&[0x18, 0x41, 3, 0xcc], &v4),
        ),
        (
            "Frame Relay, SNAP",
            LinkType::FRELAY,
            joined(&[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 0x86, 0xdd], &v6),
        ),
        (
            "Frame Relay, Ethernet",
            LinkType::FRELAY,
            joined(&[0x18, 0x41, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7], &frame),
        ),
        (
            "Frame Relay of Cisco",
            LinkType::FRELAY,
            joined(&[0x18, 0x41, 8, 0], &v4),
        ),
        ("ATM", LinkType::ATM_RFC1483, joined(&snap, &v4)),
    ]
}

/// An 802.11 data frame: its first two bytes, what follows 24 bytes of header, the payload.
pub(in crate::net) fn wireless(control: [u8; 2], more: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut header = control.to_vec();
    header.extend_from_slice(&[0, 0]);
    header.extend_from_slice(&[2; 18]);
    header.extend_from_slice(&[0x10, 0x20]);
    header.extend_from_slice(more);
    joined(&header, payload)
}

/// A packet behind LLC and SNAP, as 802.11 carries it.
pub(in crate::net) fn snap(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = ether_type.to_be_bytes();
    joined(&[0xaa, 0xaa, 3, 0, 0, 0, high, low], payload)
}

/// A radiotap header with the flags at their place after a timer.
pub(in crate::net) fn radiotap(flags: u8, frame: &[u8]) -> Vec<u8> {
    let mut header = vec![0, 0, 25, 0];
    // Timer, flags; another map follows, of nothing.
    header.extend_from_slice(&0x8000_0003_u32.to_le_bytes());
    header.extend_from_slice(&0_u32.to_le_bytes());
    header.resize(24, 0xee);
    header.push(flags);
    joined(&header, frame)
}

/// 802.11 with everything that can be around it.
pub(in crate::net) fn radio() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let llc = snap(IPV4, &ipv4(TCP, &tcp(PAYLOAD)));
    let llc6 = snap(IPV6, &ipv6(TCP, &tcp(PAYLOAD)));
    let plain = wireless([0x08, 1], &[], &llc);
    let len = u16::try_from(llc.len()).unwrap().to_be_bytes();
    let subframe = joined(&joined(&[6; 12], &len), &llc);
    let mut prism = vec![0x44, 0, 0, 0, 144, 0, 0, 0];
    prism.resize(144, 0);
    let mut avs = vec![0x80, 0x21, 0x10, 1, 0, 0, 0, 64];
    avs.resize(64, 0);
    let ppi = joined(
        &[0, 0, 16, 0, 105, 0, 0, 0],
        &[0xff, 0xff, 4, 0, 1, 2, 3, 4],
    );
    let link = LinkType::IEEE802_11;
    let radio = LinkType::IEEE802_11_RADIOTAP;
    vec![
        ("802.11", link, plain.clone()),
        ("802.11, from the system", link, {
            wireless([0x08, 2], &[], &llc6)
        }),
        ("802.11, four addresses", link, {
            wireless([0x08, 3], &[4; 6], &llc)
        }),
        ("802.11, QoS", link, wireless([0x88, 1], &[0, 0], &llc)),
        ("802.11, QoS and HT", link, {
            wireless([0x88, 0x82], &[5, 0, 1, 2, 3, 4], &llc)
        }),
        ("802.11, A-MSDU of one", link, {
            wireless([0x88, 1], &[0x80, 0], &subframe)
        }),
        ("802.11, decrypted", link, {
            wireless([0x08, 0x41], &[9, 9, 0, 0x20, 0, 0, 0, 0], &llc)
        }),
        ("802.11, bytes exchanged", link, {
            wireless([1, 0x08], &[], &llc)
        }),
        ("radiotap", radio, radiotap(0, &plain)),
        ("radiotap, padded", radio, {
            radiotap(0x20, &wireless([0x88, 1], &[0, 0, 7, 7], &llc))
        }),
        ("radiotap, no flags", radio, {
            joined(&[0, 0, 8, 0, 0, 0, 0, 0], &plain)
        }),
        ("Prism", LinkType::IEEE802_11_PRISM, joined(&prism, &plain)),
        ("AVS", LinkType::IEEE802_11_AVS, joined(&avs, &plain)),
        (
            "AVS as Prism",
            LinkType::IEEE802_11_PRISM,
            joined(&avs, &plain),
        ),
        ("PPI", LinkType::PPI, joined(&ppi, &plain)),
    ]
}

/// What logs and operating systems put around a packet.
pub(in crate::net) fn wrapped() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &v4);
    let pktap = |little: bool, link: u32, packet: &[u8]| {
        let word = |value: u32| {
            if little {
                value.to_le_bytes()
            } else {
                value.to_be_bytes()
            }
        };
        let mut header = [word(108), word(1), word(link)].concat();
        header.resize(108, 0);
        joined(&header, packet)
    };
    let sll = |device: u16, protocol: u16| {
        let [d0, d1] = device.to_be_bytes();
        let [high, low] = protocol.to_be_bytes();
        [0, 0, d0, d1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, high, low]
    };
    let sll2 = |device: u16, protocol: u16| {
        let [d0, d1] = device.to_be_bytes();
        let [high, low] = protocol.to_be_bytes();
        let start = [high, low, 0, 0, 0, 0, 0, 3, d0, d1];
        joined(&start, &[0, 6, 2, 0, 0, 0, 0, 1, 0, 0])
    };
    let radio = radiotap(0, &wireless([0x08, 1], &[], &snap(IPV4, &v4)));
    vec![
        ("Juniper", LinkType::JUNIPER_ETHER, {
            joined(b"MGC\x81\0\x03\x01\x01\x0b", &frame)
        }),
        ("Juniper, no Ethernet", LinkType::JUNIPER_ETHER, {
            joined(b"MGC\x02\x02\0\0\0", &v4)
        }),
        ("PKTAP", LinkType::PKTAP, pktap(true, 1, &frame)),
        ("PKTAP, big-endian", LinkType::PKTAP, pktap(false, 12, &v4)),
        ("PKTAP, loopback", LinkType::PKTAP, {
            pktap(true, 0, &joined(&[30, 0, 0, 0], &v6))
        }),
        ("PKTAP, earlier", LinkType::USER2, pktap(true, 1, &frame)),
        ("NFLOG", LinkType::NFLOG, nflog(true, IPV4, &v4)),
        (
            "NFLOG, big-endian",
            LinkType::NFLOG,
            nflog(false, IPV6, &v6),
        ),
        ("NFLOG, no protocol", LinkType::NFLOG, nflog(true, 0, &v6)),
        ("NFLOG, bridge", LinkType::NFLOG, {
            nflog(true, 0x8100, &tag(9, IPV4, &v4))
        }),
        ("cooked, radio", LinkType::LINUX_SLL, {
            joined(&sll(803, 4), &radio)
        }),
        ("cooked 2, radio", LinkType::LINUX_SLL2, {
            joined(&sll2(803, 4), &radio)
        }),
        ("raw as Ethernet", LinkType::ETHERNET, v4.clone()),
        ("raw as Ethernet, IPv6", LinkType::ETHERNET, v6),
    ]
}

/// Three attributes: hardware protocol, a prefix, the packet.
fn nflog(little: bool, protocol: u16, packet: &[u8]) -> Vec<u8> {
    let half = |value: usize| {
        let value = u16::try_from(value).unwrap();
        if little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let attribute = |number, value: &[u8]| {
        let head = [half(value.len() + 4), half(number)].concat();
        joined(&head, value)
    };
    let [high, low] = protocol.to_be_bytes();
    [
        &[2, 0, 0, 5][..],
        &attribute(1, &[high, low, 1, 0]),
        // Six bytes and two of padding.
        &attribute(10, b"a\0"),
        &[0, 0],
        &attribute(9, packet),
    ]
    .concat()
}
