//! What messages are asked together with.
//!
//! Job: follow the connections of a run, so that a message answers for its connection's fields, too,
//! and say what a filter makes of it. Input: events. Output: [`OfMessage`]s, [`Verdict`]s.

use std::collections::HashMap;
use std::sync::Arc;

use super::Filter;
use super::ends::{End, Ends};
use super::message::{OfConnection, OfMessage};
use crate::base::{Conversing, Timestamp};
use crate::event::{ConnectionInfo, Event, Message};

/// The start of the capture, and the connections that are open.
#[derive(Debug, Default)]
pub struct Surroundings {
    start: Timestamp,
    connections: HashMap<Conversing, ConnectionInfo, foldhash::fast::RandomState>,
    ends: Option<Arc<Ends>>,
}

/// Whether a message matches, if no finding is on it and if one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Without a finding.
    pub without: bool,
    /// With one.
    pub with: bool,
}

impl Surroundings {
    /// The same, where an earlier run noted how connections end.
    #[must_use]
    pub fn knowing(ends: Option<Arc<Ends>>) -> Self {
        Self {
            ends,
            ..Self::default()
        }
    }

    /// The capture's first packet was captured at `start`.
    pub fn begin(&mut self, start: Timestamp) {
        self.start = start;
    }

    /// Takes the next event.
    pub fn follow(&mut self, event: &Event<'_>) {
        match event {
            Event::Connection(info) => {
                self.connections.insert(info.conversing, (*info).clone());
            }
            Event::End(end) => {
                self.connections.remove(&end.conversing);
            }
            _ => {}
        }
    }

    /// A message as a filter's subject, with a finding on it or without.
    pub fn subject<'a>(&'a self, message: &'a Message<'a>, finding: bool) -> OfMessage<'a> {
        OfMessage {
            facts: message.facts,
            message: Some(message),
            connection: self.connections.get(&message.conversing),
            start: self.start,
            finding,
            end: self.end(message.conversing),
        }
    }

    fn end(&self, conversing: Conversing) -> Option<End> {
        self.ends.as_ref()?.get(conversing)
    }

    /// What `filter` says of a message.
    pub fn verdict(&self, filter: &Filter, message: &Message<'_>) -> Verdict {
        let ask = |finding| filter.matches(&self.subject(message, finding));
        let without = ask(false);
        let with = if filter.needs_findings() {
            ask(true)
        } else {
            without
        };
        Verdict { without, with }
    }

    /// Whether `filter` means a connection, whatever its messages are.
    pub fn means(&self, filter: &Filter, conversing: Conversing) -> bool {
        let info = self.connections.get(&conversing);
        let end = self.end(conversing);
        filter.means_connection(&OfConnection {
            conversing,
            info,
            end,
        })
    }
}
