//! One message of WAMP.
//!
//! Job: find messages in a payload and read them. Input: bytes in the agreed form. Output: arrays
//! that have what their type wants. WAMP, "Message Definitions", "Transports".

use serde_json::Value;

use crate::subprotocol::{telling, values};

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    serialiser: Serialiser,
    batched: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serialiser {
    Json,
    MessagePack,
    Cbor,
}

impl Form {
    /// From the name that was agreed, or else from the kind of the message.
    pub(super) fn of(agreed: Option<&str>, text: bool) -> Self {
        let name = agreed.unwrap_or_default();
        let serialiser = match name {
            _ if name.contains("msgpack") => Serialiser::MessagePack,
            _ if name.contains("cbor") => Serialiser::Cbor,
            _ if name.contains("json") || text => Serialiser::Json,
            _ => Serialiser::MessagePack,
        };
        Self {
            serialiser,
            batched: name.ends_with(".batched"),
        }
    }

    /// Where the messages are in a payload.
    pub(super) fn pieces(self, bytes: &[u8]) -> Option<Vec<(usize, usize)>> {
        let mut pieces = Vec::new();
        if !self.batched {
            return Some(vec![(0, bytes.len())]);
        }
        let mut place = 0;
        while place < bytes.len() {
            let rest = bytes.get(place..)?;
            let (start, length, end) = if self.serialiser == Serialiser::Json {
                // Batched JSON: each message ends in the character 0x18, 0x1e in some libraries.
                let length = rest.iter().position(|byte| matches!(byte, 0x18 | 0x1e))?;
                (place, length, place + length + 1)
            } else {
                // Batched binary: the length in four bytes before each message.
                let (length, _) = rest.split_first_chunk()?;
                let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
                (place + 4, length, (place + 4).checked_add(length)?)
            };
            if end > bytes.len() {
                return None;
            }
            pieces.push((start, length));
            place = end;
        }
        Some(pieces)
    }

    /// Whether these can be the first bytes of a message: of an array whose first item is the number of a type.
    pub(super) fn may_begin(self, bytes: &[u8]) -> bool {
        // The messages of a batch of binary ones have their length before them.
        let binary = self.serialiser != Serialiser::Json;
        let first = if self.batched && binary {
            bytes.get(4..)
        } else {
            Some(bytes)
        };
        let Some(first) = first else {
            return false;
        };
        match self.serialiser {
            Serialiser::Json => {
                let array = first.trim_ascii_start().strip_prefix(b"[");
                let kind = array.and_then(|array| array.trim_ascii_start().first());
                kind.is_some_and(u8::is_ascii_digit)
            }
            // MessagePack, "Array format family": up to 15 items, or a length.
            Serialiser::MessagePack => matches!(first, [0x90..=0x9f | 0xdc | 0xdd, ..]),
            // RFC 8949 §3.1: major type 4; a tag may stand before it.
            Serialiser::Cbor => matches!(first, [0x80..=0x9f | 0xc0..=0xdb, ..]),
        }
    }

    pub(super) fn value(self, bytes: &[u8]) -> Option<Value> {
        match self.serialiser {
            Serialiser::Json => serde_json::from_slice(bytes).ok(),
            Serialiser::MessagePack => values::msgpack(bytes),
            Serialiser::Cbor => values::cbor(bytes),
        }
    }
}

/// What is at a place of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// The number of a request.
    Request,
    /// The number of a session, subscription, registration or publication.
    Number(&'static str),
    /// The kind of the request that an error answers.
    Type,
    Uri,
    Text(&'static str),
    Details,
}

use Item::{Details, Number, Request, Text, Type, Uri};

pub(super) type Kind = (u64, &'static str, &'static [Item]);

/// "Message Definitions": type, name, and what every message of it has. Arguments may follow.
const KINDS: &[Kind] = &[
    (1, "HELLO", &[Uri, Details]),
    (2, "WELCOME", &[Number("session"), Details]),
    (3, "ABORT", &[Details, Uri]),
    (4, "CHALLENGE", &[Text("authmethod"), Details]),
    (5, "AUTHENTICATE", &[Text(""), Details]),
    (6, "GOODBYE", &[Details, Uri]),
    (8, "ERROR", &[Type, Request, Details, Uri]),
    (16, "PUBLISH", &[Request, Details, Uri]),
    (17, "PUBLISHED", &[Request, Number("publication")]),
    (32, "SUBSCRIBE", &[Request, Details, Uri]),
    (33, "SUBSCRIBED", &[Request, Number("subscription")]),
    (34, "UNSUBSCRIBE", &[Request, Number("subscription")]),
    (35, "UNSUBSCRIBED", &[Request]),
    (
        36,
        "EVENT",
        &[Number("subscription"), Number("publication"), Details],
    ),
    (48, "CALL", &[Request, Details, Uri]),
    (49, "CANCEL", &[Request, Details]),
    (50, "RESULT", &[Request, Details]),
    (64, "REGISTER", &[Request, Details, Uri]),
    (65, "REGISTERED", &[Request, Number("registration")]),
    (66, "UNREGISTER", &[Request, Number("registration")]),
    (67, "UNREGISTERED", &[Request]),
    (
        68,
        "INVOCATION",
        &[Request, Number("registration"), Details],
    ),
    (69, "INTERRUPT", &[Request, Details]),
    (70, "YIELD", &[Request, Details]),
];

/// The type of the request that an answer of this type answers.
pub(super) fn asked_by(kind: u64) -> Option<u64> {
    Some(match kind {
        17 => 16,
        33 => 32,
        35 => 34,
        50 => 48,
        65 => 64,
        67 => 66,
        70 => 68,
        _ => return None,
    })
}

/// One message.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) items: Vec<Value>,
}

impl Message {
    /// From an array that has what its type wants.
    pub(super) fn read(value: Value) -> Option<Self> {
        let Value::Array(items) = value else {
            return None;
        };
        let number = items.first()?.as_u64()?;
        let kind = *KINDS.iter().find(|(own, ..)| *own == number)?;
        let message = Self { kind, items };
        let fits = |(place, item): (usize, &Item)| {
            let value = message.items.get(place + 1);
            value.is_some_and(|value| match item {
                Request | Number(_) | Type => value.is_u64(),
                Uri | Text(_) => value.is_string(),
                Details => value.is_object(),
            })
        };
        let right = kind.2.iter().enumerate().all(fits);
        // Arguments are an array and an object; after everything else nothing follows.
        let rest = message.items.get(kind.2.len() + 1..).unwrap_or_default();
        let arguments = match rest {
            [] => true,
            [list] | [list, Value::Object(_)] => list.is_array(),
            // A payload that is passed through is bytes.
            _ => false,
        };
        let passed = matches!(rest, [Value::String(_)]);
        (right && (arguments || passed)).then_some(message)
    }

    pub(super) fn item(&self, wanted: Item) -> Option<&Value> {
        let place = self.kind.2.iter().position(|item| *item == wanted)?;
        self.items.get(place + 1)
    }

    pub(super) fn number(&self, wanted: Item) -> Option<u64> {
        self.item(wanted)?.as_u64()
    }

    pub(super) fn detail(&self, name: &str) -> Option<&Value> {
        self.item(Details)?.get(name)
    }

    /// Its arguments, as JSON.
    pub(super) fn arguments(&self) -> Option<String> {
        let rest = self.items.get(self.kind.2.len() + 1..)?;
        let texts: Vec<_> = rest.iter().map(Value::to_string).collect();
        (!texts.is_empty()).then(|| telling::excerpt(&texts.join(" ")))
    }
}
