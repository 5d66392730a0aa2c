//! The PROXY protocol, version 1: one line of text.
//!
//! Job: read the line. Input: what the client's side sends first. Output: [`Read`].
//! The PROXY protocol, versions 1 and 2, §2.1.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::proxied::{Protocol, Proxied};
use super::read::{Cursor, Read, Stop, rule};

/// What the line begins with.
pub(super) const BEGINS: &[u8] = b"PROXY ";

/// §2.1: the longest line has 107 bytes, its CRLF included; without the LF 106.
const LONGEST: usize = 106;

/// Reads the line.
pub(super) fn read(bytes: &[u8]) -> Read {
    let mut cursor = Cursor::new(bytes);
    Read::of(line(&mut cursor), &cursor)
}

fn line(cursor: &mut Cursor<'_>) -> Result<Option<Proxied>, Stop> {
    cursor.expect(BEGINS)?;
    let line = cursor.until(b'\n', LONGEST - BEGINS.len())?;
    let line = std::str::from_utf8(line).map_err(|_| Stop::Other)?;
    let line = line.strip_suffix('\r').ok_or(Stop::Other)?;
    let words: Vec<&str> = line.split(' ').collect();
    let (source, destination) = match *words.as_slice() {
        // §2.1: a receiver ignores all that follows this word.
        ["UNKNOWN", ..] => return Ok(None),
        ["TCP4", from, to, from_port, to_port] => (
            socket(from.parse::<Ipv4Addr>(), from_port),
            socket(to.parse::<Ipv4Addr>(), to_port),
        ),
        ["TCP6", from, to, from_port, to_port] => (
            socket(from.parse::<Ipv6Addr>(), from_port),
            socket(to.parse::<Ipv6Addr>(), to_port),
        ),
        _ => return Err(Stop::Other),
    };
    rule(destination.is_some())?;
    let source = source.ok_or(Stop::Other)?;
    Ok(Some(Proxied {
        protocol: Protocol::ProxyV1,
        address: source.to_string(),
    }))
}

fn socket<E>(ip: Result<impl Into<IpAddr>, E>, port: &str) -> Option<SocketAddr> {
    // §2.1: decimal digits only; `parse` alone allows a sign.
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|_| digits)?;
    Some(SocketAddr::new(ip.ok()?.into(), port))
}
