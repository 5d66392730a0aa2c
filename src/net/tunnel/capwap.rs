//! CAPWAP: between an access point and its controller.
//!
//! Job: open the data channel where it is plain. Input: an [`Extent`] from the preamble on.
//! Output: the frame of a station.
//! RFC 5415 §4.1 (preamble), §4.3 (header), 5416 §2 (802.11).

use super::super::extent::Extent;
use super::super::layer::Kind;
use super::super::other::{Header, Other};
use super::super::unread::Unread;
use crate::capture::LinkType;

/// §4.3: preamble; header's length in words, radio, what the frame is; flags; fragment.
pub(super) fn open(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const PLAIN: u8 = 0;
    const DTLS: u8 = 1;
    const FRAGMENT: u8 = 0x80;
    const KEEP_ALIVE: u8 = 0x08;
    let ([preamble, lengths, kind, flags], _) = extent.take::<4>(Header::Capwap)?;
    match *preamble {
        PLAIN => {}
        DTLS => return Err(Other::Unread(Unread::EncryptedCapwap)),
        _ => return Err(Other::Udp),
    }
    let words = usize::from(lengths >> 3);
    // §4.3: this word and that of the fragment are always there.
    if words < 2 || flags & KEEP_ALIVE != 0 {
        return Err(Other::Udp);
    }
    if flags & FRAGMENT != 0 {
        return Err(Other::Unread(Unread::WirelessFragments));
    }
    let inside = extent.skip(Header::Capwap, words * 4)?;
    // §4.3: five bits name the radio's kind (1 is 802.11), then T: the frame is of that kind.
    match (kind & 0x01, (kind >> 1) & 0x1f) {
        (0, _) => Ok((Kind::Ethernet, inside)),
        (_, 1) => Ok((Kind::Link(LinkType::IEEE802_11), inside)),
        _ => Err(Other::Udp),
    }
}
