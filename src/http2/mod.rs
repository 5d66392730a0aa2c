//! HTTP/2, as far as WebSockets are on it.
//!
//! Job: find the streams that carry a WebSocket, and give their bytes. Input: what TCP or TLS delivers.
//! Output: for each such stream how it was opened, its bytes with gaps, and how it ended; what the two ends
//! did wrong. RFC 9113, RFC 7541, RFC 8441.

mod fields;
mod flow;
pub mod frame;
mod framing;
pub mod hpack;
mod loss;
mod out;
mod search;
mod side;
mod sniff;
mod stream;
mod streams;

pub use out::{Answer, DataFrame, Ended, How, Opened, Out, Stall};
pub use sniff::Sniff;
pub use streams::Streams;
