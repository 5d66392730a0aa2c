//! Totals over events.
//!
//! Job: fold events into numbers per connection and sender. Input: [`Event`](crate::event::Event)s.
//! Output: [`Stats`], [`Summaries`].

mod fold;
mod histogram;
mod peer;
mod summary;
mod symbols;

pub use fold::{ConnectionStats, Stats};
pub use histogram::Histogram;
pub use peer::{Kind, PeerStats};
pub use summary::{Summaries, Summary};
pub use symbols::{Blocks, SymbolFold, Symbols};
