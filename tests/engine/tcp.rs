//! The TCP layer from outside: scenarios, properties, and the table of connections.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod flows;
#[path = "../common/tcp.rs"]
pub(crate) mod harness;
mod holding;
mod properties;
