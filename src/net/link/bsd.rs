//! Link headers of BSD and Solaris, most of which begin with an address family.
//!
//! Job: take them off. Input: an [`Extent`] from the header on. Output: IP.
//! The families are those of `sys/socket.h` on each system.

use super::super::extent::Extent;
use super::super::layer::Kind;
use super::super::other::{Header, Other};

/// `AF_INET`, the same everywhere.
const INET: u32 = 2;
/// `AF_INET6` of Linux, Windows, NetBSD and OpenBSD, Solaris, FreeBSD, and macOS.
const INET6: [u32; 6] = [10, 23, 24, 26, 28, 30];

/// Whether a family of either byte order is that of IP.
///
/// The order is that of the machine that captured, which nothing tells; the small numbers cannot
/// be mistaken.
fn is_ip(family: [u8; 4]) -> bool {
    let known = |family| family == INET || INET6.contains(&family);
    known(u32::from_be_bytes(family)) || known(u32::from_le_bytes(family))
}

/// Loopback: an address family.
pub(super) fn loopback(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<4>(Header::Loopback)? {
        (family, rest) if is_ip(*family) => Ok((Kind::Ip, rest)),
        _ => Err(Other::NotIp),
    }
}

/// `if_enc`: address family, security parameter index, flags.
pub(super) fn decrypted(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<12>(Header::Enc)? {
        ([f0, f1, f2, f3, ..], rest) if is_ip([*f0, *f1, *f2, *f3]) => Ok((Kind::Ip, rest)),
        _ => Err(Other::NotIp),
    }
}

/// `pflog`: the header's length without its padding, an address family of one byte, the verdict.
pub(super) fn filter_log(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    /// What every version has.
    const LEAST: u8 = 45;
    let ([len, family], _) = extent.take::<2>(Header::Pflog)?;
    if *len < LEAST || !is_ip([0, 0, 0, *family]) {
        return Err(Other::NotIp);
    }
    Ok((
        Kind::Ip,
        extent.skip(Header::Pflog, usize::from(*len).next_multiple_of(4))?,
    ))
}

/// Solaris' ipnet: version 1, a family, type, length, interfaces and zones of both ends.
pub(super) fn solaris(extent: Extent<'_>) -> Result<(Kind, Extent<'_>), Other> {
    match extent.take::<24>(Header::Ipnet)? {
        ([1, family, ..], rest) if is_ip([0, 0, 0, *family]) => Ok((Kind::Ip, rest)),
        _ => Err(Other::NotIp),
    }
}
