//! IEEE 802.11 data frames.
//!
//! Job: find the packet in a frame. Input: an [`Extent`] from the frame control field on.
//! Output: the LLC header that every data frame carries.
//! IEEE 802.11-2020 §9.2.4 (fields), §9.3.2.1 (data frames), §9.3.2.2 (A-MSDU).
//!
//! The frame check sequence, which may or may not be there, stays at the end: IP knows where its
//! packet ends.

use super::super::extent::Extent;
use super::super::layer::Kind;
use super::super::other::{Header, Other};
use super::super::unread::Unread;

/// Whether the radio put bytes between the header and what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::net) enum Padding {
    /// None.
    None,
    /// Up to a multiple of four bytes.
    ToWord,
}

/// RFC 1042: LLC and SNAP of every packet that is not of 802's own.
const SNAP: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];
/// Frame control, second byte.
const TO_SYSTEM: u8 = 0x01;
const FROM_SYSTEM: u8 = 0x02;
const MORE_FRAGMENTS: u8 = 0x04;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;

/// §9.2.4.1.3: the type of data frames, in version 0.
fn is_data(control: u8) -> bool {
    control & 0x0f == 0x08
}

/// Takes the header of a data frame off.
pub(in crate::net) fn open(
    extent: Extent<'_>,
    padding: Padding,
) -> Result<(Kind, Extent<'_>), Other> {
    /// §9.2.4.1.3: subtypes without payload, and those with a field for quality of service.
    const NULL: u8 = 0x40;
    const QOS: u8 = 0x80;
    let ([first, second], _) = extent.take::<2>(Header::Wireless)?;
    // Some controllers exchange the two bytes in what they mirror.
    let (control, flags) = if !is_data(*first) && is_data(*second) {
        (*second, *first)
    } else {
        (*first, *second)
    };
    if !is_data(control) || control & NULL != 0 {
        return Err(Other::NotIp);
    }
    // §9.2.4: control, duration, three addresses, sequence control; then what the flags announce.
    let ([fragment, _], _) = extent
        .skip(Header::Wireless, 22)?
        .take::<2>(Header::Wireless)?;
    if flags & MORE_FRAGMENTS != 0 || fragment & 0x0f != 0 {
        return Err(Other::Unread(Unread::WirelessFragments));
    }
    let mut header = 24;
    if flags & TO_SYSTEM != 0 && flags & FROM_SYSTEM != 0 {
        header += 6;
    }
    let mut aggregated = false;
    if control & QOS != 0 {
        let ([low, _], _) = extent
            .skip(Header::Wireless, header)?
            .take::<2>(Header::Wireless)?;
        // §9.2.4.5.9: whether the payload is an A-MSDU.
        aggregated = low & 0x80 != 0;
        header += 2;
        // §9.2.4.1.10: with quality of service the bit announces the HT control field.
        if flags & ORDER != 0 {
            header += 4;
        }
    }
    if padding == Padding::ToWord {
        header = header.next_multiple_of(4);
    }
    let body = extent.skip(Header::Wireless, header)?;
    if flags & PROTECTED != 0 {
        return decrypted(body, aggregated);
    }
    if aggregated {
        return subframe(body);
    }
    Ok((Kind::Llc, body))
}

/// A frame that is marked as encrypted. Radios that decrypt leave the mark, and maybe the
/// cipher's header.
fn decrypted(body: Extent<'_>, aggregated: bool) -> Result<(Kind, Extent<'_>), Other> {
    /// §12.5: no header, that of WEP, that of TKIP, CCMP and GCMP.
    const CIPHER_HEADERS: [usize; 3] = [0, 4, 8];
    const ENCRYPTED: Other = Other::Unread(Unread::EncryptedWireless);
    for len in CIPHER_HEADERS {
        let Ok(inside) = body.skip(Header::Wireless, len) else {
            break;
        };
        let packet = if aggregated {
            inside.skip(Header::Wireless, 14).unwrap_or(inside)
        } else {
            inside
        };
        match packet.take::<6>(Header::Wireless) {
            Ok((head, _)) if *head == SNAP => {
                return if aggregated {
                    subframe(inside)
                } else {
                    Ok((Kind::Llc, inside))
                };
            }
            Err(cut @ Other::Cut(_)) => return Err(cut),
            _ => {}
        }
    }
    Err(ENCRYPTED)
}

/// §9.3.2.2.2: two addresses, a length, a packet, and padding to a multiple of four before the
/// next one.
fn subframe(body: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    /// What a check sequence and padding leave room for.
    const END: usize = 8;
    let ([.., high, low], inside) = body.take::<14>(Header::Wireless)?;
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    if len > inside.wire_len() {
        return Err(body.malformed(Header::Wireless));
    }
    if inside.wire_len() - len >= END {
        return Err(Other::Unread(Unread::AggregatedWireless));
    }
    Ok((Kind::Llc, inside.limit(len)))
}
