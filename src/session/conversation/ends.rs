//! How a conversation ends.
//!
//! Job: tell what is unfinished, and count its bytes by what they turned out to be. Input: why it ends,
//! and the last packet. Output: events. RFC 6455 §7.1.

use super::{Conversation, Phase, Seen};
use crate::base::Stamp;
use crate::event::{Account, Reason, Upgrade};
use crate::session::context::Desk;
#[cfg(feature = "tls")]
use crate::tls::Facts;

impl Conversation {
    /// The connection or the capture ends.
    pub(in crate::session) fn finish(&mut self, reason: Reason, last: Stamp, desk: &mut Desk<'_>) {
        if let Phase::Preamble(_) = self.phase {
            self.preamble_over(desk);
        }
        if let Phase::Http(exchange) = &mut self.phase {
            let outcome = exchange.settle();
            self.outcome(outcome, desk);
        }
        if let Phase::Late(late, _) = &self.phase {
            let verdict = late.verdict();
            self.late(verdict, desk);
        }
        match &mut self.phase {
            Phase::WebSocket(websocket) => {
                websocket.finish(reason, last, &mut self.numbering.teller(desk));
            }
            Phase::Http(exchange) => {
                if exchange.seen().requests + exchange.seen().responses > 0 {
                    self.seen = self.seen.min(Seen::Http);
                }
                if let Some(handshake) = exchange.finish() {
                    self.refused(handshake, Upgrade::Unanswered, desk);
                }
            }
            #[cfg(feature = "tls")]
            Phase::Tls(tls) => {
                let facts = tls.finish(last, desk);
                tls.inside.finish(reason, last, desk);
                self.read = facts.status != crate::tls::Status::Unread;
                let findings = tls.settle(facts.status, desk);
                self.seen = tls.inside.seen().min(under(&facts));
                desk.sink
                    .event(crate::event::Event::Tls(&crate::event::UnderTls {
                        conversing: self.numbering.id,
                        flow: *desk.flow,
                        facts,
                        proxied_from: tls.inside.proxied_from.clone(),
                        told: tls.inside.is_told(),
                        findings,
                        last,
                    }));
            }
            Phase::Http2(http2) => {
                http2.finish(reason, last, desk);
                self.seen = self.seen.min(http2.seen().unwrap_or(self.seen));
            }
            Phase::Preamble(_) | Phase::Late(..) | Phase::Fresh | Phase::Ignored => {}
        }
    }

    /// Counts the `given` bytes that it was given, by what they turned out to be.
    pub(in crate::session) fn count(&self, given: u64, account: &mut Account) {
        let framed = match &self.phase {
            Phase::WebSocket(websocket) => websocket.taken(),
            _ => 0,
        };
        account.delivered += given;
        account.websocket += framed;
        let seen = match &self.phase {
            #[cfg(feature = "tls")]
            Phase::Tls(_) if self.read => {
                account.tls += given;
                return;
            }
            #[cfg(feature = "tls")]
            Phase::Tls(_) => Seen::Tls,
            Phase::Http2(_) => Seen::Http2,
            _ if self.late => Seen::Other,
            _ => self.seen,
        };
        *seen.place(account) += given.saturating_sub(framed);
    }
}

/// What a connection with such TLS carries, if nothing else is known of it: TLS that was read hides
/// nothing.
#[cfg(feature = "tls")]
fn under(facts: &Facts) -> Seen {
    use crate::tls::{Status, Why};
    let hides = facts.status != Status::Read && facts.why != Some(Why::NoData);
    if hides { Seen::Tls } else { Seen::Other }
}
