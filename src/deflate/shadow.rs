//! What a sender's window would hold if it kept its context.
//!
//! Job: remember what an agreed reset throws away, so that a message of a sender that does not
//! reset can still be shown, and the deed be told. Input: a direction's messages.
//! Output: an [`Attempt`]: the history before a message, and the message's input again.
//! RFC 7692 §7.1.1.

use super::again::INPUT_MAX;
use super::history::History;
use super::output::Mark;

/// Beside a direction without context takeover.
#[derive(Debug, Clone, Default)]
pub(super) struct Shadow {
    history: History,
    /// Messages before `history` are missing.
    lost_before: bool,
    input: Vec<u8>,
    /// `input` is all of the message so far.
    whole: bool,
    /// Where the output stood when the message began.
    mark: Option<Mark>,
}

/// What a second attempt takes.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub(super) history: &'a History,
    pub(super) lost_before: bool,
    pub(super) input: &'a [u8],
    pub(super) mark: Mark,
}

impl Shadow {
    /// A message begins.
    pub(super) fn begin(&mut self) {
        self.input.clear();
        self.whole = true;
        self.mark = None;
    }

    /// The message goes on; the output stands at `mark` before it.
    pub(super) fn note(&mut self, bytes: &[u8], mark: Mark) {
        self.mark.get_or_insert(mark);
        self.whole &= self.input.len() + bytes.len() <= INPUT_MAX;
        if self.whole {
            self.input.extend_from_slice(bytes);
        }
    }

    /// The message put out `recent`, or more that ends in it.
    pub(super) fn learn(&mut self, recent: &[u8]) {
        self.history.push(recent);
    }

    /// Bytes that it holds.
    pub(super) fn held(&self) -> usize {
        self.history.held() + self.input.len()
    }

    /// Bytes are missing.
    pub(super) fn forget(&mut self) {
        self.history.clear();
        self.lost_before = true;
        self.whole = false;
    }

    /// What a second attempt takes, where one makes sense.
    pub(super) fn attempt(&self) -> Option<Attempt<'_>> {
        let sensible = self.whole && (self.lost_before || !self.history.is_empty());
        sensible.then_some(Attempt {
            history: &self.history,
            lost_before: self.lost_before,
            input: &self.input,
            mark: self.mark?,
        })
    }
}
