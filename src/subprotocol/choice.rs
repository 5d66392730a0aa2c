//! Which protocol a conversation is to be read as.
//!
//! Job: hold what was asked for, for all conversations and for single ones. Input: words such as
//! `stomp`, `none` or `7=stomp`. Output: a [`Choice`] for each conversation.

use super::entry::Entry;
use crate::base::Conversing;

/// Whether and how a protocol is chosen.
#[derive(Debug, Clone, Copy, Default)]
pub enum Choice {
    /// By what is said.
    #[default]
    Recognise,
    /// None: messages are not looked into.
    Nothing,
    /// This one, whatever is said.
    Forced(&'static Entry),
}

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    all: Choice,
    some: Vec<(Conversing, Choice)>,
}

impl Choices {
    /// Adds `stomp`, `none`, `7=stomp` or `7.3=none`; the last one that fits counts. `entries` are
    /// the protocols that there are. The error says what would be right.
    pub fn add(&mut self, word: &str, entries: &'static [Entry]) -> Result<(), String> {
        let (id, name) = match word.split_once('=') {
            None => (None, word),
            Some((id, name)) => {
                let parsed = id.parse::<Conversing>();
                let id = parsed.map_err(|_| format!("{id:?} is no connection"))?;
                (Some(id), name)
            }
        };
        let entry = || entries.iter().find(|entry| entry.name == name);
        let choice = match name {
            "none" => Choice::Nothing,
            _ => Choice::Forced(entry().ok_or_else(|| {
                let names: Vec<_> = entries.iter().map(|entry| entry.name).collect();
                format!(
                    "no protocol is called {name:?}; there are {} and none",
                    names.join(", ")
                )
            })?),
        };
        match id {
            Some(id) => self.some.push((id, choice)),
            None => self.all = choice,
        }
        Ok(())
    }

    /// What counts for a conversation.
    pub fn of(&self, id: Conversing) -> Choice {
        let own = self.some.iter().rev().find(|(own, _)| *own == id);
        own.map_or(self.all, |(_, choice)| *choice)
    }
}
