//! What the workers tell the index, in packet order.
//!
//! Job: carry rows and items through the pipeline's merge, which orders bytes. Input: events, on
//! the workers' threads. Output: [`Batch`]es.
//!
//! A worker renders each event as a byte that names the worker, and queues the event itself; the
//! merged bytes then say from which queue the next one is to be taken.

use std::io;

use crossbeam_channel::{Receiver, Sender};

use super::row::Row;
use crate::base::Timestamp;
use crate::check::Operations;
use crate::event::{ConnectionEnd, ConnectionInfo, Event, EventSink};
use crate::finding::Finding;

/// Entries in a batch, more or less.
const BATCH: usize = 2048;

/// What is no row.
#[derive(Debug, Clone)]
pub enum Item {
    /// Time of the first packet.
    Start(Timestamp),
    /// A connection is known, or known better.
    Connection(Box<ConnectionInfo>),
    /// A finding on a connection.
    Finding(u64, Box<Finding>),
    /// A connection ended.
    End(Box<ConnectionEnd>),
}

/// A row or an item.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A message.
    Row(Row),
    /// Something else.
    Item(Item),
}

/// Entries in order, with the previews of their rows.
#[derive(Debug, Default)]
pub struct Batch {
    /// In packet order.
    pub entries: Vec<Entry>,
    previews: Vec<u8>,
}

impl Batch {
    /// The preview of one of its rows.
    pub fn preview(&self, row: &Row) -> &[u8] {
        let start = usize::try_from(row.preview_start).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::from(row.preview_len));
        self.previews.get(start..end).unwrap_or_default()
    }

    fn push(&mut self, told: Told) {
        self.entries.push(match told {
            Told::Row(mut row, preview) => {
                row.preview_start = u32::try_from(self.previews.len()).unwrap_or(u32::MAX);
                self.previews.extend_from_slice(&preview);
                Entry::Row(row)
            }
            Told::Item(item) => Entry::Item(item),
        });
    }
}

/// An event on its way.
#[derive(Debug)]
pub(super) enum Told {
    Row(Row, Vec<u8>),
    Item(Item),
}

/// The sink of a worker.
pub(super) struct Teller {
    mark: u8,
    queue: Sender<Told>,
    marks: Vec<u8>,
    /// Told with the first event: what is rendered before it belongs to no step.
    start: Option<Timestamp>,
    /// Finds what no single frame shows.
    operations: Operations,
}

impl Teller {
    pub(super) fn new(mark: u8, queue: Sender<Told>) -> Self {
        Self {
            mark,
            queue,
            marks: Vec::new(),
            start: None,
            operations: Operations::default(),
        }
    }

    /// What all of them found together, at the end.
    pub(super) fn conclude(tellers: Vec<Self>) -> Vec<Item> {
        let mut all = Operations::default();
        for teller in tellers {
            all.merge(teller.operations);
        }
        let mut items = Vec::new();
        all.finish(&mut |number, finding| items.push(Item::Finding(number, Box::new(finding))));
        items
    }

    fn tell(&mut self, told: Told) {
        // Where nobody takes it any more, the run is being cancelled.
        if self.queue.send(told).is_ok() {
            self.marks.push(self.mark);
        }
    }
}

impl EventSink for Teller {
    fn begin(&mut self, start: Timestamp) {
        self.start = Some(start);
    }

    fn event(&mut self, event: Event<'_>) {
        if let Some(start) = self.start.take() {
            self.tell(Told::Item(Item::Start(start)));
        }
        let mut found = Vec::new();
        self.operations
            .event(event, &mut |number, finding| found.push((number, finding)));
        self.tell(match event {
            Event::Message(message) => {
                let mut preview = Vec::new();
                let row = Row::of(message, &mut preview);
                Told::Row(row, preview)
            }
            Event::Connection(info) => Told::Item(Item::Connection(Box::new(info.clone()))),
            Event::Finding {
                connection,
                finding,
            } => Told::Item(Item::Finding(connection, Box::new(finding.clone()))),
            Event::End(end) => Told::Item(Item::End(Box::new(*end))),
        });
        for (number, finding) in found {
            self.tell(Told::Item(Item::Finding(number, Box::new(finding))));
        }
    }

    fn rendered(&mut self) -> Option<&mut Vec<u8>> {
        Some(&mut self.marks)
    }
}

/// Takes the merged marks and sends batches on.
pub(super) struct Gather {
    queues: Vec<Receiver<Told>>,
    batch: Batch,
    to: Sender<Batch>,
}

impl Gather {
    pub(super) fn new(queues: Vec<Receiver<Told>>, to: Sender<Batch>) -> Self {
        Self {
            queues,
            batch: Batch::default(),
            to,
        }
    }

    /// Sends what is left, and these.
    pub(super) fn finish(mut self, items: Vec<Item>) {
        for item in items {
            self.batch.push(Told::Item(item));
        }
        // Where nobody takes it any more, the run was cancelled.
        let _ = self.send();
    }

    fn send(&mut self) -> io::Result<()> {
        if self.batch.entries.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.to
            .send(batch)
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl io::Write for Gather {
    fn write(&mut self, marks: &[u8]) -> io::Result<usize> {
        for mark in marks {
            // A worker queues before it marks.
            if let Some(told) = self
                .queues
                .get(usize::from(*mark))
                .and_then(|queue| queue.try_recv().ok())
            {
                self.batch.push(told);
            }
        }
        if self.batch.entries.len() >= BATCH || self.to.is_empty() {
            self.send()?;
        }
        Ok(marks.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
