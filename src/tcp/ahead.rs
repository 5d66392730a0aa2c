//! What all connections hold out of order, as far as sequence numbers tell.
//!
//! Job: bound what reassemblers hold together, whichever threads they are on: by numbers alone, in
//! packet order, it follows what each direction must hold. Input: where segments stand. Output:
//! the connections that must give their holes up, those first that have had them for longest.
//! RFC 9293 §3.10.7.4.

use std::collections::{HashMap, VecDeque};

use super::queue::OVERHEAD;
use super::seq::Seq;
use crate::base::{Limits, Timestamp};
use crate::net::FlowKey;

/// Segments of the connection that a direction without a SYN waits for at most, with some to spare:
/// not each counts for [`super::beginning`].
const TICKS: u8 = 32;

/// The same in nanoseconds of capture time.
const NANOS: i64 = 400_000_000;

/// A segment further ahead is a stray, and not held.
const WINDOW_MAX: i64 = 1 << 30;

/// A range that is held.
#[derive(Debug)]
struct Held {
    begin: Seq,
    end: Seq,
    cost: usize,
}

/// One direction that has holes, or whose beginning is not known yet.
#[derive(Debug)]
pub(super) struct Holes {
    /// Where the first hole begins; `None` while nobody knows where the direction does.
    next: Option<Seq>,
    /// The furthest place that the sender has shown.
    reach: Seq,
    /// The lowest number of a segment without bytes, while nobody knows where the direction begins.
    bare: Option<Seq>,
    /// Captured bytes, sorted, without overlaps.
    held: VecDeque<Held>,
    /// What a snaplen cut off, sorted by beginning.
    cuts: VecDeque<(Seq, Seq)>,
    cost: usize,
    since: Timestamp,
    ticks: u8,
}

impl Holes {
    /// A direction whose first segment is at `at`, or that lacks what lies between `next`
    /// and `at`.
    pub(super) fn new(next: Option<Seq>, at: Seq, now: Timestamp) -> Self {
        Self {
            next,
            reach: at,
            bare: None,
            held: VecDeque::new(),
            cuts: VecDeque::new(),
            cost: 0,
            since: now,
            ticks: 0,
        }
    }

    /// What is held costs so much.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    /// Whether nothing is held, and nothing is missing as far as the sender has shown.
    pub(super) fn is_closed(&self) -> bool {
        self.first().is_none() && self.next.is_some_and(|next| self.reach.after(next) <= 0)
    }

    /// The direction begins at `start`.
    pub(super) fn begin(&mut self, start: Seq) {
        if self.next.is_none() {
            self.next = Some(start);
            self.drain();
        }
    }

    /// Another segment of the connection, of either peer.
    pub(super) fn tick(&mut self, now: Timestamp) {
        self.ticks = self.ticks.saturating_add(1);
        if self.next.is_none() && (self.ticks > TICKS || now.since(self.since) >= NANOS) {
            // As in `super::beginning`.
            let start = match (self.bare, self.first()) {
                (Some(bare), Some(first)) if first.after(bare) > 1 => bare,
                (bare, first) => first.or(bare).unwrap_or(self.reach),
            };
            self.begin(start);
        }
    }

    /// Takes a segment of `len` bytes, `captured` of which were captured.
    pub(super) fn take(&mut self, begin: Seq, len: u32, captured: usize, limits: &Limits) {
        let end = begin.plus(u64::from(len));
        let ahead = self.next.map_or(0, |next| begin.after(next));
        if ahead > WINDOW_MAX {
            return;
        }
        if end.after(self.reach) > 0 {
            self.reach = end;
        }
        if len == 0 && self.bare.is_none_or(|bare| begin.after(bare) < 0) {
            self.bare = Some(begin);
        }
        let cut = begin.plus((captured as u64).min(u64::from(len)));
        self.insert(begin, cut);
        if end.after(cut) > 0 {
            let at = self
                .cuts
                .partition_point(|(begin, _)| begin.after(cut) <= 0);
            self.cuts.insert(at, (cut, end));
            self.cost += OVERHEAD;
        }
        self.drain();
        let past = |cost, count| cost > limits.reorder_bytes || count > limits.reorder_segments;
        while past(self.cost, self.held.len() + self.cuts.len())
            && let Some(first) = self.first()
        {
            self.next = Some(first);
            self.drain();
        }
    }

    /// Where what is held begins.
    fn first(&self) -> Option<Seq> {
        let held = self.held.front().map(|held| held.begin);
        let cut = self.cuts.front().map(|(begin, _)| *begin);
        match (held, cut) {
            (Some(held), Some(cut)) if cut.after(held) < 0 => Some(cut),
            (held, cut) => held.or(cut),
        }
    }

    /// Holds what of `begin..end` nothing held covers yet.
    fn insert(&mut self, begin: Seq, end: Seq) {
        let mut at = begin;
        let mut index = self.held.partition_point(|held| held.end.after(at) <= 0);
        while end.after(at) > 0 {
            let next = self.held.get(index);
            let free = match next {
                Some(held) if held.begin.after(end) < 0 => held.begin,
                _ => end,
            };
            if let Ok(len @ 1..) = usize::try_from(free.after(at)) {
                let cost = len + OVERHEAD;
                self.cost += cost;
                let (begin, end) = (at, free);
                self.held.insert(index, Held { begin, end, cost });
                index += 1;
            }
            at = self.held.get(index).map_or(end, |held| held.end);
            index += 1;
        }
    }

    fn drain(&mut self) {
        while let Some(next) = self.next {
            let due = |begin: Seq| begin.after(next) <= 0;
            let end = if self.held.front().is_some_and(|held| due(held.begin))
                && let Some(first) = self.held.pop_front()
            {
                self.cost -= first.cost;
                first.end
            } else if self.cuts.front().is_some_and(|(begin, _)| due(*begin))
                && let Some((_, end)) = self.cuts.pop_front()
            {
                self.cost -= OVERHEAD;
                end
            } else {
                return;
            };
            if end.after(next) > 0 {
                self.next = Some(end);
            }
        }
    }
}

/// What one connection holds.
#[derive(Debug)]
struct Share {
    bytes: usize,
    /// The place of the entry that stands for it.
    place: u64,
}

/// A connection that began to hold something.
#[derive(Debug)]
struct Entry {
    number: u64,
    key: FlowKey,
    /// Its place among all that ever did.
    place: u64,
}

/// What the connections hold together.
#[derive(Debug)]
pub(super) struct Ahead {
    /// By connection, where it is anything.
    held: HashMap<u64, Share, foldhash::fast::RandomState>,
    /// In the order in which they began to hold something; some hold nothing any more.
    order: VecDeque<Entry>,
    count: u64,
    total: usize,
    limit: usize,
}

impl Ahead {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            held: HashMap::default(),
            order: VecDeque::new(),
            count: 0,
            total: 0,
            limit: limits.reorder_total_bytes,
        }
    }

    /// The connection holds `bytes` from now on.
    pub(super) fn holds(&mut self, number: u64, key: FlowKey, bytes: usize) {
        if bytes == 0 {
            return self.forget(number);
        }
        self.total += bytes;
        if let Some(share) = self.held.get_mut(&number) {
            self.total -= std::mem::replace(&mut share.bytes, bytes);
            return;
        }
        self.count += 1;
        let place = self.count;
        self.held.insert(number, Share { bytes, place });
        self.order.push_back(Entry { number, key, place });
        self.sweep();
    }

    /// The connection is gone, or holds nothing any more.
    pub(super) fn forget(&mut self, number: u64) {
        if let Some(share) = self.held.remove(&number) {
            self.total -= share.bytes;
        }
    }

    /// The connection that has to give up what it holds, where all hold too much.
    pub(super) fn victim(&mut self) -> Option<(u64, FlowKey)> {
        while self.total > self.limit
            && let Some(Entry { number, key, place }) = self.order.pop_front()
        {
            if self
                .held
                .get(&number)
                .is_some_and(|share| share.place == place)
            {
                self.forget(number);
                return Some((number, key));
            }
        }
        None
    }

    /// Drops those that hold nothing any more, once they are most.
    fn sweep(&mut self) {
        const FEW: usize = 1024;

        if self.order.len() > FEW && self.order.len() > 2 * self.held.len() {
            let held = &self.held;
            let holds = |one: &Entry| {
                held.get(&one.number)
                    .is_some_and(|share| share.place == one.place)
            };
            self.order.retain(holds);
        }
    }
}

#[cfg(test)]
mod tests;
