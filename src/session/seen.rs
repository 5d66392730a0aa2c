//! What a connection turned out to carry.
//!
//! Job: name it, and where its bytes are counted. Input and output: none.

use crate::event::Account;

/// What a connection turned out to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Seen {
    /// WebSocket.
    WebSocket,
    /// HTTP with an upgrade to WebSocket that was refused or not answered.
    UpgradeRefused,
    /// HTTP/1 without an upgrade to WebSocket.
    Http,
    /// HTTP/2 without a WebSocket.
    Http2,
    /// TLS.
    Tls,
    /// Something else.
    Other,
    /// No payload at all.
    Nothing,
}

impl Seen {
    /// Where bytes of such a connection are counted that are none of a WebSocket's.
    pub fn place(self, account: &mut Account) -> &mut u64 {
        match self {
            Self::WebSocket | Self::UpgradeRefused | Self::Http => &mut account.http,
            Self::Http2 => &mut account.http2,
            Self::Tls => &mut account.tls_unread,
            Self::Other | Self::Nothing => &mut account.other,
        }
    }
}
