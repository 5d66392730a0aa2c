//! Tunnels and frames that hide their payload from us.
//!
//! Job: name them, so that whoever misses a connection knows where it went. Output: [`Unread`].

use std::fmt;

/// What carries packets that wscope cannot read, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unread {
    /// 802.11 with WEP, TKIP, CCMP or GCMP.
    EncryptedWireless,
    /// 802.11 frames that the radio knows to have been damaged on the way.
    DamagedWireless,
    /// Frames in pieces, on the air or between access point and controller.
    WirelessFragments,
    /// Several packets in one 802.11 frame.
    AggregatedWireless,
    /// The data channel of an access point, inside DTLS.
    EncryptedCapwap,
    /// IEEE 802.1AE.
    Macsec,
    /// `IPsec`'s encapsulating security payload.
    Esp,
    /// RFC 3173.
    IpCompression,
    /// `WireGuard`'s data messages.
    WireGuard,
    /// `OpenVPN`'s data channel over UDP.
    OpenVpn,
    /// PPP whose payload is compressed or encrypted (RFC 1962, 1968).
    PppData,
    /// PPP with TCP headers compressed by Van Jacobson's scheme (RFC 1144), or by RFC 2507, 3095.
    PppHeaders,
    /// A packet that is spread over PPP links (RFC 1990).
    PppMultilink,
    /// A layer 2 tunnel whose cookie and sublayer were agreed elsewhere.
    L2tp,
    /// An MPLS label stack over what is neither IP nor Ethernet with IP.
    Mpls,
    /// A GTP tunnel with what is neither IP nor Ethernet with IP.
    Gtp,
    /// Generic UDP encapsulation of something else than IP.
    Gue,
}

impl fmt::Display for Unread {
    /// As it follows "3 packets of".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EncryptedWireless => "encrypted 802.11",
            Self::DamagedWireless => "802.11 that arrived damaged",
            Self::WirelessFragments => "802.11 in fragments",
            Self::AggregatedWireless => "802.11 with several packets in a frame (A-MSDU)",
            Self::EncryptedCapwap => "CAPWAP inside DTLS",
            Self::Macsec => "encrypted MACsec",
            Self::Esp => "IPsec (ESP)",
            Self::IpCompression => "IP payload compression",
            Self::WireGuard => "WireGuard",
            Self::OpenVpn => "OpenVPN",
            Self::PppData => "compressed or encrypted PPP",
            Self::PppHeaders => "PPP with compressed headers",
            Self::PppMultilink => "PPP multilink in fragments",
            Self::L2tp => "L2TPv3 with a payload of unknown shape",
            Self::Mpls => "MPLS with a payload of unknown shape",
            Self::Gtp => "GTP with a payload of unknown shape",
            Self::Gue => "generic UDP encapsulation",
        })
    }
}
