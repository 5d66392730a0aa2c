//! The address that a preamble names.
//!
//! Job: hold the address with the protocol that names it. Input and output: none.

use std::fmt;

use strum::IntoStaticStr;

/// The protocol of a preamble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
pub enum Protocol {
    /// The PROXY protocol in its text form.
    #[strum(serialize = "PROXY v1")]
    ProxyV1,
    /// The PROXY protocol in its binary form.
    #[strum(serialize = "PROXY v2")]
    ProxyV2,
    /// SOCKS 4 or 4a.
    #[strum(serialize = "SOCKS 4")]
    Socks4,
    /// SOCKS 5.
    #[strum(serialize = "SOCKS 5")]
    Socks5,
}

/// What a preamble says of the other side of the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxied {
    /// Which protocol says so.
    pub protocol: Protocol,
    /// PROXY: the client that the proxy speaks for. SOCKS: the server that the client asks for.
    /// An IP address or a name with its port, or the path of a Unix socket. Not escaped.
    pub address: String,
}

impl fmt::Display for Proxied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, address } = self;
        let name: &str = protocol.into();
        match protocol {
            Protocol::ProxyV1 | Protocol::ProxyV2 => write!(f, "{name} for client {address}"),
            Protocol::Socks4 | Protocol::Socks5 => write!(f, "{name} to server {address}"),
        }
    }
}
