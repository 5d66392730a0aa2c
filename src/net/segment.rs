//! A TCP segment and the names of the connection it belongs to.
//!
//! Job: what the TCP layer needs of a packet and nothing more. RFC 9293 §3.1.

use std::fmt;
use std::net::IpAddr;

use super::checksum;

/// An IP address with a TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The address; IPv4 stays IPv4.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    /// `10.0.0.1:80` or `[::1]:80`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::net::SocketAddr::new(self.address, self.port).fmt(f)
    }
}

/// The VLANs and tunnels around a segment, folded into one number.
///
/// Two connections with equal addresses on different VLANs or tunnel networks are two
/// connections. Equal stacks give equal values; 0 means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Encapsulation(pub u64);

impl Encapsulation {
    /// The same stack with one more layer inside: `kind` tells VLAN from tunnel, `id` is its number.
    #[must_use]
    pub fn within(self, kind: u8, id: u32) -> Self {
        let layer = (u64::from(kind) << 32) | u64::from(id);
        Self((self.0.rotate_left(23) ^ layer).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}

/// The unordered key of a TCP connection: both directions have the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FlowKey {
    // Integers, because a key is hashed and compared for each packet; none that would leave room
    // between them.
    low: (u64, u64),
    high: (u64, u64),
    encapsulation: Encapsulation,
    /// The low end's before the high end's.
    ports: u32,
}

/// The control bits of a TCP header, as they stand in its fourteenth byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// The sender has no more data.
    pub const FIN: u8 = 0x01;
    /// The sender begins.
    pub const SYN: u8 = 0x02;
    /// The sender breaks off.
    pub const RST: u8 = 0x04;
    const PSH: u8 = 0x08;
    const ACK: u8 = 0x10;

    /// No more data from the sender.
    pub fn fin(self) -> bool {
        self.0 & Self::FIN != 0
    }

    /// Synchronise sequence numbers.
    pub fn syn(self) -> bool {
        self.0 & Self::SYN != 0
    }

    /// Reset the connection.
    pub fn rst(self) -> bool {
        self.0 & Self::RST != 0
    }

    /// What was sent so far is to be handed to the receiver's program.
    pub fn psh(self) -> bool {
        self.0 & Self::PSH != 0
    }

    /// The acknowledgement number counts.
    pub fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
}

/// What one packet carries of a TCP connection.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Who sent it.
    pub source: Endpoint,
    /// Who is to receive it.
    pub destination: Endpoint,
    /// VLANs and tunnels around it.
    pub encapsulation: Encapsulation,
    /// Sequence number of the first payload byte (of the SYN, where there is one).
    pub seq: u32,
    /// Next sequence number the sender expects; counts when [`Flags::ack`].
    pub ack: u32,
    /// Control bits.
    pub flags: Flags,
    /// Receive window as it stands in the header, unscaled; the largest where a snaplen cut it off.
    pub window: u16,
    /// The payload bytes that were captured.
    pub payload: &'a [u8],
    /// Where the payload begins in its packet; `None` where it was put together from fragments.
    pub payload_start: Option<usize>,
    /// Payload bytes on the wire; more than `payload.len()` when a snaplen cut the packet.
    pub payload_len: u32,
    /// What the payload's 16-bit words add up to where the checksum is right, in the machine's
    /// byte order; `None` where not all was captured, or there is neither payload nor
    /// SYN.
    pub payload_sum: Option<u16>,
}

/// A segment without its ends, which its connection knows.
#[derive(Debug, Clone, Copy)]
pub struct Bare<'a> {
    /// As [`Segment::seq`].
    pub seq: u32,
    /// As [`Segment::ack`].
    pub ack: u32,
    /// Control bits.
    pub flags: Flags,
    /// As [`Segment::window`].
    pub window: u16,
    /// The payload bytes that were captured.
    pub payload: &'a [u8],
    /// Payload bytes on the wire.
    pub payload_len: u32,
    /// As [`Segment::payload_sum`].
    pub payload_sum: Option<u16>,
}

impl Bare<'_> {
    /// Whether the checksum is right, where that can be said.
    pub fn payload_is_sound(&self) -> Option<bool> {
        let expected = self.payload_sum?;
        Some(checksum::same(checksum::sum(self.payload), expected))
    }
}

impl<'a> Segment<'a> {
    /// What its connection needs of it.
    pub fn bare(&self) -> Bare<'a> {
        Bare {
            seq: self.seq,
            ack: self.ack,
            flags: self.flags,
            window: self.window,
            payload: self.payload,
            payload_len: self.payload_len,
            payload_sum: self.payload_sum,
        }
    }
}

impl Segment<'_> {
    /// The same segment with its payload outside its packet.
    #[must_use]
    pub fn with_payload<'b>(&self, payload: &'b [u8]) -> Segment<'b> {
        Segment {
            source: self.source,
            destination: self.destination,
            encapsulation: self.encapsulation,
            seq: self.seq,
            ack: self.ack,
            flags: self.flags,
            window: self.window,
            payload,
            payload_start: None,
            payload_len: self.payload_len,
            payload_sum: self.payload_sum,
        }
    }

    /// The connection's key, and whether this segment's source is its low end.
    pub fn flow(&self) -> (FlowKey, bool) {
        FlowKey::of(self.source, self.destination, self.encapsulation)
    }
}

impl FlowKey {
    /// The key of what `source` sends to `destination`, and whether `source` is the lower end.
    #[inline]
    pub fn of(
        source: Endpoint,
        destination: Endpoint,
        encapsulation: Encapsulation,
    ) -> (Self, bool) {
        let wide = |end: Endpoint| match end.address {
            // As an IPv4-mapped IPv6 address, RFC 4291 §2.5.5.2.
            IpAddr::V4(v4) => ((0, (0xffff << 32) | u64::from(v4.to_bits())), end.port),
            IpAddr::V6(v6) => (halves(v6.to_bits()), end.port),
        };
        let (source, destination) = (wide(source), wide(destination));
        let from_low = source <= destination;
        let (low, high) = if from_low {
            (source, destination)
        } else {
            (destination, source)
        };
        let key = Self {
            low: low.0,
            high: high.0,
            encapsulation,
            ports: u32::from(low.1) << 16 | u32::from(high.1),
        };
        (key, from_low)
    }
}

/// The upper and the lower half of an address.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only the lower half is wanted"
)]
fn halves(address: u128) -> (u64, u64) {
    ((address >> 64) as u64, address as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(source: &str, destination: &str, encapsulation: Encapsulation) -> Segment<'static> {
        let end = |s: &str| {
            let a: std::net::SocketAddr = s.parse().unwrap();
            Endpoint {
                address: a.ip(),
                port: a.port(),
            }
        };
        Segment {
            source: end(source),
            destination: end(destination),
            encapsulation,
            seq: 0,
            ack: 0,
            flags: Flags(0),
            window: 0,
            payload: &[],
            payload_start: None,
            payload_len: 0,
            payload_sum: None,
        }
    }

    #[test]
    fn both_directions_have_one_key() {
        let none = Encapsulation::default();
        let there = segment("10.0.0.1:1000", "10.0.0.2:80", none).flow();
        let back = segment("10.0.0.2:80", "10.0.0.1:1000", none).flow();
        assert_eq!(there.0, back.0);
        assert_ne!(there.1, back.1);
    }

    #[test]
    fn vlans_keep_connections_apart() {
        let ten = Encapsulation::default().within(1, 10);
        let twenty = Encapsulation::default().within(1, 20);
        let a = segment("10.0.0.1:1000", "10.0.0.2:80", ten).flow().0;
        let b = segment("10.0.0.1:1000", "10.0.0.2:80", twenty).flow().0;
        assert_ne!(a, b);
    }
}
