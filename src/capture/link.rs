//! The numbers that tell what a packet's first bytes are.
//!
//! Job: give link types names, in the code and in messages. Input: the number in a file.
//! Output: [`LinkType`].
//! Source: the registry of link-layer header types, <https://www.tcpdump.org/linktypes.html>.

use std::fmt;

/// What the first bytes of a packet are: a LINKTYPE number of the pcap registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a four-byte address family in the capturing machine's byte order.
    pub const NULL: Self = Self(0);
    /// Ethernet II or 802.3.
    pub const ETHERNET: Self = Self(1);
    /// PPP, with or without address and control bytes.
    pub const PPP: Self = Self(9);
    /// PPP in HDLC-like framing, or Cisco HDLC, which begins otherwise.
    pub const PPP_HDLC: Self = Self(50);
    /// `PPPoE` from its own header on.
    pub const PPP_ETHER: Self = Self(51);
    /// ATM with LLC in front.
    pub const ATM_RFC1483: Self = Self(100);
    /// Raw IP, version by the first nibble.
    pub const RAW: Self = Self(101);
    /// Cisco HDLC.
    pub const C_HDLC: Self = Self(104);
    /// IEEE 802.11.
    pub const IEEE802_11: Self = Self(105);
    /// Frame Relay with a two-byte address.
    pub const FRELAY: Self = Self(107);
    /// `OpenBSD` loopback: a four-byte address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// `OpenBSD`'s decrypted `IPsec`.
    pub const ENC: Self = Self(109);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// What BSD's packet filter logs.
    pub const PFLOG: Self = Self(117);
    /// IEEE 802.11 behind a Prism header.
    pub const IEEE802_11_PRISM: Self = Self(119);
    /// IEEE 802.11 behind a radiotap header.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// For private use; Apple's older systems put [`LinkType::PKTAP`] here.
    pub const USER2: Self = Self(149);
    /// IEEE 802.11 behind an AVS header.
    pub const IEEE802_11_AVS: Self = Self(163);
    /// PPP whose first byte is the direction.
    pub const PPP_PPPD: Self = Self(166);
    /// Ethernet behind a header of Juniper's routers.
    pub const JUNIPER_ETHER: Self = Self(178);
    /// Per-packet information around another link type.
    pub const PPI: Self = Self(192);
    /// PPP behind a byte for the direction.
    pub const PPP_WITH_DIR: Self = Self(204);
    /// Solaris' IP observability.
    pub const IPNET: Self = Self(226);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// What Linux' packet filter logs.
    pub const NFLOG: Self = Self(239);
    /// Apple's per-packet information around another link type.
    pub const PKTAP: Self = Self(258);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);

    /// The link type in a file's field: the upper bits of a pcap header's word tell of a frame
    /// check sequence, and the registry gives 11, 12 and 14, which some systems write, other
    /// numbers.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low 16 bits are the link type"
    )]
    pub(crate) fn from_file(word: u32) -> Self {
        Self::from_number(word as u16)
    }

    /// The link type of a number that a system's own headers give it.
    pub fn from_number(number: u16) -> Self {
        match number {
            11 => Self::ATM_RFC1483,
            12 | 14 => Self::RAW,
            number => Self(number),
        }
    }

    /// Its name for people; `None` where it is seldom met.
    fn name(self) -> Option<&'static str> {
        if (147..=162).contains(&self.0) {
            return Some("private use");
        }
        let known = NAMES.iter().find(|(number, _)| *number == self.0);
        known.map(|(_, name)| *name)
    }
}

impl fmt::Display for LinkType {
    /// `239 (NFLOG)`, or the number alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => self.0.fmt(f),
        }
    }
}

/// Numbers that occur in captures, with what they are.
const NAMES: &[(u16, &str)] = &[
    (0, "BSD loopback"),
    (1, "Ethernet"),
    (6, "token ring"),
    (7, "ARCNET"),
    (8, "SLIP"),
    (9, "PPP"),
    (10, "FDDI"),
    (50, "PPP over serial"),
    (51, "PPPoE"),
    (99, "Symantec firewall"),
    (100, "ATM with LLC"),
    (101, "raw IP"),
    (104, "Cisco HDLC"),
    (105, "802.11"),
    (107, "Frame Relay"),
    (108, "OpenBSD loopback"),
    (109, "OpenBSD IPsec"),
    (113, "Linux cooked v1"),
    (114, "LocalTalk"),
    (117, "BSD packet filter log"),
    (119, "802.11 with Prism header"),
    (122, "IP over Fibre Channel"),
    (123, "ATM of Sun"),
    (127, "802.11 with radiotap header"),
    (129, "ARCNET on Linux"),
    (138, "IP over FireWire"),
    (140, "SS7 MTP2"),
    (141, "SS7 MTP3"),
    (142, "SS7 SCCP"),
    (143, "DOCSIS"),
    (144, "IrDA on Linux"),
    (163, "802.11 with AVS header"),
    (165, "BACnet MS/TP"),
    (166, "PPP with direction, of pppd"),
    (177, "LAPD on Linux"),
    (178, "Juniper Ethernet"),
    (180, "Juniper Frame Relay"),
    (186, "USB on FreeBSD"),
    (187, "Bluetooth HCI"),
    (188, "802.16"),
    (189, "USB on Linux"),
    (190, "CAN"),
    (192, "PPI"),
    (195, "802.15.4"),
    (196, "SITA"),
    (197, "Endace ERF"),
    (199, "IPMB"),
    (201, "Bluetooth HCI with direction"),
    (204, "PPP with direction"),
    (209, "IPMB on Linux"),
    (220, "USB on Linux, padded"),
    (224, "Fibre Channel"),
    (225, "Fibre Channel with delimiters"),
    (226, "Solaris ipnet"),
    (227, "CAN on Linux"),
    (228, "raw IPv4"),
    (229, "raw IPv6"),
    (230, "802.15.4 without check sequence"),
    (231, "D-Bus"),
    (235, "DVB-CI"),
    (239, "NFLOG"),
    (240, "netANALYZER"),
    (241, "netANALYZER with preamble"),
    (242, "IP over InfiniBand"),
    (243, "MPEG-2 transport stream"),
    (245, "NFC"),
    (247, "InfiniBand"),
    (248, "SCTP"),
    (249, "USB of USBPcap"),
    (251, "Bluetooth Low Energy"),
    (252, "payloads exported by Wireshark"),
    (253, "netlink on Linux"),
    (254, "Bluetooth monitor"),
    (256, "Bluetooth Low Energy with radio header"),
    (258, "PKTAP"),
    (259, "Ethernet with EPON preamble"),
    (266, "USB on Darwin"),
    (272, "Bluetooth Low Energy of Nordic"),
    (274, "802.3br mPackets"),
    (275, "DisplayPort"),
    (276, "Linux cooked v2"),
    (279, "EBHSCR"),
    (280, "VPP dispatch trace"),
    (281, "Ethernet with Broadcom tag"),
    (283, "802.15.4 with radio header"),
    (288, "USB as on the cable"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_where_there_is_one() {
        assert_eq!(LinkType::NFLOG.to_string(), "239 (NFLOG)");
        assert_eq!(LinkType(298).to_string(), "298");
    }

    #[test]
    fn every_number_has_one_name() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_systems_own_numbers_are_translated() {
        assert_eq!(LinkType::from_file(0x3000_000c), LinkType::RAW);
        assert_eq!(LinkType::from_number(14), LinkType::RAW);
        assert_eq!(LinkType::from_number(11), LinkType::ATM_RFC1483);
    }
}
