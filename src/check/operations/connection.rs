//! One connection, from its handshake to its end.
//!
//! Job: see how it was closed and who ended it. Input: its messages, its end. Output: findings.
//! RFC 6455 §5.5.1, §7.1.5, §7.4.1.

use super::pings::Pings;
use super::sender::Sender;
use super::subscriptions::Subscriptions;
use super::units::Units;
use crate::base::{Peer, PerPeer, Stamp};
use crate::event::{ConnectionEnd, ConnectionInfo, Message, Pending, Status};
use crate::finding::{Code, Figure, Finding, Sentence};
use crate::stats::{IDLE_NANOS, Said};
use crate::tcp::Ending;
use crate::ws::OpCode;

/// Limits on idle connections, in seconds, and who is known for them.
const IDLE_LIMITS: &[(i64, &str)] = &[
    (
        30,
        "30 s is a common limit of servers and of older load balancers",
    ),
    (
        60,
        "60 s is the limit of nginx and of many load balancers where nobody sets another",
    ),
    (75, "75 s is a common limit of servers on idle connections"),
    (100, "100 s is a content network's usual limit"),
    (120, "120 s is a common limit of servers and gateways"),
    (240, "240 s is a cloud load balancer's usual limit"),
    (
        300,
        "300 s is a common limit of gateways and address translators",
    ),
    (350, "350 s is a network load balancer's usual limit"),
    (600, "600 s is a common limit of cloud load balancers"),
    (3600, "an hour is a common limit of firewalls"),
];

/// A connection that is open.
#[derive(Debug)]
pub(super) struct Connection {
    websocket: bool,
    compresses: bool,
    pings: PerPeer<Pings>,
    senders: PerPeer<Sender>,
    units: Units,
    subscriptions: Subscriptions,
    /// Each peer's close frame.
    closes: PerPeer<Option<Stamp>>,
    /// What this peer said could not all be read, as it is under TLS.
    pub(super) unread: PerPeer<bool>,
    /// It was closed because of an error.
    error: bool,
    /// Its last message, or its handshake.
    last: Stamp,
    /// What is said first.
    pub(super) said: Said,
}

impl Connection {
    pub(super) fn new(info: &ConnectionInfo) -> Self {
        let handshake = info.handshake.as_ref();
        Self {
            // What a draft says at its end is not read.
            websocket: info.upgrade.is_websocket()
                && handshake.is_none_or(|handshake| handshake.draft().is_none()),
            compresses: info.parameters().is_some() && !info.inferred,
            pings: PerPeer::default(),
            senders: PerPeer::default(),
            units: Units::default(),
            subscriptions: Subscriptions::default(),
            closes: PerPeer::default(),
            unread: PerPeer::default(),
            error: false,
            said: Said::default(),
            last: handshake.map_or(info.flow.first, |handshake| {
                handshake.response_at.max(handshake.request_at)
            }),
        }
    }

    /// Something was never answered.
    pub(super) fn pending(&mut self, pending: &Pending) {
        self.units.pending(pending);
    }

    /// Takes a message.
    pub(super) fn message(&mut self, message: &Message<'_>, found: &mut impl FnMut(Finding)) {
        let from = message.from;
        self.last = self.last.max(message.last);
        self.said.message(message);
        self.units.message(message);
        self.subscriptions.message(message);
        if let Some(finding) = self.senders[from].message(message) {
            found(finding);
        }
        if !message.opcode.is_control() {
            return;
        }
        if message.status != Status::Complete {
            for peer in Peer::BOTH {
                self.pings[peer].forget();
            }
            return;
        }
        match message.opcode {
            OpCode::Ping => self.pings[from].ping(message),
            OpCode::Pong => {
                if let Some(finding) = self.pings[from.other()].pong(message) {
                    found(finding);
                }
            }
            OpCode::Close => {
                self.close(message, found);
                self.closes[from].get_or_insert(message.last);
            }
            _ => {}
        }
    }

    /// What the client has subscribed to when the connection, or the capture, ends.
    pub(super) fn subscribed(&mut self, end: &ConnectionEnd) -> Subscriptions {
        if self.lacks(end, Peer::Client) {
            self.subscriptions.lost();
        }
        std::mem::take(&mut self.subscriptions)
    }

    fn close(&mut self, message: &Message<'_>, found: &mut impl FnMut(Finding)) {
        let from = message.from;
        // RFC 6455 §5.5.1: the answer to a close frame repeats its code.
        let answer = self.closes[from.other()].is_some();
        let Some(body) = message.close().filter(|_| !answer) else {
            return;
        };
        let Some((code, meaning)) = body.code.and_then(|code| Some((code, meaning(code)?))) else {
            return;
        };
        self.error = true;
        let reason = String::from_utf8_lossy(body.reason);
        let reason = match reason.as_ref() {
            "" => String::new(),
            reason => format!(", and gives the reason {reason:?}"),
        };
        found(Finding {
            code: Code::ClosedForError,
            from: Some(from),
            message: Some(message.number),
            at: message.last,
            bit: None,
            text: format!("the {from} closes with code {code}: {meaning}{reason}").into(),
        });
    }

    /// The connection, or the capture, ends. Says whether it was a failure for its client.
    pub(super) fn end(mut self, end: &ConnectionEnd, found: &mut impl FnMut(Finding)) -> bool {
        if !self.websocket {
            return true;
        }
        let ended = end.first_end.map_or(end.last, |(_, at)| at);
        for from in Peer::BOTH {
            let missing = self.lacks(end, from);
            // RFC 6455 §5.5.2: who has received a close frame need not answer pings.
            let until = match self.closes[from.other()] {
                Some(closed) => closed.min(ended),
                None => ended,
            };
            let pings = &mut self.pings[from.other()];
            if missing {
                pings.forget();
            }
            pings.end(from, until, found);
            if self.compresses {
                self.senders[from].end(from, end.last, found);
            }
        }
        self.units.end(end.last, found);
        self.unclean(end, found) || self.error
    }

    /// Whether not all that `from` said is known.
    fn lacks(&self, end: &ConnectionEnd, from: Peer) -> bool {
        end.missing_bytes(from) > 0 || self.unread[from]
    }

    /// Tells of an end without the closing handshake. Says whether it was one.
    fn unclean(&self, end: &ConnectionEnd, found: &mut impl FnMut(Finding)) -> bool {
        let Some((by, at)) = end.first_end else {
            return false;
        };
        // A close frame may be among what the capture lacks.
        if Peer::BOTH.iter().any(|from| self.lacks(end, *from)) {
            return false;
        }
        let mut tell = |code, text: Sentence| {
            found(Finding {
                code,
                from: Some(by),
                message: None,
                at,
                bit: None,
                text,
            });
        };
        let (what, how) = how_ended(end, by);
        match (self.closes[by], self.closes[by.other()]) {
            (None, None) => {
                let idle = at.time.since(self.last.time);
                if idle >= IDLE_NANOS {
                    let text = Sentence::new(
                        &format!(
                            "the {by} ends the {what} {how} after {{idle}} without a message{}",
                            known_limit(idle)
                        ),
                        &[("idle", Figure::Nanos(idle))],
                    );
                    tell(Code::IdleTimeout, text);
                } else {
                    let text = Sentence::new(
                        &format!("the {by} ends the {what} {how}, {{idle}} after the last message"),
                        &[("idle", Figure::Nanos(idle))],
                    );
                    tell(Code::EndedWithoutClose, text);
                }
                true
            }
            // RFC 6455 §5.5.1: a close frame is answered by one.
            (None, Some(closed)) if closed.packet < at.packet => {
                let text = Sentence::new(
                    &format!(
                        "the {by} ends the {what} {how} and without a close frame, {{after}} \
                         after that of the {}",
                        by.other()
                    ),
                    &[("after", Figure::Nanos(at.time.since(closed.time)))],
                );
                tell(Code::CloseUnanswered, text);
                false
            }
            _ => false,
        }
    }
}

/// What `by` ended, and how: RFC 9113 §5.1 has END_STREAM and RST_STREAM for what TCP has.
fn how_ended(end: &ConnectionEnd, by: Peer) -> (&'static str, String) {
    let reset = matches!(end.ending, Ending::Reset(peer) if peer == by);
    match end.stream.filter(|stream| !stream.by_connection) {
        Some(stream) if reset => match stream.reset {
            Some(code) => ("stream", format!("with RST_STREAM ({code})")),
            None => ("stream", "with RST_STREAM".to_owned()),
        },
        Some(_) => ("stream", "with END_STREAM".to_owned()),
        None if reset => ("connection", "with a reset".to_owned()),
        None => ("connection", "with a FIN".to_owned()),
    }
}

/// Whose limit it is, where the time is a well-known one.
fn known_limit(idle: i64) -> String {
    let near = |(limit, _): &&(i64, &str)| {
        let nanos = limit * 1_000_000_000;
        (-500_000_000..=1_500_000_000).contains(&(idle - nanos))
    };
    let known = IDLE_LIMITS.iter().find(near);
    known.map_or_else(String::new, |(_, whose)| format!("; {whose}"))
}

/// What a close code says that tells of an error. RFC 6455 §7.4.1 and the IANA registry.
fn meaning(code: u16) -> Option<&'static str> {
    Some(match code {
        1002 => "the other side broke the protocol",
        1003 => "it cannot take this kind of data",
        1007 => "a message was not what its kind promises, as text that is not UTF-8",
        1008 => "a message is against its policy",
        1009 => "a message is too big for it",
        1010 => "the server did not agree to an extension that it needs",
        1011 => "it failed inside",
        1013 => "it is overloaded, try again later",
        1014 => "a gateway got no good answer from the server behind it",
        _ => return None,
    })
}
