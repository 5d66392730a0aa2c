//! What a proxy or its client puts in front of the real protocol of a connection.
//!
//! Job: read the header of the PROXY protocol (v1, v2) and the handshake of SOCKS (4, 4a, 5), and
//! hand on what comes after them. Input: the first bytes of both directions. Output: [`Step`]s,
//! [`Proxied`] addresses and the remaining bytes. RFC 1928, RFC 1929; the PROXY protocol and
//! SOCKS 4 have no RFC.
//!
//! What is not whole, or breaks a rule of these protocols, is no preamble and is handed on as it
//! came.

mod held;
mod proxied;
mod proxy_v1;
mod proxy_v2;
mod read;
mod socks4;
mod socks5;

pub use held::{Preamble, Step};
pub use proxied::{Protocol, Proxied};

#[cfg(test)]
mod tests;
