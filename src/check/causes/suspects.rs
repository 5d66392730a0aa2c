//! Directions that deserve a look although nothing was found on them.
//!
//! Job: notice texts that begin like JSON and are none, from a sender whose texts are JSON otherwise: a
//! window that differs from its sender's makes such ones, without any broken rule. Input: events.
//! Output: connections.

use std::collections::HashMap;

use serde::de::IgnoredAny;

use crate::base::{Conversing, PerPeer};
use crate::event::{Event, Message};
use crate::ws::OpCode;

/// Bytes of a text that are parsed. Most of what a message copies from earlier ones is in its
/// beginning, so that a window that differs shows there.
const BEGINNING: usize = 4 << 10;

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
        if !begins {
            return;
        }
        let texts = &mut self.open.entry(message.conversing).or_default()[message.from];
        if is_json(text) {
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

/// Whether a text is JSON; of a long one, whether it begins as JSON does. RFC 8259.
fn is_json(text: &str) -> bool {
    if text.len() <= BEGINNING {
        return serde_json::from_str::<IgnoredAny>(text).is_ok();
    }
    let whole = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=BEGINNING).rev().find(whole).unwrap_or(0);
    // A number that is cut may end as none does.
    let in_number = |last: char| matches!(last, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    let beginning = text.get(..end).unwrap_or_default();
    let beginning = beginning.trim_end_matches(in_number);
    match serde_json::from_str::<IgnoredAny>(beginning) {
        Ok(_) => {
            let mut behind = text.bytes().skip(beginning.len());
            behind.all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        }
        Err(error) => error.is_eof(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_json_wherever_it_is_cut() {
        let text = r#"[{"a":-1.5e+3,"\u00e9":[true,false,null,"\"\\",{}]},0,"ä€",-0.25E-7,12]"#;
        for cut in 2..text.len() {
            let whole = format!("[{}{text}]", " ".repeat(BEGINNING - 1 - cut));
            assert!(is_json(&whole), "{cut}");
            assert!(!is_json(&whole.replace("[{", "[}")), "{cut}");
        }
        let padded = |more: &str| format!("{{}}{}{more}", " ".repeat(BEGINNING));
        assert!(is_json(&padded("\n")));
        assert!(!is_json(&padded("1")));
    }
}
