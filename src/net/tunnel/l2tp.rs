//! Layer 2 tunnels.
//!
//! Job: open what carries packets, of both versions. Input: an [`Extent`] from the L2TP header
//! on. Output: what is inside and how to read it.
//! RFC 2661 §3.1 (version 2), 3931 §4.1 (version 3 over IP and UDP), 4719 §2 (Ethernet in it).
//!
//! Nothing in a packet of version 3 tells how long its cookie is, whether a sublayer follows, and
//! what kind of line it emulates: it is opened where an Ethernet frame with IP fits one of the
//! possible places.

use super::super::extent::Extent;
use super::super::guess;
use super::super::layer::Kind;
use super::super::other::{Header, Other};
use super::super::unread::Unread;

const CONTROL: u16 = 0x8000;

/// Over UDP: the first two bytes are flags and version.
pub(super) fn over_udp(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const VERSION: u16 = 0x000f;
    let ([f0, f1], rest) = extent.take::<2>(Header::L2tp)?;
    let flags = u16::from_be_bytes([*f0, *f1]);
    match flags & VERSION {
        2 if flags & CONTROL == 0 => version2(flags, rest),
        // RFC 3931 §4.1.2.1: of the flags only that of control messages is defined; two more
        // bytes of zero.
        3 if flags == 3 => version3(rest.skip(Header::L2tp, 2)?),
        _ => Err(Other::Udp),
    }
}

/// RFC 2661 §3.1: length, tunnel and session, numbers, an offset; the flags tell which. Then PPP.
fn version2(flags: u16, rest: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const LENGTH: u16 = 0x4000;
    const SEQUENCE: u16 = 0x0800;
    const OFFSET: u16 = 0x0200;
    /// §3.1: sent as zero, and ignored by receivers; held against chance here.
    const RESERVED: u16 = 0x34f0;
    if flags & RESERVED != 0 {
        return Err(Other::Udp);
    }
    let mut inside = rest;
    if flags & LENGTH != 0 {
        let ([l0, l1], after) = inside.take::<2>(Header::L2tp)?;
        // The length counts the whole message.
        let len = usize::from(u16::from_be_bytes([*l0, *l1]));
        inside = after.limit(len.checked_sub(4).ok_or(after.malformed(Header::L2tp))?);
    }
    inside = inside.skip(Header::L2tp, 4)?;
    if flags & SEQUENCE != 0 {
        inside = inside.skip(Header::L2tp, 4)?;
    }
    if flags & OFFSET != 0 {
        let ([o0, o1], after) = inside.take::<2>(Header::L2tp)?;
        inside = after.skip(Header::L2tp, usize::from(u16::from_be_bytes([*o0, *o1])))?;
    }
    Ok((Kind::Ppp, inside))
}

/// Over IP: a session of 0 is the control channel.
pub(super) fn over_ip(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    version3(extent)
}

/// RFC 3931 §4.1: a session, a cookie of 0, 4 or 8 bytes, a sublayer of 0 or 4; then a frame.
fn version3(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const PLACES: [usize; 4] = [0, 4, 8, 12];
    let (session, rest) = extent.take::<4>(Header::L2tp)?;
    if *session == [0; 4] {
        return Err(Other::NotTcp { protocol: 115 });
    }
    for place in PLACES {
        let Ok(frame) = rest.skip(Header::L2tp, place) else {
            break;
        };
        if guess::is_ethernet(frame)? {
            return Ok((Kind::Ethernet, frame));
        }
    }
    Err(Other::Unread(Unread::L2tp))
}
