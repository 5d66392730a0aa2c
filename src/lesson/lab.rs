//! What is in the lab.
//!
//! Job: hold what both sides say, and how they send it. Input: what somebody types. Output:
//! [`Lab`]; plain values.

use super::controls::Controls;
use crate::base::Peer;
use crate::ws::OpCode;

/// Messages that the lab holds.
pub const MOST_ITEMS: usize = 1000;
/// Bytes that all of them together may have.
pub const MOST_BYTES: usize = 16 << 20;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A message; the lab makes its frames.
    Message(OpCode, Vec<u8>),
    /// Frames as they are.
    Frames(Vec<u8>),
    /// A compressed payload as it is; the lab makes one frame for it.
    Deflate(Vec<u8>),
}

/// One thing that one side sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Who sends it.
    pub from: Peer,
    /// What.
    pub content: Content,
    /// The capture lacks its packets.
    pub lost: bool,
}

impl Item {
    /// A message that arrives.
    pub fn message(from: Peer, opcode: OpCode, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            from,
            content: Content::Message(opcode, payload.into()),
            lost: false,
        }
    }

    /// A text message that arrives.
    pub fn text(from: Peer, text: &str) -> Self {
        Self::message(from, OpCode::Text, text)
    }

    /// A close message with a code and a reason. RFC 6455 §5.5.1.
    pub fn close(from: Peer, code: u16, reason: &str) -> Self {
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend_from_slice(reason.as_bytes());
        Self::message(from, OpCode::Close, payload)
    }

    /// The bytes that were typed.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Message(_, bytes) | Content::Frames(bytes) | Content::Deflate(bytes) => bytes,
        }
    }
}

/// What both sides say, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lab {
    /// In the order in which they are sent.
    pub items: Vec<Item>,
    /// How.
    pub controls: Controls,
}

impl Lab {
    /// Five messages that have much in common: what a shared window is worth.
    pub fn demonstration(from: Peer) -> Vec<Item> {
        [
            r#"{"type":"ticker","sequence":41000,"product":"BTC-EUR","price":"60994.19","bid":"60988.09","ask":"61000.29","volume":"5042.3538","time":"2024-05-01T09:30:00.946Z"}"#,
            r#"{"type":"ticker","sequence":41001,"product":"BTC-EUR","price":"60994.82","bid":"60988.72","ask":"61000.92","volume":"5042.6110","time":"2024-05-01T09:30:01.875Z"}"#,
            r#"{"type":"chat","room":"ops","id":700,"from":"wren","text":"good morning, is the new build on staging yet? the old one was slow again all through the night"}"#,
            r#"{"type":"ticker","sequence":41002,"product":"ETH-EUR","price":"6103.43","bid":"6102.82","ask":"6104.04","volume":"4071.9726","time":"2024-05-01T09:30:02.524Z"}"#,
            r#"{"type":"chat","room":"ops","id":701,"from":"lynx","text":"good morning, the new build is on staging since ten minutes; the old one is gone"}"#,
        ]
        .map(|text| Item::text(from, text))
        .to_vec()
    }

    /// Adds what is sent next, if there is room.
    pub fn push(&mut self, item: Item) -> Result<(), String> {
        let bytes: usize = self.items.iter().map(|item| item.bytes().len()).sum();
        if self.items.len() >= MOST_ITEMS {
            return Err(format!("the lab holds {MOST_ITEMS} messages"));
        }
        if bytes.saturating_add(item.bytes().len()) > MOST_BYTES {
            return Err(format!("the lab holds {} MiB", MOST_BYTES >> 20));
        }
        if let Content::Message(opcode, payload) = &item.content
            && opcode.is_control()
            && payload.len() > 125
        {
            // RFC 6455 §5.5.
            return Err(format!("a {opcode} has at most 125 bytes"));
        }
        self.items.push(item);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded() {
        let mut lab = Lab::default();
        let long = Item::message(Peer::Client, OpCode::Ping, [0; 126]);
        assert!(lab.push(long).is_err());
        let huge = Item::message(Peer::Client, OpCode::Binary, vec![0; MOST_BYTES]);
        assert!(lab.push(huge).is_ok());
        assert!(lab.push(Item::text(Peer::Client, "x")).is_err());
        let mut lab = Lab::default();
        for _ in 0..MOST_ITEMS {
            assert!(lab.push(Item::text(Peer::Server, "x")).is_ok());
        }
        assert!(lab.push(Item::text(Peer::Server, "x")).is_err());
    }
}
