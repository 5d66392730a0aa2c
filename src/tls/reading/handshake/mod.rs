//! Handshake messages.
//!
//! Job: from the contents of records to what the hellos say. Input: handshake records' contents.
//! Output: messages, [`ClientHello`], [`ServerHello`]. RFC 8446 §4, RFC 5246 §7.4.

mod cursor;
mod hello;
mod messages;

pub(super) use hello::{ClientHello, ServerHello, agreed_protocol, first_certificate};
pub(super) use messages::{MessageType, Messages};
