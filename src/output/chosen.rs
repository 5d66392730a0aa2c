//! Only the messages that a filter means.
//!
//! Job: stand before another sink and let through what matches. Input: [`Event`]s.
//! Output: those that are meant, to the sink behind.
//!
//! Findings on a message come after it. Where a filter asks for them, the message is rendered first
//! and taken back if what follows decides against it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::{Conversing, Timestamp};
use crate::event::{ConnectionInfo, Event, Message, Outlet, Renderer};
use crate::filter::{Filter, OfMessage};

/// A sink behind a filter.
#[derive(Debug)]
pub struct Chosen<S> {
    filter: Option<Arc<Filter>>,
    inner: S,
    start: Timestamp,
    connections: HashMap<Conversing, ConnectionInfo, foldhash::fast::RandomState>,
    /// Conversation and number of the last message that was let through.
    last: Option<(Conversing, u64)>,
    /// Where that message was let through until it is known whether a finding is on it: whether it
    /// is meant if one is, and otherwise if none is.
    open: Option<bool>,
}

impl<S: Renderer> Chosen<S> {
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

    fn message(&mut self, filter: &Filter, message: &Message<'_>, out: &mut Outlet<'_, S::Output>) {
        let ask = |finding| {
            filter.matches(&OfMessage {
                facts: message.facts,
                message: Some(message),
                connection: self.connections.get(&message.conversing),
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
        self.last = (with || without).then_some((message.conversing, message.number));
        if with != without {
            self.open = Some(with);
            out.hold();
        }
        if with || without {
            self.inner.event(Event::Message(message), out);
        }
    }

    /// It is known now whether a finding is on the last message.
    fn decide(&mut self, found: bool, out: &mut Outlet<'_, S::Output>) {
        if let Some(with_finding) = self.open.take() {
            let wanted = with_finding == found;
            out.release(wanted);
            if !wanted {
                self.last = None;
            }
        }
    }
}

impl<S: Renderer> Renderer for Chosen<S> {
    type Output = S::Output;

    fn begin(&mut self, start: Timestamp) {
        self.start = start;
        self.inner.begin(start);
    }

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, S::Output>) {
        let Some(filter) = self.filter.clone() else {
            self.inner.event(event, out);
            return;
        };
        if let Event::Finding {
            conversing,
            finding,
        } = event
        {
            let place = finding.message.map(|message| (conversing, message));
            if place.is_some() && place == self.last {
                self.decide(true, out);
            }
            if place.is_some() && place == self.last {
                self.inner.event(event, out);
            }
            return;
        }
        self.decide(false, out);
        match event {
            Event::Message(message) => self.message(&filter, message, out),
            Event::Connection(info) => {
                self.connections.insert(info.conversing, info.clone());
                self.inner.event(event, out);
            }
            Event::End(end) => {
                self.connections.remove(&end.conversing);
                self.inner.event(event, out);
            }
            Event::Recognised { .. } | Event::Transport(_) => self.inner.event(event, out),
            Event::Finding { .. } | Event::Pending(_) | Event::Tls(_) => {}
        }
    }

    fn pause(&mut self, out: &mut Outlet<'_, S::Output>) {
        self.decide(false, out);
        self.inner.pause(out);
    }
}
