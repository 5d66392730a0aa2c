//! What a frame is for. RFC 6455 §5.2, §11.8.

use std::fmt;

/// The four opcode bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OpCode {
    /// A further fragment of the message in progress.
    Continuation,
    /// The first fragment of a text message.
    Text,
    /// The first fragment of a binary message.
    Binary,
    /// The sender will send no more.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping, or says "alive" unasked.
    Pong,
    /// A value without a meaning yet: 3–7 for data, 11–15 for control.
    Reserved(u8),
}

impl OpCode {
    /// The meaning of the low four bits of `byte`.
    pub fn from_bits(byte: u8) -> Self {
        match byte & 0x0f {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            other => Self::Reserved(other),
        }
    }

    /// The four bits.
    pub fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
            Self::Reserved(bits) => bits,
        }
    }

    /// Whether the frame stands alone and may come between fragments.
    pub fn is_control(self) -> bool {
        // RFC 6455 §5.5: control frames are those whose highest opcode bit is set.
        self.bits() & 0x8 != 0
    }

    /// Whether the value has no meaning assigned.
    pub fn is_reserved(self) -> bool {
        matches!(self, Self::Reserved(_))
    }
}

impl fmt::Display for OpCode {
    /// As the JSON contract spells it: `text`, `ping`, `reserved-3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Continuation => f.pad("continuation"),
            Self::Text => f.pad("text"),
            Self::Binary => f.pad("binary"),
            Self::Close => f.pad("close"),
            Self::Ping => f.pad("ping"),
            Self::Pong => f.pad("pong"),
            Self::Reserved(bits) => f.pad(&format!("reserved-{bits}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back() {
        for bits in 0..16 {
            let opcode = OpCode::from_bits(0xf0 | bits);
            assert_eq!(opcode.bits(), bits);
            assert_eq!(opcode.is_control(), bits >= 8);
        }
        assert_eq!(OpCode::from_bits(3).to_string(), "reserved-3");
    }
}
