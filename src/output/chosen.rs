//! Only the messages that a filter means.
//!
//! Job: go before another sink and let through what matches. Input: [`Event`]s. Output: those that
//! match, to the next sink.
//!
//! Findings on a message come after it. Where a filter asks for them, a sink that prints takes the
//! message at once, and it is taken back if what follows decides against it; for a sink that counts,
//! the message waits until that is known.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::{Conversing, Peer, Timestamp};
use crate::check::Choice;
use crate::event::{Event, EventSink, Facts, Message, Outlet, Renderer, Split, Wire};
use crate::filter::{Filter, Surroundings, Verdict};
use crate::payload::Inflated;
use crate::subprotocol::Unit;

/// A filter with what it is asked of.
#[derive(Debug)]
struct Judge {
    filter: Arc<Filter>,
    around: Surroundings,
}

impl Judge {
    fn new(filter: Arc<Filter>) -> Self {
        Self {
            around: Surroundings::knowing(filter.ends().cloned()),
            filter,
        }
    }

    fn message(&self, message: &Message<'_>) -> Verdict {
        self.around.verdict(&self.filter, message)
    }

    /// Whether the connection matches, of which no message is looked at.
    fn connection(&self, conversing: Conversing) -> bool {
        self.around.means(&self.filter, conversing)
    }
}

/// A sink that prints, after a filter.
#[derive(Debug)]
pub struct Chosen<S> {
    judge: Option<Judge>,
    inner: S,
    /// Conversation and number of the last message that was let through.
    last: Option<(Conversing, u64)>,
    /// Where that message was let through until it is known whether a finding is on it: whether it
    /// is meant if one is, and otherwise if none is.
    open: Option<bool>,
    /// Counts what is let through, of all workers.
    shown: Arc<AtomicU64>,
}

impl<S: Renderer> Chosen<S> {
    /// Lets through what `filter` means, or everything.
    pub fn new(filter: Option<Arc<Filter>>, inner: S) -> Self {
        Self {
            judge: filter.map(Judge::new),
            inner,
            last: None,
            open: None,
            shown: Arc::default(),
        }
    }

    /// The same, which counts there the messages that it lets through.
    #[must_use]
    pub fn counting(self, shown: Arc<AtomicU64>) -> Self {
        Self { shown, ..self }
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
        if let Some(judge) = &mut self.judge {
            judge.around.begin(start);
        }
        self.inner.begin(start);
    }

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, S::Output>) {
        let Some(judge) = &self.judge else {
            self.inner.event(event, out);
            return;
        };
        if let Event::Finding {
            conversing,
            finding,
        } = event
        {
            let place = finding.message.map(|message| (conversing, message));
            let alone = place.is_none() && judge.connection(conversing);
            if place.is_some() && place == self.last {
                self.decide(true, out);
            }
            if alone || place.is_some() && place == self.last {
                self.inner.event(event, out);
            }
            return;
        }
        self.decide(false, out);
        let Some(judge) = &mut self.judge else { return };
        judge.around.follow(&event);
        match event {
            Event::Message(message) => {
                let Verdict { without, with } = judge.message(message);
                self.last = (with || without).then_some((message.conversing, message.number));
                if with != without {
                    self.open = Some(with);
                    out.hold();
                }
                if with || without {
                    self.shown.fetch_add(1, Ordering::Relaxed);
                    self.inner.event(event, out);
                }
            }
            Event::Connection(_)
            | Event::End(_)
            | Event::Recognised { .. }
            | Event::Transport(_) => {
                self.inner.event(event, out);
            }
            Event::Finding { .. } | Event::Pending(_) | Event::Tls(_) => {}
        }
    }

    fn pause(&mut self, out: &mut Outlet<'_, S::Output>) {
        self.decide(false, out);
        self.inner.pause(out);
    }
}

/// A sink that counts, after a filter. Findings on no message that matches do not reach it.
#[derive(Debug)]
pub struct Counted<S> {
    judge: Option<Judge>,
    inner: S,
    /// The last message, where it waits: whether it matches if a finding is on it.
    waiting: Option<(bool, Owned)>,
    /// Conversation and number of the last message that was let through.
    last: Option<(Conversing, u64)>,
    meant: BTreeSet<Conversing>,
    /// Everything reaches the sink, and only what matches is noted.
    whole: bool,
}

impl<S: EventSink> Counted<S> {
    /// Lets through what `filter` means, or everything.
    pub fn new(filter: Option<Arc<Filter>>, inner: S) -> Self {
        Self {
            judge: filter.map(Judge::new),
            inner,
            waiting: None,
            last: None,
            meant: BTreeSet::new(),
            whole: false,
        }
    }

    /// Lets everything through, and notes which conversations have messages that `filter` means.
    pub fn noting(filter: Option<Arc<Filter>>, inner: S) -> Self {
        Self {
            whole: true,
            ..Self::new(filter, inner)
        }
    }

    /// The sink after the last event, and which conversations have messages that match.
    pub fn into_inner(mut self) -> (S, BTreeSet<Conversing>) {
        self.decide(false);
        (self.inner, self.meant)
    }

    fn decide(&mut self, found: bool) {
        if let Some((with_finding, message)) = self.waiting.take()
            && with_finding == found
        {
            message.lend(|message| self.pass(message));
        }
    }

    fn pass(&mut self, message: &Message<'_>) {
        self.meant.insert(message.conversing);
        self.last = Some((message.conversing, message.number));
        if !self.whole {
            self.inner.event(Event::Message(message));
        }
    }
}

impl<S: EventSink> EventSink for Counted<S> {
    fn begin(&mut self, start: Timestamp) {
        if let Some(judge) = &mut self.judge {
            judge.around.begin(start);
        }
        self.inner.begin(start);
    }

    fn event(&mut self, event: Event<'_>) {
        let Some(judge) = &mut self.judge else {
            self.inner.event(event);
            return;
        };
        judge.around.follow(&event);
        if self.whole {
            self.inner.event(event);
        }
        match event {
            Event::Message(message) => {
                let Verdict { without, with } = judge.message(message);
                self.decide(false);
                if with != without {
                    self.waiting = Some((with, Owned::of(message)));
                } else if with {
                    self.pass(message);
                }
            }
            Event::Finding {
                conversing,
                finding,
            } => {
                let place = finding.message.map(|message| (conversing, message));
                let alone = place.is_none() && judge.connection(conversing);
                let waits = |(_, message): &(bool, Owned)| Some(message.place()) == place;
                let found = self.waiting.as_ref().is_some_and(waits);
                self.decide(found);
                if !self.whole && (alone || place.is_some() && place == self.last) {
                    self.inner.event(event);
                }
            }
            Event::Connection(_)
            | Event::End(_)
            | Event::Recognised { .. }
            | Event::Transport(_)
            | Event::Tls(_) => {
                self.decide(false);
                if !self.whole {
                    self.inner.event(event);
                }
            }
            Event::Pending(_) => {}
        }
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        self.inner.wire(conversing, from, wire);
    }
}

/// The findings on messages that a filter means, and on connections that it means.
#[derive(Debug)]
pub struct Findings {
    judge: Judge,
    /// Which messages of each conversation match: first and last number of each run of them.
    meant: HashMap<Conversing, Vec<(u64, u64)>, foldhash::fast::RandomState>,
    connections: BTreeSet<Conversing>,
}

impl Findings {
    /// Findings on what `filter` means.
    pub fn new(filter: Arc<Filter>) -> Self {
        Self {
            judge: Judge::new(filter),
            meant: HashMap::default(),
            connections: BTreeSet::new(),
        }
    }
}

impl Choice for Findings {
    fn begin(&mut self, start: Timestamp) {
        self.judge.around.begin(start);
    }

    fn event(&mut self, event: &Event<'_>) {
        if let Event::Connection(info) = event {
            self.judge.around.follow(event);
            if self.judge.connection(info.conversing) {
                self.connections.insert(info.conversing);
            }
        }
        if let Event::Message(message) = event
            && self.judge.message(message).with
        {
            let runs = self.meant.entry(message.conversing).or_default();
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == message.number => *last = message.number,
                _ => runs.push((message.number, message.number)),
            }
        }
        if let Event::End(_) = event {
            self.judge.around.follow(event);
        }
    }

    fn wants(&self, conversing: Conversing, message: Option<u64>) -> bool {
        let Some(number) = message else {
            return self.connections.contains(&conversing);
        };
        let runs = self.meant.get(&conversing);
        runs.is_some_and(|runs| {
            let after = runs.partition_point(|(first, _)| *first <= number);
            after
                .checked_sub(1)
                .and_then(|at| runs.get(at))
                .is_some_and(|(_, last)| number <= *last)
        })
    }
}

/// A message that waits.
#[derive(Debug)]
struct Owned {
    facts: Facts,
    first_time: Timestamp,
    splits: Vec<Split>,
    payload: Vec<u8>,
    is_text: bool,
    holes: Vec<(u64, u64)>,
    inflated: Option<Inflated>,
    units: Vec<Unit>,
}

impl Owned {
    fn of(message: &Message<'_>) -> Self {
        Self {
            facts: message.facts,
            first_time: message.first_time,
            splits: message.splits.to_vec(),
            payload: message.payload.to_vec(),
            is_text: message.text.is_some(),
            holes: message.holes.to_vec(),
            inflated: message.inflated.cloned(),
            units: message.units.to_vec(),
        }
    }

    fn place(&self) -> (Conversing, u64) {
        (self.facts.conversing, self.facts.number)
    }

    fn lend(&self, take: impl FnOnce(&Message<'_>)) {
        let text = self
            .is_text
            .then(|| std::str::from_utf8(&self.payload).ok());
        take(&Message {
            facts: self.facts,
            first_time: self.first_time,
            splits: &self.splits,
            payload: &self.payload,
            text: text.flatten(),
            holes: &self.holes,
            inflated: self.inflated.as_ref(),
            units: &self.units,
        });
    }
}
