//! What the workers tell the index, in packet order.
//!
//! Job: render events as rows and items. Input: events, on the workers' threads. Output:
//! [`Batch`]es.

use std::collections::VecDeque;
use std::ops::Range;

use super::asked::{Asked, Asker};
use super::row::Row;
use crate::base::{Conversing, Timestamp};
use crate::check::Operations;
use crate::event::{
    ConnectionEnd, ConnectionInfo, Event, Outlet, Rendered, Renderer, TransportEnd, UnderTls,
};
use crate::finding::Finding;
use crate::stats::{Close, Word};
use crate::subprotocol::Recognised;

/// What is no row.
#[derive(Debug, Clone)]
pub enum Item {
    /// Time of the first packet.
    Start(Timestamp),
    /// A connection is known, or known better.
    Connection(Box<ConnectionInfo>),
    /// A finding on a connection.
    Finding(Conversing, Box<Finding>),
    /// One of the first messages, as another leg of its session says it, too.
    Word(Conversing, Word),
    /// A close frame went by.
    Close(Conversing, Box<Close>),
    /// A TLS connection ended, whether or not it could be read.
    Tls(Box<UnderTls>),
    /// A conversation's subprotocol is known.
    Recognised(Conversing, Recognised),
    /// A message is answered by a later one.
    Answer(Conversing, u64, u64),
    /// A connection ended.
    End(Box<ConnectionEnd>),
    /// The connection under several streams ended.
    Transport(Box<TransportEnd>),
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
    pub entries: VecDeque<Entry>,
    previews: Vec<u8>,
    /// Of what its items own, in bytes.
    owned: usize,
}

impl Batch {
    /// The preview of one of its rows.
    pub fn preview(&self, row: &Row) -> &[u8] {
        self.previews.get(row.preview()).unwrap_or_default()
    }

    /// Rows with their previews.
    #[cfg(test)]
    pub(super) fn of(rows: impl Iterator<Item = (Row, Vec<u8>)>) -> Self {
        let mut batch = Self::default();
        for (mut row, preview) in rows {
            row.set_preview(batch.previews.len());
            batch.previews.extend(preview);
            batch.entries.push_back(Entry::Row(row));
        }
        batch
    }

    /// The same in batches of one entry each.
    #[cfg(test)]
    pub fn pieces(mut self) -> Vec<Self> {
        let mut pieces = Vec::new();
        while !self.entries.is_empty() {
            let mut piece = Self::default();
            piece.append(&mut self, 0..1);
            pieces.push(piece);
        }
        pieces
    }

    fn item(&mut self, item: Item) {
        self.owned += match &item {
            Item::Close(_, close) => size_of::<Close>() + close.reason.len(),
            Item::Start(_) | Item::Recognised(..) | Item::Answer(..) | Item::Word(..) => 0,
            Item::Connection(_) | Item::Tls(_) => CONNECTION,
            Item::Finding(_, finding) => size_of::<Finding>() + finding.text.len(),
            Item::End(_) => size_of::<ConnectionEnd>(),
            Item::Transport(_) => size_of::<TransportEnd>(),
        };
        self.entries.push_back(Entry::Item(item));
    }
}

/// Bytes of a connection with its handshake, by and large.
const CONNECTION: usize = size_of::<ConnectionInfo>() + 2048;

impl Rendered for Batch {
    fn len(&self) -> usize {
        self.entries.len()
    }

    fn bytes(&self) -> usize {
        self.entries.len() * size_of::<Entry>() + self.previews.len() + self.owned
    }

    fn append(&mut self, from: &mut Self, part: Range<usize>) {
        for entry in from.entries.drain(..part.len().min(from.entries.len())) {
            match entry {
                Entry::Row(mut row) => {
                    let preview = from.previews.get(row.preview()).unwrap_or_default();
                    row.set_preview(self.previews.len());
                    self.previews.extend_from_slice(preview);
                    self.entries.push_back(Entry::Row(row));
                }
                Entry::Item(item) => self.item(item),
            }
        }
    }

    fn truncate(&mut self, len: usize) {
        self.entries.truncate(len);
        if len == 0 {
            self.previews.clear();
            self.owned = 0;
        }
    }
}

/// The sink of a worker.
#[derive(Default)]
pub(super) struct Teller {
    /// Told with the first event: what is rendered before it belongs to no step.
    start: Option<Timestamp>,
    /// Finds what no single frame shows.
    operations: Operations,
    /// Asks messages what is filtered by.
    asker: Asker,
}

impl Teller {
    /// A sink that asks messages what `asked` says, where it is a live capture.
    pub(super) fn new(asked: Option<Asked>) -> Self {
        Self {
            asker: Asker::new(asked),
            ..Self::default()
        }
    }

    /// What all of them found together, at the end.
    pub(super) fn conclude(tellers: Vec<Self>) -> Batch {
        let mut all = Operations::default();
        for teller in tellers {
            all.merge(teller.operations);
        }
        let mut batch = Batch::default();
        all.finish(&mut |number, finding| batch.item(Item::Finding(number, Box::new(finding))));
        batch
    }
}

impl Renderer for Teller {
    type Output = Batch;

    fn begin(&mut self, start: Timestamp) {
        self.start = Some(start);
        self.asker.begin(start);
    }

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Batch>) {
        if let Some(start) = self.start.take() {
            out.add(|batch| batch.item(Item::Start(start)));
        }
        self.asker.event(event);
        let filter = &mut self.asker;
        out.add(|batch| match event {
            Event::Message(message) => {
                let mut row = Row::of(message, &mut batch.previews);
                row.said = filter.ask(message);
                batch.entries.push_back(Entry::Row(row));
                if let Some(word) = Word::of(message) {
                    batch.item(Item::Word(message.conversing, word));
                }
                for asked in message.units.iter().flat_map(|unit| &unit.answers) {
                    let (asked, by) = (asked.message, message.number);
                    batch.item(Item::Answer(message.conversing, asked, by));
                }
                if let Some(close) = Close::of(message) {
                    batch.item(Item::Close(message.conversing, Box::new(close)));
                }
            }
            Event::Connection(info) => batch.item(Item::Connection(Box::new(info.clone()))),
            Event::Finding {
                conversing,
                finding,
            } => batch.item(Item::Finding(conversing, Box::new(finding.clone()))),
            Event::Tls(told) => batch.item(Item::Tls(Box::new(told.clone()))),
            Event::Recognised {
                conversing,
                recognised,
            } => batch.item(Item::Recognised(conversing, *recognised)),
            Event::Pending(_) => {}
            Event::End(end) => batch.item(Item::End(Box::new(*end))),
            Event::Transport(end) => batch.item(Item::Transport(Box::new(*end))),
        });
        self.operations.event(event, &mut |number, finding| {
            out.add(|batch| batch.item(Item::Finding(number, Box::new(finding))));
        });
    }
}
