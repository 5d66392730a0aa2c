//! A connection at rest, from where it can go on.
//!
//! Job: let a replay begin near a message instead of at the connection's first packet.
//! Input: a [`Session`] between two messages. Output: a [`Waypoint`], and a session again.
//! RFC 7692 §7.1.1: what a message needs of those before it is the window, 32 KiB at the most.

use super::connection::{Live, Session};
use super::context::{Context, Detail};
use crate::base::{PacketRef, Peer, PerPeer};
use crate::tcp::Flow;

/// A connection's state between two messages.
#[derive(Debug)]
pub struct Waypoint {
    /// The connection.
    pub flow: Flow,
    /// The packet that comes next on it.
    pub next: PacketRef,
    /// Messages told before it.
    pub messages: u64,
    /// Bytes that each sender's compressed messages put out before it; `None` where none copies
    /// from another.
    pub inflated: PerPeer<Option<u64>>,
    session: Session,
}

impl Waypoint {
    /// The connection, ready for its next packet.
    pub fn resume(&self, context: &Context) -> Option<Session> {
        let mut session = self.session.resting()?;
        if let (Detail::Wire, Some(websocket)) =
            (context.tools.detail, session.live.conversation.websocket())
        {
            websocket.record(&context.tools);
        }
        Some(session)
    }

    /// Whether all that a message of `from` behind `self` can copy from was put out behind
    /// `earlier`, so that a replay from there knows which messages those bytes belong to.
    pub fn sees_window(&self, earlier: &Self, from: Peer) -> bool {
        const WINDOW: u64 = 1 << 15;

        match (self.inflated[from], earlier.inflated[from]) {
            (Some(here), Some(there)) => there.saturating_add(WINDOW) <= here,
            _ => true,
        }
    }
}

impl Session {
    /// The state, where the connection is an open WebSocket with nothing in progress.
    /// `next` is the packet that it is about to take.
    pub fn waypoint(&mut self, next: PacketRef) -> Option<Waypoint> {
        let mut session = self.resting()?;
        self.marked = Some((self.captured(), next.number));
        let conversation = &mut session.live.conversation;
        Some(Waypoint {
            flow: session.live.flow,
            next,
            messages: conversation.messages(),
            inflated: conversation.websocket()?.inflated(),
            session,
        })
    }

    fn resting(&self) -> Option<Self> {
        if !self.tcp.is_at_rest() {
            return None;
        }
        Some(Self {
            tcp: self.tcp.clone(),
            live: Live {
                conversation: self.live.conversation.resting()?,
                ..self.live
            },
            ..*self
        })
    }
}
