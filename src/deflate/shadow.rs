//! What a sender's window would hold if it kept its context.
//!
//! Job: remember what an agreed reset throws away, so that a message of a sender that does not
//! reset can still be shown, and the deed be told. Input: a direction's messages.
//! Output: the history before a message, and the message's input again.
//! RFC 7692 §7.1.1.

use super::history::History;

/// Compressed bytes of one message that are kept for a second attempt.
const INPUT_MAX: usize = 1 << 20;

/// Beside a direction without context takeover.
#[derive(Debug, Default)]
pub(super) struct Shadow {
    history: History,
    input: Vec<u8>,
    /// `input` is all of the message so far.
    whole: bool,
    /// What the sink held when the message began: bytes kept, bytes in all.
    mark: Option<(usize, u64)>,
}

impl Shadow {
    /// A message begins.
    pub(super) fn begin(&mut self) {
        self.input.clear();
        self.whole = true;
        self.mark = None;
    }

    /// The message goes on; the sink holds `mark` before it.
    pub(super) fn note(&mut self, bytes: &[u8], mark: (usize, u64)) {
        self.mark.get_or_insert(mark);
        self.whole &= self.input.len() + bytes.len() <= INPUT_MAX;
        if self.whole {
            self.input.extend_from_slice(bytes);
        }
    }

    /// The message put out what `history` holds.
    pub(super) fn learn(&mut self, history: &History) {
        self.history.push(&history.to_vec());
    }

    /// Bytes are missing.
    pub(super) fn forget(&mut self) {
        self.history.clear();
        self.whole = false;
    }

    /// What a second attempt takes, where one makes sense: the history, the input, the sink's mark.
    pub(super) fn attempt(&self) -> Option<(&History, &[u8], (usize, u64))> {
        let sensible = self.whole && !self.history.is_empty();
        sensible.then_some((&self.history, self.input.as_slice(), self.mark?))
    }
}
