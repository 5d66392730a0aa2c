//! Messages that wait for their acknowledgement.
//!
//! Job: know for each subscription which of its messages are not acknowledged yet. Input: MESSAGE,
//! ACK and NACK frames. Output: what an acknowledgement answers, and what is left. STOMP 1.2, "ACK",
//! "SUBSCRIBE ack Header".

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::base::Stamp;
use crate::subprotocol::asked::Question;

/// What a message, or another frame, is answered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// STOMP 1.2: the value of its `ack` header.
    Ack(String),
    /// STOMP 1.0 and 1.1: its `message-id`, with its subscription where that is named.
    Id(String),
    /// What is no message but asks for a receipt.
    Receipt(String),
}

/// What waits.
#[derive(Debug, Clone)]
pub(super) struct Acks {
    /// By subscription, in the order of their numbers here.
    waiting: BTreeMap<String, VecDeque<(u64, Key, Question)>>,
    /// Where each is: subscription and number.
    places: HashMap<Key, (String, u64)>,
    next: u64,
    most: usize,
}

/// What is left of a subscription.
pub(super) struct Left {
    pub(super) subscription: String,
    pub(super) count: u64,
    pub(super) oldest: Stamp,
}

impl Acks {
    pub(super) fn new(most: usize) -> Self {
        Self {
            waiting: BTreeMap::new(),
            places: HashMap::new(),
            next: 0,
            most,
        }
    }

    /// A message that has to be acknowledged. Of too many the subscription's oldest is given up.
    pub(super) fn wait(&mut self, subscription: &str, key: Key, question: Question) {
        let waiting = self.waiting.entry(subscription.to_owned()).or_default();
        if self.places.len() >= self.most {
            match waiting.pop_front() {
                Some((_, oldest, _)) => self.places.remove(&oldest),
                None => return,
            };
        }
        let place = (subscription.to_owned(), self.next);
        waiting.push_back((self.next, key.clone(), question));
        self.places.insert(key, place);
        self.next += 1;
    }

    /// Takes out what is acknowledged by `key`; where it counts for all before it on the
    /// subscription, these too, oldest first. Says which subscription it is.
    pub(super) fn answer(
        &mut self,
        key: &Key,
        cumulative: impl Fn(&str) -> bool,
    ) -> Option<(String, Vec<Question>)> {
        let (subscription, number) = self.places.remove(key)?;
        let waiting = self.waiting.get_mut(&subscription)?;
        let place = waiting.partition_point(|(own, ..)| *own < number);
        let taken: Vec<_> = if cumulative(&subscription) {
            waiting
                .drain(..=place.min(waiting.len().checked_sub(1)?))
                .collect()
        } else {
            waiting.remove(place).into_iter().collect()
        };
        let answered = taken.into_iter().map(|(_, key, question)| {
            self.places.remove(&key);
            question
        });
        let answered = answered.collect();
        Some((subscription, answered))
    }

    /// What is left of each subscription.
    pub(super) fn left(&self) -> impl Iterator<Item = Left> {
        self.waiting.iter().filter_map(|(subscription, waiting)| {
            let (_, _, first) = waiting.front()?;
            Some(Left {
                subscription: subscription.clone(),
                count: waiting.len() as u64,
                oldest: first.stamp,
            })
        })
    }

    /// Takes out all that is left.
    pub(super) fn drain(&mut self) -> Vec<Question> {
        self.places.clear();
        let waiting = std::mem::take(&mut self.waiting).into_values();
        waiting.flatten().map(|(_, _, question)| question).collect()
    }

    /// Bytes of memory that a copy takes, more or less.
    pub(super) fn held(&self) -> usize {
        self.places.len() * (2 * size_of::<(u64, Key, Question)>() + 64)
    }
}
