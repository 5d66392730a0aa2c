//! Packets without a TCP segment.
//!
//! Job: name the reasons, and for a header that cannot be read its place. Input: what each layer
//! of this folder finds. Output: [`Other`], which the totals count.

use std::fmt;

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
    /// The snaplen cut the packet inside a header on the way to TCP; of the TCP header itself
    /// only what comes before the flags has to be there.
    Cut(Fault),
    /// More headers or tunnels inside each other than wscope follows.
    TooDeep,
    /// A header contradicts itself or does not fit its packet.
    Malformed(Fault),
}

/// A header that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fault {
    /// Which header.
    pub header: Header,
    /// Its first byte, counted from the packet's first; where the packet completed a datagram in
    /// fragments and the header lies in that, from the datagram's first payload byte.
    pub offset: usize,
    /// Bytes of it that are not there; 0 where all are and it makes no sense.
    pub missing: usize,
}

/// The headers on the way to TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Header {
    /// IEEE 802.3.
    Ethernet,
    /// IEEE 802.1Q.
    Vlan,
    /// IEEE 802.2.
    Llc,
    /// RFC 1042.
    Snap,
    /// RFC 3032: a label; the control word of a pseudowire.
    Mpls,
    /// RFC 2516.
    Pppoe,
    /// RFC 1661.
    Ppp,
    /// Linux cooked capture.
    Cooked,
    /// BSD loopback.
    Loopback,
    /// IP whose version is not there or unknown.
    Ip,
    /// RFC 791.
    Ipv4,
    /// RFC 8200.
    Ipv6,
    /// RFC 8200 §4: an IPv6 extension header.
    Extension,
    /// RFC 4302.
    Authentication,
    /// What makes a packet a fragment.
    Fragment,
    /// RFC 768, of a tunnel.
    Udp,
    /// RFC 7348, and its generic extension.
    Vxlan,
    /// RFC 8926.
    Geneve,
    /// RFC 2784.
    Gre,
    /// A switch's mirror port.
    Erspan,
    /// RFC 9293.
    Tcp,
}

impl fmt::Display for Header {
    /// `TCP header`, for instance.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ethernet => "Ethernet header",
            Self::Vlan => "VLAN tag",
            Self::Llc => "LLC header",
            Self::Snap => "SNAP header",
            Self::Mpls => "MPLS label",
            Self::Pppoe => "PPPoE header",
            Self::Ppp => "PPP header",
            Self::Cooked => "Linux cooked header",
            Self::Loopback => "loopback header",
            Self::Ip => "IP header",
            Self::Ipv4 => "IPv4 header",
            Self::Ipv6 => "IPv6 header",
            Self::Extension => "IPv6 extension header",
            Self::Authentication => "authentication header",
            Self::Fragment => "fragment",
            Self::Udp => "UDP header",
            Self::Vxlan => "VXLAN header",
            Self::Geneve => "Geneve header",
            Self::Gre => "GRE header",
            Self::Erspan => "ERSPAN header",
            Self::Tcp => "TCP header",
        })
    }
}
