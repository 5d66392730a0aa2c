//! What following a connection's HTTP led to.
//!
//! Job: the values that [`Exchange`](super::Exchange) hands out. Input and output: none.

use super::handshake::Handshake;
use super::probe::Probe;

/// What the bytes so far led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// HTTP goes on, or more bytes are needed to tell.
    More,
    /// The server answered an upgrade request with something else than 101. HTTP goes on.
    Refused(Box<Handshake>),
    /// The server switched protocols: all bytes that follow belong to the WebSocket. Terminal.
    Upgraded(Box<Handshake>),
    /// An upgrade was asked for, and the capture lacks the answer; what follows is no HTTP, so it
    /// is probably WebSocket. Terminal.
    Unanswered(Box<Handshake>),
    /// TLS from here on. Terminal.
    Tls,
    /// HTTP/2 from here on. Terminal.
    Http2,
    /// HTTP/2 from here on, as a request of HTTP/1.1 asked for; its answer is the first. Terminal.
    UpgradedToHttp2,
    /// Neither HTTP nor TLS. Terminal.
    NotHttp,
}

impl Outcome {
    /// Of bytes that begin as `probe` says and are no HTTP/1.
    pub(super) fn without_http(probe: Probe) -> Self {
        match probe {
            Probe::Tls => Self::Tls,
            Probe::Http2 => Self::Http2,
            Probe::Undecided | Probe::Http | Probe::Other => Self::NotHttp,
        }
    }
}

/// What was on the connection while it spoke HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Requests whose head was read.
    pub requests: u64,
    /// Those of them that asked for a WebSocket.
    pub upgrade_requests: u64,
    /// Final responses whose head was read.
    pub responses: u64,
    /// The status of the last of them.
    pub last_status: Option<u16>,
    /// Times that a direction was lost: its next head had to be searched for.
    pub losses: u64,
    /// Requests that were forgotten because too many waited for a response.
    pub forgotten: u64,
}
