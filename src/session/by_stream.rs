//! What the streams of an HTTP/2 connection carry, by their numbers.
//!
//! Job: hold it, and know what all of it keeps of what went by without asking each. Input: what is on a
//! stream. Output: the same, and a sum.
//!
//! A connection can have thousands of streams, few of which say anything between two blocks. So only those that
//! were handed out to be changed are asked again.

use std::collections::BTreeMap;

/// What is on the streams.
#[derive(Debug)]
pub(super) struct ByStream<C> {
    all: BTreeMap<u32, On<C>>,
    /// Bytes that all of it keeps, as far as it was asked.
    kept: usize,
    /// Streams that may keep more or less than they said.
    changed: Vec<u32>,
}

#[derive(Debug)]
struct On<C> {
    carried: C,
    /// What it keeps, as it said when it was asked last.
    kept: usize,
    /// It is among those that changed since.
    changed: bool,
}

impl<C> Default for ByStream<C> {
    fn default() -> Self {
        Self {
            all: BTreeMap::new(),
            kept: 0,
            changed: Vec::new(),
        }
    }
}

impl<C> ByStream<C> {
    /// What is on a stream.
    pub(super) fn get(&self, stream: u32) -> Option<&C> {
        self.all.get(&stream).map(|on| &on.carried)
    }

    /// The same, to change it.
    pub(super) fn get_mut(&mut self, stream: u32) -> Option<&mut C> {
        let on = self.all.get_mut(&stream)?;
        if !std::mem::replace(&mut on.changed, true) {
            self.changed.push(stream);
        }
        Some(&mut on.carried)
    }

    /// The same, to change it; `fresh` where nothing is there.
    pub(super) fn get_or(&mut self, stream: u32, fresh: impl FnOnce() -> C) -> &mut C {
        let changed = &mut self.changed;
        let on = self.all.entry(stream).or_insert_with(|| On {
            carried: fresh(),
            kept: 0,
            changed: false,
        });
        if !std::mem::replace(&mut on.changed, true) {
            changed.push(stream);
        }
        &mut on.carried
    }

    /// Takes out what is on a stream.
    pub(super) fn remove(&mut self, stream: u32) -> Option<C> {
        let on = self.all.remove(&stream)?;
        self.kept -= on.kept;
        Some(on.carried)
    }

    /// All of it, in the order of the streams.
    pub(super) fn each(&self) -> impl Iterator<Item = &C> {
        self.all.values().map(|on| &on.carried)
    }

    /// The same, to change it.
    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut C> {
        self.changed.clear();
        self.changed.extend(self.all.keys());
        self.all.values_mut().map(|on| {
            on.changed = true;
            &mut on.carried
        })
    }

    /// A copy of which each part is made so, where all can be.
    pub(super) fn copied(&self, copy: impl Fn(&C) -> Option<C>) -> Option<Self> {
        let mut copied = Self::default();
        for (stream, on) in &self.all {
            let carried = copy(&on.carried)?;
            copied.get_or(*stream, || carried);
        }
        Some(copied)
    }

    /// Bytes that all of it keeps, where each says what it keeps itself.
    pub(super) fn kept(&mut self, keeps: impl Fn(&mut C) -> usize) -> usize {
        for stream in self.changed.drain(..) {
            // It may have ended since.
            if let Some(on) = self.all.get_mut(&stream) {
                let kept = keeps(&mut on.carried);
                self.kept = self.kept - on.kept + kept;
                on.kept = kept;
                on.changed = false;
            }
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept, and how many were asked.
    fn ask(all: &mut ByStream<usize>) -> (usize, u32) {
        let asked = std::cell::Cell::new(0);
        let kept = all.kept(|carried| {
            asked.set(asked.get() + 1);
            *carried
        });
        (kept, asked.get())
    }

    #[test]
    fn only_what_may_have_changed_is_asked_again() {
        let mut all = ByStream::default();
        for stream in [1, 3, 5] {
            *all.get_or(stream, || 0) = 10;
        }
        assert_eq!(ask(&mut all), (30, 3));
        assert_eq!(ask(&mut all), (30, 0));
        *all.get_mut(3).unwrap() = 4;
        *all.get_mut(3).unwrap() += 1;
        assert_eq!(ask(&mut all), (25, 1));
        all.get_or(5, || 7);
        assert_eq!(ask(&mut all), (25, 1));
        all.each_mut().for_each(|carried| *carried += 1);
        assert_eq!(ask(&mut all), (28, 3));
    }

    #[test]
    fn what_has_ended_keeps_nothing() {
        let mut all = ByStream::default();
        *all.get_or(1, || 0) = 10;
        *all.get_or(3, || 0) = 5;
        assert_eq!(ask(&mut all), (15, 2));
        assert_eq!(all.remove(1), Some(10));
        assert_eq!(ask(&mut all), (5, 0));
        // It ends before it is asked, and its number comes again.
        *all.get_mut(3).unwrap() = 9;
        all.remove(3);
        *all.get_or(3, || 0) = 2;
        assert_eq!(ask(&mut all).0, 2);
        all.remove(3);
        assert_eq!(ask(&mut all), (0, 0));
    }

    #[test]
    fn a_copy_is_asked_anew() {
        let mut all = ByStream::default();
        *all.get_or(1, || 0) = 10;
        assert_eq!(ask(&mut all), (10, 1));
        let mut copy = all.copied(|carried| Some(*carried)).unwrap();
        assert_eq!(ask(&mut copy), (10, 1));
        assert_eq!(copy.each().count(), 1);
        assert!(all.copied(|_| None).is_none());
    }
}
