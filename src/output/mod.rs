//! Events as lines: for people and for programs.
//!
//! Job: render. Input: [`Event`](crate::event::Event)s and folded totals. Output: bytes.
//! Nothing here writes; the command line does.

pub mod account;
mod bars;
pub mod capture;
mod cells;
pub mod censored;
pub mod check;
pub mod chosen;
pub mod connection_rows;
pub mod connections;
pub mod fields;
pub mod follow;
pub mod json;
pub mod objects;
pub mod outcome;
mod redacted;
mod shelf;
pub mod sorted;
pub mod stats;
mod stats_deep;
pub mod stats_json;
pub mod stats_rows;
pub mod style;
pub mod text;
mod transport;
pub mod tune;
pub mod tune_json;
pub mod tune_words;
mod units_json;
pub mod units_stats;
