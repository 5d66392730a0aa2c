//! The index: all that is held of a capture.
//!
//! Job: a row of fixed size for each message, each connection's handshake and totals, findings;
//! no payloads. Input: [`Batch`]es of the loader. Output: rows and totals to draw, sort, filter.

mod again;
mod asked;
mod connection;
mod items;
#[cfg(feature = "live")]
mod listen;
mod load;
mod piped;
mod rates;
mod record;
mod row;
mod rows;
mod search;
mod series;
mod study;
#[cfg(test)]
pub(super) mod testing;

pub use again::Again;
pub use asked::Asked;
pub use connection::Connection;
#[cfg(feature = "live")]
pub use listen::Renew;
pub use load::{Loaded, Loader};
pub use piped::{Came, Fresh, Piped};
pub use rates::Rates;
pub use record::{Batch, Entry, Item};
pub use row::Row;
pub use search::{Found, Search, matching, write_matching};
pub use series::{Series, Sizes, Step};
pub use study::{Answer, Study};

use std::collections::HashMap;

use crate::base::{Conversing, Timestamp};
use crate::filter::Ends;
use crate::finding::{Code, Finding, Severity};
use crate::stats::same_sessions;
use rows::Rows;

/// Findings that are listed; the others are counted.
const FINDINGS: usize = 100_000;

/// Connections among which legs are looked for while more comes.
const PAIRED: usize = 1000;

/// Messages of which it is kept which one answers them.
const ANSWERS: usize = 1 << 20;

/// What is listed with a conversation in it: itself, and the connection under a stream.
fn bearing(conversing: Conversing) -> impl Iterator<Item = Conversing> {
    let under = conversing.on_stream().map(|_| conversing.connection.into());
    std::iter::once(conversing).chain(under)
}

/// All that is held of a capture.
#[derive(Debug, Default)]
pub struct Index {
    rows: Rows,
    /// Bytes that rows may take; 0 for any number.
    pub bound: usize,
    connections: Vec<Connection>,
    /// Connections of HTTP/2 among them.
    pub transports: usize,
    /// Characters of the longest of their numbers, streams included.
    pub widest: usize,
    /// Something came since legs were looked for that may show some.
    unpaired: bool,
    /// Messages that there were then.
    paired: usize,
    /// The process of some connection's end is known.
    pub has_processes: bool,
    places: HashMap<Conversing, usize, foldhash::fast::RandomState>,
    /// Findings with their conversations.
    pub findings: Vec<(Conversing, Finding)>,
    /// Findings that are counted and not listed.
    pub unlisted: u64,
    /// Findings by code.
    pub by_code: HashMap<Code, u64, foldhash::fast::RandomState>,
    /// Which message answers one.
    answers: HashMap<(Conversing, u64), u64, foldhash::fast::RandomState>,
    /// Time of the first packet.
    pub start: Option<Timestamp>,
    /// Bytes over time.
    pub series: Series,
    /// The last seconds.
    pub rates: Rates,
    /// Sizes of messages.
    pub sizes: Sizes,
}

impl Index {
    /// Takes what the loader read.
    pub fn take(&mut self, batch: &Batch) {
        for entry in &batch.entries {
            match entry {
                Entry::Row(row) => self.row(*row, batch.preview(row)),
                Entry::Item(item) => self.item(item),
            }
        }
        while self.bound > 0 && self.bytes() > self.bound && self.forget() {}
    }

    /// Bytes that rows take, on disk and in memory.
    fn bytes(&self) -> usize {
        self.rows.bytes() + self.kept() * size_of::<u32>()
    }

    /// Lets the oldest rows go, if there are others; whether there were.
    fn forget(&mut self) -> bool {
        let Some(rows) = self.rows.forget() else {
            return false;
        };
        let first = u32::try_from(self.rows.first()).unwrap_or(u32::MAX);
        if rows.iter().any(Option::is_none) {
            for connection in &mut self.connections {
                connection.forget_before(first);
            }
            return true;
        }
        let rows = rows.iter().flatten();
        let mut touched: Vec<_> = rows.flat_map(|row| bearing(row.conversing())).collect();
        touched.sort_unstable();
        touched.dedup();
        for number in touched {
            if let Some(connection) = self.connection_mut(number) {
                connection.forget_before(first);
            }
        }
        true
    }

    /// The place of the oldest row that is kept: so many are gone.
    pub fn first(&self) -> usize {
        self.rows.first()
    }

    /// Rows that are kept.
    pub fn kept(&self) -> usize {
        self.rows.len() - self.rows.first()
    }

    /// The place of the message that a packet completed, from that sender and of that length, where
    /// numbers say nothing.
    pub fn find_by_packet(&self, found: &Found) -> Option<usize> {
        let (mut low, mut high) = (self.first(), self.len());
        while low < high {
            let middle = low.midpoint(high);
            let packet = self.get(middle).map_or(0, |row| row.last_packet);
            if packet < found.packet {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..self.len())
            .map_while(|place| Some((place, self.get(place)?)))
            .take_while(|(_, row)| row.last_packet == found.packet)
            .find(|(_, row)| row.from == found.from && row.wire == found.wire)
            .map(|(place, _)| place)
    }

    /// The place of the first message that was completed by that packet or a later one.
    pub fn at_packet(&self, packet: u64) -> Option<usize> {
        self.rows.at_packet(packet)
    }

    fn row(&mut self, row: Row, preview: &[u8]) {
        let Ok(place) = u32::try_from(self.len()) else {
            return;
        };
        for number in bearing(row.conversing()) {
            let known = self.places.get(&number);
            if let Some(connection) = known.and_then(|at| self.connections.get_mut(*at)) {
                connection.rows.push_back(place);
                connection.summary.message(&row.facts());
            }
        }
        self.series.add(&row);
        self.rates.add(&row);
        self.sizes.add(&row);
        self.rows.push(row, preview, self.bound);
    }

    /// The first message that answers one.
    pub fn answer(&self, connection: Conversing, message: u64) -> Option<u64> {
        self.answers.get(&(connection, message)).copied()
    }

    fn connection_mut(&mut self, number: Conversing) -> Option<&mut Connection> {
        let place = self.places.get(&number)?;
        self.connections.get_mut(*place)
    }

    /// Messages, those included that are gone: the place after the last one.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a place.
    pub fn get(&self, place: usize) -> Option<Row> {
        self.rows.get(place)
    }

    /// The preview of the row at a place.
    pub fn preview(&self, place: usize) -> Vec<u8> {
        self.rows.preview(place).unwrap_or_default()
    }

    /// Why rows could not be put on disk or read from there, once.
    pub fn take_trouble(&mut self) -> Option<String> {
        self.rows.take_trouble()
    }

    /// All connections, in the order they became known; connections of HTTP/2 before their streams.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// The WebSocket connections, and upgrades that were refused.
    pub fn websockets(&self) -> impl Iterator<Item = &Connection> {
        let all = self.connections.iter();
        all.filter(|one| !one.is_unread && !one.is_transport())
    }

    /// How they ended, as far as that was reported.
    pub fn ends(&self) -> Ends {
        let mut ends = Ends::default();
        for one in &self.connections {
            if let Some(outcome) = &one.outcome {
                ends.insert(one.conversing(), outcome);
            }
        }
        ends
    }

    /// Finds legs of the same session, of those that are known by now.
    pub fn pair(&mut self) {
        self.unpaired = false;
        self.paired = self.len();
        let legs: Vec<_> = self.websockets().filter_map(|one| one.carrying()).collect();
        let same = same_sessions(legs);
        for connection in &mut self.connections {
            connection.summary.same_as = same.get(&connection.conversing()).copied();
        }
    }

    /// The same while more comes, from so many messages on: where something came that may show legs, and where that
    /// takes no time that could be felt.
    pub fn pair_early(&mut self, messages: usize) {
        if self.unpaired && self.len() >= messages && self.connections.len() <= PAIRED {
            self.pair();
        }
    }

    /// Messages that there were when legs were looked for last.
    pub fn paired(&self) -> usize {
        self.paired
    }

    /// The connection of that number.
    pub fn connection(&self, number: Conversing) -> Option<&Connection> {
        self.connections.get(*self.places.get(&number)?)
    }

    /// The place of a message.
    pub fn find(&self, connection: Conversing, message: u64) -> Option<usize> {
        let mut connection = self.connection(connection)?;
        // Messages are numbered on each stream: a number alone names one where there is one stream.
        match connection.streams.as_slice() {
            [] => {}
            [only] => connection = self.connections.get(*only)?,
            _ => return None,
        }
        let nth = message.checked_sub(1)?.checked_sub(connection.gone)?;
        let nth = usize::try_from(nth).ok()?;
        connection
            .rows
            .get(nth)
            .and_then(|place| usize::try_from(*place).ok())
    }

    /// Findings in all.
    pub fn finding_count(&self, severity: Severity) -> u64 {
        self.by_code
            .iter()
            .filter(|(code, _)| code.severity() == severity)
            .map(|(_, count)| count)
            .sum()
    }
}
