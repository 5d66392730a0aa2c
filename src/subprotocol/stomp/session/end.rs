//! The end of a STOMP session.
//!
//! Job: tell what was left undone, and by whom. Input: what a session has open. Output: observations, and what
//! was never answered. STOMP 1.2, "RECEIPT", "BEGIN", "SUBSCRIBE ack Header".

use super::Session;
use crate::base::{Peer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::decoder::Out;

/// What is not answered so soon before the end is nobody's trouble.
const PATIENT_NANOS: i64 = 1_000_000_000;

impl Session {
    /// The end: what is still open.
    pub(in crate::subprotocol::stomp) fn finish(&mut self, stamp: Stamp, out: &mut dyn Out) {
        for late in self.beats.finish(stamp.time) {
            out.observe(late);
        }
        let age = |since: Stamp| Figure::Nanos(stamp.time.since(since.time));
        let waited = |since: Stamp| stamp.time.since(since.time) >= PATIENT_NANOS;
        if let Some((_, oldest)) = self.receipts.iter().next()
            && !self.lost[Peer::Server]
            && waited(oldest.stamp)
        {
            // STOMP 1.2, "RECEIPT": it comes once the frame was processed.
            let text = Sentence::new(
                "receipts that the client asked for and that did not come: {count}; the oldest waits for {age}",
                &[
                    ("count", Figure::Count(self.receipts.len() as u64)),
                    ("age", age(oldest.stamp)),
                ],
            );
            out.observe(Observation::new(
                Code::StompReceiptMissing,
                Peer::Server,
                text,
            ));
        }
        if !self.lost[Peer::Client] {
            self.open_work((&waited, &age), out);
        }
        let mut open: Vec<_> = self.connect.take().into_iter().collect();
        open.extend(self.receipts.drain());
        open.extend(self.acks.drain());
        open.extend(self.transactions.drain());
        open.sort_by_key(|question| question.unit);
        for question in open {
            out.pending(question);
        }
    }

    /// What the client left undone.
    fn open_work(
        &self,
        (waited, age): (&dyn Fn(Stamp) -> bool, &dyn Fn(Stamp) -> Figure),
        out: &mut dyn Out,
    ) {
        for left in self.acks.left().filter(|left| waited(left.oldest)) {
            let own = self.subscriptions.get(&left.subscription);
            let destination = own.map_or("?", |own| own.destination.as_str());
            let named = Sentence::new(
                "messages of a subscription that are not acknowledged: {count}; the oldest waits for {age}",
                &[
                    ("count", Figure::Count(left.count)),
                    ("age", age(left.oldest)),
                ],
            );
            let subscription = &left.subscription;
            let text = named.with(&format!(
                " (subscription {subscription:?} to {destination:?})"
            ));
            out.observe(Observation::new(
                Code::StompUnacknowledged,
                Peer::Client,
                text,
            ));
        }
        if let Some((_, oldest)) = self.transactions.iter().next() {
            // STOMP 1.2, "BEGIN": what is left open is aborted when the connection ends.
            let text = Sentence::new(
                "transactions that are neither committed nor aborted: {count}; the oldest is open for {age}",
                &[
                    ("count", Figure::Count(self.transactions.len() as u64)),
                    ("age", age(oldest.stamp)),
                ],
            );
            out.observe(Observation::new(
                Code::StompTransactionOpen,
                Peer::Client,
                text,
            ));
        }
    }
}
