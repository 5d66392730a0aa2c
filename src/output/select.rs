//! Which messages are shown.
//!
//! Job: the plain options of the command line as one test. Input: messages and findings. Output: yes or no.

use crate::base::Peer;
use crate::event::{Message, Pending};
use crate::finding::Finding;

/// Every condition that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// Only what this peer sent.
    pub from: Option<Peer>,
    /// Only these opcodes, as JSON spells them; empty means all.
    pub opcodes: Vec<String>,
}

impl Select {
    /// Whether `message` is shown.
    pub fn message(&self, message: &Message<'_>) -> bool {
        let named = |name: &String| *name == message.opcode.to_string();
        self.sent_by(Some(message.from))
            && (self.opcodes.is_empty() || self.opcodes.iter().any(named))
    }

    /// Whether `finding` is shown.
    pub fn finding(&self, finding: &Finding) -> bool {
        self.sent_by(finding.from) && self.opcodes.is_empty()
    }

    /// Whether a unit without an answer is shown.
    pub fn pending(&self, pending: &Pending) -> bool {
        self.sent_by(Some(pending.question.from)) && self.opcodes.is_empty()
    }

    fn sent_by(&self, from: Option<Peer>) -> bool {
        let wanted = |only| from.is_none_or(|from| from == only);
        self.from.is_none_or(wanted)
    }
}
