//! From segments to the bytes each peer sent, in order.
//!
//! Job: know which connection a segment belongs to, put its bytes in order, and say where
//! the capture lacks some. Input: [`Segment`](crate::net::Segment)s. Output:
//! [`Delivery`](crate::stream::Delivery)s: chunks of bytes and gaps of known length. RFC 9293.
//!
//! [`Flows`] names connections, [`Connection`] holds the two [`Reassembler`]s of one.

mod ahead;
mod beginning;
mod budget;
mod connection;
mod ending;
mod flows;
mod incarnation;
mod patience;
mod process;
mod queue;
mod reassembler;
mod recent;
mod seq;
mod slot;
mod stall;
mod table;
mod trust;
mod unheard;

pub use budget::Budget;
pub use connection::{Connection, Note};
pub use ending::Ending;
pub use flows::{Flow, Flows, Route};
pub use process::{Process, Processes};
pub use reassembler::Reassembler;
pub use seq::Seq;
pub use stall::{Stall, Windows};
pub use unheard::{Answers, Unheard};
