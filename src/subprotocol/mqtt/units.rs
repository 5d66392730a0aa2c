//! Packets of MQTT as units.
//!
//! Job: name what a packet says, and what it says that went wrong. Input: packets. Output: units and
//! observations. MQTT 5 §2.4, §4.13.

use std::borrow::Cow;

use super::packet::{Kind, Packet};
use super::properties::Fault;
use super::reasons;
use super::stream::Raw;
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::{At, Out, Unit, UnitStatus};

const SECOND: i64 = 1_000_000_000;

pub(super) fn unit(packet: &Packet, raw: &Raw<'_>, version: u8) -> Unit {
    let mut fields = packet.fields.clone();
    if let Some(reason) = packet.reason {
        fields.insert("reason_code".into(), reason.into());
        let version = if packet.kind == Kind::Disconnect {
            5
        } else {
            version
        };
        if packet.kind != Kind::Suback {
            fields.insert("reason".into(), reasons::name(reason, version).into());
        }
    }
    Unit {
        protocol: "mqtt",
        kind: Cow::Borrowed(packet.kind.into()),
        subject: packet.topic.clone().filter(|topic| !topic.is_empty()),
        id: packet.id.map(|id| id.to_string()),
        parts: raw.parts.clone(),
        fields,
        body: packet.body.clone().filter(|body| !body.is_empty()),
        ..Unit::default()
    }
}

/// An answer or a DISCONNECT says that something went wrong.
pub(super) fn refused(at: &At, packet: &Packet, version: u8, unit: &mut Unit, out: &mut dyn Out) {
    let Some(reason) = packet.reason else { return };
    let failed = if packet.kind == Kind::Connack && version < 5 {
        reason != 0
    } else {
        reason >= 0x80
    };
    if !failed {
        return;
    }
    unit.status = UnitStatus::Error;
    let name = if packet.kind == Kind::Disconnect {
        reasons::name(reason, 5)
    } else {
        reasons::name(reason, version)
    };
    let code = match packet.kind {
        Kind::Disconnect => Code::MqttDisconnected,
        _ => Code::MqttRefused,
    };
    let template = format!(
        "{} with the reason code {{reason}}, {name}",
        <&str>::from(packet.kind)
    );
    let text = Sentence::new(&template, &[("reason", Figure::Id(reason.into()))]);
    out.observe(Observation::new(code, at.from, text));
}

/// A packet cannot be read.
pub(super) fn wrong(at: &At, fault: Option<Fault>, out: &mut dyn Out) {
    if let Some(Fault(text)) = fault {
        let text = format!("a packet that the {} sent cannot be read: {text}", at.from);
        out.observe(Observation::new(Code::MqttMalformed, at.from, text));
    }
}

/// A number of seconds, where it is not zero.
pub(super) fn limit(packet: &Packet, name: &str) -> Option<i64> {
    let seconds = packet.fields.get(name)?.as_i64()?;
    (seconds > 0).then(|| seconds.saturating_mul(SECOND))
}
