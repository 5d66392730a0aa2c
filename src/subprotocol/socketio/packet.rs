//! Packets of Socket.IO.
//!
//! Job: read one packet, written as text or as MessagePack. Input: what an Engine.IO message
//! carries. Output: its kind, namespace, id and arguments. Socket.IO protocol 5, "Packet encoding".

use std::borrow::Cow;

use serde_json::Value;
use strum::IntoStaticStr;

use crate::subprotocol::{json, values};

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

impl Kind {
    fn read(digit: u64) -> Option<Self> {
        Some(match digit {
            0 => Self::Connect,
            1 => Self::Disconnect,
            2 => Self::Event,
            3 => Self::Ack,
            4 => Self::ConnectError,
            5 => Self::BinaryEvent,
            6 => Self::BinaryAck,
            _ => return None,
        })
    }

    /// It has a name and may ask for an acknowledgement.
    pub(super) fn is_event(self) -> bool {
        matches!(self, Self::Event | Self::BinaryEvent)
    }

    /// It answers an event.
    pub(super) fn is_ack(self) -> bool {
        matches!(self, Self::Ack | Self::BinaryAck)
    }

    fn has_attachments(self) -> bool {
        matches!(self, Self::BinaryEvent | Self::BinaryAck)
    }
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) kind: Kind,
    /// How many binary messages follow that belong to it.
    pub(super) attachments: u64,
    pub(super) namespace: Cow<'a, str>,
    pub(super) id: Option<u64>,
    /// The event's name.
    pub(super) event: Option<Cow<'a, str>>,
    /// The arguments, as JSON, or the payload of a kind that has no arguments.
    pub(super) body: Cow<'a, str>,
}

impl<'a> Packet<'a> {
    /// From text, which is whole or ends at a hole.
    pub(super) fn read(text: &'a str, whole: bool) -> Option<Self> {
        let digit = text.chars().next()?.to_digit(10)?;
        let kind = Kind::read(u64::from(digit))?;
        let mut rest = text.get(1..)?;
        let mut attachments = 0;
        if kind.has_attachments() {
            let (count, behind) = rest.split_once('-')?;
            attachments = number(count)?;
            rest = behind;
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = match rest.split_once(',') {
                Some(split) => split,
                None if whole => (rest, ""),
                None => return None,
            };
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, data) = rest.split_at_checked(digits)?;
        let id = number(digits).filter(|_| whole || !data.is_empty());
        let packet = Self {
            kind,
            attachments,
            namespace: namespace.into(),
            id,
            event: None,
            body: data.into(),
        };
        packet.with_data(data, whole)
    }

    /// Takes the payload apart as its kind wants it.
    fn with_data(mut self, data: &'a str, whole: bool) -> Option<Self> {
        if self.kind.is_event() || self.kind.is_ack() {
            let (items, all) = json::items(data);
            // An acknowledgement of some servers has no array where it has no arguments.
            let bare = self.kind.is_ack() && data.is_empty();
            if whole && !all && !bare || !whole && !data.is_empty() && !data.starts_with('[') {
                return None;
            }
            if self.kind.is_ack() && whole && self.id.is_none() {
                return None;
            }
            let mut arguments = items.as_slice();
            if self.kind.is_event() {
                match items.split_first() {
                    Some((name, behind)) => {
                        self.event = Some(json::text(name).unwrap_or(Cow::Borrowed(name)));
                        arguments = behind;
                    }
                    None if whole => return None,
                    None => {}
                }
            }
            self.body = between(data, arguments).into();
        } else if whole
            && !data.is_empty()
            && serde_json::from_str::<&serde_json::value::RawValue>(data).is_err()
        {
            return None;
        }
        Some(self)
    }

    /// From a map of MessagePack.
    pub(super) fn packed(bytes: &[u8]) -> Option<Self> {
        // A map with few members is one byte with its length: what is none is not looked at further.
        if !matches!(bytes.first()?, 0x80..=0x8f | 0xde) {
            return None;
        }
        let Value::Object(mut map) = values::msgpack(bytes)? else {
            return None;
        };
        let kind = Kind::read(map.get("type")?.as_u64()?)?;
        let Some(Value::String(namespace)) = map.remove("nsp") else {
            return None;
        };
        let data = map.remove("data").unwrap_or(Value::Null);
        let id = map.get("id").and_then(Value::as_u64);
        let (event, body) = match data {
            Value::Array(mut items) if kind.is_event() => {
                if items.is_empty() {
                    return None;
                }
                let name = items.remove(0);
                let name = name
                    .as_str()
                    .map_or_else(|| name.to_string(), str::to_owned);
                (Some(name.into()), listed(&items))
            }
            Value::Array(items) => (None, listed(&items)),
            Value::Null => (None, String::new()),
            other => (None, other.to_string()),
        };
        if kind.is_event() && event.is_none() || kind.is_ack() && id.is_none() {
            return None;
        }
        Some(Self {
            kind,
            attachments: 0,
            namespace: namespace.into(),
            id,
            event,
            body: body.into(),
        })
    }

    /// It is an event or an acknowledgement, which hardly anything else looks like.
    pub(super) fn is_event(&self) -> bool {
        self.kind.is_event() || self.kind.is_ack()
    }

    /// The same, on its own.
    pub(super) fn owned(&self) -> Packet<'static> {
        let own = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
        Packet {
            kind: self.kind,
            attachments: self.attachments,
            namespace: own(&self.namespace),
            id: self.id,
            event: self.event.as_ref().map(own),
            body: crate::subprotocol::telling::excerpt(&self.body).into(),
        }
    }
}

/// A number without a sign.
fn number(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The text from the first of these items to the last.
fn between<'a>(text: &'a str, items: &[&'a str]) -> &'a str {
    let place = |part: &str| part.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    let ends = items.first().zip(items.last());
    ends.and_then(|(first, last)| text.get(place(first)..place(last) + last.len()))
        .unwrap_or_default()
}

fn listed(items: &[Value]) -> String {
    let items: Vec<_> = items.iter().map(Value::to_string).collect();
    items.join(",")
}
