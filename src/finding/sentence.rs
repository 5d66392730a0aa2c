//! What was seen, in a sentence, with its figures apart.
//!
//! Job: put figures into a sentence in one place, and keep them as values. Input: a template and
//! figures by name. Output: a [`Sentence`].

use std::fmt::{self, Display};
use std::ops::Deref;

use crate::base::words::{count, grouped, span};

/// A figure with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// A number of things.
    Count(u64),
    /// A number that names something: a code, a message, a place.
    Id(u64),
    /// A number of bytes.
    Bytes(u64),
    /// A time span in nanoseconds.
    Nanos(i64),
}

impl Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Count(number) => f.write_str(&grouped(number)),
            Self::Id(number) => write!(f, "{number}"),
            Self::Bytes(bytes) => f.write_str(&count(bytes, "byte")),
            Self::Nanos(nanos) => f.write_str(&span(nanos)),
        }
    }
}

/// A sentence with the figures that stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    text: String,
    figures: Vec<(&'static str, Figure)>,
}

impl Sentence {
    /// Puts each figure where `template` has its name in braces. The template is ours: text from
    /// the network does not belong in it.
    pub fn new(template: &str, figures: &[(&'static str, Figure)]) -> Self {
        let mut text = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('{') {
            text.push_str(before);
            let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
            match figures.iter().find(|(own, _)| *own == name) {
                Some((_, figure)) => text.push_str(&figure.to_string()),
                None => text.push_str(name),
            }
            rest = behind;
        }
        text.push_str(rest);
        Self {
            text,
            figures: figures.to_vec(),
        }
    }

    /// The figures by name, in the order of the sentence.
    pub fn figures(&self) -> &[(&'static str, Figure)] {
        &self.figures
    }

    /// The same with more text at its end, which may be from the network.
    #[must_use]
    pub fn with(mut self, more: &str) -> Self {
        self.text.push_str(more);
        self
    }

    /// The same with figures that stand in its text already, which may be from the network.
    #[must_use]
    pub fn noting(mut self, figures: &[(&'static str, Figure)]) -> Self {
        self.figures.extend_from_slice(figures);
        self
    }

    /// Says the same in other words.
    pub fn reword(&mut self, text: String) {
        self.text = text;
    }

    /// Cuts a text that is longer than so many bytes.
    pub fn clip(&mut self, bytes: usize) {
        if self.text.len() > bytes {
            let boundary = |end: &usize| self.text.is_char_boundary(*end);
            let end = (0..=bytes).rev().find(boundary).unwrap_or(0);
            self.text.truncate(end);
            self.text.push('…');
        }
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self {
            text,
            figures: Vec::new(),
        }
    }
}

impl From<&str> for Sentence {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Sentence {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_where_they_are_named() {
        let figures = [
            ("wait", Figure::Nanos(1_500_000_000)),
            ("sent", Figure::Bytes(1)),
            ("code", Figure::Id(1005)),
            ("times", Figure::Count(1005)),
        ];
        let sentence = Sentence::new("{sent} in {wait}, {times} times, code {code}", &figures);
        assert_eq!(&*sentence, "1 byte in 1.50 s, 1,005 times, code 1005");
        assert_eq!(sentence.figures(), figures);
        assert!(Sentence::from("no {figure}").figures().is_empty());
        assert_eq!(&*Sentence::from("no {figure}"), "no {figure}");
        // What the network said is never taken for a template.
        let figures = [("status", Figure::Id(404))];
        let noted = Sentence::from("404 {status}").noting(&figures);
        assert_eq!((&*noted, noted.figures()), ("404 {status}", &figures[..]));
    }

    #[test]
    fn a_long_sentence_is_cut_between_characters() {
        let mut sentence = Sentence::from("aä");
        sentence.clip(2);
        assert_eq!(&*sentence, "a…");
        sentence.clip(4);
        assert_eq!(&*sentence, "a…");
    }
}
