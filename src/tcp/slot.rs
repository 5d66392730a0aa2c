//! The connections that use one four-tuple.
//!
//! Job: say whose a segment is where a newcomer may be a stray. Input: segments. Output: the
//! [`Owner`]. RFC 9293 §3.4.1.

use super::incarnation::Incarnation;
use crate::base::Timestamp;
use crate::net::Segment;

/// The connections that use one four-tuple.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) now: Incarnation,
    /// Another one: a newcomer that may be a stray packet, or one that takes turns with `now`
    /// because captures of two networks with the same addresses were merged.
    pub(super) other: Option<Box<Incarnation>>,
}

impl Slot {
    fn all(&self) -> impl Iterator<Item = &Incarnation> {
        std::iter::once(&self.now).chain(self.other.as_deref())
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Incarnation> {
        std::iter::once(&mut self.now).chain(self.other.as_deref_mut())
    }

    pub(super) fn closed(&self) -> bool {
        self.all().all(Incarnation::closed)
    }

    pub(super) fn last(&self) -> Timestamp {
        self.all().map(Incarnation::last).max().unwrap_or_default()
    }

    /// What goes first when room is needed: the closed, then the idle.
    pub(super) fn worth(&self) -> (bool, Timestamp, u64) {
        (!self.closed(), self.last(), self.now.number)
    }

    /// The numbers of connections that nobody was told of are forgotten.
    pub(super) fn untold(&self) -> impl Iterator<Item = u64> {
        let untold = self.all().filter(|connection| !connection.over);
        untold.map(|connection| connection.number)
    }

    /// Puts `other` first; a handshake, or an end, shows that the one before is gone.
    pub(super) fn turn(&mut self, forgotten: &mut Vec<u64>) {
        let Some(mut former) = self.other.take() else {
            return;
        };
        std::mem::swap(&mut self.now, &mut former);
        if !self.now.has_handshake() && !former.finished() {
            self.other = Some(former);
        } else if !former.over {
            forgotten.push(former.number);
        }
    }

    /// The connection whose segment this is, `other` where it fits better; `None` where it is
    /// neither's.
    pub(super) fn owner(
        &mut self,
        from_low: bool,
        segment: &Segment<'_>,
        now: Timestamp,
    ) -> Option<Owner> {
        let fit = |one: &Incarnation| {
            let from = one.sender(from_low);
            one.owns(from, segment, now)
                .then(|| one.distance(from, segment))
        };
        match (fit(&self.now), self.other.as_deref().and_then(fit)) {
            (None, None) => None,
            (Some(now), other) if other.is_none_or(|other| other >= now) => Some(Owner::Now),
            _ => Some(Owner::Other),
        }
    }
}

/// Which of a slot's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Now,
    Other,
}
