//! Directions that deserve a look although nothing was found on them.
//!
//! Job: notice texts that begin like JSON and are none, from a sender whose texts are JSON otherwise: a
//! window that differs from its sender's makes such ones, without any broken rule. Input: events.
//! Output: connections.

use std::collections::HashMap;

use crate::base::{Conversing, PerPeer};
use crate::event::{Event, Message};
use crate::ws::OpCode;

/// Texts longer than this are not parsed.
const LONGEST: usize = 64 << 10;

/// JSON texts of a sender, and others that begin so.
#[derive(Debug, Clone, Copy, Default)]
struct Texts {
    json: u64,
    broken: u64,
}

/// Watches the texts of open connections.
#[derive(Debug, Default)]
pub(in crate::check) struct Suspects {
    open: HashMap<Conversing, PerPeer<Texts>, foldhash::fast::RandomState>,
}

impl Suspects {
    /// Takes the next event. Gives the connection that ends with it, where it is suspect.
    pub(in crate::check) fn event(&mut self, event: &Event<'_>) -> Option<Conversing> {
        match event {
            Event::Message(message) if message.compressed => self.message(message),
            Event::End(end) => {
                let both = self.open.remove(&end.conversing)?;
                let suspect = |texts: &Texts| texts.json > 0 && texts.broken > 0;
                let any = both.iter().any(|(_, texts)| suspect(texts));
                return any.then_some(end.conversing);
            }
            _ => {}
        }
        None
    }

    fn message(&mut self, message: &Message<'_>) {
        let Some(text) = message.text.filter(|_| message.opcode == OpCode::Text) else {
            return;
        };
        let begins = matches!(text.bytes().next(), Some(b'{' | b'['));
        if !begins || text.len() > LONGEST {
            return;
        }
        let texts = &mut self.open.entry(message.conversing).or_default()[message.from];
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            texts.json += 1;
        } else {
            texts.broken += 1;
        }
    }

    /// Takes over what another worker watches.
    pub(in crate::check) fn merge(&mut self, other: Self) {
        self.open.extend(other.open);
    }
}
