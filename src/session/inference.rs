//! What was agreed, where the handshake was not captured.
//!
//! Job: tell from what decodes whether messages are compressed, and whether each sender keeps its
//! context. Input: the bytes that were held while nobody knew what they are. Output: the
//! [`Agreement`] that they show; a guess, and the caller says so. RFC 7692 §6, §7.1.1.

use super::context::{Detail, Tools};
use super::teller::{Numbering, Teller};
use super::websocket::{Start, WebSocket};
use crate::base::{Conversing, Limits, Peer, PerPeer, Stamp};
use crate::deflate::trace::End;
use crate::deflate::{Agreement, Parameters, Symbols, Takeover};
use crate::event::{Event, EventSink, Reason, Wire};
use crate::stream::Piece;

/// Messages that copy from no earlier one before their sender is taken to reset its context. Those
/// of one connection are alike as a rule, so that a kept context shows in the second one.
const ALONE: u32 = 4;

/// Bytes of payload for a message to count as one that could have copied.
const WORTH_COPYING: u64 = 32;

/// What compressed payloads of one sender show.
#[derive(Debug, Default, Clone, Copy)]
struct Signs {
    /// They decode to their end.
    sound: u32,
    /// They do not.
    unsound: u32,
    /// A match reaches before the message's beginning.
    reaching: u32,
    /// None does, and there was something to copy.
    alone: u32,
}

impl Signs {
    fn add(&mut self, symbols: &Symbols, end: End) {
        match end {
            End::Fault(_) => self.unsound += 1,
            // Where bytes are missing nothing is shown.
            End::Cut => {}
            End::Flushed | End::MarkerKept | End::Unmarked => {
                self.sound += 1;
                if symbols.across > 0 {
                    self.reaching += 1;
                } else if symbols.made >= WORTH_COPYING && self.sound > 1 {
                    self.alone += 1;
                }
            }
        }
    }

    fn parameters(self) -> Parameters {
        let resets = self.reaching == 0 && self.alone >= ALONE;
        Parameters {
            takeover: if resets {
                Takeover::Reset
            } else {
                Takeover::Keep
            },
            ..Parameters::default()
        }
    }
}

/// Looks at symbols only.
#[derive(Debug, Default)]
struct Evidence {
    signs: PerPeer<Signs>,
}

impl EventSink for Evidence {
    fn event(&mut self, _: Event<'_>) {}

    fn wire(&mut self, _: Conversing, from: Peer, wire: Wire<'_>) {
        if let Wire::Counted(symbols, end) = wire {
            self.signs[from].add(symbols, end);
        }
    }
}

/// The agreement that `pieces` show.
pub(super) fn agreement(pieces: &[(Peer, Piece)], limits: Limits) -> Agreement {
    let tools = &mut Tools::new(limits, Detail::Symbols);
    let mut evidence = Evidence::default();
    let defaults = Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters::default()));
    let starts = PerPeer::from_fn(|_| Start::Somewhere);
    let mut trial = WebSocket::new(defaults, starts, tools);
    let teller = &mut Teller {
        numbering: &mut Numbering::new(Conversing::default()),
        tools,
        sink: &mut evidence,
    };
    for (from, piece) in pieces {
        trial.delivery(*from, piece.delivery(), piece.at(), teller);
    }
    trial.finish(Reason::CaptureEnded, Stamp::START, teller);
    let signs = evidence.signs;
    let (sound, unsound) = signs.iter().fold((0, 0), |(sound, unsound), (_, signs)| {
        (sound + signs.sound, unsound + signs.unsound)
    });
    if sound + unsound == 0 {
        Agreement::None
    } else if sound < unsound {
        // RFC 6455 §5.2: RSV1 means what some extension says, and not only this one.
        Agreement::Unknown
    } else {
        Agreement::PermessageDeflate(PerPeer {
            client: signs.client.parameters(),
            server: signs.server.parameters(),
        })
    }
}
