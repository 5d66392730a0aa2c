//! Messages in the order of a field.
//!
//! Job: what `--sort` does to a list. Input: events. Output: the rows that another sink makes of
//! messages, in order.
//!
//! With a limit, no more rows are held than it lets through, twice over. Without one they go to a
//! scratch file, and only their keys are held.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::base::{Conversing, Stamp, Timestamp};
use crate::event::{Event, EventSink, Portion, Renderer, Rendering};
use crate::filter::{Column, Ends, Subject, Surroundings, Value};

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
    /// Which of two subjects comes first.
    pub fn compare(&self, one: &dyn Subject, other: &dyn Subject) -> Ordering {
        let key = |subject| Key::of(self.column.get(subject, None));
        key(one).compare(&key(other), self.ascending)
    }
}

/// What a row is sorted by; rows without the field come last.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Number(f64),
    Text(Arc<str>),
    Missing,
}

impl Key {
    fn of(value: Value<'_>) -> Self {
        match value {
            Value::Missing => Self::Missing,
            Value::Number(number) => Self::Number(number),
            Value::Truth(truth) => Self::Number(f64::from(u8::from(truth))),
            Value::Text(text) => Self::Text(text.into()),
        }
    }

    fn compare(&self, other: &Self, ascending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => return self.rank().cmp(&other.rank()),
        };
        if ascending { order } else { order.reverse() }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::Missing => 2,
        }
    }
}

/// Where a row's bytes are.
#[derive(Debug)]
enum Bytes {
    Here(Vec<u8>),
    /// At this offset of the scratch file, so many.
    There(u64, usize),
}

#[derive(Debug)]
struct Row {
    key: Key,
    /// Rows with equal keys stay in the order of the capture.
    place: (Stamp, Conversing, u64),
    bytes: Bytes,
}

impl Row {
    fn compare(&self, other: &Self, ascending: bool) -> Ordering {
        let keys = self.key.compare(&other.key, ascending);
        keys.then(self.place.cmp(&other.place))
    }
}

/// A sink that keeps the rows of another.
pub struct Sorted<S> {
    order: Order,
    inner: Option<S>,
    around: Surroundings,
    rows: Vec<Row>,
    scratch: Option<io::BufWriter<File>>,
    written: u64,
    failure: Option<io::Error>,
}

impl<S: Renderer<Output = Vec<u8>>> Sorted<S> {
    /// Keeps what `inner` makes of messages.
    pub fn new(order: Order, inner: S) -> Self {
        Self {
            around: Surroundings::knowing(order.ends.clone()),
            order,
            inner: Some(inner),
            rows: Vec::new(),
            scratch: None,
            written: 0,
            failure: None,
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

    fn keep(&mut self, bytes: Vec<u8>) -> io::Result<Bytes> {
        if self.order.limit.is_some() {
            return Ok(Bytes::Here(bytes));
        }
        let scratch = match &mut self.scratch {
            Some(scratch) => scratch,
            none => none.insert(io::BufWriter::new(tempfile::tempfile()?)),
        };
        scratch.write_all(&bytes)?;
        let at = self.written;
        self.written += bytes.len() as u64;
        Ok(Bytes::There(at, bytes.len()))
    }

    fn trim(&mut self) {
        if let Some(limit) = self.order.limit
            && self.rows.len() >= limit.saturating_mul(2).max(1024)
        {
            sort(&mut self.rows, self.order.ascending);
            self.rows.truncate(limit);
        }
    }
}

fn sort(rows: &mut [Row], ascending: bool) {
    rows.sort_unstable_by(|one, other| one.compare(other, ascending));
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
                match self.keep(line) {
                    Ok(bytes) => self.rows.push(Row { key, place, bytes }),
                    Err(error) => self.failure = Some(error),
                }
                self.trim();
            }
            _ => {}
        }
    }
}

/// Writes the rows of all workers in order, and returns how many there were.
///
/// # Errors
///
/// Where the scratch file or `out` fails.
pub fn write<S>(sinks: Vec<Sorted<S>>, out: &mut impl Write) -> io::Result<usize> {
    let (mut rows, mut files, mut order) = (Vec::new(), Vec::new(), None);
    for (index, sink) in sinks.into_iter().enumerate() {
        if let Some(error) = sink.failure {
            return Err(error);
        }
        rows.extend(sink.rows.into_iter().map(|row| (row, index)));
        let scratch = sink.scratch.map(io::BufWriter::into_inner).transpose();
        files.push(scratch.map_err(io::IntoInnerError::into_error)?);
        order = Some(sink.order);
    }
    let Some(order) = order else { return Ok(0) };
    rows.sort_unstable_by(|(one, _), (other, _)| one.compare(other, order.ascending));
    rows.truncate(order.limit.unwrap_or(usize::MAX));
    for (row, index) in &rows {
        match (&row.bytes, files.get_mut(*index).and_then(Option::as_mut)) {
            (Bytes::Here(bytes), _) => out.write_all(bytes)?,
            (Bytes::There(at, len), Some(file)) => {
                let mut bytes = vec![0; *len];
                file.seek(SeekFrom::Start(*at))?;
                file.read_exact(&mut bytes)?;
                out.write_all(&bytes)?;
            }
            (Bytes::There(..), None) => {}
        }
    }
    Ok(rows.len())
}
