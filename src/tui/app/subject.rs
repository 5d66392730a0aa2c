//! A row as a filter's subject.
//!
//! Job: answer for the fields that the index holds. Input: a row and its connection.
//! Output: values; those of payloads are missing.

use std::borrow::Cow;

use crate::base::Timestamp;
use crate::filter::{Field, Subject, Value, name, number, of_connection, seconds, stream};
use crate::tui::index::{Connection, Row};

/// A row with its connection.
pub(super) struct OfRow<'a> {
    row: &'a Row,
    connection: Option<&'a Connection>,
    start: Timestamp,
}

/// The subject of a row.
pub(super) fn of<'a>(
    row: &'a Row,
    connection: Option<&'a Connection>,
    start: Timestamp,
) -> OfRow<'a> {
    OfRow {
        row,
        connection,
        start,
    }
}

impl Subject for OfRow<'_> {
    fn get(&self, field: Field) -> Value<'_> {
        let row = self.row;
        match field {
            Field::Connection => number(row.conversing().connection),
            Field::Stream => stream(row.conversing()),
            Field::Message => number(row.number.into()),
            Field::From => name(row.from.name()),
            Field::OpCode => Value::Text(Cow::Owned(row.opcode.to_string())),
            Field::Control => Value::Truth(row.opcode.is_control()),
            Field::Time => seconds(row.time.since(self.start)),
            Field::Packet => number(row.last_packet),
            Field::Frames => number(row.frames.into()),
            Field::WireBytes => number(row.wire),
            Field::CompressedBytes if row.compressed => number(row.payload_wire),
            Field::PayloadBytes => row.payload().map_or(Value::Missing, number),
            Field::Ratio => row.ratio().map_or(Value::Missing, Value::Number),
            Field::Compressed => Value::Truth(row.compressed),
            Field::Status => name(row.status.name()),
            Field::Reason => row
                .status
                .reason()
                .map_or(Value::Missing, |reason| name(reason.name())),
            Field::Truncated => Value::Truth(row.truncated),
            Field::Finding => Value::Truth(row.finding.is_some()),
            Field::CompressedBytes | Field::Text | Field::CloseCode => Value::Missing,
            _ => self
                .connection
                .map_or(Value::Missing, |c| of_connection(&c.info, field)),
        }
    }
}
