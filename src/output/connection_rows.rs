//! Connections: what `wscope connections` prints.
//!
//! Job: render each connection when it ends, so that only open ones are held whole. Input: events.
//! Output: rows in the order of connections, or of a field.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use super::connections;
use super::fields::{Fields, OfSummary};
use super::shelf::{Key, Shelf, Sorted};
use super::sorted::Order;
use super::style::Style;
use crate::base::{Conversing, Timestamp};
use crate::event::{Event, EventSink, UnderTls};
use crate::filter::{Filter, OfConnection};
use crate::page::redact::Redact;
use crate::stats::{Carrying, SameAs, Summaries, Summary, Transport, same_sessions};

/// How rows look.
#[derive(Debug, Clone)]
pub enum Look {
    /// A few lines each.
    Text(Style),
    /// An object each.
    Json,
    /// These fields of connections, and nothing of what is below them.
    Fields(Fields),
}

impl Look {
    /// Says in a row that its connection is another leg of `first`, which only the end of a capture shows.
    fn same_as(&self, same: SameAs, row: &mut Vec<u8>) {
        let (said, behind) = match self {
            Self::Text(style) => (connections::same_as(same, *style), "\n"),
            Self::Json => {
                let (first, by) = (same.0, same.1.name());
                let stream = first.on_stream();
                let stream =
                    stream.map_or_else(String::new, |stream| format!(",\"same_stream\":{stream}"));
                let first = first.connection;
                let said = format!(",\"same_as\":{first}{stream},\"same_by\":\"{by}\"");
                (said, "}\n")
            }
            Self::Fields(_) => return,
        };
        if row.ends_with(behind.as_bytes()) {
            row.truncate(row.len() - behind.len());
            row.extend_from_slice(said.as_bytes());
            row.extend_from_slice(behind.as_bytes());
        }
    }
}

/// Which rows are wanted, and how they look.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// How they look.
    pub look: Look,
    /// How secrets are shown.
    pub redact: Redact,
    /// Only connections that it means, or that have a message that it means.
    pub filter: Option<Arc<Filter>>,
    /// Their order, where it is not that of the capture.
    pub order: Option<Order>,
    /// Only the first ones.
    pub limit: Option<usize>,
}

/// Where a row belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    conversing: Conversing,
    /// The filter means the connection, whatever messages it has.
    meant: bool,
}

/// One worker's rows.
#[derive(Debug)]
pub struct ConnectionRows {
    wanted: Wanted,
    open: Summaries,
    connections: Shelf<Place>,
    transports: Shelf<u64>,
    unread: Shelf<Conversing>,
    /// What connections are known by as legs of each other.
    legs: Vec<Carrying>,
}

impl ConnectionRows {
    /// No rows yet.
    pub fn new(wanted: &Wanted) -> Self {
        let ascending = wanted.order.as_ref().is_none_or(|order| order.ascending);
        // Only the end shows which connections have messages that match.
        let limit = wanted.limit.filter(|_| wanted.filter.is_none());
        Self {
            wanted: wanted.clone(),
            open: Summaries::default(),
            connections: Shelf::new(ascending, limit),
            transports: Shelf::new(true, None),
            unread: Shelf::new(true, None),
            legs: Vec::new(),
        }
    }

    /// The TCP connection has ended, with all its streams.
    fn ended(&mut self, number: u64) {
        let all = Conversing::from(number)..Conversing::from(number + 1);
        let all = self.open.connections.range(all);
        let all: Vec<_> = all.map(|(conversing, _)| *conversing).collect();
        for conversing in all {
            if let Some(summary) = self.open.connections.remove(&conversing) {
                self.connection(&summary);
            }
        }
        if let Some(transport) = self.open.transports.remove(&number) {
            self.transport(number, &transport);
        }
    }

    fn connection(&mut self, summary: &Summary) {
        let Wanted {
            look,
            redact,
            filter,
            order,
            ..
        } = &self.wanted;
        let subject = OfSummary {
            summary,
            start: self.open.start,
        };
        let has_rows = !matches!(look, Look::Fields(_));
        self.legs
            .extend(has_rows.then(|| summary.carrying()).flatten());
        let mut row = Vec::new();
        match look {
            Look::Text(style) => {
                let mut lines = String::new();
                connections::text(summary, *redact, *style, &mut lines);
                row = lines.into_bytes();
            }
            Look::Json => connections::json(summary, *redact, &mut row),
            Look::Fields(fields) => {
                fields.rows(&subject, &mut |cells| row.extend_from_slice(cells));
            }
        }
        let meant = |filter: &Arc<Filter>| {
            let connection = OfConnection::of(&summary.info).ended(summary.outcome.as_ref());
            filter.means_connection(&connection)
        };
        let place = Place {
            conversing: summary.conversing(),
            meant: filter.as_ref().is_none_or(meant),
        };
        let key = order
            .as_ref()
            .map_or(Key::Missing, |order| order.key(&subject));
        self.connections.put(key, place, row);
    }

    fn transport(&mut self, number: u64, transport: &Transport) {
        let row = self.row(
            |style, out| connections::transport(transport, style, out),
            |out| connections::transport_json(transport, out),
        );
        self.transports.put(Key::Missing, number, row);
    }

    fn unread(&mut self, unread: &UnderTls) {
        let row = self.row(
            |style, out| connections::unread(unread, style, out),
            |out| connections::unread_json(unread, out),
        );
        self.unread.put(Key::Missing, unread.conversing, row);
    }

    fn row(
        &self,
        text: impl FnOnce(Style, &mut String),
        json: impl FnOnce(&mut Vec<u8>),
    ) -> Vec<u8> {
        let (mut lines, mut row) = (String::new(), Vec::new());
        match &self.wanted.look {
            Look::Text(style) => text(*style, &mut lines),
            Look::Json => json(&mut row),
            Look::Fields(_) => {}
        }
        if row.is_empty() {
            row = lines.into_bytes();
        }
        row
    }

    /// The capture has ended: what nothing told the end of.
    fn finish(&mut self) {
        while let Some(conversing) = self.open.connections.keys().next() {
            self.ended(conversing.connection);
        }
        while let Some((number, transport)) = self.open.transports.pop_first() {
            self.transport(number, &transport);
        }
    }
}

impl EventSink for ConnectionRows {
    fn begin(&mut self, start: Timestamp) {
        self.open.begin(start);
    }

    fn event(&mut self, event: Event<'_>) {
        self.open.event(event);
        match event {
            // A stream has more to report when its connection ends.
            Event::End(end) if end.conversing.on_stream().is_none() => {
                self.ended(end.conversing.connection);
            }
            Event::Transport(end) => self.ended(end.flow.number),
            Event::Tls(told) => {
                if let Some(unread) = self.open.unread.remove(&told.conversing) {
                    self.unread(&unread);
                }
            }
            _ => {}
        }
    }
}

/// What came of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Connections that were written.
    pub connections: usize,
    /// Connections that there were.
    pub of: usize,
}

/// Writes the rows of all workers, where `meant` are the conversations that have messages which the
/// filter means. Where no scratch file could be written, `trouble` has the folder and why.
///
/// # Errors
///
/// Where a scratch file cannot be read, or `out` fails.
pub fn write(
    all: Vec<ConnectionRows>,
    wanted: &Wanted,
    meant: &BTreeSet<Conversing>,
    out: &mut impl Write,
    trouble: &mut Option<String>,
) -> io::Result<Written> {
    let (mut connections, mut transports, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    let mut legs = Vec::new();
    for mut rows in all {
        rows.finish();
        connections.push(rows.connections);
        transports.push(rows.transports);
        unread.push(rows.unread);
        legs.append(&mut rows.legs);
    }
    let mut connections = Sorted::of(connections);
    let mut transports = Sorted::of(transports);
    let mut unread = Sorted::of(unread);
    *trouble = (connections.take_trouble())
        .or_else(|| transports.take_trouble())
        .or_else(|| unread.take_trouble());
    let limit = wanted.limit.unwrap_or(usize::MAX);
    let of = connections.len();
    if wanted.filter.is_some() {
        connections.retain(|place| place.meant || meant.contains(&place.conversing));
        unread.truncate(0);
    }
    connections.truncate(limit);
    unread.truncate(limit - connections.len());
    if transports.len() > 0 {
        let places = connections.places();
        let carried: BTreeSet<_> = places.map(|place| place.conversing.connection).collect();
        transports.retain(|number| carried.contains(number));
    }
    let written = Written {
        connections: connections.len(),
        of,
    };
    if let Look::Fields(fields) = &wanted.look {
        out.write_all(fields.head().as_bytes())?;
    }
    let same = same_sessions(legs);
    connections.write(out, |place, row| {
        if let Some(first) = same.get(&place.conversing) {
            wanted.look.same_as(*first, row);
        }
    })?;
    transports.write(out, |_, _| {})?;
    unread.write(out, |_, _| {})?;
    out.flush()?;
    Ok(written)
}
