//! What was asked and is not answered yet.
//!
//! Job: find the question that an answer belongs to. Input: questions and answers with their keys.
//! Output: the questions. At most so many are kept; the oldest goes first and is counted.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::unit::Answered;
use crate::base::{Peer, Stamp};

/// A unit that expects an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who asked.
    pub from: Peer,
    /// The unit that asks.
    pub unit: Answered,
    /// When its message was complete.
    pub stamp: Stamp,
    /// What is asked, for a line of its own, for instance `SUBSCRIBE /topic/prices`.
    pub what: String,
}

/// Questions by their key, for instance an id with its sender.
#[derive(Debug, Clone)]
pub struct Asked<K> {
    open: HashMap<K, (u64, Question)>,
    order: BTreeMap<u64, K>,
    next: u64,
    most: usize,
    forgotten: u64,
}

impl<K: Clone + Eq + Hash> Asked<K> {
    /// A table that keeps at most `most` questions.
    pub fn new(most: usize) -> Self {
        Self {
            open: HashMap::new(),
            order: BTreeMap::new(),
            next: 0,
            most,
            forgotten: 0,
        }
    }

    /// Keeps a question. Returns the one that had the same key and is still open.
    pub fn ask(&mut self, key: K, question: Question) -> Option<Question> {
        let before = self.answer(&key);
        if self.open.len() >= self.most
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.open.remove(&oldest);
            self.forgotten += 1;
        }
        self.order.insert(self.next, key.clone());
        self.open.insert(key, (self.next, question));
        self.next += 1;
        before
    }

    /// Takes out the question with that key.
    pub fn answer(&mut self, key: &K) -> Option<Question> {
        let (place, question) = self.open.remove(key)?;
        self.order.remove(&place);
        Some(question)
    }

    /// The question with that key, which stays open.
    pub fn get(&self, key: &K) -> Option<&Question> {
        self.open.get(key).map(|(_, question)| question)
    }

    /// Those that are open, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &Question)> {
        let by_age = self.order.values();
        by_age.filter_map(|key| self.open.get(key).map(|(_, question)| (key, question)))
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many were given up because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Takes out all, oldest first.
    pub fn drain(&mut self) -> Vec<Question> {
        let order = std::mem::take(&mut self.order);
        let keys = order.into_values();
        keys.filter_map(|key| self.open.remove(&key).map(|(_, question)| question))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;

    fn question(message: u64) -> Question {
        Question {
            from: Peer::Client,
            unit: Answered { message, unit: 0 },
            stamp: Stamp {
                packet: crate::base::PacketRef::default(),
                time: Timestamp(0),
            },
            what: String::new(),
        }
    }

    #[test]
    fn the_oldest_of_too_many_is_given_up() {
        let mut asked = Asked::new(2);
        for id in 1..=3 {
            assert_eq!(asked.ask(id, question(id)), None);
        }
        assert_eq!((asked.len(), asked.forgotten()), (2, 1));
        assert_eq!(asked.answer(&1), None);
        let open: Vec<_> = asked.iter().map(|(id, _)| *id).collect();
        assert_eq!(open, [2, 3]);
        assert_eq!(asked.answer(&2), Some(question(2)));
        assert_eq!(asked.drain(), [question(3)]);
        assert!(asked.is_empty());
    }

    #[test]
    fn a_key_that_is_asked_again_gives_back_the_first_question() {
        let mut asked = Asked::new(2);
        asked.ask("a", question(1));
        assert_eq!(asked.ask("a", question(2)), Some(question(1)));
        assert_eq!((asked.len(), asked.forgotten()), (1, 0));
    }
}
