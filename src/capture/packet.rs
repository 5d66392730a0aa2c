//! The packet as captured, and the block of bytes that packets share.
//!
//! Job: own a piece of a capture once, and let every later layer borrow from it.
//! Input: bytes and records from a file reader. Output: [`Packet`]s that borrow from the block.

use crate::base::{PacketRef, Timestamp};

/// What the first bytes of a packet are: a LINKTYPE number of the pcap registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a four-byte address family in the capturing machine's byte order.
    pub const NULL: Self = Self(0);
    /// Ethernet II or 802.3.
    pub const ETHERNET: Self = Self(1);
    /// Raw IP, version by the first nibble.
    pub const RAW: Self = Self(101);
    /// `OpenBSD` loopback: a four-byte address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);
}

/// One captured unit, borrowed from its [`Block`].
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// Input and number within it.
    pub place: PacketRef,
    /// When it was captured.
    pub time: Timestamp,
    /// How its first bytes are to be read.
    pub link: LinkType,
    /// The bytes that were captured.
    pub data: &'a [u8],
    /// Bytes the packet had on the wire; more than `data.len()` when a snaplen cut it.
    pub wire_len: u32,
}

/// Where in a block a packet lies, and what the file said of it.
#[derive(Debug, Clone, Copy)]
pub struct PacketRecord {
    /// Input and number within it.
    pub place: PacketRef,
    /// When it was captured.
    pub time: Timestamp,
    /// How its first bytes are to be read.
    pub link: LinkType,
    /// Bytes the packet had on the wire.
    pub wire_len: u32,
    /// First byte of the packet in the block.
    pub start: usize,
    /// Captured bytes.
    pub len: usize,
    /// Offset of the packet's first byte in the (decompressed) input, for replay.
    pub offset: u64,
}

/// A piece of a capture with the packets that lie whole inside it.
///
/// Blocks are reused: [`Block::clear`] keeps the allocations.
#[derive(Debug, Default)]
pub struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) packets: Vec<PacketRecord>,
}

impl Block {
    /// Forgets bytes and packets, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.packets.clear();
    }

    /// The bytes that the packets lie in.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Packets in the order of the file.
    pub fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        self.packets.iter().filter_map(|record| {
            Some(Packet {
                place: record.place,
                time: record.time,
                link: record.link,
                data: self
                    .bytes
                    .get(record.start..record.start.checked_add(record.len)?)?,
                wire_len: record.wire_len,
            })
        })
    }

    /// Number of packets.
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// Whether the block holds no packet.
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }
}
