//! Only the messages that a filter means.
//!
//! Job: stand before another sink and let through what matches. Input: [`Event`]s.
//! Output: those that are meant, to the sink behind.
//!
//! Findings on a message come after it. Where a filter asks for them, the message is rendered first
//! and taken back if what follows decides against it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::{Peer, Timestamp};
use crate::event::{ConnectionInfo, Event, EventSink, Message, Wire};
use crate::filter::{Filter, OfMessage};

/// A sink behind a filter.
#[derive(Debug)]
pub struct Chosen<S> {
    filter: Option<Arc<Filter>>,
    inner: S,
    start: Timestamp,
    connections: HashMap<u64, ConnectionInfo, foldhash::fast::RandomState>,
    /// Connection and number of the last message that was let through.
    last: Option<(u64, u64)>,
    open: Option<Open>,
}

/// A message that was let through until it is known whether a finding stands on it.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// It is meant if one does; otherwise if none does.
    with_finding: bool,
    /// Bytes that were rendered before it.
    before: usize,
}

impl<S: EventSink> Chosen<S> {
    /// Lets through what `filter` means, or everything.
    pub fn new(filter: Option<Arc<Filter>>, inner: S) -> Self {
        Self {
            filter,
            inner,
            start: Timestamp::default(),
            connections: HashMap::default(),
            last: None,
            open: None,
        }
    }

    fn message(&mut self, filter: &Filter, message: &Message<'_>) {
        let ask = |finding| {
            filter.matches(&OfMessage {
                message,
                connection: self.connections.get(&message.connection),
                start: self.start,
                finding,
            })
        };
        let without = ask(false);
        let with = if filter.needs_findings() {
            ask(true)
        } else {
            without
        };
        self.last = (with || without).then_some((message.connection, message.number));
        if with != without {
            self.open = Some(Open {
                with_finding: with,
                before: self.inner.rendered().map_or(0, |out| out.len()),
            });
        }
        if with || without {
            self.inner.event(Event::Message(message));
        }
    }

    /// It is known now whether a finding stands on the last message.
    fn decide(&mut self, found: bool) {
        if let Some(open) = self.open.take()
            && open.with_finding != found
        {
            self.last = None;
            if let Some(out) = self.inner.rendered() {
                out.truncate(open.before);
            }
        }
    }
}

impl<S: EventSink> EventSink for Chosen<S> {
    fn begin(&mut self, start: Timestamp) {
        self.start = start;
        self.inner.begin(start);
    }

    fn event(&mut self, event: Event<'_>) {
        let Some(filter) = self.filter.clone() else {
            self.inner.event(event);
            return;
        };
        if let Event::Finding {
            connection,
            finding,
        } = event
        {
            let place = finding.message.map(|message| (connection, message));
            if place.is_some() && place == self.last {
                self.decide(true);
            }
            if place.is_some() && place == self.last {
                self.inner.event(event);
            }
            return;
        }
        self.decide(false);
        match event {
            Event::Message(message) => self.message(&filter, message),
            Event::Connection(info) => {
                self.connections.insert(info.flow.number, info.clone());
                self.inner.event(event);
            }
            Event::End(end) => {
                self.connections.remove(&end.connection);
                self.inner.event(event);
            }
            Event::Finding { .. } => {}
        }
    }

    fn wire(&mut self, connection: u64, from: Peer, wire: Wire<'_>) {
        self.inner.wire(connection, from, wire);
    }

    fn rendered(&mut self) -> Option<&mut Vec<u8>> {
        self.decide(false);
        self.inner.rendered()
    }
}
