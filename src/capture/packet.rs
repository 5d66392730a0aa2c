//! The packet as captured, and the block of bytes that packets share.
//!
//! Job: own a piece of a capture once, and let every later layer borrow from it.
//! Input: bytes and records from a file reader. Output: [`Packet`]s that borrow from the block.

use super::link::LinkType;
use crate::base::{PacketRef, Timestamp};

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

impl PacketRecord {
    /// The packet, which lies in `bytes`.
    fn packet<'a>(&self, bytes: &'a [u8]) -> Option<Packet<'a>> {
        Some(Packet {
            place: self.place,
            time: self.time,
            link: self.link,
            data: bytes.get(self.start..self.start.checked_add(self.len)?)?,
            wire_len: self.wire_len,
        })
    }
}

/// A piece of a capture with the packets that lie whole inside it.
///
/// Blocks are reused: [`Block::clear`] keeps the allocations. All packets of a block are of one
/// input.
#[derive(Debug, Default)]
pub struct Block {
    /// Room for bytes, of which the first `filled` count: so that reading into it needs neither
    /// `unsafe` nor a `memset` for every block.
    room: Vec<u8>,
    filled: usize,
    pub(crate) packets: Vec<PacketRecord>,
}

impl Block {
    /// Bytes read at a time, and the room of an ordinary block: bytes, records and the steps made
    /// of them stay in a core's cache, and a busy connection has several packets in each.
    pub(crate) const BYTES: usize = 1 << 18;

    /// Forgets bytes and packets, keeps the memory.
    pub fn clear(&mut self) {
        self.filled = 0;
        self.packets.clear();
        // One huge packet does not make every later block huge.
        if self.room.len() > 4 * Self::BYTES {
            self.room.truncate(Self::BYTES);
            self.room.shrink_to_fit();
        }
    }

    /// The bytes that the packets lie in.
    pub fn bytes(&self) -> &[u8] {
        self.room.get(..self.filled).unwrap_or_default()
    }

    /// Packets in the order of the file.
    pub fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        let bytes = self.bytes();
        self.packets
            .iter()
            .filter_map(move |record| record.packet(bytes))
    }

    /// What the file said of each packet, in the same order as [`Block::packets`].
    pub fn records(&self) -> &[PacketRecord] {
        &self.packets
    }

    /// Leaves out the packets that `keep` does not want; their bytes stay.
    pub fn retain(&mut self, mut keep: impl FnMut(&Packet<'_>) -> bool) {
        let bytes = self.room.get(..self.filled).unwrap_or_default();
        self.packets
            .retain(|record| record.packet(bytes).is_some_and(|packet| keep(&packet)));
    }

    /// Number of packets.
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// Whether the block holds no packet.
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Bytes and records at once, for a reader that makes the ones from the others.
    pub(crate) fn split(&mut self) -> (&[u8], &mut Vec<PacketRecord>) {
        let bytes = self.room.get(..self.filled).unwrap_or_default();
        (bytes, &mut self.packets)
    }

    /// Room behind the bytes, of at least `room` bytes in the whole block.
    pub(crate) fn space(&mut self, room: usize) -> &mut [u8] {
        if self.room.len() < room {
            self.room.resize(room, 0);
        }
        self.room.get_mut(self.filled..).unwrap_or_default()
    }

    /// Counts `count` bytes that were read into [`Block::space`].
    pub(crate) fn advance(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.room.len());
    }

    /// Adds bytes behind those that are there.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        let end = self.filled.saturating_add(bytes.len());
        if let Some(space) = self.space(end).get_mut(..bytes.len()) {
            space.copy_from_slice(bytes);
            self.advance(bytes.len());
        }
    }

    /// Drops the first `count` bytes. Only for a block without packets.
    pub(crate) fn drop_front(&mut self, count: usize) {
        debug_assert!(self.packets.is_empty());
        let count = count.min(self.filled);
        self.room.copy_within(count..self.filled, 0);
        self.filled = self.filled.saturating_sub(count);
    }
}
