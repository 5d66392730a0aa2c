//! An expression, and what it says of a message.
//!
//! Job: evaluation. Input: a [`Subject`]. Output: whether it holds. What is missing equals
//! nothing, contains nothing and is neither more nor less than anything; only `!=` and `not`
//! hold of it.

use regex::Regex;

use super::field::Field;
use super::name::Name;
use super::subject::{Subject, Value};
use crate::page::Needle;
use crate::subprotocol::Unit;

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
    Has(Name),
    Number(Name, Compare, f64),
    Text(Name, Compare, String),
    /// A field that a protocol brings, against what may be a text or a number.
    Loose(Name, Compare, String),
    Contains(Name, String),
    Matches(Name, Regex),
    /// The payload, the host, the target or an address has the word; ASCII case does not count.
    Word(String),
    /// The payload has the words as they stand; ASCII case does not count.
    Payload(String),
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
    pub(super) fn any_name(&self, ask: &dyn Fn(&Name) -> bool) -> bool {
        match self {
            Self::Not(inner) => inner.any_name(ask),
            Self::And(all) | Self::Or(all) => all.iter().any(|one| one.any_name(ask)),
            Self::Has(name)
            | Self::Number(name, ..)
            | Self::Text(name, ..)
            | Self::Loose(name, ..)
            | Self::Contains(name, _)
            | Self::Matches(name, _) => ask(name),
            Self::Payload(_) => ask(&Name::Field(Field::Text)),
            Self::Word(_) => SEARCHED.iter().any(|field| ask(&Name::Field(*field))),
        }
    }

    /// What it wants to be in payloads.
    pub(super) fn needles(&self, into: &mut Vec<Needle>) {
        let of_text = |name: &Name| name.field() == Some(Field::Text);
        match self {
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.needles(into)),
            Self::Contains(name, text) | Self::Text(name, Compare::Equal, text)
                if of_text(name) =>
            {
                into.push(Needle::Text(text.clone()));
            }
            Self::Matches(name, pattern) if of_text(name) => {
                into.push(Needle::Pattern(pattern.clone()));
            }
            Self::Word(word) | Self::Payload(word) => into.push(Needle::Word(word.clone())),
            _ => {}
        }
    }

    /// Whether it holds of a message, of whose units `unit` is looked at.
    pub(super) fn holds(&self, subject: &dyn Subject, unit: Option<&Unit>) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(subject, unit),
            Self::And(all) => all.iter().all(|one| one.holds(subject, unit)),
            Self::Or(all) => all.iter().any(|one| one.holds(subject, unit)),
            Self::Has(name) => !matches!(
                name.get(subject, unit),
                Value::Missing | Value::Truth(false)
            ),
            Self::Number(name, compare, number) => {
                compare.holds_of(&name.get(subject, unit), &|value| match value {
                    Value::Number(value) => value.partial_cmp(number),
                    _ => None,
                })
            }
            Self::Text(name, compare, text) => {
                compare.holds_of(&name.get(subject, unit), &|value| match value {
                    Value::Text(value) => Some(value.as_ref().cmp(text.as_str())),
                    _ => None,
                })
            }
            Self::Loose(name, compare, typed) => {
                compare.holds_of(&name.get(subject, unit), &|value| loose(value, typed))
            }
            Self::Contains(name, text) => any_text(&name.get(subject, unit), &|value| {
                value.contains(text.as_str())
            }),
            Self::Matches(name, pattern) => {
                any_text(&name.get(subject, unit), &|value| pattern.is_match(value))
            }
            Self::Payload(words) => {
                matches!(subject.get(Field::Text), Value::Text(value) if has_word(&value, words))
            }
            Self::Word(word) => SEARCHED.iter().any(
                |field| matches!(subject.get(*field), Value::Text(value) if has_word(&value, word)),
            ),
        }
    }
}

/// Whether `holds` of a text.
fn any_text(value: &Value<'_>, holds: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Text(text) => holds(text),
        Value::Both(both) => both.iter().any(|one| any_text(one, holds)),
        _ => false,
    }
}

/// How a value compares with what was typed: as numbers where both are, or else as texts.
fn loose(value: &Value<'_>, typed: &str) -> Option<std::cmp::Ordering> {
    let number = typed.parse::<f64>().ok();
    match value {
        Value::Missing | Value::Both(_) => None,
        Value::Number(value) => value.partial_cmp(&number?),
        Value::Truth(truth) => {
            let word = if *truth { "true" } else { "false" };
            Some(word.cmp(typed))
        }
        Value::Text(text) => match (text.parse::<f64>().ok(), number) {
            (Some(value), Some(number)) => value.partial_cmp(&number),
            _ => Some(text.as_ref().cmp(typed)),
        },
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
    /// Whether it holds of a value, whose order `order` tells. Of two values none may be equal for them to be unequal.
    fn holds_of(
        self,
        value: &Value<'_>,
        order: &dyn Fn(&Value<'_>) -> Option<std::cmp::Ordering>,
    ) -> bool {
        match value {
            Value::Both(both) if self == Self::Unequal => {
                both.iter().all(|one| self.holds(order(one)))
            }
            Value::Both(both) => both.iter().any(|one| self.holds(order(one))),
            one => self.holds(order(one)),
        }
    }

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
