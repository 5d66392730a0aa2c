//! What can be asked for its fields.

use std::borrow::Cow;

use super::field::Field;
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
}

/// A message that can be asked for its fields.
pub trait Subject {
    /// The field's value; those of units are not asked.
    fn get(&self, field: Field) -> Value<'_>;

    /// The units that it completes, as far as they are known.
    fn units(&self) -> &[Unit] {
        &[]
    }
}
