//! Where replays can begin.
//!
//! Job: hold some waypoints of each connection, within a bound; the windows, which are most of them, on
//! disk. Input: sessions that are about to take a segment. Output: the [`Waypoint`] that a message's
//! replay begins at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Conversing, PacketRef, Peer};
use crate::scratch::{Place, Scratch};
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

/// Bytes of memory that all waypoints hold. Each takes some KiB and what is in progress; its windows, up to
/// 64 KiB, or twice as much where they have holes, are on disk as long as that can be written.
const MOST: usize = 64 << 20;

/// Bytes of a file with windows, where the oldest go.
const FILE: u64 = 16 << 20;

/// The waypoints of all connections.
#[derive(Debug)]
pub struct Waypoints {
    interval: Interval,
    most: usize,
    held: Mutex<Held>,
}

/// A waypoint whose windows lie somewhere else.
#[derive(Debug)]
struct Parted {
    waypoint: Waypoint,
    windows: Place,
}

impl Parted {
    /// The whole waypoint, where the windows can be read.
    fn whole(&self) -> Option<Waypoint> {
        let mut windows = vec![0; self.waypoint.taken()];
        self.windows.read(0, &mut windows).ok()?;
        self.waypoint.with_windows(&windows)
    }

    /// Bytes of memory that it takes.
    fn size(&self) -> usize {
        self.waypoint.size + self.windows.memory()
    }
}

#[derive(Debug, Default)]
struct Held {
    /// Of each connection, in order.
    connections: HashMap<u64, Vec<Arc<Parted>>, foldhash::fast::RandomState>,
    /// Bytes of memory that they take.
    size: usize,
    scratch: Scratch,
}

impl Default for Waypoints {
    fn default() -> Self {
        Self::new(FILES, MOST)
    }
}

impl Waypoints {
    /// No waypoints yet, of a capture whose oldest packets go.
    pub fn live() -> Self {
        let live = Self::new(LIVE, MOST);
        live.held().scratch.set_most(FILE);
        live
    }

    /// No waypoints yet; they take at most `most` bytes of memory.
    pub fn new(interval: Interval, most: usize) -> Self {
        Self {
            interval,
            most,
            held: Mutex::default(),
        }
    }

    /// Remembers where `session` stands, if it is time and it can be copied there.
    #[inline]
    pub(super) fn offer(&self, session: &mut Session, next: PacketRef) {
        let (bytes, packets) = session.since_waypoint(next);
        if bytes >= self.interval.bytes || packets > self.interval.packets {
            self.take(session, next);
        }
    }

    fn take(&self, session: &mut Session, next: PacketRef) {
        let Some(mut waypoint) = session.waypoint(next) else {
            return;
        };
        let windows = waypoint.take_windows();
        let mut held = self.held();
        let number = waypoint.flow.number;
        let windows = held.scratch.put(windows);
        let parted = Parted { waypoint, windows };
        held.size += parted.size();
        let list = held.connections.entry(number).or_default();
        list.push(Arc::new(parted));
        if held.size > self.most {
            held.thin();
        }
        while held.size > self.most {
            held.forget_older_half();
        }
    }

    /// The last waypoint before a message that `from` sent on a connection, from where
    /// everything in its window is seen if `whole_window` asks for it.
    pub fn before(
        &self,
        conversing: Conversing,
        message: u64,
        whole_window: Option<Peer>,
    ) -> Option<Waypoint> {
        // Nobody waits for the disk under the lock.
        self.parted_before(conversing, message, whole_window)?
            .whole()
    }

    fn parted_before(
        &self,
        conversing: Conversing,
        message: u64,
        whole_window: Option<Peer>,
    ) -> Option<Arc<Parted>> {
        let held = self.held();
        let list = held.connections.get(&conversing.connection)?;
        let stream = conversing.stream;
        // A replay for the window tells all that the message lies in, so none of it may be past.
        let suits = |parted: &&Arc<Parted>| {
            let told = parted.waypoint.messages(stream);
            told.is_some_and(|told| told < message)
                && whole_window.is_none_or(|from| parted.waypoint.is_between(stream, from))
        };
        let mut before = list.iter().rev().filter(suits);
        let nearest = before.next()?;
        let here = &nearest.waypoint;
        match whole_window {
            Some(from) if here.inflated(stream, from).is_some() => before
                .find(|earlier| here.sees_window(&earlier.waypoint, stream, from))
                .map(Arc::clone),
            _ => Some(Arc::clone(nearest)),
        }
    }

    /// Bytes of memory that they take.
    pub fn size(&self) -> usize {
        self.held().size
    }

    /// Forgets those from which the packets up to `first` would be needed.
    pub fn forget_before(&self, first: PacketRef) {
        self.held().forget(|waypoint, _| waypoint.next < first);
    }

    /// A panic elsewhere leaves the list whole: it is only ever replaced as a whole.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Forgets every second one, but the last of each connection.
    fn thin(&mut self) {
        self.forget(|_, (index, last)| index % 2 == 0 && !last);
    }

    /// Forgets those from the older half of the packets that waypoints stand before.
    fn forget_older_half(&mut self) {
        let lists = self.connections.values();
        let mut next: Vec<_> = lists.flatten().map(|parted| parted.waypoint.next).collect();
        next.sort_unstable();
        let middle = next.get(next.len() / 2).copied();
        self.forget(|waypoint, _| Some(waypoint.next) <= middle);
    }

    /// Forgets each of which `goes` says so, by its index on its connection and whether it is
    /// the last there.
    fn forget(&mut self, goes: impl Fn(&Waypoint, (usize, bool)) -> bool) {
        self.size = 0;
        self.connections.retain(|_, list| {
            let (mut index, len) = (0, list.len());
            list.retain(|parted| {
                index += 1;
                !goes(&parted.waypoint, (index - 1, index == len))
            });
            self.size += list.iter().map(|parted| parted.size()).sum::<usize>();
            !list.is_empty()
        });
    }
}
