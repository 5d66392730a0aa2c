//! What is in front where no header says it.
//!
//! Job: tell IP and Ethernet by their own fields, where a label, a tunnel or a wrong link type
//! leaves it open. Input: an [`Extent`]. Output: whether it fits.
//! RFC 791 §3.1, RFC 8200 §3, RFC 4928 §2 (an Ethernet address can begin like IP).
//!
//! A length has to fit the bytes that there are, so that chance has little room. Where the
//! snaplen cut off what would tell, the answer is [`Other::Cut`]: never another answer than for
//! the whole packet.

use super::extent::Extent;
use super::layer::{Kind, ether_type};
use super::other::{Header, Other};

/// VLAN tags in front of an IP header that is looked for.
const MAX_TAGS: usize = 2;

/// Whether an IP header is in front that leaves room for what it announces.
pub(super) fn is_ip(extent: Extent<'_>) -> Result<bool, Other> {
    Ok(ip_len(extent)?.is_some_and(|len| len <= extent.wire_len()))
}

/// Whether an IP packet fills the extent to the last byte.
pub(super) fn is_only_ip(extent: Extent<'_>) -> Result<bool, Other> {
    Ok(ip_len(extent)? == Some(extent.wire_len()))
}

/// The length that the IP header in front gives its packet; `None` where there is no such header.
fn ip_len(extent: Extent<'_>) -> Result<Option<usize>, Other> {
    match extent.bytes().first() {
        Some(0x45..=0x4f) => {
            let ([first, _, high, low], _) = extent.take::<4>(Header::Ip)?;
            let header = usize::from(first & 0x0f) * 4;
            let total = usize::from(u16::from_be_bytes([*high, *low]));
            // RFC 791 §3.1: the total length counts the header.
            Ok((total >= header).then_some(total))
        }
        Some(0x60..=0x6f) => {
            let ([_, _, _, _, high, low], _) = extent.take::<6>(Header::Ip)?;
            // RFC 8200 §3: the payload length does not count the header's 40 bytes.
            let payload = usize::from(u16::from_be_bytes([*high, *low]));
            Ok(Some(payload.saturating_add(40)))
        }
        None if extent.is_cut() => Err(extent.short(Header::Ip, 1)),
        _ => Ok(None),
    }
}

/// Whether an Ethernet frame is in front that carries IP or ARP, tagged or not.
pub(super) fn is_ethernet(extent: Extent<'_>) -> Result<bool, Other> {
    let Some(([.., high, low], mut rest)) = header::<14>(extent)? else {
        return Ok(false);
    };
    let mut kind = u16::from_be_bytes([*high, *low]);
    for _ in 0..MAX_TAGS {
        if !matches!(kind, ether_type::VLAN | ether_type::SERVICE_VLAN) {
            break;
        }
        let Some(([_, _, high, low], inside)) = header::<4>(rest)? else {
            return Ok(false);
        };
        kind = u16::from_be_bytes([*high, *low]);
        rest = inside;
    }
    match kind {
        ether_type::IPV4 | ether_type::IPV6 => is_ip(rest),
        // RFC 826: hardware type 1 (Ethernet), then the EtherType of the protocol.
        ether_type::ARP => Ok(header::<4>(rest)?.is_some_and(|(arp, _)| *arp == [0, 1, 8, 0])),
        _ => Ok(false),
    }
}

/// How to read what a tunnel carries without a word on it: IP or Ethernet, else nothing we read.
pub(super) fn payload(extent: Extent<'_>) -> Result<Kind, Other> {
    // Ethernet first: it has more to be right by chance, and its addresses can begin like IP.
    if is_ethernet(extent)? {
        return Ok(Kind::Ethernet);
    }
    if is_ip(extent)? {
        return Ok(Kind::Ip);
    }
    match extent.bytes().first().map(|byte| byte >> 4) {
        // A recorder that cut the packet and did not note it: IP knows its length itself.
        Some(4 | 6) => Ok(Kind::Ip),
        Some(_) => Err(Other::NotIp),
        None => Err(extent.short(Header::Ip, 1)),
    }
}

/// The first `N` bytes and the rest; `None` where the wire had less.
fn header<const N: usize>(extent: Extent<'_>) -> Result<Option<(&[u8; N], Extent<'_>)>, Other> {
    match extent.take::<N>(Header::Ip) {
        Ok(found) => Ok(Some(found)),
        Err(_) if extent.wire_len() < N => Ok(None),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::craft::{IPV4, IPV6, PAYLOAD, TCP, ethernet, ipv4, ipv6, tag, tcp};
    use super::*;

    fn whole(bytes: &[u8]) -> Extent<'_> {
        Extent::new(bytes, bytes.len())
    }

    #[test]
    fn ip_and_ethernet_are_told_apart() {
        let v4 = ipv4(TCP, &tcp(PAYLOAD));
        let v6 = ipv6(TCP, &tcp(PAYLOAD));
        for ip in [&v4, &v6] {
            assert_eq!(payload(whole(ip)), Ok(Kind::Ip));
            assert_eq!(is_only_ip(whole(ip)), Ok(true));
            let longer = [ip.as_slice(), &[0; 3]].concat();
            assert_eq!(is_only_ip(whole(&longer)), Ok(false));
            assert_eq!(is_ip(whole(&longer)), Ok(true));
            assert_eq!(is_ip(whole(&ip[..ip.len() - 1])), Ok(false));
        }
        for frame in [
            ethernet(IPV4, &v4),
            ethernet(IPV6, &v6),
            ethernet(0x88a8, &tag(5, 0x8100, &tag(6, IPV4, &v4))),
            ethernet(0x0806, &[0, 1, 8, 0, 6, 4, 0, 1]),
        ] {
            assert_eq!(payload(whole(&frame)), Ok(Kind::Ethernet));
        }
    }

    #[test]
    fn an_address_that_begins_like_ip_is_an_address() {
        for first in [0x44, 0x46, 0x60, 0x6e] {
            let mut frame = ethernet(IPV4, &ipv4(TCP, &tcp(PAYLOAD)));
            frame[..6].copy_from_slice(&[first, 0x8e, 0x38, 0x50, 0xff, 0x01]);
            assert_eq!(payload(whole(&frame)), Ok(Kind::Ethernet), "{first:x}");
        }
    }

    #[test]
    fn what_is_cut_gets_no_other_answer() {
        let frame = ethernet(0x8100, &tag(6, IPV4, &ipv4(TCP, &tcp(PAYLOAD))));
        for len in 0..frame.len() {
            let cut = Extent::new(&frame[..len], frame.len());
            let found = payload(cut);
            assert!(
                matches!(found, Ok(Kind::Ethernet) | Err(Other::Cut(_))),
                "{len}: {found:?}"
            );
        }
    }

    #[test]
    fn other_bytes_are_neither() {
        assert_eq!(payload(whole(&[0; 64])), Err(Other::NotIp));
        assert!(matches!(payload(whole(&[])), Err(Other::Malformed(_))));
        assert_eq!(is_ethernet(whole(&[0; 13])), Ok(false));
    }
}
