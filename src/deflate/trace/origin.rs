//! Which message each byte of the window belongs to.
//!
//! Job: from a place in the stream of output to a message and an offset in its payload.
//! Input: where each message began. Output: [`Piece`]s. RFC 7692 §7.2.1 has messages share one
//! window, which is why a match can copy from an earlier message, or from several.

use std::collections::VecDeque;

use super::window::FARTHEST;

/// Where bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A message, by the number that it was begun with.
    Message(u64),
    /// History from before anybody looked, of whose messages nothing is known.
    Inherited,
    /// History that was lost.
    Lost,
}

/// Consecutive source bytes of one origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Whose bytes they are.
    pub origin: Origin,
    /// The first one's offset: in the message's payload, or in the history that was given.
    /// Zero for lost ones, whose place is unknown.
    pub start: u64,
    /// How many they are.
    pub len: u64,
}

/// Bytes of one origin in the stream of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    /// Where it begins.
    position: u64,
    /// What offset the byte there has.
    offset: u64,
    origin: Origin,
}

/// The origins of a window's bytes. Places are counted over a direction's whole output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Origins {
    /// In order; each ends where the next begins.
    segments: VecDeque<Segment>,
}

impl Origins {
    /// From `position` on, bytes come from message `number`. Where nothing is known of those before,
    /// the last `reachable` ones are inherited.
    pub(super) fn message(&mut self, number: u64, position: u64, reachable: u64) {
        if self.segments.is_empty() && reachable > 0 {
            self.begin(Origin::Inherited, position - reachable);
        }
        self.begin(Origin::Message(number), position);
        self.forget_before(position.saturating_sub(FARTHEST as u64));
    }

    /// From `position` on, bytes come from `origin`.
    fn begin(&mut self, origin: Origin, position: u64) {
        // A message without output leaves no trace.
        if self.segments.back().is_some_and(|s| s.position == position) {
            self.segments.pop_back();
        }
        self.segments.push_back(Segment {
            position,
            offset: 0,
            origin,
        });
    }

    /// Forgets what lies wholly before `position`.
    fn forget_before(&mut self, position: u64) {
        while self.segments.get(1).is_some_and(|s| s.position <= position) {
            self.segments.pop_front();
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.segments.clear();
    }

    /// The pieces of `len` bytes from `distance` before `position` on.
    pub(super) fn pieces(&self, position: u64, distance: u64, len: u64) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let first = self.segments.front().map_or(position, |s| s.position);
        // How far the source begins before anything that is known.
        let before = (first + distance).saturating_sub(position).min(len);
        if before > 0 {
            pieces.push(Piece {
                origin: Origin::Lost,
                start: 0,
                len: before,
            });
        }
        let mut at = (position + before).saturating_sub(distance);
        let end = (position + len).saturating_sub(distance);
        let mut index = self.segments.partition_point(|s| s.position <= at);
        while at < end
            && let Some(segment) = index.checked_sub(1).and_then(|i| self.segments.get(i))
        {
            let stop = self
                .segments
                .get(index)
                .map_or(end, |s| s.position.min(end));
            pieces.push(Piece {
                origin: segment.origin,
                start: at - segment.position + segment.offset,
                len: stop - at,
            });
            at = stop;
            index += 1;
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_is_inherited() {
        let mut origins = Origins::default();
        origins.message(7, 100, 40);
        let piece = |origin, start, len| Piece { origin, start, len };
        // From 50 bytes before the 120th, 60 bytes.
        assert_eq!(
            origins.pieces(120, 70, 60),
            [
                piece(Origin::Lost, 0, 10),
                piece(Origin::Inherited, 0, 40),
                piece(Origin::Message(7), 0, 10),
            ]
        );
    }
}
