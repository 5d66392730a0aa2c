//! One connection, from its segments to its events.
//!
//! Job: compose the layers: TCP, then HTTP until the upgrade, then WebSocket.
//! Input: segments of one connection. Output: [`Event`](crate::event::Event)s.
//! The only place that knows all layers of a connection.

#[cfg(feature = "tls")]
mod awaited;
mod by_stream;
mod bytes;
mod checks;
mod conflicts;
mod connection;
mod context;
mod conversation;
mod inference;
mod late;
mod messages;
mod notes;
mod opening;
mod payload;
mod seen;
mod stripped;
mod teller;
#[cfg(feature = "tls")]
mod tls_notes;
mod under_http2;
#[cfg(feature = "tls")]
mod under_tls;
mod units;
mod waypoint;
mod websocket;

pub use bytes::websocket_bytes;
pub use connection::Session;
pub use context::{Context, Detail};
pub use seen::Seen;
pub use waypoint::Waypoint;
