//! What a conversation keeps of what went by.
//!
//! Job: say how much memory that takes, take less while nothing comes, and give it up where all
//! connections together keep too much. Input and output: none.

use super::{Conversation, Otherwise, Phase};
use crate::session::context::Desk;

impl Conversation {
    /// Bytes of memory that [`let_go`](Self::let_go) frees: windows, heads that are not whole, what is
    /// searched for frames, messages that wait until their subprotocol is recognised.
    pub(in crate::session) fn kept(&mut self) -> usize {
        match &mut self.phase {
            Phase::Preamble(preamble) => preamble.kept(),
            Phase::Http(exchange) => exchange.kept(),
            Phase::Late(late, otherwise) => {
                let beside = match &mut **otherwise {
                    Otherwise::Connection(exchange, _) => exchange.kept(),
                    Otherwise::Stream(_) => 0,
                };
                late.kept() + beside
            }
            Phase::WebSocket(websocket) => websocket.kept() + self.numbering.kept(),
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.kept(),
            Phase::Http2(http2) => http2.kept(Self::kept),
            Phase::Fresh | Phase::Ignored => 0,
        }
    }

    /// Nothing comes for a time: takes less room, and less still, for some time of the processor, where
    /// it is to `pack`. Forgets nothing.
    pub(in crate::session) fn rest(&mut self, pack: bool) {
        match &mut self.phase {
            Phase::WebSocket(websocket) => {
                websocket.rest(pack);
                self.numbering.rest(pack);
            }
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.rest(pack),
            Phase::Http2(http2) => http2.each().for_each(|inside| inside.rest(pack)),
            Phase::Preamble(_)
            | Phase::Http(_)
            | Phase::Late(..)
            | Phase::Fresh
            | Phase::Ignored => {}
        }
    }

    /// Shows the bytes of all windows, which may be taken out and must be put back before anything else
    /// comes.
    pub(in crate::session) fn windows(&mut self, visit: &mut dyn FnMut(&mut Vec<u8>)) {
        match &mut self.phase {
            Phase::WebSocket(websocket) => websocket.windows(visit),
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.windows(visit),
            Phase::Http2(http2) => http2.each().for_each(|inside| inside.windows(visit)),
            Phase::Preamble(_)
            | Phase::Http(_)
            | Phase::Late(..)
            | Phase::Fresh
            | Phase::Ignored => {}
        }
    }

    /// All connections together keep too much: gives up what this one keeps. What comes later is read as
    /// after a loss.
    #[cold]
    pub(in crate::session) fn let_go(&mut self, desk: &mut Desk<'_>) {
        if let Phase::Preamble(_) = self.phase {
            self.preamble_over(desk);
        }
        match &mut self.phase {
            Phase::Http(exchange) => exchange.let_go(),
            Phase::Late(late, otherwise) => {
                late.let_go();
                if let Otherwise::Connection(exchange, _) = &mut **otherwise {
                    exchange.let_go();
                }
            }
            Phase::WebSocket(websocket) => {
                websocket.let_go();
                self.numbering.let_go();
            }
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => tls.inside.let_go(desk),
            Phase::Http2(http2) => http2.each().for_each(|inside| inside.let_go(desk)),
            Phase::Preamble(_) | Phase::Fresh | Phase::Ignored => {}
        }
    }
}
