//! Pings and pongs of Engine.IO.
//!
//! Job: join pongs with their pings, and hold both against the times that the open packet says.
//! Input: pings, pongs, losses. Output: what they answer, and what came late. Engine.IO protocol 4,
//! "Heartbeat".

use super::engine::Open;
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::sight::Sight;
use crate::subprotocol::{At, Out, Question, Unit, telling};

/// Nanoseconds of a millisecond.
const MILLI: i64 = 1_000_000;

/// The heart-beats of one session.
#[derive(Debug, Clone)]
pub(super) struct Beats {
    /// Who pings: the server since version 4, the client before.
    pinging: Peer,
    /// Nanoseconds: between pings, and for the answer.
    agreed: Option<(i64, i64)>,
    /// When the last ping came; the open packet counts as one.
    last: Option<Stamp>,
    open: PerPeer<Option<Question>>,
}

impl Beats {
    pub(super) fn new(version: Option<u8>) -> Self {
        Self {
            pinging: match version {
                Some(3) => Peer::Client,
                _ => Peer::Server,
            },
            agreed: None,
            last: None,
            open: PerPeer::default(),
        }
    }

    /// The server says the times. The first ping is due an interval later.
    pub(super) fn agree(&mut self, at: &At, open: &Open) {
        let nanos = |millis: i64| millis.saturating_mul(MILLI);
        self.agreed = Some((nanos(open.interval), nanos(open.timeout)));
        self.last = Some(at.stamp);
    }

    /// A ping that is not the probe of another transport.
    pub(super) fn beat(&mut self, at: &At, out: &mut dyn Out) {
        if at.from == self.pinging {
            self.silence(at.stamp, out);
            self.last = Some(at.stamp);
        }
    }

    /// A ping waits for its pong.
    pub(super) fn ping(&mut self, at: &At, unit: usize) {
        self.open[at.from] = Some(telling::question(at, unit, "ping".to_owned()));
    }

    pub(super) fn pong(&mut self, at: &At, unit: &mut Unit, sight: &mut Sight) {
        let Some(ping) = self.open[at.from.other()].take() else {
            return;
        };
        telling::answers(unit, &ping, at);
        if let (Some((_, timeout)), Some(after)) = (self.agreed, unit.after)
            && after > timeout
        {
            let text = "a pong came {after} after its ping, and {agreed} are agreed";
            sight.suspect(at, Code::SocketioPingLate, late(text, after, timeout));
        }
    }

    /// Holds the silence of who pings against what was agreed.
    fn silence(&self, until: Stamp, out: &mut dyn Out) {
        if let (Some((interval, timeout)), Some(last)) = (self.agreed, self.last) {
            let silent = until.time.since(last.time);
            let most = interval.saturating_add(timeout);
            // Who waits for pings closes after interval and timeout.
            if silent > most {
                let text = "no ping for {after}, and the other side gives up after {agreed}";
                let text = late(text, silent, most);
                out.observe(Observation::new(Code::SocketioPingLate, self.pinging, text));
            }
        }
    }

    /// Something that `from` said is not known.
    pub(super) fn lost(&mut self, from: Peer) {
        if from == self.pinging {
            self.last = None;
        }
        self.open[from.other()] = None;
    }

    /// The session ends without a word of Engine.IO, with all of it seen or not.
    pub(super) fn finish(&mut self, stamp: Stamp, all_seen: bool, out: &mut dyn Out) {
        self.silence(stamp, out);
        let ping = self.open[self.pinging].take();
        if let (Some((_, timeout)), Some(ping)) = (self.agreed, ping.filter(|_| all_seen)) {
            let waited = stamp.time.since(ping.stamp.time);
            if waited > timeout {
                let text = "a ping is not answered {after} later, and {agreed} are agreed";
                let text = late(text, waited, timeout);
                let from = self.pinging.other();
                out.observe(Observation::new(Code::SocketioPingLate, from, text));
            }
        }
    }
}

fn late(template: &str, after: i64, agreed: i64) -> Sentence {
    let figures = [
        ("after", Figure::Nanos(after)),
        ("agreed", Figure::Nanos(agreed)),
    ];
    Sentence::new(template, &figures)
}
