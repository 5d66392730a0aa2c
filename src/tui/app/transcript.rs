//! The state of the transcript: one conversation, both sides in time.
//!
//! Job: which rows it has, which is selected, and what each says. Input: the index and messages that
//! were got. Output: [`Row`]s, and their lines.

use super::App;
use super::cursor::Cursor;
use crate::base::{Conversing, Timestamp};
use crate::event::ConnectionEnd;
use crate::finding::Finding;
use crate::output::text::TimeFormat;
use crate::page::transcript::{Look, SILENCE, Said};
use crate::page::{Line, escape, words};
use crate::tui::index::Index;
use crate::tui::message::{Depth, Key};

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// How it began.
    Opening,
    /// Nothing was said before the message at that place.
    Silence(usize),
    /// The message at that place of the index.
    Message(usize),
    /// A finding, by its place in their list.
    Finding(usize),
    /// How it ended.
    End,
}

/// What the rows were made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Made {
    conversing: Option<Conversing>,
    messages: usize,
    findings: usize,
    first: usize,
    ended: bool,
}

/// One conversation, row by row.
#[derive(Debug, Clone, Default)]
pub struct TranscriptState {
    /// The rows, in time.
    pub rows: Vec<Row>,
    /// Which row is selected, and which is at the top.
    pub cursor: Cursor,
    /// The message that is being fetched, with those after it.
    pub fetching: Option<Key>,
    made: Made,
}

impl TranscriptState {
    /// Which conversation it is.
    pub fn conversing(&self) -> Option<Conversing> {
        self.made.conversing
    }

    /// Brings the rows up to date with what the index knows of a conversation.
    pub fn arrange(&mut self, conversing: Option<Conversing>, index: &Index) {
        let connection = conversing.and_then(|number| index.connection(number));
        let made = Made {
            conversing,
            messages: connection.map_or(0, |one| one.rows.len()),
            findings: index.findings.len(),
            first: index.first(),
            ended: connection.is_some_and(|one| one.end.is_some()),
        };
        if made == self.made {
            return;
        }
        if made.conversing != self.made.conversing {
            self.cursor = Cursor::default();
        }
        self.made = made;
        self.rows.clear();
        let Some(connection) = connection else {
            return;
        };
        self.rows.push(Row::Opening);
        let mut findings = index
            .findings
            .iter()
            .enumerate()
            .filter(|(_, (of, finding))| *of == connection.conversing() && Look::has_row(finding));
        let mut finding = findings.next();
        let mut before: Option<Timestamp> = None;
        for place in &connection.rows {
            let place = *place as usize;
            let Some(row) = index.get(place) else {
                continue;
            };
            let at = |finding: &Finding| (finding.at.packet.file, finding.at.packet.number);
            let here = row.facts().last.packet;
            // What shows with a message comes after it.
            while let Some((number, (_, found))) = finding
                && at(found) < (here.file, here.number)
            {
                self.rows.push(Row::Finding(number));
                finding = findings.next();
            }
            if before.is_some_and(|before| row.time.since(before) >= SILENCE) {
                self.rows.push(Row::Silence(place));
            }
            self.rows.push(Row::Message(place));
            before = Some(row.time);
        }
        while let Some((number, _)) = finding {
            self.rows.push(Row::Finding(number));
            finding = findings.next();
        }
        if made.ended {
            self.rows.push(Row::End);
        }
    }

    /// The row that is selected.
    pub fn selected(&self) -> Option<Row> {
        self.rows.get(self.cursor.selected).copied()
    }

    /// The row of the message at a place.
    pub fn row_of(&self, place: usize) -> Option<usize> {
        self.rows.iter().position(|row| *row == Row::Message(place))
    }
}

impl App {
    /// A time as lists show it: from the start, or from the message that time counts from.
    pub fn origin(&self) -> Timestamp {
        let of = self.reference.and_then(|place| self.index.get(place));
        of.map_or(self.index.start.unwrap_or_default(), |row| row.time)
    }

    /// The lines of a row of the transcript, in `width` columns and at most so many lines of payload.
    pub fn transcript_lines(&self, number: usize, width: usize, most: usize) -> Vec<Line> {
        let origin = self.origin();
        let absolute = self.time == TimeFormat::Absolute;
        let time = move |at: Timestamp| {
            if absolute {
                words::clock(at)
            } else {
                format!("{:>11}", words::seconds(at.since(origin)))
            }
        };
        let look = Look {
            width,
            most,
            time: &time,
            needles: &self.needles,
        };
        let rows = &self.transcript.rows;
        let Some(row) = rows.get(number) else {
            return Vec::new();
        };
        let before = rows.get(..number).unwrap_or_default().iter().rev();
        let before = before.take(64).find_map(|row| self.time_of(*row));
        let connection = self.transcript.conversing();
        let connection = connection.and_then(|number| self.index.connection(number));
        match (*row, connection) {
            (Row::Opening, Some(one)) => look.opening(&one.info),
            (Row::End, Some(one)) => {
                let end: Option<&ConnectionEnd> = one.end.as_ref();
                end.map_or_else(Vec::new, |end| look.end(end, before))
            }
            (Row::Silence(place), _) => {
                let at = self.index.get(place).map_or(origin, |row| row.time);
                look.silence(at, before)
            }
            (Row::Finding(place), _) => {
                let found = self.index.findings.get(place);
                found.map_or_else(Vec::new, |(_, finding)| look.finding(finding, before))
            }
            (Row::Message(place), _) => self.message_lines(place, &look, before),
            (Row::Opening | Row::End, None) => Vec::new(),
        }
    }

    fn time_of(&self, row: Row) -> Option<Timestamp> {
        match row {
            Row::Opening => self
                .transcript
                .conversing()
                .and_then(|number| self.index.connection(number))
                .map(|one| one.info.flow.first.time),
            Row::Message(place) => self.index.get(place).map(|row| row.time),
            Row::Finding(place) => self.index.findings.get(place).map(|(_, one)| one.at.time),
            Row::Silence(_) | Row::End => None,
        }
    }

    /// Whether the index has the whole payload of a message: where a subprotocol is read, previews may
    /// say what it makes of them.
    pub fn has_all(&self, row: &crate::tui::index::Row) -> bool {
        let connection = self.index.connection(row.conversing());
        row.is_all() && connection.is_some_and(|one| one.recognised.is_none())
    }

    /// A message as far as it is there: what the index has, until the rest comes.
    fn message_lines(&self, place: usize, look: &Look<'_>, before: Option<Timestamp>) -> Vec<Line> {
        let Some(row) = self.index.get(place) else {
            return Vec::new();
        };
        let key = Key {
            conversing: row.conversing(),
            message: row.number.into(),
        };
        if let Some(content) = self.message.cached(key, Depth::Payload) {
            let said = Said {
                facts: &content.facts,
                payload: &content.payload,
                holes: &content.holes,
                text: content.text,
                units: &content.units,
            };
            return look.message(&said, before).lines;
        }
        let facts = row.facts();
        let preview = self.index.preview(place);
        if !self.has_all(row) {
            let mut text = String::new();
            escape::bytes(preview, row.text, usize::MAX, &mut text);
            return look.preview(&facts, &text, before);
        }
        let said = Said {
            facts: &facts,
            payload: preview,
            holes: &[],
            text: row.text,
            units: &[],
        };
        look.message(&said, before).lines
    }
}
