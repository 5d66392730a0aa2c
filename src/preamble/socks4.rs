//! SOCKS 4 and 4a: a request and a reply.
//!
//! Job: read the client's request to connect and the proxy's consent. Input: what each side sends
//! first. Output: [`Read`]. SOCKS: A protocol for TCP proxy across firewalls; SOCKS 4A.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::proxied::{Protocol, Proxied};
use super::read::{Cursor, Read, Stop, host, rule};

/// Version 4, and the command to connect: what the request begins with.
pub(super) const BEGINS: &[u8] = &[4, 1];

/// A zero, and "request granted": what the reply begins with.
const GRANTED: &[u8] = &[0, 90];

/// Bytes of a user name or a host name. The documents give none; this is what SOCKS 5 allows.
const LONGEST: usize = 255;

/// Reads what the client sends.
pub(super) fn client(bytes: &[u8]) -> Read {
    let mut cursor = Cursor::new(bytes);
    Read::of(request(&mut cursor), &cursor)
}

/// Reads what the proxy answers.
pub(super) fn server(bytes: &[u8]) -> Read {
    let mut cursor = Cursor::new(bytes);
    Read::of(reply(&mut cursor), &cursor)
}

fn request(cursor: &mut Cursor<'_>) -> Result<Option<Proxied>, Stop> {
    cursor.expect(BEGINS)?;
    let port = u16::from_be_bytes(cursor.array()?);
    let ip = cursor.array::<4>()?;
    rule(port != 0)?;
    let user = cursor.until(0, LONGEST)?;
    rule(user.iter().all(|byte| !byte.is_ascii_control()))?;
    let address = match ip {
        // 4a: an address 0.0.0.x with x not 0 says that a name follows.
        [0, 0, 0, last] if last != 0 => {
            let name = host(cursor.until(0, LONGEST)?)?;
            format!("{name}:{port}")
        }
        _ => SocketAddrV4::new(Ipv4Addr::from(ip), port).to_string(),
    };
    Ok(Some(Proxied {
        protocol: Protocol::Socks4,
        address,
    }))
}

fn reply(cursor: &mut Cursor<'_>) -> Result<Option<Proxied>, Stop> {
    cursor.expect(GRANTED)?;
    // The port and the address mean nothing in the answer to this command.
    cursor.take(6)?;
    Ok(None)
}
