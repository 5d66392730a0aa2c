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
mod codes;
mod collect;
mod derive;
mod dump;
pub mod fields;
mod findings;
mod frames;
mod gathered;
mod grown;
pub mod handshake;
pub mod json;
mod layout;
mod links;
mod message;
mod past;
mod payload;
pub mod records;
mod rows;
mod spot;
mod steps;
mod strip;
pub mod symbols;
pub mod text;
mod told;
mod view;
pub mod why;
mod whys;
mod window;

pub use codes::{CodeOf, codes_of};
pub use collect::{Collector, Connection, Target};
pub use derive::derivation;
pub use frames::place;
pub use layout::Layout;
pub use links::{Group, Links, Thing};
pub use message::{Carrier, Deflated, Explanation, Frame, Passage, Source, Stretch};
pub use past::Past;
pub use rows::rows;
pub use spot::{Row, Spot, Unit};
pub use steps::{Says, Step, What};
pub use strip::strip;
pub use told::{from, told};
pub use whys::whys;
pub use window::{Share, Window};

#[cfg(test)]
mod tests;
