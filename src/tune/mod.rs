//! What if: the same messages under other compression settings.
//!
//! Job: compress a sender's captured messages anew, in their order, as the sender would have, for
//! every window, memory level, takeover and threshold, and say what would serve as well for less.
//! Input: events, through a [`Sampler`]. Output: [`Tuning`], [`Advice`]. RFC 7692 §7.
//!
//! ```text
//! Event ─► Sampler ─► Sample ─► tune ─► Tuning ─► Advice
//!                    messages   stock    sizes    what to take
//!                               zlib
//! ```

mod advice;
mod bound;
mod job;
mod lane;
mod numbers;
mod plan;
mod run;
mod sampler;
mod settings;
mod tuning;

pub use advice::{Advice, Choice, Point, Worth};
pub use bound::WORK;
pub use lane::{Lane, Sent};
pub use plan::{Clock, Plan, Watch};
pub use run::tune;
pub use sampler::{Host, Omitted, Rank, Sample, Sampled, Sampler};
pub use settings::{Grid, MEMORY_LEVELS, Setting, THRESHOLDS, WINDOWS};
pub use tuning::{Senders, SizeClass, Tuning};

#[cfg(test)]
mod tests;
