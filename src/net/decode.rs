//! One packet, from the link header to the TCP segment.
//!
//! Job: lead a packet through link, IP, fragments and tunnels, as deep as they go.
//! Input: a [`Packet`]. Output: [`Decoded`].

use etherparse::IpNumber;

use super::ether;
use super::extent::Extent;
use super::fragment::{FragmentLosses, Fragments, Whole};
use super::ip::{self, Datagram, Piece};
use super::layer::Layer;
use super::link;
use super::other::Other;
use super::segment::Segment;
use super::{straight, tcp, tunnel};
use crate::base::{Limits, Timestamp};
use crate::capture::Packet;

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

/// Why the way inwards ended before TCP.
enum Stop {
    Other(Other),
    Joined(Box<Joined>),
}

impl From<Other> for Stop {
    fn from(other: Other) -> Self {
        Self::Other(other)
    }
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
    #[inline]
    pub fn decode<'p>(&mut self, packet: &Packet<'p>) -> Decoded<'p, '_> {
        if let Some(datagram) = straight::datagram(packet) {
            return tcp::read(&datagram).map_or_else(Decoded::Other, Decoded::Segment);
        }
        self.all_roads(packet)
    }

    /// The same through every header that can be there.
    fn all_roads<'p>(&mut self, packet: &Packet<'p>) -> Decoded<'p, '_> {
        let mut inner = match from_link(packet) {
            Ok(datagram) => datagram,
            Err(other) => return Decoded::Other(other),
        };
        match self.descend(&mut inner, 0, packet.time) {
            Ok(()) => tcp::read(&inner).map_or_else(Decoded::Other, Decoded::Segment),
            Err(Stop::Other(other)) => Decoded::Other(other),
            Err(Stop::Joined(joined)) => self.reassembled(*joined, packet.time),
        }
    }

    /// Fragmented datagrams that never gave a packet.
    pub fn fragment_losses(&self) -> FragmentLosses {
        self.fragments.losses()
    }

    /// From an IP payload inwards to TCP, through as many tunnels as there are.
    #[inline]
    fn descend(
        &mut self,
        inner: &mut Datagram<'_>,
        start: usize,
        time: Timestamp,
    ) -> Result<(), Stop> {
        for depth in start..=MAX_DEPTH {
            if let Some(piece) = inner.piece {
                return Err(self.join(inner, piece, depth, time));
            }
            if inner.protocol == IpNumber::TCP {
                return Ok(());
            }
            *inner = datagram(tunnel::open(inner)?)?;
        }
        Err(Stop::Other(Other::TooDeep))
    }

    /// Hands a fragment to the store; the whole datagram if that was the last one missing.
    #[cold]
    fn join(&mut self, inner: &Datagram<'_>, piece: Piece, depth: usize, time: Timestamp) -> Stop {
        match self.fragments.insert(time, inner, piece) {
            Ok(whole) => Stop::Joined(Box::new(Joined {
                whole,
                around: inner.emptied(),
                depth: depth + 1,
            })),
            Err(other) => Stop::Other(other),
        }
    }

    /// Goes on with a datagram that came out of its fragments; it may be a tunnel's, with
    /// fragments inside.
    #[cold]
    fn reassembled(&mut self, mut joined: Joined, time: Timestamp) -> Decoded<'static, '_> {
        loop {
            let Whole { protocol, bytes } = joined.whole;
            let mut inner = Datagram {
                protocol,
                payload: Extent::new(&bytes, bytes.len()),
                ..joined.around
            };
            let end = inner
                .skip_extensions()
                .map_err(Stop::Other)
                .and_then(|()| self.descend(&mut inner, joined.depth, time))
                .and_then(|()| Ok(tcp::read(&inner)?));
            match end {
                Ok(segment) => {
                    self.whole.clear();
                    self.whole.extend_from_slice(segment.payload);
                    return Decoded::Reassembled(segment.with_payload(&self.whole));
                }
                Err(Stop::Joined(next)) => joined = *next,
                Err(Stop::Other(other)) => return Decoded::Other(other),
            }
        }
    }
}

/// The IP packet behind the link header.
fn from_link<'a>(packet: &Packet<'a>) -> Result<Datagram<'a>, Other> {
    match datagram(link::layer(packet)) {
        // What a cut packet was cannot be judged by the rest of it.
        Err(Other::Cut(fault)) => Err(Other::Cut(fault)),
        Err(other) => match link::mislabelled(packet)? {
            Some(layer) => datagram(layer),
            None => Err(other),
        },
        found => found,
    }
}

/// Strips a layer down to IP and reads that.
fn datagram(layer: Layer<'_>) -> Result<Datagram<'_>, Other> {
    ip::read(&ether::to_ip(layer)?)
}
