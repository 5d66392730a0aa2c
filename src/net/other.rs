//! Packets without a TCP segment.
//!
//! Job: name the reasons. Input: what each layer of this folder finds. Output: [`Other`], which
//! the totals count.

use crate::capture::LinkType;

/// Why a packet gave no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Other {
    /// The link type is not one that wscope reads.
    UnknownLink(LinkType),
    /// Neither IPv4 nor IPv6: ARP, say.
    NotIp,
    /// UDP that is no known tunnel.
    Udp,
    /// IP that carries something else.
    NotTcp {
        /// The IP protocol number.
        protocol: u8,
    },
    /// A fragment; the rest of its datagram is still to come.
    FragmentHeld,
    /// A fragment of a datagram that cannot become whole; see [`FragmentLosses`].
    FragmentDropped,
    /// The snaplen cut the packet before its TCP sequence number and data offset.
    Cut,
    /// More headers or tunnels inside each other than wscope follows.
    TooDeep,
    /// A header that contradicts itself or does not fit its packet.
    Malformed,
}
