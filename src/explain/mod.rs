//! Every bit of one message, with its name.
//!
//! Job: gather what carried a message, name each of its bits, and render that for people and for
//! programs. Input: [`Event`](crate::event::Event)s and
//! [`Wire`](crate::event::Wire) parts. Output: text or one JSON object.
//! RFC 6455 §4 and §5, RFC 7692 §7, RFC 1951 §3.2.
//!
//! [`Collector`] is the sink, [`Explanation`] what it gathers. [`fields`] and [`symbols`] name the
//! bits and know nothing of rendering, so that every front shows the same names; [`text`],
//! [`json`] and [`handshake`] render.

mod blocks;
mod collect;
mod dump;
pub mod fields;
mod findings;
mod frames;
pub mod handshake;
pub mod json;
mod layout;
mod message;
mod payload;
pub mod records;
mod steps;
pub mod symbols;
pub mod text;
mod view;

pub use collect::{Collector, Connection, Target};
pub use frames::place;
pub use layout::Layout;
pub use message::{Carrier, Deflated, Explanation, Frame, Passage, Source, Stretch};
pub use steps::{Says, Step, What};
