//! What can be asked for its fields.

use std::borrow::Cow;

use super::field::Field;
use crate::event::Message;
use crate::http::Handshake;
use crate::subprotocol::Unit;

/// What a field of a message holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing: the field does not apply, or is not known.
    Missing,
    /// A number.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// Yes or no.
    Truth(bool),
    /// One of each end of the connection: a condition holds where it holds of one of them.
    Both([Box<Value<'a>>; 2]),
}

impl Value<'_> {
    /// The same, which borrows nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Missing => Value::Missing,
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Truth(truth) => Value::Truth(truth),
            Self::Both(both) => Value::Both(both.map(|one| Box::new(one.into_owned()))),
        }
    }
}

impl Value<'static> {
    /// A number as filters compare it: exact below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
    pub fn number(value: u64) -> Self {
        Self::Number(value as f64)
    }

    /// Nanoseconds as seconds.
    #[expect(clippy::cast_precision_loss, reason = "exact within 104 days")]
    pub fn seconds(nanos: i64) -> Self {
        Self::Number(nanos as f64 / 1e9)
    }
}

/// A message that can be asked for its fields.
pub trait Subject {
    /// The field's value; those of units are not asked.
    fn get(&self, field: Field) -> Value<'_>;

    /// The units that it completes, as far as they are known.
    fn units(&self) -> &[Unit] {
        &[]
    }

    /// The message itself, where it is one, and its payload is kept.
    fn message(&self) -> Option<&Message<'_>> {
        None
    }

    /// The handshake of its connection, as far as it was captured.
    fn handshake(&self) -> Option<&Handshake> {
        None
    }
}
