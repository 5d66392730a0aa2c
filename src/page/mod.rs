//! Lines of styled spans: what text and the terminal UI draw alike.
//!
//! Job: say what a piece of a page means, break lines, dump bytes, and put figures and states into
//! words. Input: values. Output: [`Line`]s of [`Span`]s that are safe for a terminal. Who draws
//! them only gives each [`Kind`] a style.

mod bar;
mod bytes;
mod dump;
pub mod escape;
mod find;
mod line;
mod look;
mod moment;
mod named;
pub mod redact;
mod secrecy;
mod sheet;
pub mod svg;
pub mod transcript;
pub mod units;
mod url;
pub mod words;
mod wrap;

pub use bar::bar;
pub use bytes::{Bytes, hole};
pub use dump::Dump;
pub use find::{Needle, Needles};
pub use line::{Kind, Line, Span};
pub use look::{Colour, Look, Role};
pub use moment::TimeFormat;
pub use sheet::Sheet;
pub use wrap::{items, prose, wrap};
