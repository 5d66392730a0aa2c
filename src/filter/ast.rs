//! An expression, and what it says of a message.
//!
//! Job: evaluation. Input: a [`Subject`]. Output: whether it holds. What is missing equals
//! nothing, contains nothing and is neither more nor less than anything; only `!=` and `not`
//! hold of it.

use regex::Regex;

use super::field::Field;
use super::subject::{Subject, Value};

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// Something that holds of a message or does not.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// The field is there, or true.
    Has(Field),
    Number(Field, Compare, f64),
    Text(Field, Compare, String),
    Contains(Field, String),
    Matches(Field, Regex),
    /// The payload, the host, the target or an address has the word; ASCII case does not count.
    Word(String),
}

/// Where words are looked for.
const SEARCHED: [Field; 5] = [
    Field::Text,
    Field::Host,
    Field::Target,
    Field::Client,
    Field::Server,
];

impl Expr {
    pub(super) fn any_field(&self, ask: &dyn Fn(Field) -> bool) -> bool {
        match self {
            Self::Not(inner) => inner.any_field(ask),
            Self::And(all) | Self::Or(all) => all.iter().any(|one| one.any_field(ask)),
            Self::Has(field)
            | Self::Number(field, ..)
            | Self::Text(field, ..)
            | Self::Contains(field, _)
            | Self::Matches(field, _) => ask(*field),
            Self::Word(_) => SEARCHED.iter().any(|field| ask(*field)),
        }
    }

    pub(super) fn holds(&self, subject: &dyn Subject) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(subject),
            Self::And(all) => all.iter().all(|one| one.holds(subject)),
            Self::Or(all) => all.iter().any(|one| one.holds(subject)),
            Self::Has(field) => {
                !matches!(subject.get(*field), Value::Missing | Value::Truth(false))
            }
            Self::Number(field, compare, number) => {
                let order = match subject.get(*field) {
                    Value::Number(value) => value.partial_cmp(number),
                    _ => None,
                };
                compare.holds(order)
            }
            Self::Text(field, compare, text) => {
                let order = match subject.get(*field) {
                    Value::Text(value) => Some(value.as_ref().cmp(text.as_str())),
                    _ => None,
                };
                compare.holds(order)
            }
            Self::Contains(field, text) => {
                matches!(subject.get(*field), Value::Text(value) if value.contains(text.as_str()))
            }
            Self::Matches(field, pattern) => {
                matches!(subject.get(*field), Value::Text(value) if pattern.is_match(&value))
            }
            Self::Word(word) => SEARCHED.iter().any(
                |field| matches!(subject.get(*field), Value::Text(value) if has_word(&value, word)),
            ),
        }
    }
}

/// `word` is in lower case.
fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(first) = word.first() else {
        return true;
    };
    let last = text.len().saturating_sub(word.len().saturating_sub(1));
    let starts = text.get(..last).unwrap_or_default();
    starts.iter().enumerate().any(|(at, byte)| {
        byte.to_ascii_lowercase() == *first
            && text
                .get(at..at + word.len())
                .is_some_and(|here| here.eq_ignore_ascii_case(word))
    })
}

impl Compare {
    fn holds(self, order: Option<std::cmp::Ordering>) -> bool {
        match order {
            None => self == Self::Unequal,
            Some(order) => match self {
                Self::Equal => order.is_eq(),
                Self::Unequal => order.is_ne(),
                Self::Less => order.is_lt(),
                Self::AtMost => order.is_le(),
                Self::More => order.is_gt(),
                Self::AtLeast => order.is_ge(),
            },
        }
    }
}
