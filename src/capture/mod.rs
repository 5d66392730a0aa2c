//! Captured packets, wherever they come from.
//!
//! Job: turn files, standard input and (later) interfaces into one stream of packets.
//! Input: pcap or pcapng bytes, plain or inside gzip or zstd.
//! Output: [`Block`]s of [`Packet`]s with number, time and link type, and [`Warning`]s.

mod bpf;
mod bytes;
mod compressed;
mod input;
mod open;
mod packet;
mod pcap;
mod pcapng;
mod record;
mod sniff;
mod source;
#[cfg(test)]
mod testing;
mod warning;

pub use bpf::Filter;
pub use input::Input;
pub use open::Mark;
pub use packet::{Block, LinkType, Packet, PacketRecord};
pub use pcapng::Secrets;
pub use source::{Progress, Source};
pub use warning::{Warning, WarningKind};
