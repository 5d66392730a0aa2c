//! MPLS labels.
//!
//! Job: step over a label stack and find out what it carries, which no label says.
//! Input: an [`Extent`] from the first label on. Output: what is inside and how to read it.
//! RFC 3032 §2.1 (labels), 4928 §3 (first nibble), 4448 §4.6 and 8469 §3 (Ethernet with and
//! without a control word).

use super::extent::Extent;
use super::guess;
use super::layer::Kind;
use super::other::{Header, Other};
use super::unread::Unread;

const MAX_LABELS: usize = 16;

/// RFC 3032 §2.1: labels of four bytes, the last with the bottom-of-stack bit.
pub(super) fn open(mut extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    const BOTTOM: u8 = 0x01;
    for _ in 0..MAX_LABELS {
        let ([_, _, label, _], rest) = extent.take::<4>(Header::Mpls)?;
        extent = rest;
        if label & BOTTOM != 0 {
            return payload(extent);
        }
    }
    Err(Other::TooDeep)
}

/// What is below the last label.
fn payload(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    /// RFC 4385 §3: the first nibble of a control word.
    const CONTROL_WORD: u8 = 0;
    /// RFC 5586 §2.1: that of the channel for operation and maintenance.
    const ASSOCIATED_CHANNEL: u8 = 1;
    let nibble = extent.bytes().first().map(|byte| byte >> 4);
    if nibble == Some(CONTROL_WORD) {
        let frame = extent.skip(Header::Mpls, 4)?;
        // RFC 8469 §3: an Ethernet address may begin with 0 as well, where no control word is.
        if !guess::is_ethernet(frame)? && guess::is_ethernet(extent)? {
            return Ok((Kind::Ethernet, extent));
        }
        // RFC 4448 §4.6: an Ethernet frame after the control word.
        return Ok((Kind::Ethernet, frame));
    }
    match guess::payload(extent) {
        Ok(kind) => Ok((kind, extent)),
        Err(Other::NotIp) if nibble != Some(ASSOCIATED_CHANNEL) => Err(Other::Unread(Unread::Mpls)),
        Err(other) => Err(other),
    }
}
