//! One packet of MQTT.
//!
//! Job: read a packet's fields. Input: type, flags and the bytes after the fixed header. Output: a
//! [`Packet`], or what is wrong with it. MQTT 5 §3, MQTT 3.1.1 §3.

use serde_json::{Map, Value, json};
use strum::IntoStaticStr;

use super::properties::{self, Fault, Reader};
use crate::subprotocol::telling;

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "UPPERCASE")]
pub(super) enum Kind {
    Connect,
    Connack,
    Publish,
    Puback,
    Pubrec,
    Pubrel,
    Pubcomp,
    Subscribe,
    Suback,
    Unsubscribe,
    Unsuback,
    Pingreq,
    Pingresp,
    Disconnect,
    Auth,
}

impl Kind {
    /// From the first byte of a packet.
    pub(super) fn read(first: u8) -> Option<Self> {
        Some(match first >> 4 {
            1 => Self::Connect,
            2 => Self::Connack,
            3 => Self::Publish,
            4 => Self::Puback,
            5 => Self::Pubrec,
            6 => Self::Pubrel,
            7 => Self::Pubcomp,
            8 => Self::Subscribe,
            9 => Self::Suback,
            10 => Self::Unsubscribe,
            11 => Self::Unsuback,
            12 => Self::Pingreq,
            13 => Self::Pingresp,
            14 => Self::Disconnect,
            15 => Self::Auth,
            _ => return None,
        })
    }
}

/// A packet's fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Packet {
    pub(super) kind: Kind,
    pub(super) id: Option<u16>,
    /// The topic, which is empty where an alias stands for it, or the topic filters.
    pub(super) topic: Option<String>,
    pub(super) qos: u8,
    pub(super) dup: bool,
    /// The reason code, or the worst of several.
    pub(super) reason: Option<u8>,
    pub(super) fields: Map<String, Value>,
    pub(super) body: Option<String>,
}

/// What is known of the packet that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct How {
    /// 3, 4 (3.1.1) or 5, where a CONNECT said it.
    pub(super) version: Option<u8>,
    /// These are all its bytes.
    pub(super) whole: bool,
}

/// Whether it is right in any version.
pub(super) fn may_be(first: u8, body: &[u8]) -> bool {
    let of = |version| How {
        version: Some(version),
        whole: true,
    };
    [4, 5]
        .into_iter()
        .any(|version| Packet::read(first, body, of(version)).1.is_none())
}

impl Packet {
    /// What can be read, and what is wrong with it. Nothing is wrong where a cut packet ends early.
    pub(super) fn read(first: u8, body: &[u8], how: How) -> (Option<Self>, Option<Fault>) {
        let Some(kind) = Kind::read(first) else {
            return (None, Some(Fault("the type 0 does not exist")));
        };
        let mut packet = Self {
            kind,
            id: None,
            topic: None,
            qos: 0,
            dup: false,
            reason: None,
            fields: Map::new(),
            body: None,
        };
        let mut reader = Reader(body);
        let result = packet.fill(first, &mut reader, how);
        let fault = match result {
            Ok(()) if !reader.is_empty() && how.whole => Some(Fault("bytes follow its last field")),
            Ok(()) => None,
            Err(fault) => how.whole.then_some(fault),
        };
        (Some(packet), fault)
    }

    fn fill(&mut self, first: u8, reader: &mut Reader<'_>, how: How) -> Result<(), Fault> {
        let flags = first & 0x0f;
        let needed = match self.kind {
            Kind::Publish => flags,
            Kind::Pubrel | Kind::Subscribe | Kind::Unsubscribe => 2,
            _ => 0,
        };
        // MQTT 5 §2.1.3: these flags are fixed. MQTT 3.1 lets DUP stand there, too.
        if flags & !0x08 != needed & !0x08 || (flags != needed && how.version != Some(3)) {
            return Err(Fault("its flags are not those of its type"));
        }
        match self.kind {
            Kind::Connect => self.connect(reader),
            Kind::Connack => self.connack(reader, how),
            Kind::Publish => self.publish(flags, reader, how),
            Kind::Puback | Kind::Pubrec | Kind::Pubrel | Kind::Pubcomp => {
                self.id(reader)?;
                self.reason(reader)
            }
            Kind::Subscribe | Kind::Unsubscribe => self.filters(reader, how),
            Kind::Suback | Kind::Unsuback => self.granted(reader, how),
            Kind::Pingreq | Kind::Pingresp => Ok(()),
            Kind::Disconnect | Kind::Auth => self.reason(reader),
        }
    }

    fn id(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let id = reader.short()?;
        self.id = Some(id);
        // MQTT 5 §2.2.1: packet identifiers are not zero.
        if id == 0 {
            Err(Fault("its packet identifier is zero"))
        } else {
            Ok(())
        }
    }

    /// MQTT 5 §3.4.2: a reason code and properties, which may be left out.
    fn reason(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        if reader.is_empty() {
            return Ok(());
        }
        self.reason = Some(reader.byte()?);
        if reader.is_empty() {
            return Ok(());
        }
        properties::read(reader, &mut self.fields)
    }

    /// MQTT 5 §3.1.
    fn connect(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let name = reader.text()?;
        let level = reader.byte()?;
        let flags = reader.byte()?;
        let version = match (name, level & 0x7f) {
            ("MQIsdp", 3) => "3.1",
            ("MQTT", 4) => "3.1.1",
            ("MQTT", 5) => "5",
            _ => return Err(Fault("its protocol name and version do not exist")),
        };
        self.fields.insert("version".into(), version.into());
        let clean = if level == 5 {
            "clean_start"
        } else {
            "clean_session"
        };
        self.fields.insert(clean.into(), (flags & 2 != 0).into());
        self.fields
            .insert("keep_alive".into(), reader.short()?.into());
        // MQTT 3.1.1 §3.1.2.3: the lowest flag is reserved.
        if flags & 1 != 0 {
            return Err(Fault("its reserved flag is set"));
        }
        if level == 5 {
            properties::read(reader, &mut self.fields)?;
        }
        let client = reader.text()?;
        self.fields.insert("client_id".into(), client.into());
        if flags & 4 != 0 {
            let mut will = Map::new();
            if level == 5 {
                properties::read(reader, &mut will)?;
            }
            will.insert("topic".into(), reader.text()?.into());
            will.insert("qos".into(), (flags >> 3 & 3).into());
            will.insert("retain".into(), (flags & 0x20 != 0).into());
            will.insert("bytes".into(), reader.bytes()?.len().into());
            self.fields.insert("will".into(), will.into());
        }
        if flags & 0x80 != 0 {
            self.fields.insert("username".into(), reader.text()?.into());
        }
        if flags & 0x40 != 0 {
            // Its length says enough where units are shown; the payload has it.
            self.fields
                .insert("password_bytes".into(), reader.bytes()?.len().into());
        }
        Ok(())
    }

    fn connack(&mut self, reader: &mut Reader<'_>, how: How) -> Result<(), Fault> {
        let flags = reader.byte()?;
        self.fields
            .insert("session_present".into(), (flags & 1 != 0).into());
        self.reason = Some(reader.byte()?);
        // Before version 5 nothing follows.
        if how.version == Some(5) || (how.version.is_none() && !reader.is_empty()) {
            properties::read(reader, &mut self.fields)?;
        }
        Ok(())
    }

    /// MQTT 5 §3.3.
    fn publish(&mut self, flags: u8, reader: &mut Reader<'_>, how: How) -> Result<(), Fault> {
        self.qos = flags >> 1 & 3;
        self.dup = flags & 8 != 0;
        self.fields.insert("qos".into(), self.qos.into());
        if self.dup {
            self.fields.insert("dup".into(), true.into());
        }
        if flags & 1 != 0 {
            self.fields.insert("retain".into(), true.into());
        }
        // MQTT 5 §3.3.1.2: both bits of the quality of service are not set.
        if self.qos == 3 {
            return Err(Fault("its quality of service is 3"));
        }
        let topic = reader.text()?;
        self.topic = Some(topic.to_owned());
        // MQTT 5 §3.3.2.1: the topic of a message has no wildcards.
        if topic.contains(['#', '+']) {
            return Err(Fault("its topic has a wildcard"));
        }
        if self.qos > 0 {
            self.id(reader)?;
        }
        match how.version {
            Some(5) => properties::read(reader, &mut self.fields)?,
            Some(_) => {}
            // Where the payload begins depends on the version.
            None => {
                reader.0 = &[];
                return Ok(());
            }
        }
        // Before version 5 no alias can stand for a topic.
        if topic.is_empty() && !self.fields.contains_key("topic_alias") {
            return Err(Fault("it has no topic"));
        }
        let payload = std::mem::take(&mut reader.0);
        self.body = telling::excerpt_of(payload);
        Ok(())
    }

    /// MQTT 5 §3.8, §3.10.
    fn filters(&mut self, reader: &mut Reader<'_>, how: How) -> Result<(), Fault> {
        self.id(reader)?;
        if how.version == Some(5) {
            properties::read(reader, &mut self.fields)?;
        } else if how.version.is_none() {
            // A filter has its length in two bytes; what else is there is of version 5.
            let as_old = How {
                version: Some(4),
                ..how
            };
            let mut old = self.clone();
            let mut rest = *reader;
            if old.filter_list(&mut rest, as_old).is_ok() {
                (*self, *reader) = (old, rest);
                return Ok(());
            }
            properties::read(reader, &mut self.fields)?;
        }
        self.filter_list(reader, how)
    }

    fn filter_list(&mut self, reader: &mut Reader<'_>, _: How) -> Result<(), Fault> {
        let mut filters = Vec::new();
        let mut listed = Vec::new();
        // MQTT 5 §3.8.3: at least one.
        loop {
            let filter = reader.text()?;
            if filter.is_empty() {
                return Err(Fault("a topic filter is empty"));
            }
            filters.push(filter);
            if self.kind == Kind::Subscribe {
                let options = reader.byte()?;
                if options & 3 == 3 {
                    return Err(Fault("a quality of service is 3"));
                }
                listed.push(json!({"filter": filter, "qos": options & 3}));
            }
            self.topic = Some(filters.join(", "));
            if reader.is_empty() {
                break;
            }
        }
        if !listed.is_empty() {
            self.fields.insert("filters".into(), listed.into());
        }
        Ok(())
    }

    /// MQTT 5 §3.9, §3.11: a code for each filter.
    fn granted(&mut self, reader: &mut Reader<'_>, how: How) -> Result<(), Fault> {
        self.id(reader)?;
        if how.version == Some(5) {
            properties::read(reader, &mut self.fields)?;
        } else if self.kind == Kind::Unsuback {
            return Ok(());
        } else if how.version.is_none() && reader.0.first() == Some(&0) && reader.0.len() > 1 {
            // A SUBACK of several filters, or the empty properties of version 5: not to be told.
            reader.0 = &[];
            return Ok(());
        }
        let codes = std::mem::take(&mut reader.0);
        if codes.is_empty() {
            return Err(Fault("it has no reason code"));
        }
        self.reason = codes.iter().copied().max();
        self.fields.insert("reason_codes".into(), codes.into());
        Ok(())
    }
}
