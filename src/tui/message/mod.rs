//! One message, got again from the capture.
//!
//! Job: fetch a message's bytes on a thread of its own and lay them out as lines.
//! Input: a connection's and a message's number. Output: [`Content`], lines.

mod content;
mod document;
mod fetch;
mod json;

pub use content::{Bits, Content, Key};
pub use document::{Form, lines};
pub use fetch::{AHEAD, Depth, Fetched, Fetcher, Known, Wish};
