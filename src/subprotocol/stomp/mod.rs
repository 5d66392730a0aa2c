//! STOMP 1.0, 1.1 and 1.2: the text protocol of message brokers.
//!
//! Job: read the frames of both sides and what they mean in their session. Input: messages, which
//! may hold several frames or parts of one. Output: a unit for each frame and heart-beat;
//! `docs/subprotocols/stomp.md` lists their fields. <https://stomp.github.io>

mod acks;
mod beats;
mod faults;
mod frame;
mod reader;
mod session;
mod subscriptions;
mod words;

use super::decoder::{At, Body, Control, Opening, Out, Subprotocol};
use super::entry::{Confidence, Entry};
use super::look::Look;
use crate::base::{Peer, PerPeer, Stamp};
use reader::{Item, Reader};
use session::Session;

/// What the registry knows of it.
pub(super) const ENTRY: Entry = Entry {
    name: frame::NAME,
    title: "STOMP",
    tokens: &["v12.stomp", "v11.stomp", "v10.stomp", "stomp"],
    suits,
    new: |opening| Box::new(Stomp::new(opening)),
};

/// Both sides' frames and their session.
#[derive(Debug, Clone)]
struct Stomp {
    readers: PerPeer<Reader>,
    session: Session,
}

impl Stomp {
    fn new(opening: &Opening<'_>) -> Self {
        let limits = &opening.limits;
        Self {
            readers: PerPeer::from_fn(|from| Reader::new(from, limits.unit_bytes)),
            session: Session::new(limits),
        }
    }
}

/// A frame of this sender is STOMP; a heart-beat may be something else.
fn suits(_: &Opening<'_>, at: &At, look: &Look<'_>) -> Confidence {
    let body = look.body;
    let first = body
        .bytes
        .iter()
        .position(|byte| !matches!(byte, b'\n' | b'\r'));
    match first.and_then(|first| body.bytes.get(first..)) {
        Some(frame) if frame::begins_frame(at.from, frame) => match frame::head_end(frame) {
            Some(_) => Confidence::Certain,
            None => Confidence::Possible,
        },
        None if body.whole && reader::is_beat(body.bytes) => Confidence::Possible,
        _ => Confidence::No,
    }
}

impl Subprotocol for Stomp {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.session.heard(at, out);
        let session = &mut self.session;
        self.readers[at.from].message(at.message, &body, &mut |item| match item {
            Item::Frame(frame) => session.frame(at, frame, out),
            Item::Beat(part) => session.beat(at, part, out),
            Item::Junk => session.junk(at, out),
        });
    }

    fn control(&mut self, at: &At, control: Control<'_>, out: &mut dyn Out) {
        // A passive reader cannot know whether a broker counts pings as signs of life; many do.
        self.session.heard(at, out);
        if matches!(control, Control::Close(_)) {
            self.session.closes(at);
        }
    }

    fn lost(&mut self, from: Peer) {
        self.readers[from].lost();
        self.session.lost(from);
    }

    fn finish(&mut self, stamp: Stamp, out: &mut dyn Out) {
        self.session.finish(stamp, out);
    }

    fn held(&self) -> usize {
        let readers = self.readers.iter().map(|(_, reader)| reader.held());
        size_of::<Self>() + readers.sum::<usize>() + self.session.held()
    }
}

#[cfg(test)]
mod tests;
