//! Messages in the order of a field.
//!
//! Job: what `--sort` does to a list. Input: events. Output: the rows that another sink makes of
//! messages, in order.

use std::io::{self, Write};
use std::sync::Arc;

use super::shelf::{self, Key, Shelf};
use crate::base::{Conversing, Stamp, Timestamp};
use crate::event::{Event, EventSink, Portion, Renderer, Rendering};
use crate::filter::{Column, Ends, Subject, Surroundings};

/// By which field, which way, and how many.
#[derive(Debug, Clone)]
pub struct Order {
    /// The field.
    pub column: Column,
    /// The smallest first.
    pub ascending: bool,
    /// Only the first ones.
    pub limit: Option<usize>,
    /// How connections end, where it is sorted by that.
    pub ends: Option<Arc<Ends>>,
}

impl Order {
    /// What a row of `subject` is sorted by.
    pub(super) fn key(&self, subject: &dyn Subject) -> Key {
        Key::of(self.column.get(subject, None))
    }
}

/// A sink that keeps the rows of another.
pub struct Sorted<S> {
    order: Order,
    inner: Option<S>,
    around: Surroundings,
    /// Rows with equal keys stay in the order of the capture.
    rows: Shelf<(Stamp, Conversing, u64)>,
}

impl<S: Renderer<Output = Vec<u8>>> Sorted<S> {
    /// Keeps what `inner` makes of messages.
    pub fn new(order: Order, inner: S) -> Self {
        Self {
            rows: Shelf::new(order.ascending, order.limit),
            around: Surroundings::knowing(order.ends.clone()),
            order,
            inner: Some(inner),
        }
    }

    fn render(&mut self, event: Event<'_>) -> Vec<u8> {
        let mut line = Vec::new();
        if let Some(inner) = self.inner.take() {
            let mut take = |portion: &mut Portion<Vec<u8>>| {
                line.append(&mut portion.rendered);
                true
            };
            let mut rendering = Rendering::new(inner, usize::MAX, &mut take);
            rendering.event(event);
            rendering.end_block();
            self.inner = Some(rendering.into_renderer());
        }
        line
    }
}

impl<S: Renderer<Output = Vec<u8>>> EventSink for Sorted<S> {
    fn begin(&mut self, start: Timestamp) {
        self.around.begin(start);
        if let Some(inner) = &mut self.inner {
            inner.begin(start);
        }
    }

    fn event(&mut self, event: Event<'_>) {
        self.around.follow(&event);
        match event {
            Event::Connection(_) | Event::End(_) => {
                self.render(event);
            }
            Event::Message(message) => {
                let subject = self.around.subject(message, false);
                let key = Key::of(self.order.column.get(&subject, message.units.first()));
                let place = (message.last, message.conversing, message.number);
                let line = self.render(event);
                self.rows.put(key, place, line);
            }
            _ => {}
        }
    }
}

/// Writes the rows of all workers in order. Where no scratch file could be written, `trouble` has the
/// folder and why.
///
/// # Errors
///
/// Where the scratch file cannot be read, or `out` fails.
pub fn write<S>(
    sinks: Vec<Sorted<S>>,
    out: &mut impl Write,
    trouble: &mut Option<String>,
) -> io::Result<()> {
    let mut rows = shelf::Sorted::of(sinks.into_iter().map(|sink| sink.rows));
    *trouble = rows.take_trouble();
    rows.write(out, |_, _| {})
}
