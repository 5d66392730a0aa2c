//! From a captured packet to a TCP segment.
//!
//! Job: strip link layers, tunnels and IP, put IP fragments together.
//! Input: [`Packet`](crate::capture::Packet)s. Output: [`Segment`]s with their addresses, and for
//! every packet without one the reason ([`Other`]).
//! RFC 791, 8200, 7348 (VXLAN), 8926 (Geneve), 2784/2890 (GRE).
//!
//! ```text
//! link ─► ether ─► ip ─► tcp ─► Segment
//!           ▲      │ └─► fragment ─► (a whole datagram, back to ip)
//!           └──────┴─► tunnel
//! ```

mod checksum;
#[cfg(test)]
mod craft;
mod decode;
mod ether;
mod extent;
mod fragment;
mod ip;
mod link;
mod other;
mod segment;
mod straight;
mod tcp;
mod tunnel;

#[cfg(test)]
mod tests;

pub use decode::{Decoded, Decoder};
pub use fragment::FragmentLosses;
pub use other::{Fault, Header, Other};
pub use segment::{Bare, Encapsulation, Endpoint, Flags, FlowKey, Segment};
