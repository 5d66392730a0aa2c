//! The connections of one thread.
//!
//! Job: hold the sessions, feed them and drop them when they are over.
//! Input: [`Routed`] segments. Output: events.

use std::collections::HashMap;

use super::front::Routed;
use super::tally::Tally;
use crate::base::Limits;
use crate::event::EventSink;
use crate::session::{Context, Detail, Session};

/// What a pipeline is to do.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The bounds of its buffers.
    pub limits: Limits,
    /// How much of each message the sinks look at.
    pub detail: Detail,
    /// Only this connection, where one is named.
    pub only: Option<u64>,
}

impl Options {
    /// Everything, with default limits.
    pub fn new(detail: Detail) -> Self {
        Self {
            limits: Limits::default(),
            detail,
            only: None,
        }
    }
}

/// Holds sessions by connection number.
#[derive(Debug)]
pub struct Worker {
    sessions: HashMap<u64, Box<Session>, foldhash::fast::RandomState>,
    context: Context,
    only: Option<u64>,
    tally: Tally,
}

impl Worker {
    /// A worker without connections.
    pub fn new(options: Options) -> Self {
        Self {
            sessions: HashMap::default(),
            context: Context::new(options.limits, options.detail),
            only: options.only,
            tally: Tally::default(),
        }
    }

    /// Takes a segment of one of its connections.
    pub fn segment(&mut self, routed: &Routed<'_>, sink: &mut dyn EventSink) {
        if let Some(flow) = routed.opened
            && self.only.is_none_or(|only| only == flow.number)
        {
            self.sessions
                .insert(flow.number, Box::new(Session::new(flow, &self.context)));
        }
        let Some(session) = self.sessions.get_mut(&routed.connection) else {
            return;
        };
        let place = (routed.stamp, routed.captured);
        session.segment(routed.from, &routed.segment, place, &mut self.context, sink);
        if session.is_over() {
            self.forget(routed.connection, sink);
        }
    }

    /// Ends a connection.
    pub fn forget(&mut self, number: u64, sink: &mut dyn EventSink) {
        if let Some(session) = self.sessions.remove(&number) {
            let seen = session.finish(&mut self.context, sink);
            *self.tally.connections.entry(seen).or_default() += 1;
        }
    }

    /// The numbers of the connections that are still open, in order.
    pub fn open_connections(&self) -> Vec<u64> {
        let mut numbers: Vec<_> = self.sessions.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// The counts, at the end.
    pub fn into_tally(self) -> Tally {
        self.tally
    }
}
