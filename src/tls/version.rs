//! Versions and record types of TLS, as the wire numbers them.
//!
//! Job: name the numbers. Input: integers. Output: newtypes with names. RFC 8446 §4.2.1 and §5.1.

use std::fmt;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// SSL 3.0, which is only named.
    pub const SSL_3_0: Self = Self(0x0300);
    /// TLS 1.0.
    pub const TLS_1_0: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS_1_1: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS_1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS_1_3: Self = Self(0x0304);
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SSL_3_0 => f.write_str("SSL 3.0"),
            Self::TLS_1_0 => f.write_str("TLS 1.0"),
            Self::TLS_1_1 => f.write_str("TLS 1.1"),
            Self::TLS_1_2 => f.write_str("TLS 1.2"),
            Self::TLS_1_3 => f.write_str("TLS 1.3"),
            Self(other) => write!(f, "version 0x{other:04x}"),
        }
    }
}

/// What a record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentType(pub u8);

impl ContentType {
    /// From here on the sender's records are protected; without meaning in TLS 1.3.
    pub const CHANGE_CIPHER_SPEC: Self = Self(20);
    /// A warning or the end.
    pub const ALERT: Self = Self(21);
    /// Handshake messages.
    pub const HANDSHAKE: Self = Self(22);
    /// What the applications say.
    pub const APPLICATION_DATA: Self = Self(23);

    /// Whether it is one of the four.
    pub fn is_known(self) -> bool {
        (20..=23).contains(&self.0)
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::CHANGE_CIPHER_SPEC => f.write_str("change_cipher_spec"),
            Self::ALERT => f.write_str("alert"),
            Self::HANDSHAKE => f.write_str("handshake"),
            Self::APPLICATION_DATA => f.write_str("application_data"),
            Self(other) => write!(f, "type {other}"),
        }
    }
}
