//! What can be asked for its fields.

use std::borrow::Cow;

use super::field::Field;

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
}

/// A message that can be asked for its fields.
pub trait Subject {
    /// The field's value.
    fn get(&self, field: Field) -> Value<'_>;
}
