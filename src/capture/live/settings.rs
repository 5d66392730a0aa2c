//! What is to be captured, and for how long.

use std::time::Duration;

/// What is to be captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The interface's name; `any` is all of them on Linux.
    pub interface: String,
    /// Only packets that match this BPF expression; the kernel applies it.
    pub filter: Option<String>,
    /// Packets for other machines, too, where the network brings them.
    pub promiscuous: bool,
    /// Bytes of the kernel's buffer.
    pub buffer: usize,
    /// Bytes captured of each packet.
    pub snaplen: u32,
    /// Ends the capture after this time.
    pub duration: Option<Duration>,
    /// Ends the capture after so many packets.
    pub packets: Option<u64>,
}

impl Settings {
    /// Bytes of the kernel's buffer, unless told otherwise.
    pub const BUFFER: usize = 32 << 20;
    /// Bytes captured of each packet: all of any.
    pub const SNAPLEN: u32 = 256 << 10;

    /// Everything on `interface`, until told to stop.
    pub fn new(interface: &str) -> Self {
        Self {
            interface: interface.to_owned(),
            filter: None,
            promiscuous: true,
            buffer: Self::BUFFER,
            snaplen: Self::SNAPLEN,
            duration: None,
            packets: None,
        }
    }
}
