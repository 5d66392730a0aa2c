//! A session of Engine.IO and the namespaces of Socket.IO in it.
//!
//! Job: tell units, join attachments to their packet, answers to what they answer, and hold pings
//! against the agreed times. Input: messages. Output: units, observations, what is still open.
//! Engine.IO protocol 4, "Heartbeat", "Upgrade"; Socket.IO protocol 5, "Exchange protocol".

mod attachments;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::beats::Beats;
use super::engine::{self, Kind as EngineKind, Open};
use super::packet::{Kind, Packet};
use super::units::{attachment_unit, engine_unit, socketio_unit};
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::sight::Sight;
use crate::subprotocol::telling::{self, ENTRY_BYTES};
use crate::subprotocol::{Asked, At, Body, Opening, Out, Part, Subprotocol, Unit, UnitStatus};

/// One conversation.
#[derive(Debug, Clone)]
pub(super) struct Session {
    version: Option<u8>,
    sight: Sight,
    /// A packet of Socket.IO went by.
    is_socketio: bool,
    beats: Beats,
    acks: Asked<(Peer, String, u64)>,
    connects: Asked<String>,
    namespaces: BTreeSet<String>,
    waiting: PerPeer<Option<Waiting>>,
    closed: bool,
    /// Namespaces that are kept.
    most: usize,
}

/// A packet whose attachments are on their way.
#[derive(Debug, Clone)]
struct Waiting {
    packet: Packet<'static>,
    parts: Vec<Part>,
    come: u64,
    whole: bool,
}

impl Session {
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        let target = opening.target;
        let version = target.and_then(engine::version);
        let mut sight = Sight::new(opening);
        // What was said while polling is in other connections.
        if target.is_some_and(engine::is_upgrade) {
            sight.blind();
        }
        Self {
            version,
            sight,
            is_socketio: false,
            beats: Beats::new(version),
            acks: Asked::new(opening.limits.questions),
            connects: Asked::new(opening.limits.questions),
            namespaces: BTreeSet::new(),
            waiting: PerPeer::default(),
            closed: false,
            most: opening.limits.questions,
        }
    }

    fn text(&mut self, at: &At, body: &Body<'_>, out: &mut dyn Out) {
        let Some(text) = telling::known_text(body) else {
            return self.unreadable(at.from);
        };
        if !body.whole {
            self.sight.lost(at.from);
            if text.is_empty() {
                return self.unreadable(at.from);
            }
        }
        if let Some(binary) = encoded(text).filter(|_| body.whole) {
            let part = telling::whole(at, body);
            return self.binary(at, &binary, part, true, out);
        }
        let Some((kind, rest)) = engine::split(text) else {
            // Engine.IO, "Packet encoding": a packet begins with its type, 0 to 6.
            let text = format!(
                "a message that the {} sent begins with no packet type",
                at.from
            );
            return out.observe(Observation::new(Code::SocketioMalformed, at.from, text));
        };
        if kind == EngineKind::Message {
            return self.carried(at, body, rest, out);
        }
        let mut unit = engine_unit(kind, telling::whole(at, body));
        if !body.whole {
            unit.status = UnitStatus::Partial;
        }
        match kind {
            EngineKind::Open => self.open(at, rest, unit, out),
            EngineKind::Ping => self.ping(at, rest, unit, out),
            EngineKind::Pong => self.pong(at, rest, unit, out),
            EngineKind::Close => {
                self.closed = true;
                out.unit(unit);
            }
            _ => {
                out.unit(unit);
            }
        }
    }

    fn ping(&mut self, at: &At, rest: &str, mut unit: Unit, out: &mut dyn Out) {
        // Engine.IO 4, "Upgrade": `probe` is said before the transport is changed, so that the
        // session began with polling.
        if rest == "probe" {
            unit.fields.insert("probe".into(), true.into());
            self.sight.blind();
        } else {
            self.beats.beat(at, out);
        }
        let index = out.unit(unit);
        self.beats.ping(at, index);
    }

    fn pong(&mut self, at: &At, rest: &str, mut unit: Unit, out: &mut dyn Out) {
        if rest == "probe" {
            unit.fields.insert("probe".into(), true.into());
        }
        self.beats.pong(at, &mut unit, &mut self.sight);
        out.unit(unit);
    }

    fn open(&mut self, at: &At, rest: &str, mut unit: Unit, out: &mut dyn Out) {
        if let Some(open) = Open::read(rest) {
            self.beats.agree(at, &open);
            unit.id = Some(open.sid);
            unit.fields
                .insert("pingInterval".into(), open.interval.into());
            unit.fields
                .insert("pingTimeout".into(), open.timeout.into());
        } else if unit.status == UnitStatus::Ok {
            unit.status = UnitStatus::Error;
            malformed(
                at,
                "an open packet lacks sid, pingInterval or pingTimeout",
                out,
            );
        }
        out.unit(unit);
    }

    /// What an Engine.IO message carries: a packet of Socket.IO or anything else.
    fn carried(&mut self, at: &At, body: &Body<'_>, rest: &str, out: &mut dyn Out) {
        let parts = telling::whole(at, body);
        match Packet::read(rest, body.whole) {
            Some(packet) => self.packet(at, &packet, parts, body.whole, out),
            None => self.other(at, rest, parts, body.whole, out),
        }
    }

    /// A message that is no packet of Socket.IO.
    fn other(&mut self, at: &At, rest: &str, parts: Vec<Part>, whole: bool, out: &mut dyn Out) {
        let mut unit = engine_unit(EngineKind::Message, parts);
        unit.body = Some(telling::excerpt(rest));
        if !whole {
            unit.status = UnitStatus::Partial;
        } else if self.is_socketio {
            unit.status = UnitStatus::Error;
            malformed(at, "a message is no packet of Socket.IO", out);
        }
        out.unit(unit);
    }

    fn packet(
        &mut self,
        at: &At,
        packet: &Packet<'_>,
        parts: Vec<Part>,
        whole: bool,
        out: &mut dyn Out,
    ) {
        self.is_socketio = true;
        self.interrupt(at.from, out);
        if packet.attachments > 0 {
            self.waiting[at.from] = Some(Waiting {
                packet: packet.owned(),
                parts,
                come: 0,
                whole,
            });
            return;
        }
        self.tell(at, packet, parts, whole, out);
    }

    /// Tells a packet that is complete.
    fn tell(
        &mut self,
        at: &At,
        packet: &Packet<'_>,
        parts: Vec<Part>,
        whole: bool,
        out: &mut dyn Out,
    ) {
        let mut unit = socketio_unit(packet, parts);
        if !whole {
            unit.status = UnitStatus::Partial;
        }
        let key = |from: Peer, id: u64| (from, packet.namespace.to_string(), id);
        match (packet.kind, packet.id) {
            (Kind::Connect | Kind::ConnectError, _) => {
                return self.connect(at, packet, unit, out);
            }
            (Kind::Disconnect, _) => {
                self.namespaces.remove(&*packet.namespace);
            }
            (kind, Some(id)) if kind.is_ack() => {
                let asked = self.acks.answer(&key(at.from.other(), id));
                match asked {
                    Some(event) => telling::answers(&mut unit, &event, at),
                    None => self.unasked(at, id),
                }
            }
            (kind, id) if kind.is_event() => {
                self.connected(at, packet);
                let name = unit.subject.clone().unwrap_or_default();
                let index = out.unit(unit);
                if let Some(id) = id {
                    let what = format!("{} {name} #{id}", <&str>::from(kind));
                    let question = telling::question(at, index, what);
                    self.acks.ask(key(at.from, id), question);
                }
                return;
            }
            _ => {}
        }
        out.unit(unit);
    }

    fn connect(&mut self, at: &At, packet: &Packet<'_>, mut unit: Unit, out: &mut dyn Out) {
        // A namespace is asked for with a query in version 3, and answered without.
        let name = packet.namespace.split('?').next().unwrap_or_default();
        if at.from == Peer::Client {
            let index = out.unit(unit);
            let question = telling::question(at, index, format!("CONNECT {name}"));
            self.connects.ask(name.to_owned(), question);
            return;
        }
        if let Some(asked) = self.connects.answer(&name.to_owned()) {
            telling::answers(&mut unit, &asked, at);
        }
        if packet.kind == Kind::ConnectError {
            unit.status = UnitStatus::Error;
            // Socket.IO 5, "Connection to a namespace": the server answers or refuses.
            let text = format!(
                "the server refuses the namespace {}: {}",
                telling::excerpt(name),
                telling::excerpt(&packet.body)
            );
            out.observe(Observation::new(Code::SocketioRefused, at.from, text));
        } else if self.namespaces.len() < self.most {
            self.namespaces.insert(name.to_owned());
        } else {
            self.sight.blind();
        }
        out.unit(unit);
    }

    /// An event belongs to a namespace that the server agreed to.
    fn connected(&mut self, at: &At, packet: &Packet<'_>) {
        // Before version 5 of Socket.IO, which came with version 4 of Engine.IO, `/` needs none.
        let needs = self.version != Some(3) && at.from == Peer::Client;
        if needs && !self.namespaces.contains(&*packet.namespace) {
            let text = format!(
                "an event for the namespace {}, which the server has not agreed to",
                telling::excerpt(&packet.namespace)
            );
            self.sight.suspect(at, Code::SocketioNotConnected, text);
        }
    }

    fn unasked(&mut self, at: &At, id: u64) {
        // Socket.IO 5, "Acknowledgement": the id is that of the event.
        if self.acks.forgotten() == 0 {
            let text = Sentence::new(
                "an acknowledgement with the id {id}, for which no event waits",
                &[("id", Figure::Id(id))],
            );
            self.sight.suspect(at, Code::SocketioAckUnasked, text);
        }
    }

    /// A binary message: a packet in MessagePack, an attachment, or anything else.
    fn binary(&mut self, at: &At, bytes: &[u8], parts: Vec<Part>, whole: bool, out: &mut dyn Out) {
        if self.waiting[at.from].is_some() {
            return self.attachment(at, parts, whole, out);
        }
        // Engine.IO 3, "Encoding": binary frames begin with the type, 4 for a message.
        let carried = match (self.version, bytes.split_first()) {
            (Some(3), Some((4, rest))) => rest,
            _ => bytes,
        };
        if let Some(packet) = Packet::packed(carried).filter(|_| whole) {
            return self.packet(at, &packet, parts, whole, out);
        }
        let mut unit = engine_unit(EngineKind::Message, parts);
        unit.fields.insert("binary".into(), true.into());
        if !self.sight.is_whole() {
            // Its packet is lost, or was sent while polling; or all of this is no Socket.IO.
            if !self.is_socketio {
                return;
            }
            unit = attachment_unit(std::mem::take(&mut unit.parts));
        }
        if !whole {
            unit.status = UnitStatus::Partial;
        } else if self.is_socketio && self.sight.is_whole() {
            unit.status = UnitStatus::Error;
            let text = "a binary message came that belongs to no packet";
            out.observe(Observation::new(Code::SocketioAttachments, at.from, text));
        }
        out.unit(unit);
    }

    /// A message of which not even the beginning is known.
    fn unreadable(&mut self, from: Peer) {
        self.sight.lost(from);
        self.beats.lost(from);
        if let Some(waiting) = &mut self.waiting[from] {
            waiting.whole = false;
        }
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.sight.message(at);
        if body.text {
            self.text(at, &body, out);
        } else {
            let parts = telling::whole(at, &body);
            self.binary(at, body.bytes, parts, body.whole, out);
        }
    }

    fn lost(&mut self, from: Peer) {
        self.unreadable(from);
    }

    fn finish(&mut self, stamp: Stamp, out: &mut dyn Out) {
        self.finish_attachments(out);
        if !self.closed {
            let all_seen = self.sight.is_whole();
            self.beats.finish(stamp, all_seen, out);
        }
        let open = self.acks.drain().into_iter().chain(self.connects.drain());
        self.sight.finish(open.collect(), out);
    }

    fn held(&self) -> usize {
        let entries = self.acks.len() + self.connects.len() + self.namespaces.len();
        size_of::<Self>() + self.sight.held() + entries * ENTRY_BYTES
    }
}

/// What a text carries that stands for binary: `b` and base64, in version 3 with the type between.
fn encoded(text: &str) -> Option<Vec<u8>> {
    let rest = text.strip_prefix('b')?;
    let decoded = STANDARD.decode(rest).ok();
    decoded.or_else(|| STANDARD.decode(rest.strip_prefix('4')?).ok())
}

fn malformed(at: &At, text: &'static str, out: &mut dyn Out) {
    out.observe(Observation::new(Code::SocketioMalformed, at.from, text));
}
