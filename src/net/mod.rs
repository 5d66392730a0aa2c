//! From a captured packet to a TCP segment.
//!
//! Job: strip link layers, tunnels and IP, put IP fragments together.
//! Input: [`Packet`](crate::capture::Packet)s. Output: [`Segment`]s with their addresses.
//! RFC 791, 8200, 7348 (VXLAN), 8926 (Geneve), 2784/2890 (GRE).

mod segment;

pub use segment::{Encapsulation, Endpoint, Flags, FlowKey, Segment};
