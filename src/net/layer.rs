//! Bytes on the way inwards, and how they are to be read.
//!
//! Job: what the readers of links, tunnels and IP hand to each other. Input and output: a
//! [`Layer`] each.

use super::extent::Extent;
use super::segment::Encapsulation;
use crate::capture::LinkType;

/// How the bytes of a [`Layer`] are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As a packet of a capture with this link type.
    Link(LinkType),
    /// An Ethernet header.
    Ethernet,
    /// What this `EtherType` (or 802.3 length) says.
    EtherType(u16),
    /// An LLC header.
    Llc,
    /// A PPP protocol field, maybe with address and control bytes before it.
    Ppp,
    /// An IP header, its version in the first nibble.
    Ip,
}

/// Bytes, how to read them, and what was around them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer<'a> {
    /// How to read them.
    pub(super) kind: Kind,
    /// The bytes.
    pub(super) extent: Extent<'a>,
    /// VLANs and tunnels so far.
    pub(super) encapsulation: Encapsulation,
}

/// `EtherType`s that more than one reader knows.
pub(super) mod ether_type {
    /// IEEE 802.3 §3.2.6: up to this, the field is a length and LLC follows.
    pub(in crate::net) const MAX_LENGTH: u16 = 1500;
    pub(in crate::net) const IPV4: u16 = 0x0800;
    pub(in crate::net) const ARP: u16 = 0x0806;
    /// Transparent Ethernet bridging: a whole Ethernet frame follows.
    pub(in crate::net) const ETHERNET: u16 = 0x6558;
    pub(in crate::net) const VLAN: u16 = 0x8100;
    pub(in crate::net) const PPP: u16 = 0x880b;
    pub(in crate::net) const IPV6: u16 = 0x86dd;
    pub(in crate::net) const MPLS: u16 = 0x8847;
    pub(in crate::net) const SERVICE_VLAN: u16 = 0x88a8;
}

/// The kinds of an [`Encapsulation`] layer.
pub(super) mod network {
    pub(in crate::net) const VLAN: u8 = 1;
    pub(in crate::net) const VXLAN: u8 = 2;
    pub(in crate::net) const GENEVE: u8 = 3;
    /// The service instances of provider backbone bridges.
    pub(in crate::net) const BACKBONE: u8 = 4;
}
