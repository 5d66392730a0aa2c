//! What the rows of a transcript say.
//!
//! Job: lay out each with what is there: the message that was got, or what the index has of it. Input:
//! the state. Output: lines.

use super::app::{App, TranscriptRow as Row};
use crate::base::Timestamp;
use crate::event::ConnectionEnd;
use crate::page::transcript::{Look, Said};
use crate::page::{Line, escape, words};
use crate::tui::message::{Depth, Key};

/// The lines of a row of the transcript, in `width` columns and at most so many lines of payload.
pub(super) fn lines(app: &App, number: usize, width: usize, most: usize) -> Vec<Line> {
    let origin = app.origin();
    let format = app.time;
    let time = move |at: Timestamp| {
        let moment = format.short(at);
        moment.unwrap_or_else(|| format!("{:>11}", words::seconds(at.since(origin))))
    };
    let look = Look {
        width,
        most,
        time: &time,
        needles: &app.needles,
        redact: app.redact,
    };
    let rows = &app.transcript.rows;
    let Some(row) = rows.get(number) else {
        return Vec::new();
    };
    let before = rows.get(..number).unwrap_or_default().iter().rev();
    let before = before.take(64).find_map(|row| time_of(app, *row));
    let connection = app.transcript.conversing();
    let connection = connection.and_then(|number| app.index.connection(number));
    match (*row, connection) {
        (Row::Opening, Some(one)) => look.opening(&one.info),
        (Row::End, Some(one)) => {
            let end: Option<&ConnectionEnd> = one.end.as_ref();
            end.map_or_else(Vec::new, |end| look.end(end, before))
        }
        (Row::Silence(place), _) => {
            let at = app.index.get(place).map_or(origin, |row| row.time);
            look.silence(at, before)
        }
        (Row::Finding(place), _) => {
            let found = app.index.findings.get(place);
            found.map_or_else(Vec::new, |(_, finding)| look.finding(finding, before))
        }
        (Row::Message(place), _) => message_lines(app, place, &look, before),
        (Row::Opening | Row::End, None) => Vec::new(),
    }
}

fn time_of(app: &App, row: Row) -> Option<Timestamp> {
    match row {
        Row::Opening => app
            .transcript
            .conversing()
            .and_then(|number| app.index.connection(number))
            .map(|one| Look::opened(&one.info)),
        Row::Message(place) => app.index.get(place).map(|row| row.time),
        Row::Finding(place) => app.index.findings.get(place).map(|(_, one)| one.at.time),
        Row::Silence(_) | Row::End => None,
    }
}

/// Whether the index has the whole payload of a message: where a subprotocol is read, previews may
/// say what it makes of them.
pub(super) fn has_all(app: &App, row: &crate::tui::index::Row) -> bool {
    let connection = app.index.connection(row.conversing());
    row.is_all() && connection.is_some_and(|one| one.recognised.is_none())
}

/// A message as far as it is there: what the index has, until the rest comes.
fn message_lines(app: &App, place: usize, look: &Look<'_>, before: Option<Timestamp>) -> Vec<Line> {
    let Some(row) = app.index.get(place) else {
        return Vec::new();
    };
    let key = Key {
        conversing: row.conversing(),
        message: row.number.into(),
    };
    if let Some(content) = app.message.cached(key, Depth::Payload) {
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
    let preview = app.index.preview(place);
    if !has_all(app, &row) {
        let mut text = String::new();
        escape::bytes(&preview, row.text, usize::MAX, &mut text);
        return look.preview(&facts, &text, before);
    }
    let said = Said {
        facts: &facts,
        payload: &preview,
        holes: &[],
        text: row.text,
        units: &[],
    };
    look.message(&said, before).lines
}
