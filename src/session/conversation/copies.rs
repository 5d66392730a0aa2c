//! Copies of conversations, from which a replay goes on.
//!
//! Job: copy what is open, and make the copy whole. Input: a conversation between two packets. Output:
//! its copy.

use super::{Conversation, Phase};
use crate::session::context::Tools;

impl Conversation {
    /// Bytes of memory that a copy takes.
    pub(in crate::session) fn held(&self) -> usize {
        match &self.phase {
            Phase::WebSocket(websocket) => websocket.held() + self.numbering.held(),
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.held() + tls.inside.held(),
            Phase::Http2(http2) => http2.held(),
            Phase::Preamble(_)
            | Phase::Http(_)
            | Phase::Late(..)
            | Phase::Fresh
            | Phase::Ignored => 0,
        }
    }

    /// Makes a copy whole.
    pub(in crate::session) fn resume(&mut self, tools: &mut Tools) {
        match &mut self.phase {
            Phase::WebSocket(websocket) => websocket.resume(tools),
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.resume(tools),
            Phase::Http2(http2) => http2.resume(tools),
            Phase::Preamble(_)
            | Phase::Http(_)
            | Phase::Late(..)
            | Phase::Fresh
            | Phase::Ignored => {}
        }
    }

    /// A copy, where it is an open WebSocket that can be copied.
    pub(in crate::session) fn resting(&self) -> Option<Self> {
        // Whether there is one is known at once here.
        let numbering = self.numbering.resting()?;
        let phase = match &self.phase {
            Phase::WebSocket(websocket) => Phase::WebSocket(Box::new(websocket.resting()?)),
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => Phase::Tls(Box::new(tls.resting(tls.inside.resting()?))),
            Phase::Http2(http2) => Phase::Http2(Box::new(http2.resting()?)),
            // Of a stream that is passed over nothing more is looked at.
            Phase::Fresh => Phase::Fresh,
            Phase::Ignored if self.numbering.id.stream != 0 => Phase::Ignored,
            _ => return None,
        };
        Some(Self {
            phase,
            numbering,
            tls: self.tls.clone(),
            proxied_from: Vec::new(),
            ..*self
        })
    }
}
