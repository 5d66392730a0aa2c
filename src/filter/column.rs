//! A field as a column of a list.
//!
//! Job: read the names of `--fields` and `--sort`, and answer for a message. Input: words,
//! [`Subject`]s. Output: [`Value`]s.

use std::fmt;
use std::str::FromStr;

use super::field::{Field, Kind};
use super::grammar::unknown;
use super::name::Name;
use super::subject::{Subject, Value};
use crate::subprotocol::Unit;

/// A field that a list shows or is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column(Name);

impl Column {
    /// Its value in a message, of which `unit` is looked at.
    pub fn get<'a>(&self, subject: &'a dyn Subject, unit: Option<&'a Unit>) -> Value<'a> {
        self.0.get(subject, unit)
    }

    /// The field that wscope knows.
    pub fn field(&self) -> Option<Field> {
        self.0.field()
    }

    /// Whether lists are sorted by it with the largest first: it is a number, or yes or no.
    pub fn is_number(&self) -> bool {
        matches!(self.0.kind(), Some(Kind::Number | Kind::Truth))
    }

    /// Whether it is known only when the connection is over.
    pub fn is_of_end(&self) -> bool {
        self.0.field().is_some_and(Field::is_of_end)
    }

    /// Whether units answer.
    pub fn is_of_unit(&self) -> bool {
        self.0.is_of_unit()
    }

    /// Whether the connection answers for all of its messages.
    pub fn is_of_connection(&self) -> bool {
        self.0.field().is_some_and(Field::is_of_connection)
    }
}

impl From<Field> for Column {
    fn from(field: Field) -> Self {
        Self(Name::Field(field))
    }
}

impl FromStr for Column {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match Name::of(word) {
            // It is known only after the message.
            Some(Name::Field(Field::Finding)) => {
                Err("a list has no column of findings; `check` tells them".to_owned())
            }
            Some(name) => Ok(Self(name)),
            None => Err(unknown(word).unwrap_or_else(|| {
                format!("no field is called {word}; docs/filter.md lists them")
            })),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
