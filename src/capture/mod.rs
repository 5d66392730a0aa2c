//! Captured packets, wherever they come from.
//!
//! Job: turn files, standard input and (later) interfaces into one stream of packets.
//! Input: pcap or pcapng bytes, plain or inside gzip or zstd.
//! Output: [`Block`]s of [`Packet`]s with number, time and link type, and [`Warning`]s.

mod packet;

pub use packet::{Block, LinkType, Packet, PacketRecord};
