//! SOCKS 5: a choice of method, perhaps a password, a request and a reply.
//!
//! Job: read what the client asks and what the proxy answers. Each side tells by itself which
//! method was chosen, so that either can be read where the other was not captured.
//! Input: what each side sends first. Output: [`Read`]. RFC 1928 §3 to §6, RFC 1929 §2.

use std::net::{IpAddr, SocketAddr};

use super::proxied::{Protocol, Proxied};
use super::read::{Cursor, Read, Stop, host, rule};

/// The version, which each message begins with.
pub(super) const VERSION: u8 = 5;

/// RFC 1929 §2: the version of the exchange of a user name and a password.
const PASSWORD_VERSION: u8 = 1;

/// RFC 1928 §3: the methods without and with a password.
const NO_PASSWORD: u8 = 0;
const PASSWORD: u8 = 2;

/// Reads what the client sends.
pub(super) fn client(bytes: &[u8]) -> Read {
    let mut cursor = Cursor::new(bytes);
    Read::of(asked(&mut cursor), &cursor)
}

/// Reads what the proxy answers.
pub(super) fn server(bytes: &[u8]) -> Read {
    let mut cursor = Cursor::new(bytes);
    Read::of(answered(&mut cursor), &cursor)
}

fn asked(cursor: &mut Cursor<'_>) -> Result<Option<Proxied>, Stop> {
    // RFC 1928 §3: the methods that the client knows; 255 is none.
    cursor.expect(&[VERSION])?;
    let count = cursor.byte()?;
    rule(count > 0)?;
    let methods = cursor.take(count.into())?;
    rule(!methods.contains(&255))?;
    // RFC 1929 §2: name and password come before the request, where that method was chosen.
    if cursor.peek()? == PASSWORD_VERSION {
        rule(methods.contains(&PASSWORD))?;
        cursor.byte()?;
        for _ in ["name", "password"] {
            let length = cursor.byte()?;
            cursor.take(length.into())?;
        }
    }
    // RFC 1928 §4: version, command CONNECT (1), a zero, address.
    cursor.expect(&[VERSION, 1, 0])?;
    Ok(Some(Proxied {
        protocol: Protocol::Socks5,
        address: address(cursor)?,
    }))
}

fn answered(cursor: &mut Cursor<'_>) -> Result<Option<Proxied>, Stop> {
    cursor.expect(&[VERSION])?;
    match cursor.byte()? {
        NO_PASSWORD => {}
        // RFC 1929 §2: a status of 0 is success.
        PASSWORD => cursor.expect(&[PASSWORD_VERSION, 0])?,
        _ => return Err(Stop::Other),
    }
    // RFC 1928 §6: version, reply "succeeded" (0), a zero, the address that the proxy uses.
    cursor.expect(&[VERSION, 0, 0])?;
    address(cursor)?;
    Ok(None)
}

/// RFC 1928 §5: an IPv4 address (1), a name (3) or an IPv6 address (4); then a port.
fn address(cursor: &mut Cursor<'_>) -> Result<String, Stop> {
    let ip: IpAddr = match cursor.byte()? {
        1 => cursor.array::<4>()?.into(),
        3 => {
            let length = cursor.byte()?;
            let name = host(cursor.take(length.into())?)?;
            let port = u16::from_be_bytes(cursor.array()?);
            return Ok(format!("{name}:{port}"));
        }
        4 => cursor.array::<16>()?.into(),
        _ => return Err(Stop::Other),
    };
    let port = u16::from_be_bytes(cursor.array()?);
    Ok(SocketAddr::new(ip, port).to_string())
}
