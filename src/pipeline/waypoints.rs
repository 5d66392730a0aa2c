//! Where replays can begin.
//!
//! Job: hold some waypoints of each connection, within a bound. Input: sessions that have taken a
//! segment. Output: the [`Waypoint`] that a message's replay begins at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{PacketRef, Peer};
use crate::session::{Session, Waypoint};

/// Captured bytes of a connection from one waypoint to the next.
const INTERVAL: u64 = 1 << 20;

/// Waypoints held in all; each takes up to 64 KiB for the windows, or four times as much where
/// one of them has holes.
const MOST: usize = 2048;

/// The waypoints of all connections.
#[derive(Debug)]
pub struct Waypoints {
    interval: u64,
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
        Self::new(INTERVAL, MOST)
    }
}

impl Waypoints {
    /// No waypoints yet; `interval` is in captured bytes of a connection, and at most `most`
    /// are held.
    pub fn new(interval: u64, most: usize) -> Self {
        Self {
            interval: interval.max(1),
            most: most.max(2),
            held: Mutex::default(),
        }
    }

    /// Remembers where `session` stands, if it is time and nothing is in progress.
    #[inline]
    pub(super) fn offer(&self, session: &mut Session) {
        if session.since_waypoint() >= self.interval {
            self.take(session);
        }
    }

    fn take(&self, session: &mut Session) {
        let Some(waypoint) = session.waypoint() else {
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
        connection: u64,
        message: u64,
        whole_window: Option<Peer>,
    ) -> Option<Arc<Waypoint>> {
        let held = self.held();
        let list = held.connections.get(&connection)?;
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
            list.retain(|waypoint| {
                let next = waypoint.last.packet.number.saturating_add(1);
                (waypoint.last.packet.file, next) >= (first.file, first.number)
            });
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
