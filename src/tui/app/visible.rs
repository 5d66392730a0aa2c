//! Which messages are listed.
//!
//! Job: connection, control frames, filter and order made into a list of places, a bounded piece
//! at a time, so that keys are answered in between. Input: the index, answers of a search.
//! Output: places of rows.

use crate::base::{Conversing, PerPeer};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::columns::MessageColumn;
use super::table::{Table, directed};
use crate::filter::{End, Filter, OfConnection, OfMessage};
use crate::stats::Traffic;
use crate::tui::index::{Connection, Found, Index, Row, Series, Sizes};

/// Rows that are looked at in one go.
pub const STEP: usize = 25_000;

/// Rows that are sorted: more would be felt.
pub const SORTABLE: usize = 1_000_000;

/// Which rows match a filter.
#[derive(Debug, Clone)]
pub struct Matches {
    /// The filter.
    pub filter: Arc<Filter>,
    bits: Vec<u64>,
    /// Rows that have an answer.
    pub answered: usize,
    /// Of these, matching.
    pub count: usize,
    /// Matching messages by connection.
    pub by_connection: HashMap<Conversing, u64, foldhash::fast::RandomState>,
    /// Found by a search, and not in the index yet.
    found: VecDeque<Found>,
    /// The search has found all it will.
    pub ended: bool,
    /// Why that is not everything.
    pub failed: Option<String>,
    /// The number by which rows name this filter.
    pub number: u32,
    /// Messages go on to come, and old ones go.
    pub is_live: bool,
    /// What matching messages of each connection come to.
    pub traffic: HashMap<Conversing, PerPeer<Traffic>, foldhash::fast::RandomState>,
    /// The same over time.
    pub series: Series,
    /// The same by size.
    pub sizes: Sizes,
}

impl Matches {
    /// No answers yet.
    pub fn new(filter: Arc<Filter>) -> Self {
        Self {
            filter,
            bits: Vec::new(),
            answered: 0,
            count: 0,
            by_connection: HashMap::default(),
            found: VecDeque::new(),
            ended: false,
            failed: None,
            number: 0,
            is_live: false,
            traffic: HashMap::default(),
            series: Series::default(),
            sizes: Sizes::default(),
        }
    }

    /// Whether a connection is listed: one of its messages matches, or itself.
    pub fn means(&self, connection: &Connection) -> bool {
        self.by_connection.contains_key(&connection.conversing())
            || !connection.is_unread
                && self.filter.means_connection(
                    &OfConnection::of(&connection.info).ended(connection.outcome.as_ref()),
                )
    }

    /// Takes what a search found.
    pub fn take(&mut self, found: impl IntoIterator<Item = Found>) {
        self.found.extend(found);
    }

    /// Whether the row at a place matches.
    pub fn get(&self, place: usize) -> bool {
        let word = self.bits.get(place / 64).copied().unwrap_or(0);
        word >> (place % 64) & 1 == 1
    }

    /// Marks a row as matching.
    fn mark(&mut self, place: usize, row: &Row) {
        let word = place / 64;
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        if self.get(place) {
            return;
        }
        if let Some(word) = self.bits.get_mut(word) {
            *word |= 1 << (place % 64);
        }
        self.count += 1;
        let facts = row.facts();
        *self.by_connection.entry(facts.conversing).or_default() += 1;
        let traffic = self.traffic.entry(facts.conversing).or_default();
        traffic[facts.from].message(&facts);
        self.series.add(row);
        self.sizes.add(row);
    }

    /// Takes more answers; whether there is more to do. `whole`: the index grows no more.
    pub fn step(&mut self, index: &Index, whole: bool) -> bool {
        self.answered = self.answered.max(index.first());
        if self.filter.needs_payload() {
            self.step_found(index, whole)
        } else {
            self.step_rows(index, whole)
        }
    }

    /// Answers that a search found, and those that rows brought with them.
    fn step_found(&mut self, index: &Index, whole: bool) -> bool {
        let len = index.len().saturating_sub(usize::from(!whole));
        let mut left = STEP;
        while left > 0 {
            left -= 1;
            let next = self.found.front().map(|found| match found.numbers {
                Some((connection, message)) => index.find(connection, message),
                None => index.find_by_packet(found),
            });
            let to = match next {
                Some(Some(place)) => place,
                // It is gone, or a replay told it otherwise.
                Some(None) if whole || self.is_live => {
                    self.found.pop_front();
                    continue;
                }
                None if self.ended => len,
                Some(None) | None => return true,
            };
            if !self.rows_before(to.min(len), index, &mut left) {
                return true;
            }
            if next.is_none() {
                return false;
            }
            if let Some(row) = index.get(to) {
                self.mark(to, &row);
                self.answered = self.answered.max(to + 1);
            }
            self.found.pop_front();
        }
        true
    }

    /// Rows that were asked when they came; older ones that the search has passed do not match. Whether these
    /// were not more than there is time `left` for.
    fn rows_before(&mut self, end: usize, index: &Index, left: &mut usize) -> bool {
        if !self.is_live {
            // Nobody asked them.
            self.answered = self.answered.max(end);
        }
        while self.answered < end {
            if *left == 0 {
                return false;
            }
            *left -= 1;
            if let Some(row) = index.get(self.answered)
                && row.said.is_of(self.number)
                && row.said.matches(row.finding.is_some())
            {
                self.mark(self.answered, &row);
            }
            self.answered += 1;
        }
        true
    }

    fn step_rows(&mut self, index: &Index, whole: bool) -> bool {
        let start = index.start.unwrap_or_default();
        // Findings come right behind their message.
        let len = index.len().saturating_sub(usize::from(!whole));
        for _ in 0..STEP {
            if self.answered >= len {
                return false;
            }
            let Some(row) = index.get(self.answered) else {
                // It cannot be read.
                self.answered += 1;
                continue;
            };
            let number = row.conversing();
            let connection = index.connection(number);
            let outcome = connection.and_then(|one| one.outcome.as_ref());
            let subject = OfMessage {
                facts: row.facts(),
                message: None,
                connection: connection.map(|one| &one.info),
                end: outcome.map(End::from),
                start,
                finding: row.finding.is_some(),
            };
            if self.filter.matches(&subject) {
                self.mark(self.answered, &row);
            }
            self.answered += 1;
        }
        self.answered < len
    }
}

/// The list of messages.
#[derive(Debug, Clone)]
pub struct Visible {
    /// Only this connection.
    pub scope: Option<Conversing>,
    /// Control frames are listed.
    pub control: bool,
    /// Rows that do not match are listed, too.
    pub marking: bool,
    /// Its selected line, order and columns.
    pub table: Table<MessageColumn>,
    places: Vec<u32>,
    scanned: usize,
    /// The order, where it is another one than that of time: what rows are sorted by, and their places.
    order: Vec<(u64, u32)>,
    /// More is to be looked at.
    is_behind: bool,
    /// The first row that was kept when it was looked at last.
    forgotten: u32,
}

impl Default for Visible {
    fn default() -> Self {
        Self {
            scope: None,
            control: true,
            marking: false,
            table: Table::new(MessageColumn::Time),
            places: Vec::new(),
            scanned: 0,
            order: Vec::new(),
            is_behind: false,
            forgotten: 0,
        }
    }
}

impl Visible {
    /// Begins anew, after what is listed has changed.
    pub fn reset(&mut self) {
        self.places = Vec::new();
        self.scanned = 0;
        self.order = Vec::new();
    }

    /// Sorts anew, after what rows are sorted by may have changed.
    pub fn reorder(&mut self) {
        if self.table.sort.0 == MessageColumn::Flags {
            self.order.clear();
        }
    }

    /// Whether there is more to look at.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Whether every row of the index is listed as it stands.
    fn is_all(&self, matches: Option<&Matches>) -> bool {
        self.scope.is_none()
            && self.control
            && (matches.is_none() || self.marking)
            && self.table.sort == (MessageColumn::Time, false)
    }

    /// Rows in the list.
    pub fn len(&self, index: &Index, matches: Option<&Matches>) -> usize {
        if self.is_all(matches) {
            index.kept()
        } else {
            self.places.len()
        }
    }

    /// The place of a line of the list.
    pub fn get(&self, line: usize, index: &Index, matches: Option<&Matches>) -> Option<usize> {
        if self.is_all(matches) {
            (line < index.kept()).then_some(index.first() + line)
        } else {
            let place = self.places.get(line)?;
            usize::try_from(*place).ok()
        }
    }

    /// The line of a place, or of the next one behind it.
    pub fn line_of(&self, place: usize, index: &Index, matches: Option<&Matches>) -> usize {
        if self.is_all(matches) {
            let line = place.saturating_sub(index.first());
            line.min(index.kept().saturating_sub(1))
        } else if self.table.sort == (MessageColumn::Time, false) {
            self.places.partition_point(|at| (*at as usize) < place)
        } else {
            let found = self.places.iter().position(|at| *at as usize == place);
            found.unwrap_or(0)
        }
    }

    /// Looks at more rows; whether there is more to do at once.
    pub fn step(&mut self, index: &Index, matches: Option<&Matches>) -> bool {
        self.is_behind = false;
        if self.is_all(matches) {
            return false;
        }
        self.forget(index);
        let filter = matches.filter(|_| !self.marking);
        let scope = self.scope.map(|scope| index.connection(scope));
        // Places of the list, or of the connection's messages, those that are gone included.
        let (first, len) = match scope {
            Some(one) => one.map_or((0, 0), |one| (one.gone, one.last_message())),
            None => (index.first() as u64, index.len() as u64),
        };
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (first, len) = (whole(first), whole(len));
        self.scanned = self.scanned.max(first);
        let stop = len.min(self.scanned.saturating_add(STEP));
        while self.scanned < stop {
            let place = match scope {
                Some(one) => {
                    let place = one.and_then(|one| one.rows.get(self.scanned - first));
                    place.map_or(0, |place| *place as usize)
                }
                None => self.scanned,
            };
            if filter.is_some_and(|matches| place >= matches.answered) {
                break;
            }
            self.scanned += 1;
            let shown = self.control || index.get(place).is_none_or(|r| !r.opcode.is_control());
            if shown && filter.is_none_or(|matches| matches.get(place)) {
                self.places.push(u32::try_from(place).unwrap_or(u32::MAX));
            }
        }
        self.sort(index);
        self.is_behind = self.scanned == stop && stop < len;
        self.is_behind
    }

    /// Forgets rows that are gone.
    fn forget(&mut self, index: &Index) {
        let first = u32::try_from(index.first()).unwrap_or(u32::MAX);
        if self.forgotten == first {
            return;
        }
        self.forgotten = first;
        if self.table.sort == (MessageColumn::Time, false) {
            let gone = self.places.partition_point(|place| *place < first);
            self.places.drain(..gone);
        } else {
            self.places.retain(|place| *place >= first);
            self.order.retain(|(_, place)| *place >= first);
        }
    }

    /// Puts the places that were added where they belong.
    fn sort(&mut self, index: &Index) {
        let (column, backwards) = self.table.sort;
        // Rising time is the order that they come in.
        if self.table.sort == (MessageColumn::Time, false)
            || self.order.len() == self.places.len()
            || self.places.len() > SORTABLE
        {
            return;
        }
        let new = self.places.split_off(self.order.len());
        let key = |place: u32| match column {
            MessageColumn::Time => place.into(),
            _ => index.get(place as usize).map_or(0, |row| column.key(&row)),
        };
        self.order
            .extend(new.into_iter().map(|place| (key(place), place)));
        // What is in order already takes no more than a look.
        self.order
            .sort_by(|a, b| directed(a.0.cmp(&b.0), backwards).then(a.1.cmp(&b.1)));
        self.places.clear();
        self.places
            .extend(self.order.iter().map(|(_, place)| *place));
    }
}

#[cfg(test)]
mod tests;
