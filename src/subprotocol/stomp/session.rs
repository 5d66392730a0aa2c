//! A STOMP session: what both sides have said so far.
//!
//! Job: read frames in the light of those before them: version, subscriptions, acknowledgements,
//! receipts, transactions, heart-beats. Input: frames with their messages. Output: units and
//! observations. STOMP 1.2, "Connecting", "Client Frames", "Server Frames".

mod end;

use std::collections::VecDeque;

use super::acks::{Acks, Key};
use super::beats::{self, Beats};
use super::faults;
use super::frame::{Frame, NAME, Version};
use super::subscriptions::{self, Mode, Subscriptions};
use super::words;
use crate::base::{Limits, Peer, PerPeer};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::asked::{Asked, Question};
use crate::subprotocol::decoder::{At, Out};
use crate::subprotocol::unit::{Answered, Part, Unit, UnitStatus, shown};

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
    subscriptions: Subscriptions,
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

impl Session {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            version: Version::Open,
            connect: None,
            can_beat: (0, 0),
            is_connected: false,
            beats: Beats::default(),
            subscriptions: Subscriptions::new(limits.questions),
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

    /// The sender closes the WebSocket.
    pub(super) fn closes(&mut self, at: &At) {
        let from = at.from;
        let place = match from {
            Peer::Client => " before the client closes",
            Peer::Server => " before the server closes",
        };
        self.beats.release(at.stamp.time, place);
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
        let broken = faults::tell(at, &frame, undefined, out);
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
            let place = " before the server's ERROR";
            self.beats.release(at.stamp.time, place);
        }
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
            "SUBSCRIBE" => self.subscriptions.begin(frame),
            "UNSUBSCRIBE" => {
                if let Some(own) = self.subscriptions.end(frame) {
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
                let place = " before the client's DISCONNECT";
                self.beats.release(at.stamp.time, place);
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

    /// A message for a subscription.
    fn message(&mut self, at: &At, frame: &Frame, out: &mut dyn Out) -> Option<Asks> {
        let id = subscriptions::named(frame, "subscription");
        let Some(subscription) = self.subscriptions.get(&id) else {
            if self.subscriptions.is_whole() && !self.lost[Peer::Client] && self.is_connected {
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

/// What ACK and NACK name. STOMP 1.2: the message's `ack`; before, its `message-id`.
fn ack_key(frame: &Frame) -> Key {
    match (frame.header("message-id"), frame.header("id")) {
        (Some(id), _) => Key::Id(id.to_owned()),
        (None, id) => Key::Ack(id.unwrap_or_default().to_owned()),
    }
}
