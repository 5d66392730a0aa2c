//! A session of MQTT.
//!
//! Job: tell packets as units with what they answer, and hold them against the rules of a session.
//! Input: messages. Output: units, observations, what is still open. MQTT 5 §3, §4.3 to §4.13.

use serde_json::Value;

use super::packet::{How, Kind, Packet};
use super::side::Side;
use super::stream::{Raw, Stream};
use super::units;
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::sight::Sight;
use crate::subprotocol::telling::{self, ENTRY_BYTES};
use crate::subprotocol::{Asked, At, Body, Opening, Out, Subprotocol, Unit, UnitStatus};

/// One conversation.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// 3, 4 (3.1.1) or 5, once it was said.
    version: Option<u8>,
    sight: Sight,
    streams: PerPeer<Stream>,
    sides: PerPeer<Side>,
    /// Nanoseconds; none where there is no limit.
    keep_alive: Option<i64>,
    /// When the client sent its last packet.
    alive: Option<Stamp>,
    connected: bool,
    /// The server goes on with a session of an earlier connection.
    resumed: bool,
    ended: bool,
    /// By who numbered the packet, its number, and the kind of the answer.
    open: Asked<(Peer, u16, Kind)>,
    /// CONNECT and PINGREQ, by the kind of the answer.
    calls: Asked<Kind>,
    /// Topics that are kept for each side.
    most: usize,
}

impl Session {
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        let in_step = opening.target.is_some();
        Self {
            version: None,
            sight: Sight::new(opening),
            streams: PerPeer::from_fn(|_| Stream::new(in_step, opening.limits.unit_bytes)),
            sides: PerPeer::from_fn(|_| Side {
                unknown: !in_step,
                ..Side::default()
            }),
            keep_alive: None,
            alive: None,
            connected: false,
            resumed: false,
            ended: false,
            open: Asked::new(opening.limits.questions),
            calls: Asked::new(opening.limits.questions),
            most: opening.limits.questions,
        }
    }

    fn raw(&mut self, at: &At, raw: &Raw<'_>, out: &mut dyn Out) {
        let kept = raw.body.len() as u64 == raw.length;
        let how = How {
            version: self.version,
            whole: raw.whole && kept,
        };
        let (packet, fault) = Packet::read(raw.first, &raw.body, how);
        let Some(packet) = packet else {
            return units::wrong(at, fault, out);
        };
        let mut unit = units::unit(&packet, raw, self.version.unwrap_or(4));
        if !raw.whole {
            unit.status = UnitStatus::Partial;
            self.sides[at.from].unknown = true;
            self.sight.lost(at.from);
        } else if fault.is_some() {
            unit.status = UnitStatus::Error;
            units::wrong(at, fault, out);
            // Which rules it was to keep nobody knows.
            self.sides[at.from].unknown = true;
            self.sight.lost(at.from);
            out.unit(unit);
            return;
        }
        if at.from == Peer::Client {
            self.silence(at.stamp, out);
            self.alive = Some(at.stamp);
        }
        self.order(at, packet.kind, out);
        self.packet(at, &packet, unit, out);
        self.sides[at.from].packets += 1;
    }

    /// CONNECT comes first and once.
    fn order(&mut self, at: &At, kind: Kind, out: &mut dyn Out) {
        let side = &self.sides[at.from];
        if side.unknown {
            return;
        }
        let wrong = match (at.from, kind, side.packets) {
            (Peer::Server, Kind::Connack | Kind::Auth | Kind::Disconnect, 0)
            | (Peer::Client, Kind::Connect, 0) => return,
            // MQTT 5 §3.1: the first packet is a CONNECT, and there is one only.
            (Peer::Client, Kind::Connect, 1..) => "a second CONNECT on the connection",
            (Peer::Client, _, 0) => "the client's first packet is no CONNECT",
            // MQTT 5 §3.2: the server answers with a CONNACK or an AUTH before anything else.
            (Peer::Server, _, 0) => "the server's first packet is no CONNACK",
            _ => return,
        };
        out.observe(Observation::new(Code::MqttConnectOrder, at.from, wrong));
    }

    fn packet(&mut self, at: &At, packet: &Packet, mut unit: Unit, out: &mut dyn Out) {
        units::refused(at, packet, self.version.unwrap_or(4), &mut unit, out);
        match packet.kind {
            Kind::Connect => self.connect(packet),
            Kind::Connack => self.connack(packet),
            Kind::Publish => return self.publish(at, packet, unit, out),
            Kind::Disconnect => self.ended = true,
            _ => {}
        }
        self.answer(at, packet, &mut unit);
        let subject = unit.subject.clone();
        let index = out.unit(unit);
        let what = |name: &str, of: &str| match of {
            "" => name.to_owned(),
            of => format!("{name} {of}"),
        };
        let name: &str = packet.kind.into();
        let wanted = match packet.kind {
            Kind::Connect => Some(Kind::Connack),
            Kind::Pingreq => Some(Kind::Pingresp),
            _ => None,
        };
        if let Some(wanted) = wanted {
            let question = telling::question(at, index, name.to_owned());
            self.calls.ask(wanted, question);
        }
        let Some(id) = packet.id else { return };
        let of = subject.unwrap_or_else(|| format!("#{id}"));
        // MQTT 5 §4.3.3: a message of quality 2 goes on with PUBREC, PUBREL and PUBCOMP.
        let failed = packet.reason.is_some_and(|reason| reason >= 0x80);
        let (owner, wanted) = match packet.kind {
            Kind::Subscribe => (at.from, Kind::Suback),
            Kind::Unsubscribe => (at.from, Kind::Unsuback),
            Kind::Pubrec if !failed => (at.from.other(), Kind::Pubrel),
            Kind::Pubrel => (at.from, Kind::Pubcomp),
            _ => return,
        };
        let question = telling::question(at, index, what(name, &of));
        self.open.ask((owner, id, wanted), question);
    }

    /// Joins an answer with what it answers.
    fn answer(&mut self, at: &At, packet: &Packet, unit: &mut Unit) {
        if let Some(call) = self.calls.answer(&packet.kind) {
            telling::answers(unit, &call, at);
            return;
        }
        let Some(id) = packet.id else { return };
        let owner = match packet.kind {
            Kind::Pubrel => at.from,
            Kind::Puback | Kind::Pubrec | Kind::Pubcomp | Kind::Suback | Kind::Unsuback => {
                at.from.other()
            }
            _ => return,
        };
        if let Some(question) = self.open.answer(&(owner, id, packet.kind)) {
            telling::answers(unit, &question, at);
        } else if packet.kind == Kind::Puback
            && let Some(question) = self.open.answer(&(owner, id, Kind::Pubrec))
        {
            telling::answers(unit, &question, at);
            self.lowered(at, id);
        } else {
            return self.unasked(at, packet.kind, id);
        }
        let refused = packet.reason.is_some_and(|reason| reason >= 0x80);
        let ends = matches!(packet.kind, Kind::Puback | Kind::Pubcomp)
            || (packet.kind == Kind::Pubrec && refused);
        if ends {
            let side = &mut self.sides[owner];
            side.under_way = side.under_way.saturating_sub(1);
        }
    }

    fn unasked(&mut self, at: &At, kind: Kind, id: u16) {
        // MQTT 5 §4.3: an acknowledgement has the identifier of what it acknowledges. What a
        // session has open from an earlier connection is in another place.
        if self.open.forgotten() == 0 && !self.resumed {
            let template = format!(
                "{} for the packet identifier {{id}}, which is not open",
                <&str>::from(kind)
            );
            let text = Sentence::new(&template, &[("id", Figure::Id(id.into()))]);
            self.sight.suspect(at, Code::MqttAckUnasked, text);
        }
    }

    /// Servers that know no quality of service 2 acknowledge such messages as those of 1.
    fn lowered(&mut self, at: &At, id: u16) {
        // MQTT 5 §4.3.3: who gets a message of quality 2 answers with PUBREC.
        let text =
            "PUBACK for the packet identifier {id}, whose message has the quality of service 2";
        let text = Sentence::new(text, &[("id", Figure::Id(id.into()))]);
        self.sight.suspect(at, Code::MqttAckUnasked, text);
    }

    fn connect(&mut self, packet: &Packet) {
        self.version = match packet.fields.get("version").and_then(Value::as_str) {
            Some("3.1") => Some(3),
            Some("3.1.1") => Some(4),
            Some("5") => Some(5),
            _ => self.version,
        };
        self.connected = true;
        self.keep_alive = units::limit(packet, "keep_alive");
        self.maxima(Peer::Server, packet);
    }

    fn connack(&mut self, packet: &Packet) {
        // MQTT 5 §3.2.2.3.14: the server's keep-alive takes the place of the client's.
        if packet.fields.contains_key("server_keep_alive") {
            self.keep_alive = units::limit(packet, "server_keep_alive");
        }
        self.resumed = packet.fields.get("session_present") == Some(&Value::Bool(true));
        self.maxima(Peer::Client, packet);
    }

    /// What the receiver says of what `sender` may do.
    fn maxima(&mut self, sender: Peer, packet: &Packet) {
        let of = |name: &str| {
            let value = packet.fields.get(name).and_then(Value::as_u64);
            value.and_then(|value| u16::try_from(value).ok())
        };
        // MQTT 5 §3.1.2.11.5: without the property there are no aliases.
        self.sides[sender].alias_maximum = of("topic_alias_maximum").unwrap_or(0);
        self.sides[sender].receive_maximum = of("receive_maximum");
    }

    fn publish(&mut self, at: &At, packet: &Packet, mut unit: Unit, out: &mut dyn Out) {
        let most = self.most;
        let (topic, wrong) = self.sides[at.from].topic(packet, most);
        unit.subject = topic;
        if let Some(text) = wrong {
            self.sight.suspect(at, Code::MqttTopicAlias, text);
        }
        let wanted = match packet.qos {
            1 => Kind::Puback,
            _ => Kind::Pubrec,
        };
        let of = unit.subject.clone().unwrap_or_default();
        let index = out.unit(unit);
        let Some(id) = packet.id else { return };
        let question = telling::question(at, index, format!("PUBLISH {of}"));
        // MQTT 5 §2.2.1: an identifier that is in use is not used for something else.
        let kinds = [
            Kind::Puback,
            Kind::Pubrec,
            Kind::Pubcomp,
            Kind::Suback,
            Kind::Unsuback,
        ];
        let in_use = kinds
            .iter()
            .any(|kind| self.open.get(&(at.from, id, *kind)).is_some());
        if in_use && !packet.dup {
            let text = "a PUBLISH has the packet identifier {id}, which is still in use";
            let text = Sentence::new(text, &[("id", Figure::Id(id.into()))]);
            self.sight.suspect(at, Code::MqttIdReused, text);
        }
        if !in_use {
            let flood = self.sides[at.from].begun();
            if let Some(text) = flood.filter(|_| !self.resumed) {
                self.sight.suspect(at, Code::MqttReceiveMaximum, text);
            }
        }
        self.open.ask((at.from, id, wanted), question);
    }

    /// Holds the client's silence against the keep-alive.
    fn silence(&self, until: Stamp, out: &mut dyn Out) {
        let (Some(limit), Some(alive)) = (self.keep_alive, self.alive) else {
            return;
        };
        let silent = until.time.since(alive.time);
        // MQTT 5 §3.1.2.10: the server closes after one and a half times the keep-alive.
        if silent > limit / 2 * 3 && !self.ended {
            let figures = [
                ("silent", Figure::Nanos(silent)),
                ("keep_alive", Figure::Nanos(limit)),
            ];
            let text = "the client sent no packet for {silent}, and its keep-alive is {keep_alive}";
            let text = Sentence::new(text, &figures);
            out.observe(Observation::new(Code::MqttKeepAlive, Peer::Client, text));
        }
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.sight.message(at);
        if body.text {
            // MQTT 5 §6.0: packets go in binary messages.
            let text = "a text message, where MQTT has binary ones";
            out.observe(Observation::new(Code::MqttTextMessage, at.from, text));
        }
        let mut stream = std::mem::replace(&mut self.streams[at.from], Stream::new(false, 0));
        let version = self.version;
        let valid = |first: u8, body: &[u8]| match version {
            Some(_) => {
                let how = How {
                    version,
                    whole: true,
                };
                Packet::read(first, body, how).1.is_none()
            }
            None => super::packet::may_be(first, body),
        };
        let mut broken = !body.whole;
        stream.message(at.message, &body, valid, |raw| {
            broken |= Kind::read(raw.first).is_none();
            self.raw(at, &raw, out);
        });
        self.streams[at.from] = stream;
        if broken {
            self.lost(at.from);
        }
    }

    fn lost(&mut self, from: Peer) {
        self.streams[from].lose();
        self.sight.lost(from);
        self.sides[from].unknown = true;
        self.sides[from].aliases.clear();
        if from == Peer::Client {
            self.alive = None;
        }
    }

    fn finish(&mut self, stamp: Stamp, out: &mut dyn Out) {
        self.silence(stamp, out);
        let open = self.calls.drain().into_iter().chain(self.open.drain());
        self.sight.finish(open.collect(), out);
    }

    fn held(&self) -> usize {
        let aliases = self.sides.iter().map(|(_, side)| side.aliases.len());
        let entries = self.open.len() + self.calls.len() + aliases.sum::<usize>();
        let streams = self.streams.iter().map(|(_, stream)| stream.held());
        size_of::<Self>() + self.sight.held() + entries * ENTRY_BYTES + streams.sum::<usize>()
    }
}
