//! The four-tuples that are in use.
//!
//! Job: find what uses a four-tuple. Input: keys. Output: [`Slot`]s.
//!
//! A flood of short connections fills it: so keys and slots lie side by side, without free room
//! between them, and the hash table has their places only.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::slot::Slot;
use crate::net::FlowKey;

/// Slots by key.
#[derive(Debug, Default)]
pub(super) struct Table {
    places: HashTable<u32>,
    slots: Vec<Option<(FlowKey, Slot)>>,
    /// Places in `slots` that are free.
    free: Vec<u32>,
    hasher: foldhash::fast::RandomState,
}

impl Table {
    /// How many four-tuples are in use.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    #[inline]
    fn place(&self, key: &FlowKey) -> Option<usize> {
        let is = |place: &u32| has(&self.slots, *place, key);
        let place = self.places.find(self.hasher.hash_one(key), is)?;
        Some(*place as usize)
    }

    /// What uses a four-tuple.
    #[inline]
    pub(super) fn get(&self, key: &FlowKey) -> Option<&Slot> {
        let entry = self.slots.get(self.place(key)?)?;
        entry.as_ref().map(|(_, slot)| slot)
    }

    /// The same, to change it.
    #[inline]
    pub(super) fn get_mut(&mut self, key: &FlowKey) -> Option<&mut Slot> {
        let place = self.place(key)?;
        let entry = self.slots.get_mut(place)?;
        entry.as_mut().map(|(_, slot)| slot)
    }

    /// A four-tuple is used that was not.
    pub(super) fn insert(&mut self, key: FlowKey, slot: Slot) {
        let hash = self.hasher.hash_one(key);
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // `Limits::connections` is far lower.
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(free) = self.slots.get_mut(place as usize) {
            *free = Some((key, slot));
        }
        let Self {
            places,
            slots,
            hasher,
            ..
        } = self;
        places.insert_unique(hash, place, |place| {
            let entry = slots.get(*place as usize).and_then(Option::as_ref);
            entry.map_or(0, |(key, _)| hasher.hash_one(key))
        });
    }

    /// All that use one, in no order.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().flatten().map(|(_, slot)| slot)
    }

    /// Forgets all that `stays` does not name.
    pub(super) fn retain(&mut self, mut stays: impl FnMut(&Slot) -> bool) {
        let Self {
            places,
            slots,
            free,
            ..
        } = self;
        places.retain(|place| {
            let entry = slots.get_mut(*place as usize);
            let stay = entry.as_deref().is_some_and(|entry| {
                let slot = entry.as_ref().map(|(_, slot)| slot);
                slot.is_some_and(&mut stays)
            });
            if !stay && let Some(entry) = entry {
                *entry = None;
                free.push(*place);
            }
            stay
        });
    }
}

/// Whether the entry at `place` has this key.
#[inline]
fn has(slots: &[Option<(FlowKey, Slot)>], place: u32, key: &FlowKey) -> bool {
    let entry = slots.get(place as usize).and_then(Option::as_ref);
    entry.is_some_and(|(of, _)| of == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::net::{Encapsulation, Endpoint};
    use crate::tcp::incarnation::Incarnation;

    fn key(port: u16) -> FlowKey {
        let end = |port| Endpoint {
            address: [192, 0, 2, 1].into(),
            port,
        };
        FlowKey::of(end(port), end(9), Encapsulation::default()).0
    }

    fn slot(number: u64) -> Slot {
        Slot {
            now: Incarnation::new(number, true, Timestamp(0)),
            other: None,
        }
    }

    #[test]
    fn room_is_used_again() {
        let mut table = Table::default();
        for round in 0..5_u64 {
            for port in 10..1000 {
                assert!(table.get(&key(port)).is_none());
                table.insert(key(port), slot(round * 1000 + u64::from(port)));
            }
            assert_eq!((table.len(), table.slots().count()), (990, 990));
            for port in 10..1000 {
                let number = round * 1000 + u64::from(port);
                assert_eq!(
                    table.get(&key(port)).map(|slot| slot.now.number),
                    Some(number)
                );
                assert!(table.get_mut(&key(port)).is_some());
            }
            table.retain(|slot| slot.now.number % 2 == 0);
            assert_eq!(table.len(), 495);
            assert!(table.get(&key(11)).is_none() && table.get(&key(12)).is_some());
            table.retain(|_| false);
        }
        assert_eq!((table.slots.len(), table.len()), (990, 0));
    }

    #[test]
    fn a_connection_that_is_over_takes_two_hundred_bytes() {
        assert!(size_of::<Option<(FlowKey, Slot)>>() <= 200);
    }
}
