//! A connection in the midst of its messages, from where it can go on.
//!
//! Job: let a replay begin near a message instead of at the connection's first packet.
//! Input: a [`Session`] before a segment. Output: a [`Waypoint`], and a session again.
//! RFC 7692 §7.1.1: what a message needs of those before it is the window, 32 KiB at the most.
//!
//! A frame or a message may be in progress: what came of it is copied. Of a compressed message
//! its bytes are, up to 1 MiB, and inflated again when the session goes on.

use std::mem;

use super::connection::{Live, Session};
use super::context::Context;
use crate::base::{PacketRef, Peer};
use crate::tcp::Flow;

/// A connection's state before a segment.
#[derive(Debug)]
pub struct Waypoint {
    /// The connection.
    pub flow: Flow,
    /// The packet that comes next on it.
    pub next: PacketRef,
    /// Bytes of memory that it takes.
    pub size: usize,
    session: Session,
    /// How long each window's bytes were, where they are taken out.
    taken: Vec<usize>,
}

impl Waypoint {
    /// The connection, ready for its next packet.
    pub fn resume(&self, context: &mut Context) -> Option<Session> {
        let mut session = self.session.resting()?;
        session.tcp.resume(&mut context.budget);
        session.live.conversation.resume(&mut context.tools);
        Some(session)
    }

    /// Takes the bytes of its windows out; [`with_windows`](Self::with_windows) is whole again.
    pub fn take_windows(&mut self) -> Vec<u8> {
        let (mut all, mut taken) = (Vec::new(), Vec::new());
        self.session.live.conversation.windows(&mut |window| {
            taken.push(window.len());
            all.extend(mem::take(window));
        });
        self.size = self.size.saturating_sub(all.len());
        self.taken = taken;
        all
    }

    /// A copy with the bytes that [`take_windows`](Self::take_windows) took out.
    pub fn with_windows(&self, all: &[u8]) -> Option<Self> {
        let mut session = self.session.resting()?;
        let (mut left, mut lengths) = (Some(all), self.taken.iter());
        session.live.conversation.windows(&mut |window| {
            let len = lengths.next().copied().unwrap_or(0);
            left = left
                .and_then(|left| left.split_at_checked(len))
                .map(|(bytes, left)| {
                    window.extend_from_slice(bytes);
                    left
                });
        });
        left.is_some_and(<[u8]>::is_empty).then(|| Self {
            session,
            taken: Vec::new(),
            size: self.size + all.len(),
            ..*self
        })
    }

    /// How many bytes of its windows are taken out.
    pub fn taken(&self) -> usize {
        self.taken.iter().sum()
    }

    /// Messages told before it on an open stream of the connection.
    pub fn messages(&self, stream: u32) -> Option<u64> {
        let (_, messages) = self.session.live.conversation.websocket(stream)?;
        Some(messages)
    }

    /// Whether nothing that `from` sends on `stream` is in progress.
    pub fn is_between(&self, stream: u32, from: Peer) -> bool {
        let websocket = self.session.live.conversation.websocket(stream);
        websocket.is_some_and(|(websocket, _)| websocket.is_between(from))
    }

    /// Bytes that compressed messages of `from` put out before it; `None` where none copies from
    /// another.
    pub fn inflated(&self, stream: u32, from: Peer) -> Option<u64> {
        let (websocket, _) = self.session.live.conversation.websocket(stream)?;
        websocket.inflated(from)
    }

    /// Whether all that a message of `from` after `self` can copy from was put out after
    /// `earlier`, so that a replay from there knows which messages those bytes belong to.
    pub fn sees_window(&self, earlier: &Self, stream: u32, from: Peer) -> bool {
        const WINDOW: u64 = 1 << 15;

        match (self.inflated(stream, from), earlier.inflated(stream, from)) {
            (Some(here), Some(there)) => there.saturating_add(WINDOW) <= here,
            _ => true,
        }
    }
}

impl Session {
    /// The state, where the connection is an open WebSocket that can be copied here.
    /// `next` is the packet that it is about to take.
    pub fn waypoint(&mut self, next: PacketRef) -> Option<Waypoint> {
        let session = self.resting()?;
        let size = size_of::<Waypoint>() + self.tcp.held() + self.live.conversation.held();
        // Copies are made of no more bytes than are captured.
        self.marked = Some((self.captured() + size as u64, next.number));
        Some(Waypoint {
            flow: session.live.flow,
            next,
            size,
            session,
            taken: Vec::new(),
        })
    }

    fn resting(&self) -> Option<Self> {
        Some(Self {
            live: Live {
                conversation: self.live.conversation.resting()?,
                ..self.live
            },
            tcp: self.tcp.clone(),
            untold: self.untold.clone(),
            ..*self
        })
    }
}
