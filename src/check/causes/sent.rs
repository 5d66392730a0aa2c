//! What one side sent, as the hypotheses read it.
//!
//! Job: hold a direction's data messages with their compressed payloads. Input: none.
//! Output: plain values.

use crate::base::Stamp;
use crate::deflate::{Parameters, Takeover};

/// A data message as it stood on the wire, unmasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its number on the connection.
    pub number: u64,
    /// It is a text, so its bytes are UTF-8.
    pub is_text: bool,
    /// RSV1 marks it as compressed.
    pub compressed: bool,
    /// The payload of each of its frames.
    pub frames: Vec<Vec<u8>>,
    /// The packet with its first byte.
    pub at: Stamp,
    /// The capture lacks bytes of it, or before it.
    pub lost: bool,
}

impl Sent {
    /// Its payload as one run of bytes.
    pub(super) fn payload(&self) -> Vec<u8> {
        self.frames.concat()
    }
}

/// What one side sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Direction {
    /// What was agreed for it.
    pub parameters: Parameters,
    /// Its data messages in order, from its first.
    pub messages: Vec<Sent>,
    /// There were more, beyond the limits.
    pub cut: bool,
}

impl Direction {
    /// Whether it agreed to empty its window before each message.
    pub(super) fn resets(&self) -> bool {
        self.parameters.takeover == Takeover::Reset
    }
}
