//! All protocols that are known.
//!
//! Job: the one list of them. Input: none. Output: [`Entry`]s.

use super::entry::Entry;
use super::{graphql, jsonrpc, mqtt, ocpp, sip, socketio, sockjs, stomp, wamp};

/// All protocols, the more particular ones first.
pub const REGISTRY: &[Entry] = &[
    sockjs::ENTRY,
    stomp::ENTRY,
    socketio::ENTRY,
    socketio::ENGINE,
    mqtt::ENTRY,
    graphql::ENTRY,
    wamp::ENTRY,
    ocpp::ENTRY,
    sip::ENTRY,
    jsonrpc::LSP,
    jsonrpc::CDP,
    jsonrpc::ENTRY,
];

/// The protocol of that name.
pub fn named(name: &str) -> Option<&'static Entry> {
    REGISTRY.iter().find(|entry| entry.name == name)
}
