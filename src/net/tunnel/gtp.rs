//! GTP-U: what a subscriber's packets travel in, between the radio and the core of a mobile
//! network.
//!
//! Job: open it. Input: an [`Extent`] from the GTP header on. Output: what is inside and how to
//! read it.
//! 3GPP TS 29.281 §5.1 (header), §5.2 (extension headers).
//!
//! The tunnel's number is no part of the connection's name: each direction has its own.

use super::super::extent::Extent;
use super::super::guess;
use super::super::layer::Kind;
use super::super::other::{Header, Other};
use super::super::unread::Unread;

/// More extension headers than are defined.
const MAX_EXTENSIONS: usize = 16;

/// §5.1: version and flags, message type, length, tunnel; with any of three flags four bytes more.
pub(super) fn open(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const VERSION_AND_PROTOCOL: u8 = 0xf0;
    const GTP_VERSION_1: u8 = 0x30;
    const EXTENSION: u8 = 0x04;
    /// Extension header, sequence number, N-PDU number.
    const OPTIONAL: u8 = 0x07;
    /// §6.1: the one message that carries a packet.
    const PACKET: u8 = 255;
    let ([flags, message, l0, l1, ..], rest) = extent.take::<8>(Header::Gtp)?;
    if flags & VERSION_AND_PROTOCOL != GTP_VERSION_1 || *message != PACKET {
        return Err(Other::Udp);
    }
    // §5.1: the length counts all that follows the tunnel's number.
    let len = usize::from(u16::from_be_bytes([*l0, *l1]));
    let mut inside = if len == 0 { rest } else { rest.limit(len) };
    if flags & OPTIONAL != 0 {
        let ([_, _, _, next], after) = inside.take::<4>(Header::Gtp)?;
        inside = after;
        if flags & EXTENSION != 0 {
            inside = extensions(*next, inside)?;
        }
    }
    match guess::payload(inside) {
        Ok(kind) => Ok((kind, inside)),
        Err(Other::NotIp) => Err(Other::Unread(Unread::Gtp)),
        Err(other) => Err(other),
    }
}

/// §5.2.1: length in words of four bytes, content, the next header's type as the last byte.
fn extensions(mut next: u8, mut extent: Extent<'_>) -> Result<Extent<'_>, Other> {
    const NONE: u8 = 0;
    for _ in 0..MAX_EXTENSIONS {
        if next == NONE {
            return Ok(extent);
        }
        let ([words], _) = extent.take::<1>(Header::Gtp)?;
        // §5.2.1: at least one word.
        let Some(last) = (usize::from(*words) * 4).checked_sub(1) else {
            return Err(extent.malformed(Header::Gtp));
        };
        let ([after], rest) = extent.skip(Header::Gtp, last)?.take::<1>(Header::Gtp)?;
        (next, extent) = (*after, rest);
    }
    Err(Other::TooDeep)
}
