//! Totals over events.
//!
//! Job: fold events into numbers per connection and sender. Input: [`Event`](crate::event::Event)s.
//! Output: [`Stats`], [`Summaries`].

mod deep;
mod fold;
mod group;
mod histogram;
mod legs;
mod outcome;
mod peer;
mod said;
mod summary;
mod symbols;
mod under_tls;
mod units;

pub use deep::Deep;
pub use fold::{ConnectionStats, Pair, Stats};
pub use group::{By, Group, Groups};
pub use histogram::Histogram;
pub use legs::{Carrying, Leg, SameAs, SameBy, only_fronts, same_sessions};
pub use outcome::{Close, Closing, How, IDLE_NANOS, Outcome};
pub use peer::{Kind, PeerStats, Traffic};
pub use said::{Said, Word, hash};
pub use summary::{Summaries, Summary, Transport};
pub use symbols::SymbolFold;
pub use under_tls::TlsCounts;
pub use units::{UnitGroup, UnitStats, UnitsBy};
