//! Heart-beats: what was agreed, held against the silences.
//!
//! Job: know how often each side has to send something, and tell where it does not. Input: when
//! something of a side was seen. Output: observations. STOMP 1.2, "Heart-beating".

use crate::base::{Peer, PerPeer, Timestamp};
use crate::finding::{Code, Figure, Observation, Sentence};

/// What both sides have to send.
#[derive(Debug, Clone, Default)]
pub(super) struct Beats {
    /// Nanoseconds; 0 where nothing was agreed.
    interval: PerPeer<i64>,
    /// When something was last seen; `None` where that is not known.
    last: PerPeer<Option<Timestamp>>,
    /// A heart-beat was seen.
    beaten: PerPeer<bool>,
    /// From when on nobody has to send anything, and what happened then.
    until: Option<(Timestamp, &'static str)>,
}

/// The two numbers of a `heart-beat` header, in milliseconds: what its sender can do, and what it
/// wants. STOMP 1.2: without the header they are 0,0.
pub(super) fn announced(header: Option<&str>) -> (u64, u64) {
    let both = header.and_then(|header| header.split_once(','));
    let number = |text: &str| text.trim().parse().unwrap_or(0);
    both.map_or((0, 0), |(can, wants)| (number(can), number(wants)))
}

impl Beats {
    /// CONNECT and CONNECTED have told what each can do and wants, and both are alive at `now`.
    pub(super) fn agree(&mut self, client: (u64, u64), server: (u64, u64), now: Timestamp) {
        // STOMP 1.2, "Heart-beating": no heart-beats where one cannot or the other does not want
        // to, else every max of both numbers.
        let agreed = |can: u64, wants: u64| {
            let milliseconds = if can == 0 || wants == 0 {
                0
            } else {
                can.max(wants)
            };
            i64::try_from(milliseconds.saturating_mul(1_000_000)).unwrap_or(i64::MAX / 4)
        };
        self.interval = PerPeer {
            client: agreed(client.0, server.1),
            server: agreed(server.0, client.1),
        };
        self.last = PerPeer::from_fn(|_| Some(now));
        self.until = None;
    }

    /// What `from` agreed to, in nanoseconds; `None` where it agreed to none.
    pub(super) fn interval(&self, from: Peer) -> Option<i64> {
        Some(self.interval[from]).filter(|interval| *interval > 0)
    }

    /// How long `from` has been silent.
    pub(super) fn silence(&self, from: Peer, now: Timestamp) -> Option<i64> {
        self.last[from].map(|last| now.since(last))
    }

    /// A heart-beat of `from` was seen.
    pub(super) fn beat(&mut self, from: Peer) {
        self.beaten[from] = true;
    }

    /// Something of `from` was seen from `began` to `now`.
    pub(super) fn heard(
        &mut self,
        from: Peer,
        began: Timestamp,
        now: Timestamp,
    ) -> Option<Observation> {
        let late = self.late(from, began, "");
        self.last[from] = Some(now);
        late
    }

    /// Nobody has to send anything after `now`. Who was silent until then is reported when that sender is heard
    /// again, or at the end: where bytes are missing, what it sent before comes later.
    pub(super) fn release(&mut self, now: Timestamp, place: &'static str) {
        self.until.get_or_insert((now, place));
    }

    /// Messages of `from` are lost: nobody knows how long it was silent.
    pub(super) fn lost(&mut self, from: Peer) {
        self.last[from] = None;
    }

    /// Nothing comes after `now`.
    pub(super) fn finish(&mut self, now: Timestamp) -> Vec<Observation> {
        let late = |from| self.late(from, now, " at the end");
        Peer::BOTH.into_iter().filter_map(late).collect()
    }

    /// What a silence until `now` breaks. Brokers wait for twice the interval, or longer; one that
    /// lasts for half as long again is worth a word.
    fn late(&self, from: Peer, now: Timestamp, place: &str) -> Option<Observation> {
        let (now, place) = match self.until {
            Some((until, place)) if until <= now => (until, place),
            _ => (now, place),
        };
        let interval = self.interval(from)?;
        let silent = self.silence(from, now)?;
        let code = if silent <= interval.saturating_mul(3) / 2 {
            return None;
        } else if silent <= interval.saturating_mul(2) {
            Code::StompHeartBeatLate
        } else if self.beaten[from] {
            Code::StompHeartBeatMissed
        } else {
            Code::StompHeartBeatNever
        };
        let none = if code == Code::StompHeartBeatNever {
            " and has sent no heart-beat yet"
        } else {
            ""
        };
        let text = Sentence::new(
            &format!(
                "the {from} sends nothing for {{silent}}{place}; it agreed to send something every \
                 {{interval}}{none}"
            ),
            &[
                ("silent", Figure::Nanos(silent)),
                ("interval", Figure::Nanos(interval)),
            ],
        );
        Some(Observation::new(code, from, text))
    }
}
