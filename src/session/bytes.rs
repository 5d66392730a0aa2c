//! WebSocket bytes that no capture brought.
//!
//! Job: run bytes through the very phase that a connection's bytes go through behind its
//! handshake. Input: what one peer sends, and the agreement. Output: events. RFC 6455 §5.

use super::context::Context;
use super::teller::{Numbering, Teller};
use super::websocket::{Start, WebSocket};
use crate::base::{Peer, PerPeer, Stamp};
use crate::deflate::Agreement;
use crate::event::{EventSink, Reason};
use crate::stream::Delivery;

/// Takes `bytes` for what `from` sends, from its first frame on, where `agreement` holds. The
/// connection's number is 1; nothing tells of a connection.
pub fn websocket_bytes(
    from: Peer,
    bytes: &[u8],
    agreement: Agreement,
    context: &mut Context,
    sink: &mut dyn EventSink,
) {
    let tools = &mut context.tools;
    let starts = PerPeer::from_fn(|_| Start::InStep);
    let mut websocket = WebSocket::new(agreement, starts, tools);
    let teller = &mut Teller {
        numbering: &mut Numbering::new(1.into()),
        tools,
        sink,
    };
    websocket.delivery(from, Delivery::write(bytes), Stamp::START.into(), teller);
    websocket.finish(Reason::CaptureEnded, Stamp::START, teller);
}
