//! The HTTP/1 part of a connection: from its first byte to the first WebSocket frame.
//!
//! Job: follow requests and responses, find the upgrade, read what was negotiated.
//! Input: chunks and gaps of both directions. Output: [`Outcome`]s with [`Handshake`]s.
//! RFC 9110, RFC 9112, RFC 6455 §4 and §9.1. Handshakes of HTTP/2 are read elsewhere and have the same rules.

mod body;
mod draft;
mod exchange;
mod extension;
mod handshake;
mod head;
mod outcome;
mod pending;
mod probe;
mod rules;
mod scan;
mod side;

pub use exchange::Exchange;
pub use extension::{Extension, Param, Problem, parse_extensions};
pub use handshake::{Accept, AcceptSteps, Handshake};
pub use head::{
    Header, Headers, Malformed, Parsed, RequestHead, ResponseHead, Version, parse_request,
    parse_response,
};
pub use outcome::{Outcome, Seen};
