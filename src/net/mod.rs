//! From a captured packet to a TCP segment.
//!
//! Job: strip link layers, tunnels and IP, put IP fragments together.
//! Input: [`Packet`](crate::capture::Packet)s. Output: [`Segment`]s with their addresses, and for
//! every packet without one the reason ([`Other`]).
//! RFC 791, 8200; the files `link/` and `tunnel/` name theirs. docs/links.md lists what is read.
//!
//! ```text
//! ether ─► ip ─► tcp ─► Segment
//!  │ ▲     │ └─► fragment ─► (a whole datagram, back to ip)
//!  │ └─────┴─► tunnel
//!  └─► link · ppp · mpls (one header each, back to ether)
//! ```

mod checksum;
#[cfg(test)]
mod craft;
mod decode;
mod ether;
mod extent;
mod fragment;
mod guess;
mod ip;
mod layer;
mod link;
mod mpls;
mod other;
mod ppp;
mod segment;
mod straight;
mod tcp;
mod tunnel;
mod unread;

#[cfg(test)]
mod tests;

pub use decode::{Decoded, Decoder};
pub use fragment::FragmentLosses;
pub use other::{Fault, Header, Other};
pub use segment::{Bare, Encapsulation, Endpoint, Flags, FlowKey, Segment};
pub use unread::Unread;
