//! Packets of Engine.IO and Socket.IO as units.
//!
//! Job: name what a packet says. Input: packets. Output: units. Engine.IO protocol 4, Socket.IO
//! protocol 5, "Packet encoding".

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::engine::Kind as EngineKind;
use super::packet::Packet;
use crate::subprotocol::{Part, Unit, telling};

pub(super) fn engine_unit(kind: EngineKind, parts: Vec<Part>) -> Unit {
    Unit {
        protocol: "engine.io",
        kind: Cow::Borrowed(kind.into()),
        parts,
        ..Unit::default()
    }
}

pub(super) fn attachment_unit(parts: Vec<Part>) -> Unit {
    Unit {
        protocol: "socket.io",
        kind: "attachment".into(),
        parts,
        ..Unit::default()
    }
}

pub(super) fn socketio_unit(packet: &Packet<'_>, parts: Vec<Part>) -> Unit {
    let mut fields = Map::new();
    let namespace = &*packet.namespace;
    let subject = match packet.kind {
        kind if kind.is_event() => packet.event.as_deref(),
        kind if kind.is_ack() => None,
        _ => Some(namespace),
    };
    fields.insert("namespace".into(), Value::from(namespace));
    if packet.attachments > 0 {
        fields.insert("attachments".into(), packet.attachments.into());
    }
    Unit {
        protocol: "socket.io",
        kind: Cow::Borrowed(packet.kind.into()),
        subject: subject.map(str::to_owned),
        id: packet.id.map(|id| id.to_string()),
        parts,
        fields,
        body: (!packet.body.is_empty()).then(|| telling::excerpt(&packet.body)),
        ..Unit::default()
    }
}
