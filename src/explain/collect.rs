//! The sink that gathers one message.
//!
//! Job: keep the frames and bits of the message that is asked for, and of all others only what
//! matches may copy from: which message each compressed payload belongs to. Input: events and
//! what lies below them. Output: [`Explanation`]s, and what connections there were.
//!
//! Memory is bounded: frames and bytes of the message in progress ([`MOST_FRAMES`] and
//! [`MOST_BYTES`] of each sender), a place for each compressed payload that a window can hold
//! ([`MOST_PLACES`]), and of each sender the ends of payloads that its window can hold.

use std::collections::VecDeque;

use super::message::{Carrier, Deflated, Explanation, Frame, Passage};
use super::past::Pasts;
use crate::base::{Conversing, Peer, PerPeer, Stamp, Timestamp};
use crate::deflate::{Agreement, Parameters};
use crate::event::{ConnectionInfo, Event, EventSink, Inflated, Message, Upgrade, Wire};
use crate::finding::Finding;
use crate::http2::DataFrame;
use crate::output::censored::Censored;
use crate::page::redact::Redact;
use crate::ws::{Body, FramePart};

/// Frames of one message that are kept.
const MOST_FRAMES: usize = 4096;
/// Payload bytes of one message, as sent, that are kept.
const MOST_BYTES: usize = 16 << 20;
/// Compressed payloads whose messages are remembered: a window holds 32,768 bytes, so no more
/// that are not empty can be copied from.
const MOST_PLACES: usize = 1 << 16;
/// TLS records that are remembered after the last part of a frame.
const MOST_BETWEEN: usize = 16;
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

/// What one sender has in progress.
#[derive(Debug)]
struct Side {
    data: Gathered,
    control: Gathered,
    deflated: Vec<Deflated>,
    places: VecDeque<(u64, u64, Option<u64>)>,
    /// Ordinals of the message in progress, with where their output begins in it.
    pending: Vec<(u64, Option<u64>)>,
    /// The ends of earlier messages that the window can hold.
    past: Pasts,
    /// Payload bytes of the message in progress so far, where compression is by frame and that
    /// is known.
    made: Option<u64>,
    /// Bytes of the TLS record that is read now that parts of frames took.
    used: u64,
    /// TLS records with the beginning of a frame's header, and how many bytes of it they hold.
    between: Vec<Carrier>,
    begun: u64,
    /// DATA frames of HTTP/2 that may carry the next message, each with the TLS record that it begins in.
    carriers: VecDeque<(DataFrame, Option<Carrier>)>,
}

#[derive(Debug, Default)]
struct Gathered {
    frames: Vec<Frame>,
    records: Vec<Carrier>,
    bytes: usize,
    /// The newest frame is not kept.
    skipping: bool,
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
        match finding.message {
            Some(number) => {
                let newest = self.found.last_mut();
                if let Some(found) = newest.filter(|found| found.number == number) {
                    found.findings.push(finding.clone());
                }
            }
            None if self.messages == 0 => {
                if let Some((_, findings)) = self.handshakes.last_mut() {
                    findings.push(finding.clone());
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
        let gathered = if message.opcode.is_control() {
            std::mem::take(&mut side.control)
        } else {
            std::mem::take(&mut side.data)
        };
        let mut deflated = Vec::new();
        let mut inflated = false;
        if !message.opcode.is_control() {
            inflated = !side.pending.is_empty();
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
            redact(&mut found, Censored::of(message, self.redact));
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

impl Default for Side {
    fn default() -> Self {
        Self {
            data: Gathered::default(),
            control: Gathered::default(),
            deflated: Vec::new(),
            places: VecDeque::new(),
            pending: Vec::new(),
            past: Pasts::default(),
            made: Some(0),
            used: 0,
            between: Vec::new(),
            begun: 0,
            carriers: VecDeque::new(),
        }
    }
}

impl Side {
    /// A record is over: keeps it where it ends in the beginning of a frame's header.
    fn passed(&mut self, record: Carrier) {
        let left = record.layer.data.saturating_sub(self.used);
        self.used = 0;
        if left > 0 && self.between.len() < MOST_BETWEEN {
            self.begun += left;
            self.between.push(record);
        }
    }

    /// A part of a frame lies in `record`.
    fn carried(&mut self, part: &FramePart<'_>, record: Option<&Carrier>) {
        let gathered = if part.header.opcode.is_control() {
            &mut self.control
        } else {
            &mut self.data
        };
        if part.begins {
            let header = u64::from(part.header.header_len);
            self.used += header.saturating_sub(self.begun);
            for earlier in self.between.drain(..) {
                gathered.carrier(&earlier, part.first);
            }
            self.begun = 0;
        }
        self.used += part.body.span();
        if let Some(record) = record {
            gathered.carrier(record, part.stamp);
        }
    }

    /// The same of a stream: what else is in the record is not known here.
    fn carried_on_stream(&mut self, part: &FramePart<'_>, record: Option<&Carrier>) {
        let gathered = if part.header.opcode.is_control() {
            &mut self.control
        } else {
            &mut self.data
        };
        if let Some(record) = record {
            gathered.carrier(record, part.stamp);
        }
    }

    fn carried_by(&mut self, frame: &DataFrame, record: Option<&Carrier>) {
        if self.carriers.len() >= MOST_FRAMES {
            self.carriers.pop_front();
        }
        self.carriers.push_back((*frame, record.cloned()));
    }

    /// The DATA frames that carry `frames`, with the records that they begin in. Earlier ones are forgotten.
    fn carriers(&mut self, frames: &[Frame]) -> Vec<(DataFrame, Option<Carrier>)> {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return Vec::new();
        };
        let (Some(start), Some(_)) = (first.offset, last.offset) else {
            return Vec::new();
        };
        let end = last.payload_start() + last.passed;
        let reaches = |frame: &DataFrame| {
            let until = frame
                .offset
                .map(|offset| offset + u64::from(frame.head.length));
            until.is_some_and(|until| until > start)
        };
        self.carriers.retain(|(frame, _)| reaches(frame));
        let carries =
            |(frame, _): &&(DataFrame, _)| frame.offset.is_some_and(|offset| offset < end);
        self.carriers.iter().filter(carries).cloned().collect()
    }

    fn part(&mut self, part: &FramePart<'_>, per_frame: bool) {
        if part.header.opcode.is_control() {
            self.control.part(part);
            return;
        }
        self.data.part(part);
        if per_frame && !part.header.rsv1 {
            let len = match part.body {
                Body::Bytes(bytes) => bytes.len() as u64,
                Body::Hole(len) => len,
            };
            self.made = self.made.map(|made| made.saturating_add(len));
        }
    }

    fn traced(&mut self, inflated: &Inflated<'_>, keep: bool) {
        let (base, trace) = (self.made, inflated.trace);
        self.pending.push((inflated.ordinal, base));
        let makes = trace.blocks.last().map_or(0, |block| block.makes.end);
        let whole = trace.dropped_blocks == 0;
        self.made = base.filter(|_| whole).map(|base| base + makes);
        if keep {
            self.deflated.push(Deflated {
                trace: trace.clone(),
                end: inflated.end,
                farthest: inflated.farthest,
                base,
                places: Vec::new(),
            });
        }
    }

    /// The data message of that `number` has ended: its payloads get its number.
    fn settle(&mut self, number: u64) -> Vec<Deflated> {
        for (ordinal, base) in self.pending.drain(..) {
            if self.places.len() >= MOST_PLACES {
                self.places.pop_front();
            }
            self.places.push_back((ordinal, number, base));
        }
        self.made = Some(0);
        let mut deflated = std::mem::take(&mut self.deflated);
        for one in &mut deflated {
            one.places = self.places.iter().copied().collect();
        }
        deflated
    }
}

/// The records that carried parts of a message, and those that its DATA frames begin in.
fn records(mut records: Vec<Carrier>, carriers: &[(DataFrame, Option<Carrier>)]) -> Vec<Carrier> {
    for record in carriers.iter().filter_map(|(_, record)| record.as_ref()) {
        if !records.contains(record) && records.len() < MOST_FRAMES {
            records.push(record.clone());
        }
    }
    records.sort_by_key(|record| (record.at.first, record.layer.number));
    records
}

impl Gathered {
    /// A record carried some of it, that came with the packet of this stamp.
    fn carrier(&mut self, record: &Carrier, at: Stamp) {
        let known = self.records.last() == Some(record);
        let covers = (record.at.first..=record.at.last).contains(&at);
        if !known && covers && self.records.len() < MOST_FRAMES {
            self.records.push(record.clone());
        }
    }

    fn part(&mut self, part: &FramePart<'_>) {
        if part.begins {
            self.skipping = self.frames.len() >= MOST_FRAMES;
            if !self.skipping {
                self.frames.push(Frame {
                    header: part.header,
                    offset: part
                        .at
                        .map(|at| at.saturating_sub(u64::from(part.header.header_len))),
                    first: part.first,
                    wire: Vec::new(),
                    passed: 0,
                    passages: Vec::new(),
                });
            }
        }
        let room = MOST_BYTES.saturating_sub(self.bytes);
        let Some(frame) = self.frames.last_mut().filter(|_| !self.skipping) else {
            return;
        };
        let before = frame.wire.len();
        let (len, missing) = match part.body {
            Body::Bytes(bytes) => {
                let keep = bytes.get(..room.min(bytes.len())).unwrap_or_default();
                frame.wire.extend_from_slice(keep);
                (bytes.len() as u64, false)
            }
            Body::Hole(len) => {
                let keep = usize::try_from(len).unwrap_or(usize::MAX).min(room);
                frame.wire.resize(before + keep, 0);
                (len, true)
            }
        };
        self.bytes += frame.wire.len() - before;
        frame.passed = frame.passed.saturating_add(len);
        frame.passage(Passage {
            at: part.stamp,
            start: part.offset,
            len,
            missing,
        });
    }
}

impl Frame {
    fn passage(&mut self, next: Passage) {
        let joins = |last: &&mut Passage| {
            (last.at.packet, last.missing) == (next.at.packet, next.missing)
                && last.start + last.len == next.start
        };
        let room = self.passages.len() < MOST_FRAMES;
        match self.passages.last_mut().filter(joins) {
            Some(last) => last.len += next.len,
            None if room => self.passages.push(next),
            None => {}
        }
    }
}

/// Leaves of an explanation what may be shown.
fn redact(found: &mut Explanation, censored: Censored) {
    found.payload = match censored {
        Censored::No => return,
        Censored::Text(text) => text.into_bytes(),
        Censored::All => Vec::new(),
    };
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
