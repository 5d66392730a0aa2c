//! Which findings are wanted.
//!
//! Job: let whoever runs the check leave findings out without keeping messages from it: time and
//! other connections are judged by all of them. Input: events. Output: yes or no.

use std::fmt::Debug;

use crate::base::{Conversing, Timestamp};
use crate::event::Event;

/// Leaves findings out.
pub trait Choice: Debug + Send {
    /// The capture's first packet was captured at `start`.
    fn begin(&mut self, start: Timestamp);

    /// The next event, before its findings are asked for.
    fn event(&mut self, event: &Event<'_>);

    /// Whether findings on a message are wanted, or those on none of a conversation.
    fn wants(&self, conversing: Conversing, message: Option<u64>) -> bool;
}
