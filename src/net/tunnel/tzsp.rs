//! `TaZmen` Sniffer Protocol: what routers and access points mirror.
//!
//! Job: open it. Input: an [`Extent`] from its header on. Output: the mirrored frame.
//! Source: the protocol's description in `tzsp.org` and `RouterOS`'s manual ("packet sniffer").

use super::super::extent::Extent;
use super::super::layer::Kind;
use super::super::other::{Header, Other};
use crate::capture::LinkType;

/// More tags than any sender writes.
const MAX_TAGS: usize = 64;

/// Version 1, type, what the frame is; then tags up to the one that ends them.
pub(super) fn open(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const RECEIVED: u8 = 0;
    const TO_SEND: u8 = 1;
    let ([version, message, high, low], rest) = extent.take::<4>(Header::Tzsp)?;
    if *version != 1 || !matches!(*message, RECEIVED | TO_SEND) {
        return Err(Other::Udp);
    }
    let kind = match u16::from_be_bytes([*high, *low]) {
        1 => Kind::Ethernet,
        18 => Kind::Link(LinkType::IEEE802_11),
        119 => Kind::Link(LinkType::IEEE802_11_PRISM),
        127 => Kind::Link(LinkType::IEEE802_11_AVS),
        _ => return Err(Other::Udp),
    };
    Ok((kind, tags(rest)?))
}

/// A tag is a byte, a length and so much content; padding and end have the byte alone.
fn tags(mut extent: Extent<'_>) -> Result<Extent<'_>, Other> {
    const PADDING: u8 = 0;
    const END: u8 = 1;
    for _ in 0..MAX_TAGS {
        let ([tag], rest) = extent.take::<1>(Header::Tzsp)?;
        extent = match *tag {
            END => return Ok(rest),
            PADDING => rest,
            _ => {
                let ([len], content) = rest.take::<1>(Header::Tzsp)?;
                content.skip(Header::Tzsp, usize::from(*len))?
            }
        };
    }
    Err(Other::TooDeep)
}
