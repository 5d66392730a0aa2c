//! What the client has subscribed to.
//!
//! Job: know each subscription's destination and how its messages are acknowledged. Input: SUBSCRIBE and
//! UNSUBSCRIBE frames. Output: the subscription of a frame. STOMP 1.2, "SUBSCRIBE".

use std::collections::BTreeMap;

use super::frame::Frame;

/// All of a session, by their ids.
#[derive(Debug, Clone)]
pub(super) struct Subscriptions {
    known: BTreeMap<String, Subscription>,
    most: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) destination: String,
    pub(super) mode: Mode,
    /// UNSUBSCRIBE has come. Messages may still be on their way.
    ended: bool,
}

/// STOMP 1.2, "SUBSCRIBE ack Header".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Auto,
    Client,
    Individual,
}

impl Subscriptions {
    /// None, of which at most so many are kept.
    pub(super) fn new(most: usize) -> Self {
        Self {
            known: BTreeMap::new(),
            most,
        }
    }

    /// A SUBSCRIBE frame.
    pub(super) fn begin(&mut self, frame: &Frame) {
        let mode = match frame.header("ack") {
            Some("client") => Mode::Client,
            Some("client-individual") => Mode::Individual,
            _ => Mode::Auto,
        };
        if self.known.len() >= self.most {
            self.known.retain(|_, own| !own.ended);
        }
        if self.is_whole() {
            let destination = frame.header("destination").unwrap_or_default().to_owned();
            let subscription = Subscription {
                destination,
                mode,
                ended: false,
            };
            self.known.insert(named(frame, "id"), subscription);
        }
    }

    /// An UNSUBSCRIBE frame. Returns what it ends.
    pub(super) fn end(&mut self, frame: &Frame) -> Option<&Subscription> {
        let own = self.known.get_mut(&named(frame, "id"))?;
        own.ended = true;
        Some(own)
    }

    /// The one with that id.
    pub(super) fn get(&self, id: &str) -> Option<&Subscription> {
        self.known.get(id)
    }

    /// Whether none was left out because there were too many.
    pub(super) fn is_whole(&self) -> bool {
        self.known.len() < self.most
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}

/// The subscription that a frame names; in STOMP 1.0 the destination stands for it.
pub(super) fn named(frame: &Frame, header: &str) -> String {
    let named = frame.header(header).or_else(|| frame.header("destination"));
    named.unwrap_or_default().to_owned()
}
