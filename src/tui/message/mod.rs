//! One message, got again from the capture.
//!
//! Job: fetch a message's bytes on a thread of its own and lay them out as lines.
//! Input: a connection's and a message's number. Output: [`Content`], [`Line`]s.

mod content;
mod document;
mod fetch;
mod json;
mod line;
mod steps;

pub use content::{Bits, Content, Key};
pub use document::{Form, lines, prose, wrap};
pub use fetch::{Depth, Fetched, Fetcher, Known, Wish};
pub use line::{Kind, Line, piece};
pub use steps::{Says, Step};
