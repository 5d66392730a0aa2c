//! Teredo: IPv6 for hosts behind address translation.
//!
//! Job: open it. Input: an [`Extent`] from the UDP payload on. Output: the IPv6 packet.
//! RFC 4380 §5.1.1.

use super::super::extent::Extent;
use super::super::guess;
use super::super::layer::Kind;
use super::super::other::{Header, Other};

/// Maybe an authentication, maybe the origin's address; then IPv6.
pub(super) fn open(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    let mut inside = extent;
    let ([a0, a1], _) = inside.take::<2>(Header::Teredo)?;
    if [*a0, *a1] == [0, 1] {
        // RFC 4380 §5.1.1: lengths of client's name and of the value, both, a nonce of eight
        // bytes, a byte of confirmation.
        let ([_, _, name, value], rest) = inside.take::<4>(Header::Teredo)?;
        inside = rest.skip(Header::Teredo, usize::from(*name) + usize::from(*value) + 9)?;
    }
    let ([a0, a1], _) = inside.take::<2>(Header::Teredo)?;
    if [*a0, *a1] == [0, 0] {
        // RFC 4380 §5.1.1: port and address, each with all bits inverted.
        inside = inside.skip(Header::Teredo, 8)?;
    }
    let ([first], _) = inside.take::<1>(Header::Teredo)?;
    if first >> 4 == 6 && guess::is_ip(inside)? {
        Ok((Kind::Ip, inside))
    } else {
        Err(Other::Udp)
    }
}
