//! The fields of a frame header, named.
//!
//! Job: say of each bit of a header what it is called, what it says and which rule gives it that
//! meaning. Input: a [`FrameHeader`] and where it stands. Output: [`FieldInfo`]s, apart from any
//! rendering. RFC 6455 §5.2, §5.3, §5.5, RFC 7692 §6.

use std::fmt;

use crate::base::Peer;
use crate::page::words::hex;
use crate::ws::{FrameHeader, OpCode, Rsv1};

/// A field: some bits with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInfo {
    /// What it is called, as JSON spells it: `fin`, `masking_key`.
    pub name: &'static str,
    /// Its bits, from the first up to the one behind the last. In a frame header they count from
    /// its first byte's highest bit, in a compressed payload in the order of RFC 1951 §3.1.1.
    pub bits: (u64, u64),
    /// What stands there.
    pub value: FieldValue,
    /// What that means here.
    pub meaning: String,
    /// The rule that gives it this meaning: RFC and section.
    pub rule: &'static str,
    /// It breaks that rule.
    pub wrong: bool,
}

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue {
    /// A number.
    Number(u64),
    /// A masking key.
    Key([u8; 4]),
}

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.pad(&number.to_string()),
            Self::Key(key) => f.pad(&hex(key, |_| true)),
        }
    }
}

impl FieldInfo {
    /// A field in order.
    pub(super) fn new(
        name: &'static str,
        bits: (u64, u64),
        value: u64,
        meaning: impl Into<String>,
        rule: &'static str,
    ) -> Self {
        Self {
            name,
            bits,
            value: FieldValue::Number(value),
            meaning: meaning.into(),
            rule,
            wrong: false,
        }
    }

    /// `BFINAL 0`: the name as the RFC writes it, with the value.
    pub fn said(&self) -> String {
        match (self.name, self.value) {
            ("padding", value) => format!("padding {value}"),
            // RFC 1951 §3.2.3 writes it so.
            ("btype", FieldValue::Number(value)) => format!("BTYPE {value:02b}"),
            (name, value) => format!("{} {value}", name.to_uppercase()),
        }
    }

    fn wrong_if(mut self, wrong: bool) -> Self {
        self.wrong = wrong;
        self
    }
}

/// Where a frame stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FramePlace {
    /// Who sent it.
    pub from: Peer,
    /// What RSV1 means on the connection.
    pub rsv1: Rsv1,
    /// It is its message's first.
    pub begins: bool,
}

/// The bytes of a header, as they stood on the wire.
pub fn header_bytes(header: &FrameHeader) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FrameHeader::MAX_LEN);
    header.write(&mut bytes);
    bytes
}

/// The fields of a header, in the order in which they stand.
pub fn frame_fields(header: &FrameHeader, place: FramePlace) -> Vec<FieldInfo> {
    let mut fields = vec![
        fin(header, place),
        rsv1(header, place),
        reserved("rsv2", 2, header.rsv2, place),
        reserved("rsv3", 3, header.rsv3, place),
        opcode(header),
        mask(header, place),
    ];
    length(header, &mut fields);
    if let Some(key) = header.mask {
        let start = u64::from(header.header_len - 4) * 8;
        fields.push(FieldInfo {
            name: "masking_key",
            bits: (start, start + 32),
            value: FieldValue::Key(key),
            meaning: "XORed with the payload, repeating".to_owned(),
            rule: "RFC 6455 §5.3",
            wrong: false,
        });
    }
    fields
}

fn fin(header: &FrameHeader, place: FramePlace) -> FieldInfo {
    let control = header.opcode.is_control();
    let meaning = match (header.fin, control) {
        (true, true) => "control frames are never fragmented",
        (false, true) => "control may not be fragmented",
        (true, false) if place.begins => "the message is this one frame",
        (true, false) => "the last fragment of the message",
        (false, false) if place.begins => "the first fragment; more follow",
        (false, false) => "more fragments follow",
    };
    let rule = if control {
        "RFC 6455 §5.5"
    } else {
        "RFC 6455 §5.4"
    };
    let broken = control && !header.fin;
    FieldInfo::new("fin", (0, 1), header.fin.into(), meaning, rule).wrong_if(broken)
}

fn rsv1(header: &FrameHeader, place: FramePlace) -> FieldInfo {
    let set = header.rsv1;
    let seven = "RFC 7692 §6";
    let (meaning, rule, wrong) = match place.rsv1 {
        Rsv1::Unused if set => ("set, but no extension uses it", "RFC 6455 §5.2", true),
        Rsv1::Unused => ("has to be 0: no extension uses it", "RFC 6455 §5.2", false),
        Rsv1::Unknown => ("of an extension unknown to wscope", "RFC 6455 §5.2", false),
        _ if header.opcode.is_control() && set => {
            ("set, but control is never compressed", seven, true)
        }
        _ if header.opcode.is_control() => ("control frames are never compressed", seven, false),
        Rsv1::Frame if set => ("this frame is compressed", "per-frame draft", false),
        Rsv1::Frame => ("this frame is not compressed", "per-frame draft", false),
        Rsv1::Message if place.begins && set => ("the message is compressed", seven, false),
        Rsv1::Message if place.begins => ("not compressed: each message chooses", seven, false),
        Rsv1::Message if set => ("set, but only the first frame may", seven, true),
        Rsv1::Message => ("only the first fragment tells", seven, false),
    };
    FieldInfo::new("rsv1", (1, 2), set.into(), meaning, rule).wrong_if(wrong)
}

fn reserved(name: &'static str, bit: u64, set: bool, place: FramePlace) -> FieldInfo {
    let unknown = place.rsv1 == Rsv1::Unknown;
    let meaning = match (set, unknown) {
        (true, true) => "of an extension unknown to wscope",
        (true, false) => "set, but no extension uses it",
        (false, _) => "has to be 0: no extension uses it",
    };
    FieldInfo::new(name, (bit, bit + 1), set.into(), meaning, "RFC 6455 §5.2")
        .wrong_if(set && !unknown)
}

fn opcode(header: &FrameHeader) -> FieldInfo {
    let (meaning, rule) = match header.opcode {
        OpCode::Continuation => ("continuation: the message goes on", "RFC 6455 §5.4"),
        OpCode::Text => ("text: the message is UTF-8", "RFC 6455 §5.6"),
        OpCode::Binary => ("binary: the message is any bytes", "RFC 6455 §5.6"),
        OpCode::Close => ("close: the sender will send no more", "RFC 6455 §5.5.1"),
        OpCode::Ping => ("ping: asks for a pong", "RFC 6455 §5.5.2"),
        OpCode::Pong => ("pong: answers a ping", "RFC 6455 §5.5.3"),
        OpCode::Reserved(_) => ("reserved: no meaning assigned", "RFC 6455 §5.2"),
    };
    let value = header.opcode.bits().into();
    FieldInfo::new("opcode", (4, 8), value, meaning, rule).wrong_if(header.opcode.is_reserved())
}

fn mask(header: &FrameHeader, place: FramePlace) -> FieldInfo {
    let set = header.mask.is_some();
    let (meaning, wrong) = match (place.from, set) {
        (Peer::Client, true) => ("masked: a client masks every frame", false),
        (Peer::Client, false) => ("not masked, but a client has to mask", true),
        (Peer::Server, false) => ("not masked: a server never masks", false),
        (Peer::Server, true) => ("masked, but a server may not mask", true),
    };
    FieldInfo::new("mask", (8, 9), set.into(), meaning, "RFC 6455 §5.1").wrong_if(wrong)
}

fn length(header: &FrameHeader, fields: &mut Vec<FieldInfo>) {
    let rule = "RFC 6455 §5.2";
    let long = header.opcode.is_control() && header.payload_len > 125;
    let (short, wide) = match header.length_bytes() {
        0 => (header.payload_len, None),
        2 => (126, Some(16)),
        _ => (127, Some(64)),
    };
    let meaning = match wide {
        None if short == 1 => "byte of payload".to_owned(),
        None => "bytes of payload".to_owned(),
        Some(bits) => format!("the length is in the next {bits} bits"),
    };
    let field = FieldInfo::new("length", (9, 16), short, meaning, rule);
    fields.push(field.wrong_if(long));
    if let Some(bits) = wide {
        let meaning = if header.minimal {
            "bytes of payload".to_owned()
        } else {
            "bytes of payload; too long a form".to_owned()
        };
        let field = FieldInfo::new(
            "extended_length",
            (16, 16 + bits),
            header.payload_len,
            meaning,
            rule,
        );
        fields.push(field.wrong_if(!header.minimal));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{ParsedHeader, parse_frame_header};
    use proptest::prelude::*;

    const PLACE: FramePlace = FramePlace {
        from: Peer::Server,
        rsv1: Rsv1::Message,
        begins: true,
    };

    proptest! {
        #[test]
        fn a_header_comes_back_to_the_byte(bytes in prop::collection::vec(any::<u8>(), 14)) {
            let ParsedHeader::Complete(header) = parse_frame_header(&bytes) else {
                return Ok(());
            };
            let again = header_bytes(&header);
            prop_assert_eq!(&again[..], &bytes[..usize::from(header.header_len)]);
            let fields = frame_fields(&header, PLACE);
            let mut at = 0;
            for field in &fields {
                prop_assert_eq!(field.bits.0, at);
                at = field.bits.1;
                let bit = |i: u64| {
                    let index = usize::try_from(i / 8).unwrap();
                    u64::from(again[index] >> (7 - i % 8) & 1)
                };
                let read = (field.bits.0..field.bits.1).fold(0, |sum, i| sum << 1 | bit(i));
                let value = match field.value {
                    FieldValue::Number(number) => number,
                    FieldValue::Key(key) => u32::from_be_bytes(key).into(),
                };
                prop_assert_eq!(read, value, "{}", field.name);
            }
            prop_assert_eq!(at, 8 * u64::from(header.header_len));
        }
    }

    #[test]
    fn broken_rules_are_marked() {
        let wrong = |bytes: &[u8], place| {
            let ParsedHeader::Complete(header) = parse_frame_header(bytes) else {
                panic!()
            };
            let fields = frame_fields(&header, place);
            let wrong = fields.iter().filter(|field| field.wrong);
            wrong.map(|field| field.name).collect::<Vec<_>>()
        };
        assert!(wrong(&[0xc1, 0x05], PLACE).is_empty());
        let client = FramePlace {
            from: Peer::Client,
            ..PLACE
        };
        assert_eq!(wrong(&[0xc1, 0x05], client), ["mask"]);
        let later = FramePlace {
            begins: false,
            ..PLACE
        };
        assert_eq!(wrong(&[0xc0, 0x05], later), ["rsv1"]);
        assert_eq!(wrong(&[0x79, 0x05], PLACE), ["fin", "rsv1", "rsv2", "rsv3"]);
        assert_eq!(
            wrong(&[0x8b, 0x7e, 0, 1], PLACE),
            ["opcode", "extended_length"]
        );
    }
}
