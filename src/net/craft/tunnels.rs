//! Packets in each tunnel, and behind each tag.

use super::links::{snap, wireless};
use super::*;

/// What an `EtherType` announces.
pub(in crate::net) fn tags() -> Vec<(&'static str, u16, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &v4);
    let mut strange = frame.clone();
    strange[..3].copy_from_slice(&[0x60, 0x8e, 0x38]);
    let label = [0, 0x20, 0x11, 64];
    vec![
        ("MPLS, Ethernet", 0x8847, joined(&label, &frame)),
        ("MPLS, Ethernet like IP", 0x8847, joined(&label, &strange)),
        ("MPLS, Ethernet like a word", 0x8847, {
            let mut zero = frame.clone();
            zero[0] = 0;
            joined(&label, &zero)
        }),
        ("backbone", 0x88e7, joined(&[0, 0, 0, 9], &frame)),
        ("VN-Tag", 0x8926, joined(&[0, 1, 0, 2, 8, 0], &v4)),
        ("E-Tag", 0x893f, joined(&[0, 1, 0, 2, 0, 0, 8, 0], &v4)),
        ("CMD", 0x8909, joined(&[1, 1, 0, 1, 0, 9, 8, 0], &v4)),
        ("HSR", 0x892f, joined(&[0, 60, 0, 2, 0x86, 0xdd], &v6)),
        ("NSH", 0x894f, {
            joined(&[0x0f, 0xc2, 2, 1, 0, 0, 1, 255], &v4)
        }),
        ("NSH, Ethernet", 0x894f, {
            joined(&[0x0f, 0xc3, 2, 3, 0, 0, 1, 255, 0, 0, 0, 0], &frame)
        }),
        ("TRILL", 0x22f3, {
            joined(&[0, 0x45, 0, 1, 0, 2, 9, 9, 9, 9], &frame)
        }),
        (
            "MACsec, plain",
            0x88e5,
            joined(&[0, 0, 0, 0, 0, 1, 8, 0], &v4),
        ),
        ("MACsec, plain, channel", 0x88e5, {
            joined(&[0x20, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 0], &v4)
        }),
        ("WCCP", 0x0800, {
            ipv4(GRE, &gre(0, 0x883e, &[], &joined(&[0, 0, 1, 0], &v4)))
        }),
    ]
}

/// Tunnels over IP and UDP.
pub(in crate::net) fn further() -> Vec<(&'static str, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &v4);
    let over = |port, head: &[u8], packet: &[u8]| ipv4(UDP, &udp(port, &joined(head, packet)));
    let air = wireless([0x08, 1], &[], &snap(IPV4, &v4));
    let mut samples = mobile();
    samples.extend(layer2());
    samples.extend([
        ("MPLS over UDP", over(6635, &[0, 1, 1, 64], &v4)),
        ("MPLS in IP", ipv4(137, &joined(&[0, 1, 1, 64], &v6))),
        ("TZSP", over(37008, &[1, 0, 0, 1, 1], &frame)),
        ("TZSP, tags", {
            over(37008, &[1, 1, 0, 18, 0, 10, 1, 0xc0, 13, 2, 1, 1, 1], &air)
        }),
        ("Teredo", over(3544, &[], &v6)),
        ("Teredo, headers", {
            let head = [
                &[0, 1, 1, 2, 7, 8, 8][..],
                &[0; 9],
                &[0, 0, 1, 2, 3, 4, 5, 6],
            ];
            over(3544, &head.concat(), &v6)
        }),
        ("Flannel", over(8285, &[], &v4)),
        (
            "VXLAN, another port",
            over(6784, &[8, 0, 0, 0, 0, 0, 7, 0], &frame),
        ),
        ("LISP", over(4341, &[0x80, 0, 0, 1, 0, 0, 0, 1], &v4)),
        ("GUE", over(6080, &[1, 4, 0, 0, 9, 9, 9, 9], &v4)),
        ("GUE, bare", over(6080, &[], &v4)),
        ("CAPWAP", {
            over(5247, &[0, 0x10, 2, 0, 0, 0, 0, 0], &frame)
        }),
        ("CAPWAP, 802.11", {
            over(5247, &[0, 0x10, 3, 0, 0, 0, 0, 0], &air)
        }),
        ("EtherIP", ipv4(97, &joined(&[0x30, 0], &frame))),
        ("Ethernet in IPv6", ipv6(143, &frame)),
    ]);
    samples
}

/// GTP-U in its shapes.
fn mobile() -> Vec<(&'static str, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &v4);
    let gtp = |flags: u8, more: &[u8], packet: &[u8]| {
        let after = joined(more, packet);
        let [high, low] = u16::try_from(after.len()).unwrap().to_be_bytes();
        let head = [0x30 | flags, 255, high, low, 0, 0, 0, 77];
        ipv4(UDP, &udp(2152, &joined(&head, &after)))
    };
    vec![
        ("GTP", gtp(0, &[], &v4)),
        ("GTP, IPv6", gtp(0, &[], &v6)),
        ("GTP, sequence number", gtp(2, &[0, 1, 0, 0], &v4)),
        ("GTP, extension", {
            gtp(4, &[0, 0, 0, 0x85, 1, 0x10, 9, 0], &v4)
        }),
        ("GTP, two extensions", {
            let two = [0, 0, 0, 0xc0, 1, 0, 9, 0x85, 2, 0, 0, 0, 0, 0, 0, 0];
            gtp(7, &two, &v6)
        }),
        ("GTP, no extension", gtp(2, &[0, 1, 0, 0x85], &v4)),
        ("GTP, Ethernet", gtp(0, &[], &frame)),
    ]
}

/// L2TP and PPTP.
fn layer2() -> Vec<(&'static str, Vec<u8>)> {
    let v4 = ipv4(TCP, &tcp(PAYLOAD));
    let v6 = ipv6(TCP, &tcp(PAYLOAD));
    let frame = ethernet(IPV4, &v4);
    let ppp = joined(&[0xff, 3, 0, 0x21], &v4);
    let [l0, l1] = u16::try_from(ppp.len() + 8).unwrap().to_be_bytes();
    let over = |head: &[u8], packet: &[u8]| ipv4(UDP, &udp(1701, &joined(head, packet)));
    let numbered = |flags: u16, numbers: &[u8]| {
        let [high, low] = u16::try_from(ppp.len()).unwrap().to_be_bytes();
        let options = joined(&[high, low, 0, 9], numbers);
        ipv4(GRE, &gre(flags, 0x880b, &options, &ppp))
    };
    vec![
        ("L2TP", over(&[0, 2, 0, 1, 0, 2], &ppp)),
        ("L2TP, length", over(&[0x40, 2, l0, l1, 0, 1, 0, 2], &ppp)),
        ("L2TP, numbers and offset", {
            let head = [0x0a, 2, 0, 1, 0, 2, 0, 3, 0, 4, 0, 2, 9, 9, 0x57];
            over(&head, &v6)
        }),
        ("L2TPv3 over UDP", over(&[0, 3, 0, 0, 0, 0, 0, 9], &frame)),
        ("L2TPv3", ipv4(115, &joined(&[0, 0, 0, 9], &frame))),
        ("L2TPv3, sublayer", {
            ipv4(115, &joined(&[0, 0, 0, 9, 0, 0, 0, 0], &frame))
        }),
        ("L2TPv3, cookie and sublayer", {
            let head = [0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0x40, 0, 0, 1];
            ipv6(115, &joined(&head, &frame))
        }),
        ("PPTP", numbered(0x3001, &[0, 0, 0, 1])),
        (
            "PPTP, acknowledging",
            numbered(0x3081, &[0, 0, 0, 1, 0, 0, 0, 1]),
        ),
    ]
}
