//! The state of the message that is looked at.
//!
//! Job: which message, how, and what of it was got. Input: changed by `update` only. Output: read
//! by `view`.

use std::collections::VecDeque;
use std::sync::Arc;

use strum::VariantArray;

use super::screen::Tab;
use crate::explain::{Explanation, Spot, Step};
use crate::page::Line;
use crate::tui::message::{Bits, Content, Depth, Form, Key};

/// Messages that are kept after they were got again.
const CACHED: usize = 256;

/// Bytes of these.
const CACHED_BYTES: usize = 48 << 20;

/// A payload laid out for a width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Of which message.
    pub key: Key,
    /// In which form.
    pub form: Form,
    /// For how many columns.
    pub width: usize,
    /// What is marked in it, as it was typed.
    pub marked: String,
    /// Where that is found: the line, and the span in it.
    pub found: Vec<(usize, usize)>,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// What is shown below the steps of a compressed payload, in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, VariantArray)]
pub enum Below {
    /// What a step says, and the payload as far as it has grown.
    #[default]
    Output,
    /// The Huffman codes that it was read in.
    Codes,
    /// How much of the message came from which earlier one.
    Shares,
}

/// The message that is looked at.
#[derive(Debug, Clone, Default)]
pub struct MessageState {
    /// Which it is.
    pub key: Option<Key>,
    /// How it is looked at.
    pub tab: Tab,
    /// How its payload is shown.
    pub form: Form,
    /// The first line of each tab that is seen.
    pub scroll: [usize; 6],
    /// Selected step or unit.
    pub cursor: usize,
    /// Where in its frames the cursor is.
    pub spot: Spot,
    /// What is shown below its steps.
    pub below: Below,
    /// The bit of a message's compressed payload that the cursor is to go to once it is there.
    pub seek: Option<(Key, u64)>,
    /// What was asked for last.
    pub wanted: Option<(Key, Depth)>,
    /// Where it was jumped from: place, tab and cursor.
    pub jumps: Vec<(usize, Tab, usize)>,
    /// Why it could not be got.
    pub failed: Option<(Key, String)>,
    /// Messages that were got, the newest last.
    pub cache: VecDeque<Arc<Content>>,
    /// The payload as lines.
    pub document: Option<Document>,
    /// Which of the places where what is looked for is found is looked at.
    pub hit: usize,
    /// The last of them is to be looked at, once they are known.
    pub from_end: bool,
}

impl MessageState {
    /// The message, as far as it was got.
    pub fn content(&self) -> Option<&Arc<Content>> {
        let key = self.key?;
        self.cached(key, Depth::Wire)
            .or_else(|| self.cached(key, Depth::Payload))
    }

    /// A message that was got so deep.
    pub fn cached(&self, key: Key, depth: Depth) -> Option<&Arc<Content>> {
        self.cache.iter().rev().find(|content| {
            content.key() == key && (depth == Depth::Payload || content.wire.is_some())
        })
    }

    /// Keeps a message, and drops the oldest ones.
    pub fn keep(&mut self, content: Content) {
        self.cache.push_back(Arc::new(content));
        let mut bytes: usize = self.cache.iter().map(|c| c.payload.len()).sum();
        while self.cache.len() > 1 && (self.cache.len() > CACHED || bytes > CACHED_BYTES) {
            if let Some(old) = self.cache.pop_front() {
                bytes -= old.payload.len();
            }
        }
    }

    /// Its frames and bits, where they were got.
    pub fn bits(&self) -> Option<&Bits> {
        self.content()?.wire.as_deref()
    }

    /// The step that is looked at.
    pub fn step(&self) -> Option<(&Step, &Explanation)> {
        let bits = self.bits()?;
        let step = bits.steps.get(self.cursor).or(bits.steps.last())?;
        Some((step, &bits.explanation))
    }

    /// The earlier message that the step copies from.
    pub fn source(&self) -> Option<Key> {
        let (step, explanation) = self.step()?;
        let says = step.says(explanation)?;
        let (message, _) = says.earlier(explanation.number)?;
        Some(Key {
            conversing: explanation.conversing,
            message,
        })
    }

    /// The first line of the tab that is seen.
    pub fn top(&self) -> usize {
        self.scroll.get(self.tab as usize).copied().unwrap_or(0)
    }
}
