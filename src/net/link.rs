//! The first bytes of a packet, by the link type that the capture recorded.
//!
//! Job: find where the link header ends and what follows it.
//! Input: a link type and an [`Extent`]. Output: what is inside and how to read it.
//! The link types are those of the pcap registry (LINKTYPE_*).

mod bsd;
mod nflog;
mod radio;
mod wireless;
mod wrapped;

use super::extent::Extent;
use super::layer::{Kind, Layer};
use super::other::{Header, Other};
use super::segment::Encapsulation;
use super::{guess, ppp};
use crate::capture::{LinkType, Packet};

/// A packet with its link header in front.
pub(super) fn layer<'a>(packet: &Packet<'a>) -> Layer<'a> {
    let wire_len = usize::try_from(packet.wire_len).unwrap_or(usize::MAX);
    Layer {
        kind: Kind::Link(packet.link),
        extent: Extent::new(packet.data, wire_len),
        encapsulation: Encapsulation::default(),
    }
}

/// The same read as IP, where a packet is none of Ethernet although its capture says so: some
/// tools write raw IP under that link type.
pub(super) fn mislabelled<'a>(packet: &Packet<'a>) -> Result<Option<Layer<'a>>, Other> {
    let layer = Layer {
        kind: Kind::Ip,
        ..layer(packet)
    };
    let is_ip = packet.link == LinkType::ETHERNET && guess::is_only_ip(layer.extent)?;
    Ok(is_ip.then_some(layer))
}

/// Takes the link header off.
pub(super) fn open(link: LinkType, extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match link {
        LinkType::ETHERNET => Ok((Kind::Ethernet, extent)),
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 | LinkType(DLT_RAW | DLT_RAW_OPENBSD) => {
            Ok((Kind::Ip, extent))
        }
        LinkType::NULL | LinkType::LOOP => bsd::loopback(extent),
        LinkType::ENC => bsd::decrypted(extent),
        LinkType::PFLOG => bsd::filter_log(extent),
        LinkType::IPNET => bsd::solaris(extent),
        LinkType::LINUX_SLL => cooked(extent),
        LinkType::LINUX_SLL2 => cooked2(extent),
        LinkType::NFLOG => nflog::open(extent),
        LinkType::PPP => Ok((Kind::Ppp, extent)),
        LinkType::PPP_HDLC => ppp::serial(extent),
        LinkType::C_HDLC => ppp::cisco(extent),
        LinkType::FRELAY => ppp::frame_relay(extent),
        LinkType::PPP_ETHER => ppp::over_ethernet(extent),
        LinkType::PPP_PPPD | LinkType::PPP_WITH_DIR => ppp::directed(extent),
        LinkType::ATM_RFC1483 => Ok((Kind::Llc, extent)),
        LinkType::IEEE802_11 => wireless::open(extent, wireless::Padding::None),
        LinkType::IEEE802_11_RADIOTAP => radio::tap(extent),
        LinkType::IEEE802_11_PRISM | LinkType::IEEE802_11_AVS => radio::prism(extent),
        LinkType::PPI => wrapped::ppi(extent),
        LinkType::PKTAP => wrapped::pktap(extent),
        LinkType::JUNIPER_ETHER => wrapped::juniper(extent),
        // Apple's systems before the number was assigned; others may put anything there.
        LinkType::USER2 => wrapped::pktap(extent).map_err(|other| match other {
            Other::Cut(_) => other,
            _ => Other::UnknownLink(link),
        }),
        other => Err(Other::UnknownLink(other)),
    }
}

/// The older numbers of raw IP: a file made by a tool that wrote its DLT without translating it.
const DLT_RAW: u16 = 12;
const DLT_RAW_OPENBSD: u16 = 14;

/// Linux cooked capture v1: packet type, device type, address length, address (8), protocol.
fn cooked(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([_, _, d0, d1, .., high, low], rest) = extent.take::<16>(Header::Cooked)?;
    let protocol = u16::from_be_bytes([*high, *low]);
    Ok((device(u16::from_be_bytes([*d0, *d1]), protocol), rest))
}

/// Linux cooked capture v2: protocol, two bytes of zero, the interface's number, device type,
/// then the other fields of v1.
fn cooked2(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let ([high, low, _, _, _, _, _, _, d0, d1, ..], rest) = extent.take::<20>(Header::Cooked)?;
    let protocol = u16::from_be_bytes([*high, *low]);
    Ok((device(u16::from_be_bytes([*d0, *d1]), protocol), rest))
}

/// What a device of this type (ARPHRD_*) hands up: the protocol, unless it is a radio that only
/// listens, whose frames have it themselves.
fn device(device: u16, protocol: u16) -> Kind {
    match device {
        801 => Kind::Link(LinkType::IEEE802_11),
        802 => Kind::Link(LinkType::IEEE802_11_PRISM),
        803 => Kind::Link(LinkType::IEEE802_11_RADIOTAP),
        _ => Kind::EtherType(protocol),
    }
}
