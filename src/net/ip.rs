//! IP headers: who sends to whom, what, and whether it is a piece of something larger.
//!
//! Job: read IPv4 and IPv6 headers with their extension headers.
//! Input: a [`Layer`] with an IP header in front. Output: a [`Datagram`].
//! RFC 791 §3.1, 8200 §3–4, 4302 §2 (authentication header), 6946 (atomic fragments).

use std::net::IpAddr;

use etherparse::err::{ip_auth, ipv4, ipv6};
use etherparse::{
    IpAuthHeaderSlice, IpNumber, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice,
    Ipv6RawExtHeaderSlice,
};

use super::extent::Extent;
use super::layer::Layer;
use super::other::{Header, Other};
use super::segment::Encapsulation;

/// Extension headers in one packet; RFC 8200 §4.1 knows seven, each of them once or twice.
const MAX_EXTENSIONS: usize = 8;

/// What one IP packet carries, or what many fragments carry together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Datagram<'a> {
    /// Who sends.
    pub(super) source: IpAddr,
    /// Who is to receive.
    pub(super) destination: IpAddr,
    /// VLANs and tunnels around it.
    pub(super) encapsulation: Encapsulation,
    /// How the payload is to be read.
    pub(super) protocol: IpNumber,
    /// What follows the last header.
    pub(super) payload: Extent<'a>,
    /// Where the payload belongs, when it is a fragment.
    pub(super) piece: Option<Piece>,
}

/// The place of a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Equal in all fragments of one datagram.
    pub(super) id: u32,
    /// First byte's place in the datagram's payload.
    pub(super) offset: usize,
    /// Whether this is not the last one.
    pub(super) more: bool,
}

/// Reads the IP header in front, of either version.
pub(super) fn read<'a>(layer: &Layer<'a>) -> Result<Datagram<'a>, Other> {
    let extent = layer.extent;
    match extent.bytes().first().map(|byte| byte >> 4) {
        Some(4) => version4(extent, layer.encapsulation),
        Some(6) => version6(extent, layer.encapsulation),
        Some(_) => Err(extent.malformed(Header::Ip)),
        None => Err(extent.short(Header::Ip, 1)),
    }
}

fn version4(extent: Extent<'_>, encapsulation: Encapsulation) -> Result<Datagram<'_>, Other> {
    let header = Ipv4HeaderSlice::from_slice(extent.bytes()).map_err(|error| match error {
        ipv4::HeaderSliceError::Len(error) => extent.short(Header::Ipv4, error.required_len),
        ipv4::HeaderSliceError::Content(_) => extent.malformed(Header::Ipv4),
    })?;
    let header_len = header.slice().len();
    let payload = match usize::from(header.total_len()) {
        // With segmentation offload the sender's kernel hands down packets past 65,535 bytes, or
        // leaves the field to the card: all that the capture has.
        0 => extent,
        // RFC 791 §3.1: the total length counts the header.
        total if total < header_len => return Err(extent.malformed(Header::Ipv4)),
        // What the link put behind it (Ethernet fills up to 60 bytes) is not payload.
        total => extent.limit(total),
    }
    .skip(Header::Ipv4, header_len)?;
    // RFC 791 §3.2: a packet is whole when its offset is 0 and no more fragments follow.
    let piece = header.is_fragmenting_payload().then(|| Piece {
        id: header.identification().into(),
        offset: usize::from(header.fragments_offset().value()) * 8,
        more: header.more_fragments(),
    });
    let mut datagram = Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        encapsulation,
        protocol: header.protocol(),
        payload,
        piece,
    };
    datagram.skip_extensions()?;
    Ok(datagram)
}

fn version6(extent: Extent<'_>, encapsulation: Encapsulation) -> Result<Datagram<'_>, Other> {
    let header = Ipv6HeaderSlice::from_slice(extent.bytes()).map_err(|error| match error {
        ipv6::HeaderSliceError::Len(error) => extent.short(Header::Ipv6, error.required_len),
        ipv6::HeaderSliceError::Content(_) => extent.malformed(Header::Ipv6),
    })?;
    let payload = extent.skip(Header::Ipv6, header.slice().len())?;
    let payload = match usize::from(header.payload_length()) {
        // RFC 2675 §3: 0 in a jumbogram (or with segmentation offload): all that the capture has.
        0 => payload,
        // RFC 8200 §3: the payload length counts the extension headers, not this one.
        len => payload.limit(len),
    };
    let mut datagram = Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        encapsulation,
        protocol: header.next_header(),
        payload,
        piece: None,
    };
    datagram.skip_extensions()?;
    Ok(datagram)
}

impl Datagram<'_> {
    /// The same without its payload.
    pub(super) fn emptied(&self) -> Datagram<'static> {
        Datagram {
            source: self.source,
            destination: self.destination,
            encapsulation: self.encapsulation,
            protocol: self.protocol,
            payload: Extent::new(&[], 0),
            piece: None,
        }
    }

    /// Steps over extension headers to the transport header, or to a fragment's bytes.
    ///
    /// RFC 8200 §4.1: in any order and number, as a receiver must accept them.
    #[inline]
    pub(super) fn skip_extensions(&mut self) -> Result<(), Other> {
        // RFC 4302 §3.1: of these headers IPv4 has only the authentication header.
        if self.source.is_ipv4() && self.protocol != IpNumber::AUTHENTICATION_HEADER {
            return Ok(());
        }
        for _ in 0..=MAX_EXTENSIONS {
            if self.piece.is_some() {
                return Ok(());
            }
            let extent = self.payload;
            let (kind, len, next) = match self.protocol {
                IpNumber::IPV6_HEADER_HOP_BY_HOP
                | IpNumber::IPV6_ROUTE_HEADER
                | IpNumber::IPV6_DESTINATION_OPTIONS
                | IpNumber::MOBILITY_HEADER
                | IpNumber::HIP
                | IpNumber::SHIM6 => {
                    let header = Ipv6RawExtHeaderSlice::from_slice(extent.bytes())
                        .map_err(|error| extent.short(Header::Extension, error.required_len))?;
                    (
                        Header::Extension,
                        header.slice().len(),
                        header.next_header(),
                    )
                }
                IpNumber::AUTHENTICATION_HEADER => {
                    let header = IpAuthHeaderSlice::from_slice(extent.bytes()).map_err(
                        |error| match error {
                            ip_auth::HeaderSliceError::Len(error) => {
                                extent.short(Header::Authentication, error.required_len)
                            }
                            ip_auth::HeaderSliceError::Content(_) => {
                                extent.malformed(Header::Authentication)
                            }
                        },
                    )?;
                    (
                        Header::Authentication,
                        header.slice().len(),
                        header.next_header(),
                    )
                }
                IpNumber::IPV6_FRAGMENTATION_HEADER => {
                    let header = Ipv6FragmentHeaderSlice::from_slice(extent.bytes())
                        .map_err(|error| extent.short(Header::Fragment, error.required_len))?;
                    // RFC 6946 §4: a fragment that is the whole datagram stands for itself.
                    self.piece = header.is_fragmenting_payload().then(|| Piece {
                        id: header.identification(),
                        offset: usize::from(header.fragment_offset().value()) * 8,
                        more: header.more_fragments(),
                    });
                    (Header::Fragment, header.slice().len(), header.next_header())
                }
                _ => return Ok(()),
            };
            self.payload = extent.skip(kind, len)?;
            self.protocol = next;
        }
        Err(Other::TooDeep)
    }
}
