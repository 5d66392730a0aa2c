//! Messages and connections as rows of fields.
//!
//! Job: what `--fields` and `--csv` print. Input: what answers for fields. Output: a row each, with
//! tabs between the cells, as CSV (RFC 4180), or as JSON Lines.

use std::sync::Arc;

use serde_json::{Map, Number};

use super::json;
use super::redacted::Redacted;
use crate::base::Timestamp;
use crate::event::{Event, Outlet, Renderer};
use crate::filter::{Column, Ends, Field, OfConnection, Subject, Surroundings, Value};
use crate::http::Handshake;
use crate::page::escape::{Sieve, safe};
use crate::page::redact::Redact;
use crate::stats::Summary;
use crate::subprotocol::Unit;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Tabs between cells; what is not printable is escaped.
    Tabs,
    /// Commas between cells, quotes where needed, a first row with the names.
    Csv,
    /// The same for a terminal, on which a carriage return would write over what is before it.
    CsvShown,
    /// An object a line.
    Json,
}

impl Shape {
    /// Whether rows are those of CSV.
    pub(super) fn is_csv(self) -> bool {
        matches!(self, Self::Csv | Self::CsvShown)
    }
}

/// Which fields are printed, and how.
#[derive(Debug, Clone)]
pub struct Fields {
    columns: Arc<[Column]>,
    shape: Shape,
    redact: Redact,
    /// What a row is of, as JSON names it.
    kind: &'static str,
    /// How connections end, where an earlier run noted it.
    ends: Option<Arc<Ends>>,
}

impl Fields {
    /// These columns; some that suit messages where there are none.
    pub fn of_messages(columns: Vec<Column>, shape: Shape) -> Self {
        Self::new(
            "message",
            columns,
            shape,
            &[
                Field::Connection,
                Field::Stream,
                Field::Message,
                Field::From,
                Field::OpCode,
                Field::Time,
                Field::WireBytes,
                Field::PayloadBytes,
                Field::Status,
                Field::Text,
            ],
        )
    }

    /// The same for connections.
    pub fn of_connections(columns: Vec<Column>, shape: Shape) -> Self {
        Self::new(
            "connection",
            columns,
            shape,
            &[
                Field::Connection,
                Field::Stream,
                Field::Client,
                Field::Server,
                Field::Host,
                Field::Target,
                Field::Subprotocol,
                Field::WireBytes,
                Field::PayloadBytes,
                Field::CompressedBytes,
                Field::Ratio,
                Field::End,
                Field::ClosedBy,
                Field::EndCode,
                Field::Silence,
            ],
        )
    }

    fn new(kind: &'static str, columns: Vec<Column>, shape: Shape, default: &[Field]) -> Self {
        let default = || default.iter().map(|field| Column::from(*field));
        Self {
            columns: if columns.is_empty() {
                default().collect()
            } else {
                columns.into()
            },
            shape,
            redact: Redact::Nothing,
            kind,
            ends: None,
        }
    }

    /// The same, with secrets shown so.
    #[must_use]
    pub fn redacting(self, redact: Redact) -> Self {
        Self { redact, ..self }
    }

    /// The same, where an earlier run noted how connections end.
    #[must_use]
    pub fn knowing(self, ends: Option<Arc<Ends>>) -> Self {
        Self { ends, ..self }
    }

    /// The row above the first.
    pub fn head(&self) -> String {
        match self.shape {
            Shape::Csv | Shape::CsvShown => {
                let names: Vec<_> = self.columns.iter().map(Column::to_string).collect();
                names.join(",") + "\r\n"
            }
            Shape::Tabs | Shape::Json => String::new(),
        }
    }

    /// A row for each of the units that columns ask for, or one.
    pub fn rows(&self, subject: &dyn Subject, put: &mut dyn FnMut(&[u8])) {
        match self.redact {
            Redact::Secrets => self.rows_of(&Redacted::of(subject), put),
            Redact::Nothing => self.rows_of(subject, put),
        }
    }

    fn rows_of(&self, subject: &dyn Subject, put: &mut dyn FnMut(&[u8])) {
        let units = subject.units();
        if units.is_empty() || !self.columns.iter().any(Column::is_of_unit) {
            return put(&self.row(subject, None));
        }
        for unit in units {
            put(&self.row(subject, Some(unit)));
        }
    }

    fn row(&self, subject: &dyn Subject, unit: Option<&Unit>) -> Vec<u8> {
        let values = self.columns.iter().map(|column| column.get(subject, unit));
        let mut row = match self.shape {
            Shape::Json => {
                let named = self.columns.iter().zip(values);
                let cells =
                    named.filter_map(|(column, value)| Some((column.to_string(), as_json(value)?)));
                let kind = [("type".to_owned(), self.kind.into())];
                let mut line = Vec::new();
                json::line(
                    &kind.into_iter().chain(cells).collect::<Map<_, _>>(),
                    &mut line,
                );
                return line;
            }
            Shape::Tabs => {
                let cells: Vec<_> = values.map(|value| safe(&as_text(value))).collect();
                cells.join("\t")
            }
            Shape::Csv | Shape::CsvShown => {
                let cells = values.map(|value| quoted(&as_text(value), self.shape));
                let cells: Vec<_> = cells.collect();
                cells.join(",") + "\r"
            }
        };
        row.push('\n');
        row.into_bytes()
    }
}

fn as_text(value: Value<'_>) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Number(number) => number_text(number),
        Value::Text(text) => text.into_owned(),
        Value::Truth(truth) => truth.to_string(),
        Value::Both(both) => both.map(|one| as_text(*one)).join(", "),
    }
}

/// Whole numbers without a point, others with at most nine digits after it: times are nanoseconds.
fn number_text(number: f64) -> String {
    let text = format!("{number:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn as_json(value: Value<'_>) -> Option<serde_json::Value> {
    Some(match value {
        Value::Missing => return None,
        Value::Number(number) => {
            let number: Number = number_text(number).parse().ok()?;
            number.into()
        }
        Value::Text(text) => text.into_owned().into(),
        Value::Truth(truth) => truth.into(),
        Value::Both(both) => both
            .into_iter()
            .filter_map(|one| as_json(*one))
            .collect::<Vec<_>>()
            .into(),
    })
}

/// A cell of CSV. RFC 4180 §2: quotes around what holds quotes, commas or line ends, and quotes
/// doubled in it. Line ends and tabs stay, a carriage return only where no terminal shows it; anything
/// else that a terminal could act on is escaped.
pub(super) fn quoted(text: &str, shape: Shape) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut quote = false;
    let mut sieve = Sieve::default();
    for character in text.chars() {
        quote |= matches!(character, '"' | ',' | '\n' | '\r');
        match character {
            '"' => out.push_str("\"\""),
            '\r' if shape == Shape::CsvShown => out.push_str("\\r"),
            '\n' | '\r' | '\t' => out.push(character),
            _ if sieve.passes(character) => out.push(character),
            _ => out.push_str(&safe(&character.to_string())),
        }
    }
    if quote { format!("\"{out}\"") } else { out }
}

/// Renders messages as rows of fields.
#[derive(Debug)]
pub struct FieldsSink {
    fields: Fields,
    around: Surroundings,
}

impl FieldsSink {
    /// A sink of these fields.
    pub fn new(fields: Fields) -> Self {
        Self {
            around: Surroundings::knowing(fields.ends.clone()),
            fields,
        }
    }
}

impl Renderer for FieldsSink {
    type Output = Vec<u8>;

    fn begin(&mut self, start: Timestamp) {
        self.around.begin(start);
    }

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        self.around.follow(&event);
        if let Event::Message(message) = event {
            let subject = self.around.subject(message, false);
            self.fields.rows(&subject, &mut |row| out.put(row));
        }
    }
}

/// A connection with its totals: fields of messages are sums over both senders.
pub(super) struct OfSummary<'a> {
    pub(super) summary: &'a Summary,
    /// Time of the capture's first packet.
    pub(super) start: Timestamp,
}

impl OfSummary<'_> {
    fn connection(&self) -> OfConnection<'_> {
        let outcome = self.summary.outcome.as_ref();
        OfConnection::of(&self.summary.info).ended(outcome)
    }
}

impl Subject for OfSummary<'_> {
    fn handshake(&self) -> Option<&Handshake> {
        self.summary.handshake()
    }

    fn get(&self, field: Field) -> Value<'_> {
        let totals = self.summary.totals();
        match field {
            Field::WireBytes => Value::number(totals.websocket_bytes),
            Field::PayloadBytes => Value::number(totals.payload_bytes),
            Field::CompressedBytes if totals.compressed > 0 => {
                Value::number(totals.compressed_bytes)
            }
            Field::Ratio if totals.compressed_bytes > 0 => Value::Number(totals.ratio()),
            Field::Frames => Value::number(totals.frames.total()),
            Field::Packet => Value::number(self.summary.last.packet.number),
            Field::Time => Value::seconds(self.summary.info.flow.first.time.since(self.start)),
            Field::Finding => Value::Truth(self.summary.findings != [0; 3]),
            _ => self.connection().get(field).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_csv_are_quoted_where_needed() {
        for (text, cell) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("\x1b[2J", "\\x1b[2J"),
        ] {
            assert_eq!(quoted(text, Shape::Csv), cell);
        }
        let returns = "100 %\r50 %";
        assert_eq!(quoted(returns, Shape::Csv), format!("\"{returns}\""));
        assert_eq!(quoted(returns, Shape::CsvShown), "\"100 %\\r50 %\"");
    }

    #[test]
    fn numbers_have_no_more_digits_than_they_need() {
        assert_eq!(number_text(3.0), "3");
        assert_eq!(number_text(0.158_117), "0.158117");
        assert_eq!(number_text(-2.5), "-2.5");
        assert_eq!(number_text(100.0), "100");
    }
}
