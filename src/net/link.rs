//! The first bytes of a packet, by the link type that the capture recorded.
//!
//! Job: find where the link header ends and what follows it.
//! Input: a [`Packet`]. Output: a [`Layer`]: bytes and how to read them.
//! The link types are those of the pcap registry (LINKTYPE_*).

use super::extent::Extent;
use super::other::{Header, Other};
use super::segment::Encapsulation;
use crate::capture::{LinkType, Packet};

/// How the bytes of a [`Layer`] are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An Ethernet header.
    Ethernet,
    /// What this `EtherType` (or 802.3 length) says.
    EtherType(u16),
    /// A PPP protocol field.
    Ppp,
    /// An IP header, its version in the first nibble.
    Ip,
}

/// Bytes, how to read them, and what was around them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer<'a> {
    /// How to read them.
    pub(super) kind: Kind,
    /// The bytes.
    pub(super) extent: Extent<'a>,
    /// VLANs and tunnels so far.
    pub(super) encapsulation: Encapsulation,
}

/// The older numbers of raw IP: a file made by a tool that wrote its DLT without translating it.
const DLT_RAW: u16 = 12;
const DLT_RAW_OPENBSD: u16 = 14;
/// PPP, and PPP in HDLC-like framing.
const PPP: u16 = 9;
const PPP_HDLC: u16 = 50;

/// Takes the link header off.
pub(super) fn open<'a>(packet: &Packet<'a>) -> Result<Layer<'a>, Other> {
    let wire_len = usize::try_from(packet.wire_len).unwrap_or(usize::MAX);
    let extent = Extent::new(packet.data, wire_len);
    let (kind, extent) = match packet.link {
        LinkType::ETHERNET => (Kind::Ethernet, extent),
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 | LinkType(DLT_RAW | DLT_RAW_OPENBSD) => {
            (Kind::Ip, extent)
        }
        LinkType::NULL | LinkType::LOOP => (Kind::Ip, loopback(extent)?),
        LinkType::LINUX_SLL => cooked(extent)?,
        LinkType::LINUX_SLL2 => cooked2(extent)?,
        LinkType(PPP | PPP_HDLC) => (Kind::Ppp, extent),
        other => return Err(Other::UnknownLink(other)),
    };
    Ok(Layer {
        kind,
        extent,
        encapsulation: Encapsulation::default(),
    })
}

/// BSD loopback: an address family, then IP.
fn loopback(extent: Extent<'_>) -> Result<Extent<'_>, Other> {
    /// `AF_INET`, the same everywhere.
    const INET: u32 = 2;
    /// `AF_INET6` of Linux, NetBSD/OpenBSD, FreeBSD and macOS.
    const INET6: [u32; 4] = [10, 24, 28, 30];

    let (family, rest) = extent.take::<4>(Header::Loopback)?;
    // LINKTYPE_NULL: in the byte order of the machine that captured, which the file does not
    // tell; LINKTYPE_LOOP: big-endian. The small numbers cannot be mistaken, so both are tried.
    let known = |family| family == INET || INET6.contains(&family);
    if known(u32::from_be_bytes(*family)) || known(u32::from_le_bytes(*family)) {
        Ok(rest)
    } else {
        Err(Other::NotIp)
    }
}

/// Linux cooked capture v1: packet type, device type, address length, address (8), protocol.
fn cooked(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([.., high, low], rest) = extent.take::<16>(Header::Cooked)?;
    Ok((Kind::EtherType(u16::from_be_bytes([*high, *low])), rest))
}

/// Linux cooked capture v2: protocol first, then the interface's number and the fields of v1.
fn cooked2(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([high, low, ..], rest) = extent.take::<20>(Header::Cooked)?;
    Ok((Kind::EtherType(u16::from_be_bytes([*high, *low])), rest))
}
