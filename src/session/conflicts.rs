//! Second copies that differ, and the messages they belong to.
//!
//! Job: name the message in which bytes came twice with different content: one that was reported, one
//! that is under way, or one yet to come. Input: where messages end, where copies differ. Output:
//! findings with their message.

use std::collections::VecDeque;

use crate::base::Stamp;
use crate::finding::Observation;

/// Ends of messages that are remembered: second copies come soon.
const ENDS: usize = 64;

/// Findings that wait for their message.
const WAITING: usize = 64;

/// What one direction's copies are held against. Places count the bytes that the reader was given.
#[derive(Debug, Clone, Default)]
pub(super) struct Conflicts {
    given: u64,
    /// Where the last messages ended, and their numbers.
    ends: VecDeque<(u64, u64)>,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug, Clone)]
struct Waiting {
    at: u64,
    note: Observation,
    stamp: Stamp,
}

/// A finding with the number of its message, where it has one.
pub(super) type Placed = (Observation, Option<u64>, Stamp);

impl Conflicts {
    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        self.ends.len() * size_of::<(u64, u64)>() + self.waiting.len() * size_of::<Waiting>()
    }

    /// The reader was given so many bytes more.
    #[inline]
    pub(super) fn given(&mut self, bytes: u64) {
        self.given += bytes;
    }

    /// Message `number` ends at `end`.
    #[inline]
    pub(super) fn ended(&mut self, end: u64, number: u64) {
        if self.ends.len() == ENDS {
            self.ends.pop_front();
        }
        self.ends.push_back((end, number));
    }

    /// A second copy differs, so many bytes before the last one that was given.
    pub(super) fn differs(&mut self, back: i64, note: Observation, stamp: Stamp) -> Option<Placed> {
        let Some(at) = self.given.checked_add_signed(back.saturating_neg()) else {
            // In the handshake.
            return Some((note, None, stamp));
        };
        let last = self.ends.back().map_or(0, |(end, _)| *end);
        if at >= last {
            self.waiting.push_back(Waiting { at, note, stamp });
            let first = (self.waiting.len() > WAITING).then(|| self.waiting.pop_front());
            return first.flatten().map(|first| (first.note, None, first.stamp));
        }
        // Before the first that is remembered it may be another's.
        let index = self.ends.partition_point(|(end, _)| *end <= at);
        let known = index > 0 || self.ends.len() < ENDS;
        let number = self.ends.get(index).filter(|_| known);
        Some((note, number.map(|(_, number)| *number), stamp))
    }

    /// A finding whose message has come.
    pub(super) fn due(&mut self) -> Option<Placed> {
        let first = self.waiting.front()?.at;
        let index = self.ends.partition_point(|(end, _)| *end <= first);
        let (_, number) = *self.ends.get(index)?;
        let waiting = self.waiting.pop_front()?;
        Some((waiting.note, Some(number), waiting.stamp))
    }

    /// Findings whose message never came.
    pub(super) fn finish(&mut self) -> impl Iterator<Item = Placed> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().map(|one| (one.note, None, one.stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Peer;
    use crate::finding::Code;

    fn note() -> Observation {
        Observation::new(Code::TcpConflict, Peer::Server, "")
    }

    #[test]
    fn names_messages_before_under_way_and_to_come() {
        let mut conflicts = Conflicts::default();
        conflicts.given(25);
        conflicts.ended(10, 3);
        conflicts.ended(20, 5);
        let mut differs = |back| conflicts.differs(back, note(), Stamp::default());
        assert_eq!(differs(30).unwrap().1, None);
        assert_eq!(differs(25).unwrap().1, Some(3));
        assert_eq!(differs(15).unwrap().1, Some(5));
        assert!(differs(5).is_none());
        assert!(differs(-7).is_none());
        assert!(conflicts.due().is_none());
        conflicts.given(10);
        conflicts.ended(30, 8);
        assert_eq!(conflicts.due().unwrap().1, Some(8));
        assert!(conflicts.due().is_none());
        assert_eq!(conflicts.finish().count(), 1);
    }

    #[test]
    fn what_is_forgotten_is_not_named() {
        let mut conflicts = Conflicts::default();
        for number in 1..=100 {
            conflicts.given(10);
            conflicts.ended(10 * number, number);
        }
        let mut differs = |back| conflicts.differs(back, note(), Stamp::default()).unwrap().1;
        assert_eq!((differs(1000), differs(500)), (None, Some(51)));
    }
}
