//! The filter language: which messages are meant.
//!
//! Job: parse words or an expression once, ask it of many messages. Input: what was typed, and
//! [`Subject`]s. Output: yes or no; an [`Error`] with its place. `docs/filter.md` is its manual.

mod ast;
mod column;
mod complete;
mod ends;
mod error;
mod field;
mod grammar;
mod message;
mod name;
mod subject;
mod surroundings;
mod token;

pub use column::Column;
pub use complete::{Completion, complete};
pub use ends::{End, Ends};
pub use error::Error;
pub use field::{Field, Kind};
pub use message::{OfConnection, OfMessage};
pub use subject::{Subject, Value};
pub use surroundings::{Surroundings, Verdict};

use std::sync::Arc;

use ast::Expr;
use name::Name;

use crate::page::Needles;

/// A filter that can be asked.
#[derive(Debug, Clone)]
pub struct Filter {
    source: String,
    expr: Expr,
    /// How connections end, where it asks for that and an earlier run noted it.
    ends: Option<Arc<Ends>>,
}

impl Filter {
    /// Reads words or an expression.
    pub fn parse(source: &str) -> Result<Self, Error> {
        let tokens = token::tokens(source)?;
        if tokens.is_empty() {
            return Err(Error {
                offset: 0,
                text: "nothing to look for".to_owned(),
            });
        }
        let expr = if grammar::are_words(&tokens) {
            grammar::words(&tokens)
        } else {
            grammar::expression(&tokens, source.len())?
        };
        Ok(Self {
            source: source.to_owned(),
            expr,
            ends: None,
        })
    }

    /// The same, asked where an earlier run noted how connections end.
    #[must_use]
    pub fn knowing(self, ends: Arc<Ends>) -> Self {
        Self {
            ends: Some(ends),
            ..self
        }
    }

    /// How connections end, where that was noted.
    pub fn ends(&self) -> Option<&Arc<Ends>> {
        self.ends.as_ref()
    }

    /// Whether it asks how connections end, which no message tells before.
    pub fn needs_ends(&self) -> bool {
        let of_end = |name: &Name| name.field().is_some_and(Field::is_of_end);
        self.expr.any_name(&of_end)
    }

    /// Whether it asks for processes, which only the system knows, while a connection is there.
    pub fn needs_processes(&self) -> bool {
        let of_process = |name: &Name| name.field().is_some_and(Field::is_of_process);
        self.expr.any_name(&of_process)
    }

    /// What both mean.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            source: format!("{} and {}", self.joined(), other.joined()),
            expr: Expr::And(vec![self.expr, other.expr]),
            ends: self.ends.or(other.ends),
        }
    }

    /// As it can be typed beside others: words in quotes, an expression in parentheses.
    fn joined(&self) -> String {
        let tokens = token::tokens(&self.source).unwrap_or_default();
        if !grammar::are_words(&tokens) {
            return format!("({})", self.source);
        }
        let words = tokens.iter().map(|token| {
            let typed = self.source.get(token.start..token.end).unwrap_or_default();
            if typed.starts_with('"') {
                typed.to_owned()
            } else {
                format!("\"{typed}\"")
            }
        });
        words.collect::<Vec<_>>().join(" and ")
    }

    /// What `filter` means, or everything, without control frames.
    #[must_use]
    pub fn without_control(filter: Option<&Self>) -> Self {
        let data = Expr::Not(Box::new(Expr::Has(Name::Field(Field::Control))));
        let mut all = vec![data];
        all.extend(filter.map(|filter| filter.expr.clone()));
        Self {
            source: filter
                .map(|filter| filter.source.clone())
                .unwrap_or_default(),
            expr: Expr::And(all),
            ends: filter.and_then(|filter| filter.ends.clone()),
        }
    }

    /// Reads what is looked for in payloads: an expression, or else the words as they stand.
    pub fn search(source: &str) -> Self {
        let words = || Self {
            source: source.to_owned(),
            expr: Expr::Payload(source.to_ascii_lowercase()),
            ends: None,
        };
        match token::tokens(source) {
            Ok(tokens) if !tokens.is_empty() && !grammar::are_words(&tokens) => {
                Self::parse(source).unwrap_or_else(|_| words())
            }
            _ => words(),
        }
    }

    /// What it wants to be in payloads, to be marked there.
    pub fn needles(&self) -> Needles {
        let mut needles = Vec::new();
        self.expr.needles(&mut needles);
        Needles::new(needles)
    }

    /// As it was typed.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it asks for more than an index of messages holds.
    pub fn needs_payload(&self) -> bool {
        let payload = |name: &Name| name.field().is_none_or(Field::is_payload);
        self.expr.any_name(&payload)
    }

    /// Whether what is known of a connection answers all of it.
    fn is_about_connections(&self) -> bool {
        let other = |name: &Name| !name.field().is_some_and(Field::is_of_connection);
        !self.expr.any_name(&other)
    }

    /// Whether a connection matches, whatever its messages are.
    pub fn means_connection(&self, connection: &OfConnection<'_>) -> bool {
        self.is_about_connections() && self.matches(connection)
    }

    /// Whether it asks for findings, which are known only after the message.
    pub fn needs_findings(&self) -> bool {
        let finding = |name: &Name| name.field() == Some(Field::Finding);
        self.expr.any_name(&finding)
    }

    /// Whether a message matches. Where it asks for units, one unit must satisfy all of it.
    pub fn matches(&self, subject: &dyn Subject) -> bool {
        let units = subject.units();
        if units.is_empty() || !self.expr.any_name(&Name::is_of_unit) {
            return self.expr.holds(subject, None);
        }
        let mut units = units.iter();
        units.any(|unit| self.expr.holds(subject, Some(unit)))
    }
}

#[cfg(test)]
mod tests;
