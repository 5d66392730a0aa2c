//! The frames of HTTP/2.
//!
//! Job: a file for each group of kinds, with the rules of its layout. Input: a frame's head and payload.
//! Output: what it says, or the [`Wrong`] that is with it. RFC 9113 §4, §6.

mod control;
mod data;
mod head;
mod headers;
mod settings;
mod wrong;

pub use control::{ErrorCode, GoAway, WindowUpdate};
pub use data::DataLayout;
pub use head::{Flags, Head, Kind};
pub use headers::{Fragment, Promise};
pub use settings::{Setting, Settings};
pub use wrong::Wrong;
