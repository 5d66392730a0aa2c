//! What is inside the messages: the frames, packets and calls of the protocols over WebSocket.
//!
//! Job: recognise the subprotocol of a conversation by what is said, and tell its [`Unit`]s.
//! Input: messages in order, with their holes. Output: units and observations through [`Out`].
//! Each protocol is one file (or folder) and one entry of [`REGISTRY`].

mod asked;
mod choice;
mod decoder;
mod entry;
mod graphql;
mod json;
mod jsonrpc;
mod look;
mod mqtt;
mod ocpp;
mod recognise;
mod registry;
mod sight;
mod sip;
mod socketio;
mod sockjs;
mod stomp;
mod telling;
mod telltale;
#[cfg(test)]
mod testing;
mod unit;
mod values;
mod wamp;

pub use asked::{Asked, Question};
pub use choice::{Choice, Choices};
pub use decoder::{At, Body, Control, Opening, Out, Resting, Subprotocol};
pub use entry::{Confidence, Entry};
pub use look::Look;
pub use recognise::{Recognised, Recogniser, Why};
pub use registry::{REGISTRY, named};
pub use unit::{Answered, Part, SHOWN, Unit, UnitStatus, shown};
