//! What captures carry, and by what.

/// What the connections carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Messages of about 200 bytes, compressed with context takeover.
    Small,
    /// Documents of 8 to 64 KB, compressed with context takeover.
    Documents,
    /// 200 bytes to 16 KB, without an extension; one in eight is binary.
    Plain,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Small, Self::Documents, Self::Plain];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Documents => "documents",
            Self::Plain => "plain",
        }
    }
}

/// How many `WebSockets` there are, and what carries them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    /// TCP connections.
    pub(crate) connections: usize,
    /// Streams of HTTP/2 on each; without, each has one WebSocket over HTTP/1.1.
    pub(crate) streams: Option<usize>,
    /// All is under TLS. The key log is beside the capture, with the ending `keylog`.
    pub(crate) tls: bool,
}
