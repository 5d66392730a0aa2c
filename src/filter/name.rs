//! What an expression names.
//!
//! Job: fields of messages and units that wscope knows, and those that protocols bring. Input: a
//! word. Output: a [`Name`], and what it holds.

use std::borrow::Cow;
use std::fmt;

use super::field::{Field, Kind};
use super::subject::{Subject, Value};
use crate::subprotocol::Unit;

/// What protocols' own fields begin with.
const OWN: &str = "unit.";

/// A field, or one that a protocol brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// One that wscope knows.
    Field(Field),
    /// One of a unit's own: `unit.receipt`, without `unit.`.
    Own(String),
}

impl Name {
    /// What a word names.
    pub(super) fn of(word: &str) -> Option<Self> {
        let own = || word.strip_prefix(OWN).filter(|own| !own.is_empty());
        let field = Field::named(word).map(Self::Field);
        field.or_else(|| own().map(|own| Self::Own(own.to_owned())))
    }

    /// What it holds; `None` where each unit decides.
    pub(super) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Field(field) => Some(field.kind()),
            Self::Own(_) => None,
        }
    }

    /// The field that wscope knows.
    pub(super) fn field(&self) -> Option<Field> {
        match self {
            Self::Field(field) => Some(*field),
            Self::Own(_) => None,
        }
    }

    /// Whether units answer.
    pub(super) fn is_of_unit(&self) -> bool {
        self.field().is_none_or(Field::is_of_unit)
    }

    /// Its value in a message, of which `unit` is looked at.
    pub(super) fn get<'a>(&self, subject: &'a dyn Subject, unit: Option<&'a Unit>) -> Value<'a> {
        match (self, unit) {
            (Self::Field(field), _) if !field.is_of_unit() => subject.get(*field),
            (_, None) => Value::Missing,
            (Self::Field(field), Some(unit)) => of_unit(unit, *field),
            (Self::Own(name), Some(unit)) => own(unit, name),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => field.fmt(f),
            Self::Own(name) => write!(f, "{OWN}{name}"),
        }
    }
}

fn of_unit(unit: &Unit, field: Field) -> Value<'_> {
    let text = |text: Option<&'_ str>| {
        text.map_or(Value::Missing, |text| {
            Value::Text(Cow::Owned(text.to_owned()))
        })
    };
    match field {
        Field::Protocol => text(Some(unit.protocol)),
        Field::UnitKind => Value::Text(Cow::Borrowed(&unit.kind)),
        Field::Subject => text(unit.subject.as_deref()),
        Field::UnitId => text(unit.id.as_deref()),
        Field::UnitStatus => text(Some(unit.status.into())),
        Field::Latency => unit.after.map_or(Value::Missing, Value::seconds),
        _ => Value::Missing,
    }
}

/// A field of the unit's own; dots lead into objects.
fn own<'a>(unit: &'a Unit, name: &str) -> Value<'a> {
    let fields = &unit.fields;
    let found = fields.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        rest.split('.')
            .try_fold(fields.get(first)?, |value, part| value.get(part))
    });
    match found {
        None | Some(serde_json::Value::Null) => Value::Missing,
        Some(serde_json::Value::Bool(truth)) => Value::Truth(*truth),
        Some(serde_json::Value::Number(number)) => {
            number.as_f64().map_or(Value::Missing, Value::Number)
        }
        Some(serde_json::Value::String(text)) => Value::Text(Cow::Borrowed(text)),
        Some(other) => Value::Text(Cow::Owned(other.to_string())),
    }
}
