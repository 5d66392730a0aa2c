//! Which messages are shown.
//!
//! Job: the plain options of the command line as one test. Input: messages. Output: yes or no.

use crate::base::Peer;
use crate::event::Message;

/// Every condition that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// Only this connection.
    pub connection: Option<u64>,
    /// Only what this peer sent.
    pub from: Option<Peer>,
    /// Only these opcodes, as JSON spells them; empty means all.
    pub opcodes: Vec<String>,
}

impl Select {
    /// Whether `message` is shown.
    pub fn message(&self, message: &Message<'_>) -> bool {
        self.place(message.connection, Some(message.from))
            && (self.opcodes.is_empty()
                || self
                    .opcodes
                    .iter()
                    .any(|name| *name == message.opcode.to_string()))
    }

    /// Whether something else on a connection is shown.
    pub fn place(&self, connection: u64, from: Option<Peer>) -> bool {
        self.connection.is_none_or(|only| only == connection)
            && self
                .from
                .is_none_or(|only| from.is_none_or(|from| from == only))
    }
}
