//! The sink that gathers one message.
//!
//! Job: keep the frames and bits of the message that is asked for, and of all others only what
//! matches may copy from: which message each compressed payload belongs to. Input: events and
//! what lies below them. Output: [`Explanation`]s, and what connections there were.
//!
//! Memory is bounded: of what each sender has in progress in [`gathered`](super::gathered), here by how
//! many connections and handshakes are kept.

use std::borrow::Cow;

use super::gathered::{Side, records};
use super::message::{Carrier, Explanation};
use crate::base::{Conversing, Peer, PerPeer, Timestamp};
use crate::deflate::{Agreement, Parameters};
use crate::event::{ConnectionInfo, Event, EventSink, Message, Upgrade, Wire};
use crate::finding::Finding;
use crate::output::censored::Censored;
use crate::page::redact::Redact;

/// Connections that are listed.
const MOST_CONNECTIONS: usize = 1 << 12;
/// Handshakes of one connection that are kept.
const MOST_HANDSHAKES: usize = 16;

/// Which messages are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The one of this number.
    Message(u64),
    /// All, and the handshake; only for input that is known to be small.
    All,
    /// None: only the handshake.
    Handshake,
}

impl Target {
    fn wants(self, number: u64) -> bool {
        match self {
            Self::Message(wanted) => wanted == number,
            Self::All => true,
            Self::Handshake => false,
        }
    }
}

/// A connection that was seen.
#[derive(Debug, Clone)]
pub struct Connection {
    /// What its last handshake said.
    pub info: ConnectionInfo,
    /// How many messages it had.
    pub messages: u64,
}

impl Connection {
    /// Whether it became a WebSocket.
    pub fn is_websocket(&self) -> bool {
        !matches!(self.info.upgrade, Upgrade::Refused | Upgrade::Unanswered)
    }
}

/// Gathers one message, or the handshakes of a connection.
#[derive(Debug)]
pub struct Collector {
    target: Target,
    /// Every connection, up to a limit, in the order in which they were told.
    pub connections: Vec<Connection>,
    /// What was asked for. Of several connections only the first one's is gathered.
    pub found: Vec<Explanation>,
    /// The handshakes of the first connection, each with its findings.
    pub handshakes: Vec<(ConnectionInfo, Vec<Finding>)>,
    /// When the capture begins.
    pub start: Timestamp,
    /// The connection that is gathered.
    chosen: Option<Conversing>,
    agreement: Agreement,
    messages: u64,
    sides: PerPeer<Side>,
    /// The TLS record that is read now, and its sender.
    record: Option<(Peer, Carrier)>,
    redact: Redact,
}

impl Collector {
    /// A sink for `target`.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            connections: Vec::new(),
            found: Vec::new(),
            handshakes: Vec::new(),
            start: Timestamp::default(),
            chosen: None,
            agreement: Agreement::None,
            messages: 0,
            sides: PerPeer::from_fn(|_| Side::default()),
            record: None,
            redact: Redact::Nothing,
        }
    }

    /// The same for a connection that goes on behind `messages` of its messages.
    pub fn behind(target: Target, info: &ConnectionInfo, messages: u64) -> Self {
        let mut collector = Self::new(target);
        collector.connection(info);
        collector.messages = messages;
        collector
    }

    /// The same for bytes without a connection, for which `agreement` holds.
    pub fn with_agreement(target: Target, agreement: Agreement) -> Self {
        Self {
            agreement,
            ..Self::new(target)
        }
    }

    /// The same, which leaves out payloads with secrets where they are redacted.
    #[must_use]
    pub fn redacting(self, redact: Redact) -> Self {
        Self { redact, ..self }
    }

    /// How many messages the gathered connection had.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    fn is_chosen(&mut self, connection: Conversing) -> bool {
        *self.chosen.get_or_insert(connection) == connection
    }

    /// Whether a message that is still to come is wanted.
    fn waits(&self) -> bool {
        match self.target {
            Target::Message(wanted) => self.messages < wanted,
            Target::All => true,
            Target::Handshake => false,
        }
    }

    fn connection(&mut self, info: &ConnectionInfo) {
        let number = info.conversing;
        let room = self.connections.len() < MOST_CONNECTIONS;
        let mut known = self.connections.iter_mut();
        match known.find(|known| known.info.conversing == number) {
            Some(known) => known.info = info.clone(),
            None if room => self.connections.push(Connection {
                info: info.clone(),
                messages: 0,
            }),
            None => return,
        }
        let refused = matches!(info.upgrade, Upgrade::Refused | Upgrade::Unanswered);
        if refused && self.target != Target::Handshake {
            return;
        }
        if self.is_chosen(number) {
            self.agreement = info.agreement;
            let wanted = !matches!(self.target, Target::Message(_));
            if wanted && self.handshakes.len() < MOST_HANDSHAKES {
                self.handshakes.push((info.clone(), Vec::new()));
            }
        }
    }

    fn finding(&mut self, connection: Conversing, finding: &Finding) {
        if self.chosen != Some(connection) {
            return;
        }
        let mut finding = finding.clone();
        if let Cow::Owned(text) = self.redact.words(&finding.text) {
            finding.text.reword(text);
        }
        match finding.message {
            Some(number) => {
                let newest = self.found.last_mut();
                if let Some(found) = newest.filter(|found| found.number == number) {
                    found.findings.push(finding);
                }
            }
            None if self.messages == 0 => {
                if let Some((_, findings)) = self.handshakes.last_mut() {
                    findings.push(finding);
                }
            }
            None => {}
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        let mut known = self.connections.iter_mut();
        if let Some(known) = known.find(|known| known.info.conversing == message.conversing) {
            known.messages = message.number;
        }
        if !self.is_chosen(message.conversing) {
            return;
        }
        self.messages = message.number;
        let side = &mut self.sides[message.from];
        let gathered = std::mem::take(side.of(message.opcode));
        let mut deflated = Vec::new();
        let mut inflated = false;
        if !message.opcode.is_control() {
            inflated = side.inflates();
            deflated = side.settle(message.number);
        }
        if self.target.wants(message.number) {
            let info = self.connections.iter();
            let info = info
                .map(|known| &known.info)
                .find(|info| info.conversing == message.conversing);
            let mut found = explanation(message, self.agreement, info);
            let carriers = side.carriers(&gathered.frames);
            found.records = records(gathered.records, &carriers);
            found.carriers = carriers.into_iter().map(|(frame, _)| frame).collect();
            found.frames = gathered.frames;
            found.deflated = deflated;
            found.past = side.past.list();
            redact(&mut found, &Censored::of(message, self.redact));
            self.found.push(found);
        }
        if inflated {
            side.past.keep(message);
        }
    }
}

impl EventSink for Collector {
    fn begin(&mut self, start: Timestamp) {
        self.start = start;
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => self.connection(info),
            Event::Message(message) => self.message(message),
            Event::Finding {
                conversing,
                finding,
            } => self.finding(conversing, finding),
            Event::Recognised { .. }
            | Event::Pending(_)
            | Event::Tls(_)
            | Event::Transport(_)
            | Event::End(_) => {}
        }
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        // Records are those of the connection; which stream is gathered is not theirs to choose.
        let fits = match wire {
            Wire::Record(..) => self
                .chosen
                .is_none_or(|chosen| chosen.connection == conversing.connection),
            _ => self.is_chosen(conversing),
        };
        if !fits {
            return;
        }
        let waits = self.waits();
        let per_frame = matches!(self.agreement, Agreement::DeflateFrame(_));
        // Behind the last payload of a message comes the message; only where each frame is a
        // payload of its own, others may come first.
        let keep = per_frame || self.target.wants(self.messages + 1);
        let side = &mut self.sides[from];
        match wire {
            Wire::Record(layer, at) if waits => {
                let layer = layer.clone();
                let before = self.record.replace((from, Carrier { layer, at }));
                if let Some((of, record)) = before {
                    self.sides[of].passed(record);
                }
            }
            Wire::Part(part) if waits => {
                let record = self.record.as_ref().filter(|(of, _)| *of == from);
                let record = record.map(|(_, record)| record);
                match conversing.on_stream() {
                    None => side.carried(part, record),
                    // A record can hold frames of several streams.
                    Some(_) => side.carried_on_stream(part, record),
                }
                side.part(part, per_frame);
            }
            Wire::Traced(inflated) if waits => side.traced(inflated, keep),
            Wire::Data(frame) if waits => {
                let record = self.record.as_ref().filter(|(of, _)| *of == from);
                side.carried_by(frame, record.map(|(_, record)| record));
            }
            Wire::Record(..)
            | Wire::Part(_)
            | Wire::Traced(_)
            | Wire::Counted(..)
            | Wire::Data(_) => {}
        }
    }
}

/// Leaves of an explanation what may be shown.
fn redact(found: &mut Explanation, censored: &Censored) {
    if *censored == Censored::No {
        return;
    }
    found.payload = censored.payload(&found.payload).into_owned();
    found.redacted = true;
    found.holes.clear();
    found.deflated.clear();
    found.past.clear();
    for frame in &mut found.frames {
        frame.wire.clear();
    }
}

fn explanation(
    message: &Message<'_>,
    agreement: Agreement,
    info: Option<&ConnectionInfo>,
) -> Explanation {
    // RFC 7692 §7.1: what holds where nothing is said.
    let defaults = || Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters::default()));
    let agreement = if message.inferred {
        defaults()
    } else {
        agreement
    };
    Explanation {
        facts: message.facts,
        flow: info.map(|info| info.flow),
        has_handshake: info.is_some_and(|info| {
            let handshake = info.handshake.as_ref();
            handshake.is_some_and(|handshake| match message.from {
                Peer::Client => handshake.request.is_some(),
                Peer::Server => handshake.response.is_some(),
            })
        }),
        agreement,
        inferred: message.inferred || info.is_some_and(|info| info.inferred),
        payload: message.payload.to_vec(),
        holes: message.holes.to_vec(),
        redacted: false,
        carriers: Vec::new(),
        frames: Vec::new(),
        deflated: Vec::new(),
        past: Vec::new(),
        records: Vec::new(),
        findings: Vec::new(),
    }
}
