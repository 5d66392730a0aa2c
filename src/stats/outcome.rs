//! How a conversation ended: who ended it, how, with which code, and after how long a silence.
//!
//! Job: say in one value why somebody was disconnected, as far as the wire tells. Input: close
//! frames, the end of TCP or of the stream. Output: [`Outcome`]. RFC 6455 §7.1.

use strum::IntoStaticStr;

use crate::base::{Peer, PerPeer, Timestamp};
use crate::event::{ConnectionEnd, Message};
use crate::tcp::Ending;
use crate::ws::OpCode;

/// Who is silent for so long and then ends the connection has a limit on idle ones.
pub const IDLE_NANOS: i64 = 20_000_000_000;

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum How {
    /// A close frame was sent and answered.
    Close,
    /// A close frame was sent, and the other side sent none.
    CloseUnanswered,
    /// TCP, or the stream, was ended without a close frame.
    Fin,
    /// TCP was reset.
    Rst,
    /// The stream was reset.
    StreamReset,
    /// TCP, or the stream, was ended or reset without a close frame while nothing had been said for
    /// long.
    Idle,
    /// It is open where the capture ends.
    Open,
}

impl How {
    /// As the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How a conversation ended, and who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Who ended it, where somebody did.
    pub by: Option<Peer>,
    /// How.
    pub how: How,
    /// The code of the close frame that came first; 1005 for an empty body.
    pub code: Option<u16>,
    /// Its reason, where it has one.
    pub reason: Option<Box<str>>,
    /// Nanoseconds from the last message before that to what ended it.
    pub silence: Option<i64>,
}

/// A close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Who sent it.
    pub from: Peer,
    /// Its code, where it is known; 1005 for an empty body.
    pub code: Option<u16>,
    /// Its reason; empty where it has none.
    pub reason: Box<str>,
    /// When the packet that completed it was captured.
    pub at: Timestamp,
}

impl Close {
    /// What a message says, where it is a close frame.
    pub fn of(message: &Message<'_>) -> Option<Self> {
        let body = message.close();
        (message.opcode == OpCode::Close).then(|| Self {
            from: message.from,
            // RFC 6455 §7.1.5: a close frame without a code counts as 1005.
            code: body.as_ref().map(|body| body.code.unwrap_or(1005)),
            reason: body.map_or_else(Box::default, |body| {
                String::from_utf8_lossy(body.reason).into()
            }),
            at: message.last.time,
        })
    }
}

/// What is noted of a conversation for its end.
#[derive(Debug, Clone, Default)]
pub struct Closing {
    /// The close frame that came first.
    first: Option<Close>,
    /// Who has sent a close frame.
    closed: PerPeer<bool>,
    /// The last message before anything of the end.
    last: Option<Timestamp>,
}

impl Closing {
    /// Notes a message that is no close frame.
    pub fn message(&mut self, at: Timestamp) {
        if self.first.is_none() {
            self.last = Some(at);
        }
    }

    /// Notes a close frame.
    pub fn close(&mut self, close: Close) {
        self.closed[close.from] = true;
        self.first.get_or_insert(close);
    }

    /// How it ended.
    pub fn outcome(&self, end: &ConnectionEnd) -> Outcome {
        let silence = |at: Timestamp| self.last.map(|last| at.since(last));
        if let Some(Close {
            from: by,
            code,
            reason,
            at,
        }) = &self.first
        {
            return Outcome {
                by: Some(*by),
                how: if self.closed[by.other()] {
                    How::Close
                } else {
                    How::CloseUnanswered
                },
                code: *code,
                reason: Some(reason.clone()).filter(|reason| !reason.is_empty()),
                silence: silence(*at),
            };
        }
        let (first, at) = match end.first_end {
            Some((peer, stamp)) => (Some(peer), Some(stamp.time)),
            None => (None, None),
        };
        let silence = at.and_then(silence);
        let is_reset = end.stream.is_some_and(|stream| stream.reset.is_some());
        let how = match end.ending {
            Ending::Open => How::Open,
            _ if silence.is_some_and(|silence| silence >= IDLE_NANOS) => How::Idle,
            _ if is_reset => How::StreamReset,
            Ending::Reset(_) => How::Rst,
            Ending::HalfClosed(_) | Ending::Closed => How::Fin,
        };
        let by = match end.ending {
            Ending::Open => None,
            Ending::Reset(by) | Ending::HalfClosed(by) => first.or(Some(by)),
            Ending::Closed => first,
        };
        Outcome {
            by,
            how,
            code: None,
            reason: None,
            silence: silence.filter(|_| how != How::Open),
        }
    }
}
