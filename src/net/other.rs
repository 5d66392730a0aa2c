//! Packets without a TCP segment.
//!
//! Job: name the reasons, and for a header that cannot be read its place. Input: what each layer
//! of this folder finds. Output: [`Other`], which the totals count.

use std::fmt;

use super::unread::Unread;
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
    /// A tunnel, or a frame, that does not show what it carries.
    Unread(Unread),
    /// A fragment; the rest of its datagram is still to come.
    FragmentHeld,
    /// A fragment of a datagram that cannot become whole; see [`FragmentLosses`](super::FragmentLosses).
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
    /// A tag before an `EtherType`: of a backbone, a virtual port, Cisco's metadata, HSR.
    Tag,
    /// IEEE 802.1AE.
    Macsec,
    /// RFC 8300.
    Nsh,
    /// RFC 6325.
    Trill,
    /// Cisco's HDLC.
    Hdlc,
    /// RFC 2427.
    FrameRelay,
    /// IEEE 802.11.
    Wireless,
    /// What a radio says of a frame.
    Radio,
    /// What PPI says of a packet.
    Ppi,
    /// What macOS says of a packet.
    Pktap,
    /// What Juniper's routers say of a packet.
    Juniper,
    /// What Linux' packet filter says of a packet.
    Nflog,
    /// What BSD's packet filter says of a packet.
    Pflog,
    /// What `OpenBSD` says of a decrypted packet.
    Enc,
    /// What Solaris says of a packet.
    Ipnet,
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
    /// 3GPP TS 29.281.
    Gtp,
    /// RFC 2661, 3931.
    L2tp,
    /// `TaZmen` Sniffer Protocol.
    Tzsp,
    /// RFC 5415.
    Capwap,
    /// RFC 4380.
    Teredo,
    /// RFC 9300.
    Lisp,
    /// Generic UDP encapsulation.
    Gue,
    /// RFC 3378.
    EtherIp,
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
            Self::Tag => "tag",
            Self::Macsec => "MACsec tag",
            Self::Nsh => "network service header",
            Self::Trill => "TRILL header",
            Self::Hdlc => "HDLC header",
            Self::FrameRelay => "Frame Relay header",
            Self::Wireless => "802.11 header",
            Self::Radio => "radio header",
            Self::Ppi => "PPI header",
            Self::Pktap => "PKTAP header",
            Self::Juniper => "Juniper header",
            Self::Nflog => "NFLOG header",
            Self::Pflog => "pflog header",
            Self::Enc => "enc header",
            Self::Ipnet => "ipnet header",
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
            Self::Gtp => "GTP header",
            Self::L2tp => "L2TP header",
            Self::Tzsp => "TZSP header",
            Self::Capwap => "CAPWAP header",
            Self::Teredo => "Teredo header",
            Self::Lisp => "LISP header",
            Self::Gue => "GUE header",
            Self::EtherIp => "EtherIP header",
            Self::Tcp => "TCP header",
        })
    }
}
