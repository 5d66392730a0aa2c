//! One packet, from the link header to the TCP segment.
//!
//! Job: lead a packet through link, IP, fragments and tunnels, as deep as they go.
//! Input: a [`Packet`]. Output: [`Decoded`].

use etherparse::IpNumber;

use super::ether;
use super::extent::Extent;
use super::fragment::{FragmentLosses, Fragments, Whole};
use super::ip::{self, Datagram};
use super::link::{self, Layer};
use super::segment::Segment;
use super::{tcp, tunnel};
use crate::base::{Limits, Timestamp};
use crate::capture::{LinkType, Packet};

/// Tunnels inside each other, and reassemblies on the way.
const MAX_DEPTH: usize = 8;

/// Turns packets into segments; owns the fragments that wait for the rest of their datagram.
#[derive(Debug)]
pub struct Decoder {
    fragments: Fragments,
    /// The payload of the last segment that came out of fragments.
    whole: Vec<u8>,
}

/// What a packet held: a segment in the packet's bytes (`'p`) or in the decoder's (`'d`).
#[derive(Debug, Clone, Copy)]
pub enum Decoded<'p, 'd> {
    /// A segment whose payload lies in the packet's own bytes.
    Segment(Segment<'p>),
    /// A segment put together from fragments, this packet's being the last that was missing; its
    /// payload lies in the decoder until the next packet.
    Reassembled(Segment<'d>),
    /// Nothing for the TCP layer.
    Other(Other),
}

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

/// Where following the layers ended well.
enum Found<'a> {
    Segment(Segment<'a>),
    Whole(Joined),
}

/// A datagram out of its fragments.
struct Joined {
    whole: Whole,
    /// Addresses and encapsulation; the payload is not here.
    around: Datagram<'static>,
    depth: usize,
}

impl Decoder {
    /// A decoder that holds no more than [`Limits::fragment_bytes`] of fragments.
    pub fn new(limits: Limits) -> Self {
        Self {
            fragments: Fragments::new(limits.fragment_bytes),
            whole: Vec::new(),
        }
    }

    /// The segment in `packet`, or why there is none.
    pub fn decode<'p>(&mut self, packet: &Packet<'p>) -> Decoded<'p, '_> {
        let found = link::open(packet)
            .and_then(datagram)
            .and_then(|datagram| self.follow(datagram, 0, packet.time));
        match found {
            Ok(Found::Segment(segment)) => Decoded::Segment(segment),
            Ok(Found::Whole(joined)) => self.reassembled(joined, packet.time),
            Err(other) => Decoded::Other(other),
        }
    }

    /// Fragmented datagrams that never gave a packet.
    pub fn fragment_losses(&self) -> FragmentLosses {
        self.fragments.losses()
    }

    /// From an IP payload inwards, through as many tunnels as there are.
    fn follow<'x>(
        &mut self,
        mut inner: Datagram<'x>,
        start: usize,
        time: Timestamp,
    ) -> Result<Found<'x>, Other> {
        for depth in start..=MAX_DEPTH {
            if let Some(piece) = inner.piece {
                let whole = self.fragments.insert(time, &inner, piece)?;
                return Ok(Found::Whole(Joined {
                    whole,
                    around: inner.emptied(),
                    depth: depth + 1,
                }));
            }
            if inner.protocol == IpNumber::TCP {
                return tcp::read(&inner).map(Found::Segment);
            }
            inner = datagram(tunnel::open(&inner)?)?;
        }
        Err(Other::TooDeep)
    }

    /// Goes on with a datagram that came out of its fragments; it may be a tunnel's, with
    /// fragments inside.
    fn reassembled(&mut self, mut joined: Joined, time: Timestamp) -> Decoded<'static, '_> {
        loop {
            let Whole { protocol, bytes } = joined.whole;
            let inner = Datagram {
                protocol,
                payload: Extent::new(&bytes, bytes.len()),
                ..joined.around
            };
            let found = inner
                .without_extensions()
                .and_then(|inner| self.follow(inner, joined.depth, time));
            match found {
                Ok(Found::Segment(segment)) => {
                    self.whole.clear();
                    self.whole.extend_from_slice(segment.payload);
                    return Decoded::Reassembled(segment.with_payload(&self.whole));
                }
                Ok(Found::Whole(next)) => joined = next,
                Err(other) => return Decoded::Other(other),
            }
        }
    }
}

/// Strips a layer down to IP and reads that.
fn datagram(layer: Layer<'_>) -> Result<Datagram<'_>, Other> {
    ip::read(&ether::to_ip(layer)?)
}
