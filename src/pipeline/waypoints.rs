//! Where replays can begin.
//!
//! Job: hold some waypoints of each connection, within a bound. Input: sessions that are about to
//! take a segment. Output: the [`Waypoint`] that a message's replay begins at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Conversing, PacketRef, Peer};
use crate::session::{Session, Waypoint};

/// How often a connection gets a waypoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// When so many bytes of it were captured since the last one.
    pub bytes: u64,
    /// When more packets than these, of whatever connection, came since then, and at first.
    pub packets: u64,
}

/// Where all packets stay: what a replay has to read again takes no time that is felt.
const FILES: Interval = Interval {
    bytes: 1 << 20,
    packets: u64::MAX,
};

/// Where the oldest packets go: a connection's last waypoint must not go with them.
const LIVE: Interval = Interval {
    bytes: 1 << 17,
    packets: 1 << 13,
};

/// Waypoints held in all; each takes up to 64 KiB for the windows, or four times as much where
/// one of them has holes.
const MOST: usize = 2048;

/// The waypoints of all connections.
#[derive(Debug)]
pub struct Waypoints {
    interval: Interval,
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// Of each connection, in order.
    connections: HashMap<u64, Vec<Arc<Waypoint>>, foldhash::fast::RandomState>,
    count: usize,
}

impl Default for Waypoints {
    fn default() -> Self {
        Self::new(FILES, MOST)
    }
}

impl Waypoints {
    /// No waypoints yet, of a capture whose oldest packets go.
    pub fn live() -> Self {
        Self::new(LIVE, MOST)
    }

    /// No waypoints yet; at most `most` are held.
    pub fn new(interval: Interval, most: usize) -> Self {
        Self {
            interval,
            most: most.max(2),
            held: Mutex::default(),
        }
    }

    /// Remembers where `session` stands, if it is time and nothing is in progress.
    #[inline]
    pub(super) fn offer(&self, session: &mut Session, next: PacketRef) {
        let (bytes, packets) = session.since_waypoint(next);
        if bytes >= self.interval.bytes || packets > self.interval.packets {
            self.take(session, next);
        }
    }

    fn take(&self, session: &mut Session, next: PacketRef) {
        let Some(waypoint) = session.waypoint(next) else {
            return;
        };
        let mut held = self.held();
        let number = waypoint.flow.number;
        let list = held.connections.entry(number).or_default();
        list.push(Arc::new(waypoint));
        held.count += 1;
        if held.count > self.most {
            held.thin();
        }
    }

    /// The last waypoint before a message that `from` sent on a connection, from where
    /// everything in its window is seen if `whole_window` asks for it.
    pub fn before(
        &self,
        conversing: Conversing,
        message: u64,
        whole_window: Option<Peer>,
    ) -> Option<Arc<Waypoint>> {
        let held = self.held();
        let list = held.connections.get(&conversing.connection)?;
        let end = list.partition_point(|waypoint| waypoint.messages < message);
        let mut before = list.get(..end)?.iter().rev();
        let nearest = before.next()?;
        let Some(from) = whole_window else {
            return Some(Arc::clone(nearest));
        };
        if nearest.inflated[from].is_none() {
            return Some(Arc::clone(nearest));
        }
        before
            .find(|earlier| nearest.sees_window(earlier, from))
            .map(Arc::clone)
    }

    /// Forgets those from which the packets up to `first` would be needed.
    pub fn forget_before(&self, first: PacketRef) {
        let mut held = self.held();
        let mut count = 0;
        held.connections.retain(|_, list| {
            list.retain(|waypoint| waypoint.next >= first);
            count += list.len();
            !list.is_empty()
        });
        held.count = count;
    }

    /// A panic elsewhere leaves the list whole: it is only ever replaced as a whole.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Forgets every second one, but the last of each connection.
    fn thin(&mut self) {
        let mut count = 0;
        for list in self.connections.values_mut() {
            let last = list.len() - 1;
            let mut index = 0;
            list.retain(|_| {
                index += 1;
                index % 2 == 0 || index - 1 == last
            });
            count += list.len();
        }
        self.count = count;
    }
}
