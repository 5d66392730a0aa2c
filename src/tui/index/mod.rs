//! The index: all that is held of a capture.
//!
//! Job: a row of fixed size for each message, each connection's handshake and totals, findings;
//! no payloads. Input: [`Batch`]es of the loader. Output: rows and totals to draw, sort, filter.

mod asked;
mod connection;
#[cfg(feature = "live")]
mod listen;
mod load;
mod piped;
mod rates;
mod record;
mod row;
mod search;
mod series;
mod study;

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

use std::collections::{HashMap, VecDeque};

use crate::base::{Conversing, PerPeer, Timestamp};
use crate::event::{ConnectionInfo, UnderTls};
use crate::filter::Ends;
use crate::finding::{Code, Finding, Severity};
use crate::stats::same_sessions;
use crate::tls;

/// Rows of a chunk: growing never copies more than one.
const CHUNK: usize = 1 << 14;

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

/// Rows with the bytes of their previews.
#[derive(Debug, Default)]
struct Chunk {
    rows: Vec<Row>,
    previews: Vec<u8>,
}

/// All that is held of a capture.
#[derive(Debug, Default)]
pub struct Index {
    chunks: VecDeque<Chunk>,
    /// Rows that came, those included that are gone.
    len: usize,
    /// Rows that are gone, the oldest ones.
    first: usize,
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
        while self.bound > 0 && self.bytes() > self.bound && self.chunks.len() > 1 {
            self.forget();
        }
    }

    /// Bytes of rows and their previews.
    fn bytes(&self) -> usize {
        let previews = self.chunks.iter().map(|chunk| chunk.previews.capacity());
        self.chunks.len() * CHUNK * (size_of::<Row>() + size_of::<u32>()) + previews.sum::<usize>()
    }

    /// Lets the oldest rows go.
    fn forget(&mut self) {
        let Some(chunk) = self.chunks.pop_front() else {
            return;
        };
        self.first += chunk.rows.len();
        let first = u32::try_from(self.first).unwrap_or(u32::MAX);
        let rows = chunk.rows.iter();
        let mut touched: Vec<_> = rows.flat_map(|row| bearing(row.conversing())).collect();
        touched.sort_unstable();
        touched.dedup();
        for number in touched {
            if let Some(connection) = self.connection_mut(number) {
                connection.forget_before(first);
            }
        }
    }

    /// The place of the oldest row that is kept: so many are gone.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Rows that are kept.
    pub fn kept(&self) -> usize {
        self.len - self.first
    }

    /// The chunk of a place, and where in it.
    fn within(&self, place: usize) -> Option<(&Chunk, usize)> {
        let at = place.checked_sub(self.first)?;
        Some((self.chunks.get(at / CHUNK)?, at % CHUNK))
    }

    /// The place of the message that a packet completed, from that sender and of that length, where
    /// numbers say nothing.
    pub fn find_by_packet(&self, found: &Found) -> Option<usize> {
        let (mut low, mut high) = (self.first, self.len);
        while low < high {
            let middle = low.midpoint(high);
            let packet = self.get(middle).map_or(0, |row| row.last_packet);
            if packet < found.packet {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..self.len)
            .map_while(|place| Some((place, self.get(place)?)))
            .take_while(|(_, row)| row.last_packet == found.packet)
            .find(|(_, row)| row.from == found.from && row.wire == found.wire)
            .map(|(place, _)| place)
    }

    fn row(&mut self, mut row: Row, preview: &[u8]) {
        let Ok(place) = u32::try_from(self.len) else {
            return;
        };
        if self.chunks.back().is_none_or(|c| c.rows.len() >= CHUNK) {
            self.chunks.push_back(Chunk {
                rows: Vec::with_capacity(CHUNK),
                previews: Vec::new(),
            });
        }
        let Some(chunk) = self.chunks.back_mut() else {
            return;
        };
        row.preview_start = u32::try_from(chunk.previews.len()).unwrap_or(u32::MAX);
        chunk.previews.extend_from_slice(preview);
        for number in bearing(row.conversing()) {
            let known = self.places.get(&number);
            if let Some(connection) = known.and_then(|at| self.connections.get_mut(*at)) {
                connection.rows.push(place);
                connection.summary.message(&row.facts());
            }
        }
        self.series.add(&row);
        self.rates.add(&row);
        self.sizes.add(&row);
        chunk.rows.push(row);
        self.len += 1;
        if chunk.rows.len() == CHUNK {
            chunk.previews.shrink_to_fit();
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Start(start) => {
                self.start = Some(self.start.map_or(*start, |before| before.min(*start)));
            }
            Item::Word(number, word) => {
                self.unpaired = true;
                if let Some(connection) = self.connection_mut(*number) {
                    connection.summary.said.add(*word);
                }
            }
            Item::Connection(info) => {
                self.unpaired = true;
                self.has_processes |= info.processes != PerPeer::default();
                let number = info.conversing;
                if let Some(connection) = self.connection_mut(number) {
                    connection.summary.info = (**info).clone();
                } else {
                    if number.on_stream().is_some() {
                        self.stream(info);
                    }
                    self.list(Connection::new((**info).clone()));
                }
            }
            Item::Tls(told) => self.tls(told),
            Item::Finding(number, finding) => self.finding(*number, finding),
            Item::End(end) => {
                self.unpaired = true;
                if let Some(connection) = self.connection_mut(end.conversing) {
                    connection.summary.end(end);
                    connection.end = Some(**end);
                }
            }
            Item::Transport(end) => {
                if let Some(connection) = self.connection_mut(end.flow.number.into()) {
                    connection.transport_ended(end);
                }
            }
            Item::Recognised(number, recognised) => {
                if let Some(connection) = self.connection_mut(*number) {
                    connection.summary.recognised = Some(*recognised);
                }
            }
            Item::Answer(number, asked, by) => {
                if self.answers.len() < ANSWERS {
                    self.answers.entry((*number, *asked)).or_insert(*by);
                }
            }
            Item::Close(number, close) => {
                if let Some(connection) = self.connection_mut(*number) {
                    connection.summary.close((**close).clone());
                }
            }
        }
    }

    fn list(&mut self, connection: Connection) {
        let number = connection.conversing();
        self.widest = self.widest.max(number.to_string().len());
        self.places.insert(number, self.connections.len());
        self.connections.push(connection);
    }

    /// A stream is listed next: so is the connection under it, from the first one on.
    fn stream(&mut self, info: &ConnectionInfo) {
        let under = info.conversing.connection.into();
        if !self.places.contains_key(&under) {
            self.list(Connection::under(info));
        }
        let place = self.connections.len();
        if let Some(connection) = self.connection_mut(under) {
            let is_first = !connection.is_transport();
            connection.streams.push(place);
            self.transports += usize::from(is_first);
        }
    }

    /// A TLS connection is listed by itself where nothing that it carries is.
    fn tls(&mut self, told: &UnderTls) {
        let number = told.conversing;
        let Some(connection) = self.connection_mut(number) else {
            if told.facts.status != tls::Status::Read && !told.told {
                self.list(Connection::unread(told));
            }
            return;
        };
        let facts = Some(Box::new(told.facts.clone()));
        connection.summary.info.tls.clone_from(&facts);
        for place in connection.streams.clone() {
            if let Some(stream) = self.connections.get_mut(place) {
                stream.summary.info.tls.clone_from(&facts);
            }
        }
    }

    fn finding(&mut self, number: Conversing, finding: &Finding) {
        let severity = finding.code.severity();
        *self.by_code.entry(finding.code).or_default() += 1;
        for number in bearing(number) {
            if let Some(connection) = self.connection_mut(number) {
                connection.summary.finding(severity);
            }
        }
        let place = finding.message.and_then(|n| self.find(number, n));
        if let Some(at) = place.and_then(|place| place.checked_sub(self.first)) {
            let chunk = self.chunks.get_mut(at / CHUNK);
            if let Some(row) = chunk.and_then(|chunk| chunk.rows.get_mut(at % CHUNK)) {
                row.finding = row.finding.max(Some(severity));
            }
        }
        if self.findings.len() < FINDINGS {
            self.findings.push((number, finding.clone()));
        } else {
            self.unlisted += 1;
        }
    }

    /// The first message that answers one.
    pub fn answer(&self, connection: Conversing, message: u64) -> Option<u64> {
        self.answers.get(&(connection, message)).copied()
    }

    /// Takes findings that another run made.
    pub fn add(&mut self, found: &[(Conversing, Finding)]) {
        for (number, finding) in found {
            self.finding(*number, finding);
        }
    }

    fn connection_mut(&mut self, number: Conversing) -> Option<&mut Connection> {
        let place = self.places.get(&number)?;
        self.connections.get_mut(*place)
    }

    /// Messages, those included that are gone: the place after the last one.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row at a place.
    pub fn get(&self, place: usize) -> Option<&Row> {
        let (chunk, at) = self.within(place)?;
        chunk.rows.get(at)
    }

    /// The preview of the row at a place.
    pub fn preview(&self, place: usize) -> &[u8] {
        let preview = || {
            let (chunk, at) = self.within(place)?;
            let row = chunk.rows.get(at)?;
            let start = usize::try_from(row.preview_start).ok()?;
            chunk
                .previews
                .get(start..start.checked_add(usize::from(row.preview_len))?)
        };
        preview().unwrap_or_default()
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
        self.paired = self.len;
        let legs: Vec<_> = self.websockets().filter_map(|one| one.carrying()).collect();
        let same = same_sessions(legs);
        for connection in &mut self.connections {
            connection.summary.same_as = same.get(&connection.conversing()).copied();
        }
    }

    /// The same while more comes, from so many messages on: where something came that may show legs, and where that
    /// takes no time that could be felt.
    pub fn pair_early(&mut self, messages: usize) {
        if self.unpaired && self.len >= messages && self.connections.len() <= PAIRED {
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
