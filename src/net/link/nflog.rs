//! What Linux' packet filter logs: `iptables -j NFLOG`, `nft … log group`.
//!
//! Job: find the packet among the attributes. Input: an [`Extent`] from the header on.
//! Output: what is inside and how to read it.
//! Source: `LINKTYPE_NFLOG` of the pcap registry; `linux/netfilter/nfnetlink_log.h`.

use super::super::extent::Extent;
use super::super::layer::{Kind, ether_type};
use super::super::other::{Header, Other};

/// More attributes than the kernel writes.
const MAX_ATTRIBUTES: usize = 64;
/// Attributes: hardware protocol and hook; the packet itself.
const PACKET_HEADER: u16 = 1;
const PAYLOAD: u16 = 9;

/// A family, version 0 and a group; then attributes, each with length and type in front.
pub(super) fn open(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([_, version, ..], mut rest) = extent.take::<4>(Header::Nflog)?;
    if *version != 0 {
        return Err(Other::NotIp);
    }
    let mut kind = Kind::Ip;
    for _ in 0..MAX_ATTRIBUTES {
        let ([l0, l1, t0, t1], _) = rest.take::<4>(Header::Nflog)?;
        // Both in the byte order of the machine that captured. Types are small numbers.
        let native = if *t1 == 0 {
            u16::from_le_bytes
        } else {
            u16::from_be_bytes
        };
        let (len, number) = (usize::from(native([*l0, *l1])), native([*t0, *t1]));
        if len < 4 {
            return Err(extent.malformed(Header::Nflog));
        }
        let value = rest.skip(Header::Nflog, 4)?.limit(len - 4);
        match number {
            PAYLOAD => return Ok((kind, value)),
            PACKET_HEADER => {
                let ([high, low, ..], _) = value.take::<4>(Header::Nflog)?;
                let protocol = u16::from_be_bytes([*high, *low]);
                // A packet that the kernel has not named yet begins with IP all the same.
                if protocol > ether_type::MAX_LENGTH {
                    kind = Kind::EtherType(protocol);
                }
            }
            _ => {}
        }
        rest = rest.skip(Header::Nflog, len.next_multiple_of(4))?;
    }
    Err(Other::TooDeep)
}
