//! A connection and its messages.
//!
//! Job: what the list of connections shows of one. Input: the loader's items. Output: rows to draw.

use std::ops::Deref;

use crate::event::ConnectionInfo;
use crate::stats::Summary;

/// A connection with the places of its messages.
#[derive(Debug)]
pub struct Connection {
    /// Its totals.
    pub summary: Summary,
    /// The places of its messages' rows, in order.
    pub rows: Vec<u32>,
}

impl Connection {
    /// A connection without messages.
    pub fn new(info: ConnectionInfo) -> Self {
        Self {
            summary: Summary::new(info),
            rows: Vec::new(),
        }
    }
}

impl Deref for Connection {
    type Target = Summary;

    fn deref(&self) -> &Summary {
        &self.summary
    }
}
