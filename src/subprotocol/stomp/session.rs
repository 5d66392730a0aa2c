//! A STOMP session: what both sides have said so far.
//!
//! Job: read frames in the light of those before them: version, subscriptions, acknowledgements,
//! receipts, transactions, heart-beats. Input: frames with their messages. Output: units and
//! observations. STOMP 1.2, "Connecting", "Client Frames", "Server Frames".

use std::collections::{BTreeMap, VecDeque};

use super::acks::{Acks, Key};
use super::beats::{self, Beats};
use super::frame::{Fault, Frame, NAME, Version, is_command};
use super::words;
use crate::base::{Limits, Peer, PerPeer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::asked::{Asked, Question};
use crate::subprotocol::decoder::{At, Out};
use crate::subprotocol::unit::{Answered, Part, Unit, UnitStatus, shown};

/// What is not answered so soon before the end is nobody's trouble.
const PATIENT_NANOS: i64 = 1_000_000_000;

/// Answers that are kept although nothing was asked.
const EARLY: usize = 256;

/// What has been said.
#[derive(Debug, Clone)]
pub(super) struct Session {
    version: Version,
    /// A CONNECT without its CONNECTED, and the `heart-beat` of the last one.
    connect: Option<Question>,
    can_beat: (u64, u64),
    is_connected: bool,
    beats: Beats,
    subscriptions: BTreeMap<String, Subscription>,
    most: usize,
    acks: Acks,
    receipts: Asked<String>,
    transactions: Asked<String>,
    /// What DISCONNECT asks a receipt by.
    bye: Option<String>,
    /// Answers to what has not come yet: where bytes are missing, one side is read later than the
    /// other.
    early: VecDeque<Key>,
    /// The client's last frame.
    last: Option<Question>,
    /// Messages of this side are missing.
    lost: PerPeer<bool>,
}

#[derive(Debug, Clone)]
struct Subscription {
    destination: String,
    mode: Mode,
    /// UNSUBSCRIBE has come. Messages may still be on their way.
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Auto,
    Client,
    Individual,
}

impl Session {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            version: Version::Open,
            connect: None,
            can_beat: (0, 0),
            is_connected: false,
            beats: Beats::default(),
            subscriptions: BTreeMap::new(),
            most: limits.questions,
            acks: Acks::new(limits.questions),
            receipts: Asked::new(limits.questions),
            transactions: Asked::new(limits.questions),
            bye: None,
            early: VecDeque::new(),
            last: None,
            lost: PerPeer::default(),
        }
    }

    /// Bytes of memory that a copy takes, more or less.
    pub(super) fn held(&self) -> usize {
        let questions = self.receipts.len() + self.transactions.len();
        self.acks.held() + (questions + self.subscriptions.len()) * 256
    }

    /// Messages of `from` are missing.
    pub(super) fn lost(&mut self, from: Peer) {
        self.lost[from] = true;
        self.beats.lost(from);
        if self.version == Version::Open && !self.is_connected {
            self.version = Version::Unseen;
        }
    }

    /// Something of `from` went by.
    pub(super) fn heard(&mut self, at: &At, out: &mut dyn Out) {
        if let Some(late) = self.beats.heard(at.from, at.began, at.stamp.time) {
            out.observe(late);
        }
    }

    /// Nobody has to send anything any more.
    fn ends(&mut self) {
        for from in Peer::BOTH {
            self.beats.release(from);
        }
    }

    /// `from` closes the WebSocket.
    pub(super) fn closes(&mut self, from: Peer) {
        self.ends();
        // Brokers close in place of the last receipt.
        if from == Peer::Server
            && let Some(bye) = self.bye.take()
        {
            self.receipts.answer(&bye);
        }
    }

    /// Keeps an answer whose question has not come.
    fn is_early(&mut self, key: Key) {
        if self.early.len() >= EARLY {
            self.early.pop_front();
        }
        self.early.push_back(key);
    }

    /// Whether the answer has come already.
    fn was_early(&mut self, key: &Key) -> bool {
        let place = self.early.iter().position(|early| early == key);
        place.and_then(|place| self.early.remove(place)).is_some()
    }

    /// A heart-beat.
    pub(super) fn beat(&mut self, at: &At, part: Part, out: &mut dyn Out) {
        self.beats.beat(at.from);
        out.unit(Unit {
            protocol: NAME,
            kind: "heart-beat".into(),
            parts: vec![part],
            ..Unit::default()
        });
    }

    /// What is no frame.
    pub(super) fn junk(&self, at: &At, out: &mut dyn Out) {
        if !self.lost[at.from] {
            let text = "bytes that begin no STOMP frame";
            out.observe(Observation::new(Code::StompFrameInvalid, at.from, text));
        }
    }

    /// A frame.
    pub(super) fn frame(&mut self, at: &At, mut frame: Frame, out: &mut dyn Out) {
        let undefined = frame.unescape(self.version);
        let mut unit = words::unit(&mut frame);
        let broken = Self::faults(at, &frame, undefined, out);
        if frame.partial {
            unit.status = UnitStatus::Partial;
        } else if broken || frame.command == "ERROR" {
            unit.status = UnitStatus::Error;
        }
        let read = self.read(at, &frame, &mut unit, out);
        let mut answered = read.answers;
        if at.from == Peer::Server
            && let Some(receipt) = frame.header("receipt-id")
        {
            let asked = self.receipts.answer(&receipt.to_owned());
            if asked.is_none() && frame.command == "RECEIPT" {
                self.is_early(Key::Receipt(receipt.to_owned()));
            }
            answered.extend(asked);
        }
        if let Some(last) = answered.last() {
            unit.after = Some(at.stamp.time.since(last.stamp.time));
        }
        unit.answers = answered.iter().map(|question| question.unit).collect();
        let what = words::what(&unit);
        let index = out.unit(unit);
        let question = Question {
            from: at.from,
            unit: Answered {
                message: at.message,
                unit: index,
            },
            stamp: at.stamp,
            what,
        };
        self.keep(&frame, question, read.asks, at.from);
        if frame.command == "ERROR" {
            self.error(at, &frame, answered.last(), out);
            // STOMP 1.2, "ERROR": the server closes the connection after it.
            self.ends();
        }
    }

    /// Tells what a frame's form breaks; whether it does.
    fn faults(at: &At, frame: &Frame, undefined: bool, out: &mut dyn Out) -> bool {
        let command = &frame.command;
        let known = is_command(at.from, command);
        let mut note = |code, text: Sentence| out.observe(Observation::new(code, at.from, text));
        if !known {
            // STOMP 1.2, "STOMP Frames": these are the commands, each of one side.
            let text = format!(
                "the {} sends {command:?}, which is no command of it",
                at.from
            );
            let mut text = Sentence::from(text);
            text.clip(200);
            note(Code::StompFrameInvalid, text);
        }
        if undefined {
            // STOMP 1.2, "Value Encoding".
            let text = "a header has a backslash before a character that no escape has";
            note(Code::StompEscapeUndefined, text.into());
        }
        for fault in &frame.faults {
            match fault {
                Fault::NoColon => note(
                    Code::StompFrameInvalid,
                    "a line of a frame's head has no colon".into(),
                ),
                Fault::NoEmptyLine => note(
                    Code::StompFrameInvalid,
                    "a frame's head ends without an empty line".into(),
                ),
                Fault::LengthInvalid => note(
                    Code::StompLengthWrong,
                    "the value of content-length is no number".into(),
                ),
                Fault::LengthWrong(announced) => note(
                    Code::StompLengthWrong,
                    Sentence::new(
                        "content-length announces {announced}, and no NUL stands after them",
                        &[("announced", Figure::Bytes(*announced))],
                    ),
                ),
                Fault::NulMissing => note(
                    Code::StompNulMissing,
                    "the next frame begins, and no NUL has ended this one".into(),
                ),
            }
        }
        !known || undefined || !frame.faults.is_empty()
    }

    /// What a frame means in the light of those before it.
    fn read(&mut self, at: &At, frame: &Frame, unit: &mut Unit, out: &mut dyn Out) -> Read {
        let mut read = Read::default();
        let header = |name| frame.header(name).unwrap_or_default().to_owned();
        match frame.command.as_str() {
            "CONNECT" | "STOMP" => self.connects(at, frame, out),
            "CONNECTED" => {
                read.answers.extend(self.connect.take());
                self.connected(at, frame);
            }
            "SUBSCRIBE" => self.subscribes(frame),
            "UNSUBSCRIBE" => {
                let own = self.subscriptions.get_mut(&subscription_of(frame, "id"));
                if let Some(own) = own {
                    own.ended = true;
                    unit.subject.get_or_insert_with(|| own.destination.clone());
                }
            }
            "MESSAGE" => read.asks = self.message(at, frame, out),
            "ACK" | "NACK" => {
                let subscriptions = &self.subscriptions;
                let cumulative = |id: &str| {
                    subscriptions
                        .get(id)
                        .is_some_and(|own| own.mode == Mode::Client)
                };
                let key = ack_key(frame);
                match self.acks.answer(&key, cumulative) {
                    Some((id, answers)) => {
                        let own = self.subscriptions.get(&id);
                        unit.subject = own.map(|own| own.destination.clone());
                        read.answers = answers;
                    }
                    None => self.is_early(key),
                }
            }
            "BEGIN" => read.asks = Some(Asks::Transaction(header("transaction"))),
            "COMMIT" | "ABORT" => {
                let begun = self.transactions.answer(&header("transaction"));
                read.answers.extend(begun);
            }
            "DISCONNECT" => {
                self.ends();
                self.bye = frame.header("receipt").map(str::to_owned);
            }
            "ERROR" => {
                read.answers.extend(self.connect.take());
            }
            _ => {}
        }
        read
    }

    fn connects(&mut self, at: &At, frame: &Frame, out: &mut dyn Out) {
        if self.is_connected || self.connect.is_some() {
            // STOMP 1.2, "Connecting": a session begins with CONNECT, and has one.
            let text = "the client sends another CONNECT on a connection that has a session";
            out.observe(Observation::new(Code::StompConnectAgain, at.from, text));
        }
        self.can_beat = beats::announced(frame.header("heart-beat"));
    }

    fn connected(&mut self, at: &At, frame: &Frame) {
        self.is_connected = true;
        self.version = match frame.header("version") {
            Some("1.2") => Version::V12,
            Some("1.1") => Version::V11,
            // STOMP 1.1, "Connecting": without the header it is 1.0.
            _ => Version::V10,
        };
        let server = beats::announced(frame.header("heart-beat"));
        self.beats.agree(self.can_beat, server, at.stamp.time);
    }

    fn subscribes(&mut self, frame: &Frame) {
        let mode = match frame.header("ack") {
            Some("client") => Mode::Client,
            Some("client-individual") => Mode::Individual,
            _ => Mode::Auto,
        };
        if self.subscriptions.len() >= self.most {
            self.subscriptions.retain(|_, own| !own.ended);
        }
        if self.subscriptions.len() < self.most {
            let destination = frame.header("destination").unwrap_or_default().to_owned();
            let subscription = Subscription {
                destination,
                mode,
                ended: false,
            };
            let id = subscription_of(frame, "id");
            self.subscriptions.insert(id, subscription);
        }
    }

    /// A message for a subscription.
    fn message(&mut self, at: &At, frame: &Frame, out: &mut dyn Out) -> Option<Asks> {
        let id = subscription_of(frame, "subscription");
        let Some(subscription) = self.subscriptions.get(&id) else {
            let all = self.subscriptions.len() < self.most;
            if all && !self.lost[Peer::Client] && self.is_connected {
                // STOMP 1.2, "MESSAGE": its subscription header names a subscription.
                let mut text = Sentence::from(format!(
                    "a message comes for {id:?}, which is no subscription"
                ));
                text.clip(200);
                out.observe(Observation::new(
                    Code::StompSubscriptionUnknown,
                    at.from,
                    text,
                ));
            }
            return None;
        };
        if subscription.mode == Mode::Auto {
            return None;
        }
        let key = match frame.header("ack") {
            Some(ack) => Key::Ack(ack.to_owned()),
            None => Key::Id(frame.header("message-id")?.to_owned()),
        };
        Some(Asks::Ack(id, key))
    }

    /// Keeps what expects an answer.
    fn keep(&mut self, frame: &Frame, question: Question, asks: Option<Asks>, from: Peer) {
        match asks {
            Some(Asks::Ack(_, key)) if self.was_early(&key) => {}
            Some(Asks::Ack(subscription, key)) => {
                self.acks.wait(&subscription, key, question.clone());
            }
            Some(Asks::Transaction(id)) => {
                self.transactions.ask(id, question.clone());
            }
            None => {}
        }
        if from == Peer::Client {
            if matches!(frame.command.as_str(), "CONNECT" | "STOMP") {
                self.connect = Some(question.clone());
            } else if let Some(receipt) = frame.header("receipt")
                && !self.was_early(&Key::Receipt(receipt.to_owned()))
            {
                self.receipts.ask(receipt.to_owned(), question.clone());
            }
            self.last = Some(question);
        }
    }

    /// An ERROR, with what may have caused it.
    fn error(&self, at: &At, frame: &Frame, answers: Option<&Question>, out: &mut dyn Out) {
        let said = frame.header("message").unwrap_or_default();
        let said = if said.is_empty() {
            shown(&frame.body)
        } else {
            said.to_owned()
        };
        let mut said = Sentence::from(said);
        said.clip(200);
        let silent = self.beats.silence(Peer::Client, at.stamp.time);
        let silent = silent.zip(self.beats.interval(Peer::Client));
        let cause = match (answers, silent, &self.last) {
            (Some(asked), ..) => {
                format!(
                    "; it answers message {}, {}",
                    asked.unit.message, asked.what
                )
            }
            (None, Some((silent, interval)), _) if silent > interval => format!(
                "; the client had sent nothing for {}, and had agreed to {}",
                Figure::Nanos(silent),
                Figure::Nanos(interval)
            ),
            (None, _, Some(last)) => format!(
                "; the client's last frame before it is message {}, {}",
                last.unit.message, last.what
            ),
            (None, _, None) => String::new(),
        };
        let mut text = Sentence::from(format!("the server sends ERROR: {said}{cause}"));
        text.clip(600);
        out.observe(Observation::new(Code::StompError, at.from, text));
    }

    /// The end: what is still open.
    pub(super) fn finish(&mut self, stamp: Stamp, out: &mut dyn Out) {
        for late in self.beats.finish(stamp.time) {
            out.observe(late);
        }
        let age = |since: Stamp| Figure::Nanos(stamp.time.since(since.time));
        let waited = |since: Stamp| stamp.time.since(since.time) >= PATIENT_NANOS;
        if let Some((_, oldest)) = self.receipts.iter().next()
            && !self.lost[Peer::Server]
            && waited(oldest.stamp)
        {
            // STOMP 1.2, "RECEIPT": it comes once the frame was processed.
            let text = Sentence::new(
                "receipts that the client asked for and that did not come: {count}; the oldest waits for {age}",
                &[
                    ("count", Figure::Count(self.receipts.len() as u64)),
                    ("age", age(oldest.stamp)),
                ],
            );
            out.observe(Observation::new(
                Code::StompReceiptMissing,
                Peer::Server,
                text,
            ));
        }
        if !self.lost[Peer::Client] {
            self.open_work((&waited, &age), out);
        }
        let mut open: Vec<_> = self.connect.take().into_iter().collect();
        open.extend(self.receipts.drain());
        open.extend(self.acks.drain());
        open.extend(self.transactions.drain());
        open.sort_by_key(|question| question.unit);
        for question in open {
            out.pending(question);
        }
    }

    /// What the client left undone.
    fn open_work(
        &self,
        (waited, age): (&dyn Fn(Stamp) -> bool, &dyn Fn(Stamp) -> Figure),
        out: &mut dyn Out,
    ) {
        for left in self.acks.left().filter(|left| waited(left.oldest)) {
            let own = self.subscriptions.get(&left.subscription);
            let destination = own.map_or("?", |own| own.destination.as_str());
            let named = Sentence::new(
                "messages of a subscription that are not acknowledged: {count}; the oldest waits for {age}",
                &[
                    ("count", Figure::Count(left.count)),
                    ("age", age(left.oldest)),
                ],
            );
            let subscription = &left.subscription;
            let text = named.with(&format!(
                " (subscription {subscription:?} to {destination:?})"
            ));
            out.observe(Observation::new(
                Code::StompUnacknowledged,
                Peer::Client,
                text,
            ));
        }
        if let Some((_, oldest)) = self.transactions.iter().next() {
            // STOMP 1.2, "BEGIN": what is left open is aborted when the connection ends.
            let text = Sentence::new(
                "transactions that are neither committed nor aborted: {count}; the oldest is open for {age}",
                &[
                    ("count", Figure::Count(self.transactions.len() as u64)),
                    ("age", age(oldest.stamp)),
                ],
            );
            out.observe(Observation::new(
                Code::StompTransactionOpen,
                Peer::Client,
                text,
            ));
        }
    }
}

/// What a frame answers and asks.
#[derive(Debug, Default)]
struct Read {
    answers: Vec<Question>,
    asks: Option<Asks>,
}

#[derive(Debug)]
enum Asks {
    /// An acknowledgement, of a subscription's message.
    Ack(String, Key),
    /// COMMIT or ABORT.
    Transaction(String),
}

/// The subscription that a frame names; in STOMP 1.0 the destination stands for it.
fn subscription_of(frame: &Frame, header: &str) -> String {
    let named = frame.header(header).or_else(|| frame.header("destination"));
    named.unwrap_or_default().to_owned()
}

/// What ACK and NACK name. STOMP 1.2: the message's `ack`; before, its `message-id`.
fn ack_key(frame: &Frame) -> Key {
    match (frame.header("message-id"), frame.header("id")) {
        (Some(id), _) => Key::Id(id.to_owned()),
        (None, id) => Key::Ack(id.unwrap_or_default().to_owned()),
    }
}
