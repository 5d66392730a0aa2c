//! The PROXY protocol, version 2: a binary header.
//!
//! Job: read the header; its type-length-value fields are passed over by the length that covers
//! them. Input: what the client's side sends first. Output: [`Read`].
//! The PROXY protocol, versions 1 and 2, §2.2.

use std::net::{IpAddr, SocketAddr};

use super::proxied::{Protocol, Proxied};
use super::read::{Cursor, Read, Stop, rule};

/// What the header begins with.
pub(super) const BEGINS: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Bytes of the path of a Unix socket.
const PATH: usize = 108;

/// Reads the header.
pub(super) fn read(bytes: &[u8]) -> Read {
    let mut cursor = Cursor::new(bytes);
    Read::of(header(&mut cursor), &cursor)
}

fn header(cursor: &mut Cursor<'_>) -> Result<Option<Proxied>, Stop> {
    cursor.expect(BEGINS)?;
    let (command, family) = (cursor.byte()?, cursor.byte()?);
    // §2.2: version 2; the command is LOCAL (0) or PROXY (1), and others are refused.
    rule(matches!(command, 0x20 | 0x21))?;
    // Family unspecified, IPv4, IPv6 or Unix; transport unspecified, stream or datagram.
    rule(family >> 4 <= 3 && family & 0xf <= 2)?;
    let length = usize::from(u16::from_be_bytes(cursor.array()?));
    let content = cursor.take(length)?;
    // §2.2: what LOCAL says of addresses is ignored: the proxy speaks for itself.
    if command == 0x20 {
        return Ok(None);
    }
    let named = source(family >> 4, &mut Cursor::new(content));
    // The length says that all of it is there, so that nothing can still come.
    let address = named.map_err(|_| Stop::Other)?;
    Ok(address.map(|address| Proxied {
        protocol: Protocol::ProxyV2,
        address,
    }))
}

/// The address of the client that the proxy speaks for; the one it reached comes after it.
fn source(family: u8, content: &mut Cursor<'_>) -> Result<Option<String>, Stop> {
    let address = match family {
        1 => {
            let [from, _] = [content.array::<4>()?, content.array::<4>()?];
            socket(from, content)?
        }
        2 => {
            let [from, _] = [content.array::<16>()?, content.array::<16>()?];
            socket(from, content)?
        }
        3 => {
            let [from, _] = [content.take(PATH)?, content.take(PATH)?];
            let end = from.iter().position(|&byte| byte == 0).unwrap_or(PATH);
            String::from_utf8_lossy(from.get(..end).unwrap_or_default()).into_owned()
        }
        _ => return Ok(None),
    };
    Ok(Some(address).filter(|address| !address.is_empty()))
}

fn socket(ip: impl Into<IpAddr>, content: &mut Cursor<'_>) -> Result<String, Stop> {
    let [from, _] = [content.array()?, content.array()?];
    Ok(SocketAddr::new(ip.into(), u16::from_be_bytes(from)).to_string())
}
