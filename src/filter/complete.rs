//! What a word that is being typed could become.
//!
//! Job: names of fields, of operators and of values. Input: the text before the cursor.
//! Output: a [`Completion`].

use super::field::{Field, Kind};

/// What a word could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Bytes of the word so far.
    pub typed: usize,
    /// What it could become, with a word about each.
    pub options: Vec<(&'static str, &'static str)>,
}

/// What the last word of `before` could become.
pub fn complete(before: &str) -> Completion {
    let start = before
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-' || c == '.'))
        .map_or(0, |at| {
            at + before
                .get(at..)
                .and_then(|s| s.chars().next())
                .map_or(1, char::len_utf8)
        });
    let (earlier, word) = before.split_at_checked(start).unwrap_or((before, ""));
    let quotes = earlier.matches('"').count();
    let options = if quotes % 2 == 1 {
        Vec::new()
    } else {
        options(earlier.trim_end())
            .into_iter()
            .filter(|(name, _)| name.starts_with(word) && *name != word)
            .collect()
    };
    Completion {
        typed: word.len(),
        options,
    }
}

fn options(earlier: &str) -> Vec<(&'static str, &'static str)> {
    let fields = || Field::ALL.iter().map(|f| (f.name(), f.help()));
    let mut words = earlier.split_whitespace().rev();
    let last = words.next();
    if let Some(field) = last.and_then(Field::named) {
        return match field.kind() {
            Kind::Truth => vec![("and", ""), ("or", "")],
            Kind::Number => Vec::new(),
            Kind::Text | Kind::Name(_) => {
                vec![("contains", "a text"), ("matches", "a pattern: /…/")]
            }
        };
    }
    match (last, words.next().and_then(Field::named)) {
        (Some("==" | "!=" | "contains"), Some(field)) => match field.kind() {
            Kind::Name(names) => names.iter().map(|name| (*name, "")).collect(),
            Kind::Truth => vec![("true", ""), ("false", "")],
            Kind::Number | Kind::Text => Vec::new(),
        },
        (None | Some("and" | "or" | "not" | "has" | "(" | "&&" | "||" | "!"), _) => {
            let mut all: Vec<_> = fields().collect();
            if last != Some("has") {
                all.extend([
                    ("not", "turns what follows round"),
                    ("has", "a field is there"),
                ]);
            }
            all
        }
        (Some(word), _) if word.ends_with('(') || word.ends_with('!') => fields().collect(),
        _ => vec![("and", "both hold"), ("or", "one holds")],
    }
}
