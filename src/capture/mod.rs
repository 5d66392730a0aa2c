//! Captured packets, wherever they come from.
//!
//! Job: turn files, standard input and interfaces into one stream of packets, and keep those of
//! interfaces. Input: pcap or pcapng bytes, plain or inside gzip or zstd; libpcap.
//! Output: [`Block`]s of [`Packet`]s with number, time and link type, and [`Warning`]s.

mod bpf;
mod bytes;
mod compressed;
mod input;
mod likeness;
mod link;
#[cfg(feature = "live")]
pub mod live;
mod mark;
mod open;
mod opened;
mod order;
mod packet;
#[cfg(unix)]
mod patient;
mod pcap;
mod pcapng;
mod record;
mod recover;
mod secrets;
mod sniff;
mod source;
mod status;
mod stop;
mod store;
#[cfg(test)]
mod testing;
mod warning;

pub use bpf::Filter;
pub use input::Input;
pub use likeness::Likeness;
pub use link::LinkType;
pub use mark::Mark;
pub use packet::{Block, Packet, PacketRecord};
pub use pcapng::Secrets;
pub use secrets::{secrets, unpacked};
pub use source::{Progress, Source};
pub use status::{Drops, State, Status, Unkept};
pub use stop::Stop;
pub use store::{Origin, Store, Target};
pub use warning::{Warning, WarningKind};
