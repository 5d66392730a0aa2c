//! How conversations ended, for filters that ask it of their messages.
//!
//! Job: note of each conversation who ended it, how, with which code and after how long a silence.
//! Input: the events of a run before the one that asks. Output: an [`End`] for each conversation.

use std::borrow::Cow;
use std::collections::HashMap;

use super::field::Field;
use super::subject::Value;
use crate::base::{Conversing, Peer};
use crate::event::{Event, EventSink};
use crate::stats::{Close, Closing, How, Outcome};

/// What the fields of ends are answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    by: Option<Peer>,
    how: How,
    code: Option<u16>,
    silence: Option<i64>,
}

impl From<&Outcome> for End {
    fn from(outcome: &Outcome) -> Self {
        Self {
            by: outcome.by,
            how: outcome.how,
            code: outcome.code,
            silence: outcome.silence,
        }
    }
}

impl End {
    /// What a field of ends holds.
    pub(super) fn get(&self, field: Field) -> Value<'static> {
        let known = |value: Option<Value<'static>>| value.unwrap_or(Value::Missing);
        match field {
            Field::End => Value::Text(Cow::Borrowed(self.how.name())),
            Field::ClosedBy => known(self.by.map(|by| Value::Text(Cow::Borrowed(by.name())))),
            Field::EndCode => known(self.code.map(|code| Value::number(code.into()))),
            Field::Silence => known(self.silence.map(Value::seconds)),
            _ => Value::Missing,
        }
    }
}

/// The ends of all conversations. One that is open takes its [`Closing`], one that is over an
/// [`End`]: a few dozen bytes.
#[derive(Debug, Default)]
pub struct Ends {
    open: HashMap<Conversing, Closing, foldhash::fast::RandomState>,
    over: HashMap<Conversing, End, foldhash::fast::RandomState>,
}

impl Ends {
    /// Notes how a conversation ended.
    pub fn insert(&mut self, conversing: Conversing, outcome: &Outcome) {
        self.over.insert(conversing, outcome.into());
    }

    /// Takes over what another worker noted.
    pub fn merge(&mut self, other: Self) {
        self.over.extend(other.over);
    }

    /// How a conversation ended.
    pub fn get(&self, conversing: Conversing) -> Option<End> {
        self.over.get(&conversing).copied()
    }
}

impl EventSink for Ends {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => {
                self.open.entry(info.conversing).or_default();
            }
            Event::Message(message) => {
                let closing = self.open.entry(message.conversing).or_default();
                match Close::of(message) {
                    Some(close) => closing.close(close),
                    None => closing.message(message.last.time),
                }
            }
            Event::End(end) => {
                let closing = self.open.remove(&end.conversing).unwrap_or_default();
                self.insert(end.conversing, &closing.outcome(end));
            }
            _ => {}
        }
    }
}
