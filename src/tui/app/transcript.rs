//! The state of the transcript: one conversation, both sides in time.
//!
//! Job: which rows it has, and which is selected. Input: the index. Output: [`Row`]s.

use super::cursor::Cursor;
use crate::base::{Conversing, PacketRef, Timestamp};
use crate::finding::Finding;
use crate::page::transcript::{Look, SILENCE};
use crate::tui::index::{Connection, Index};
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
    known: bool,
    ended: bool,
}

/// How far the rows are made for good: more only comes behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Laid {
    /// Messages of the conversation.
    messages: usize,
    /// Findings of the index.
    findings: usize,
    /// Rows, up to the last of these messages.
    rows: usize,
    /// That message's time and packet.
    last: Option<(Timestamp, PacketRef)>,
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
    laid: Laid,
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
            known: connection.is_some(),
            ended: connection.is_some_and(|one| one.end.is_some()),
        };
        if made == self.made {
            return;
        }
        if made.conversing != self.made.conversing {
            self.cursor = Cursor::default();
        }
        let goes_on = made.conversing == self.made.conversing && made.first == self.made.first;
        self.made = made;
        let Some(connection) = connection else {
            self.rows.clear();
            self.laid = Laid::default();
            return;
        };
        let has_row = |(of, finding): &(Conversing, Finding)| {
            *of == connection.conversing() && Look::has_row(finding)
        };
        let from = self.laid.findings;
        let mut new = index.findings.iter().skip(from).filter(|one| has_row(one));
        let last = self.laid.last.map(|(_, packet)| packet);
        let is_late = new
            .next()
            .is_some_and(|(_, one)| Some(one.at.packet) < last);
        if !goes_on || is_late || made.messages < self.laid.messages {
            self.rows.clear();
            self.laid = Laid::default();
        }
        self.go_on(connection, index, has_row);
    }

    /// Lays out what has come since.
    fn go_on(
        &mut self,
        connection: &Connection,
        index: &Index,
        has_row: impl Fn(&(Conversing, Finding)) -> bool,
    ) {
        let Self { rows, laid, .. } = self;
        rows.truncate(laid.rows);
        if rows.is_empty() {
            rows.push(Row::Opening);
        }
        let findings = index.findings.iter().enumerate().skip(laid.findings);
        let mut findings = findings.filter(|(_, one)| has_row(one)).peekable();
        for place in connection.rows.range(laid.messages..) {
            let place = *place as usize;
            let Some(row) = index.get(place) else {
                continue;
            };
            let here = row.facts().last.packet;
            // What shows with a message comes after it.
            while let Some((number, _)) = findings.next_if(|(_, (_, one))| one.at.packet < here) {
                rows.push(Row::Finding(number));
            }
            if laid
                .last
                .is_some_and(|(before, _)| row.time.since(before) >= SILENCE)
            {
                rows.push(Row::Silence(place));
            }
            rows.push(Row::Message(place));
            laid.last = Some((row.time, here));
        }
        *laid = Laid {
            messages: connection.rows.len(),
            findings: findings
                .peek()
                .map_or(index.findings.len(), |(number, _)| *number),
            rows: rows.len(),
            last: laid.last,
        };
        rows.extend(findings.map(|(number, _)| Row::Finding(number)));
        rows.extend(self.made.ended.then_some(Row::End));
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::capture::Input;
    use crate::pipeline::Options;
    use crate::replay::{Inputs, Trail};
    use crate::session::Detail;
    use crate::tui::index::Loader;

    #[test]
    fn rows_that_are_made_piece_by_piece_are_those_that_are_made_at_once() {
        for name in ["demo.pcapng", "ws-takeover-lost.pcap", "refused.pcap"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
            let inputs = Inputs {
                files: vec![Input::from(path.join(name))],
                filter: None,
            };
            let options = Options::new(Detail::Payloads);
            let loader = Loader::start(inputs, &options, 2, &Trail::default());
            let mut index = Index::default();
            let mut grown = TranscriptState::default();
            let number = Some(1.into());
            for batch in &loader.batches {
                for piece in batch.pieces() {
                    index.take(&piece);
                    grown.arrange(number, &index);
                    let mut whole = TranscriptState::default();
                    whole.arrange(number, &index);
                    assert_eq!(grown.rows, whole.rows, "{name}");
                }
            }
            assert!(grown.rows.len() > 2, "{name}");
        }
    }
}
