//! The state of the transcript: one conversation, both sides in time.
//!
//! Job: which rows it has, and which is selected. Input: the index. Output: [`Row`]s.

use super::cursor::Cursor;
use crate::base::{Conversing, Timestamp};
use crate::finding::Finding;
use crate::page::transcript::{Look, SILENCE};
use crate::tui::index::Index;
use crate::tui::message::Key;

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
            let at = |finding: &Finding| finding.at.packet;
            let here = row.facts().last.packet;
            // What shows with a message comes after it.
            while let Some((number, (_, found))) = finding
                && at(found) < here
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
