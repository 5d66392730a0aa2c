//! A STOMP frame as a unit.
//!
//! Job: say which of its headers are its subject and its id, and keep the others. Input: a frame.
//! Output: a [`Unit`].

use serde_json::{Map, Value};

use std::fmt::Write;

use super::frame::{Frame, NAME};
use crate::subprotocol::unit::{Unit, shown};

/// The frame, but for what it answers.
pub(super) fn unit(frame: &mut Frame) -> Unit {
    let id = match frame.command.as_str() {
        "ACK" | "NACK" if frame.header("id").is_none() => "message-id",
        "SUBSCRIBE" | "UNSUBSCRIBE" | "ACK" | "NACK" => "id",
        "MESSAGE" => "subscription",
        "RECEIPT" | "ERROR" => "receipt-id",
        "BEGIN" | "COMMIT" | "ABORT" => "transaction",
        "CONNECTED" => "session",
        _ => "receipt",
    };
    let header = |name| frame.header(name).map(str::to_owned);
    let body = match frame.header("message") {
        Some(said) if frame.command == "ERROR" => {
            let detail = shown(&frame.body);
            let detail = detail.trim_end();
            let said = said.trim_end();
            if detail.is_empty() || said.contains(detail) {
                said.to_owned()
            } else {
                format!("{said}: {detail}")
            }
        }
        _ => shown(&frame.body),
    };
    Unit {
        protocol: NAME,
        kind: frame.command.clone().into(),
        subject: header("destination"),
        id: header(id),
        parts: std::mem::take(&mut frame.parts),
        body: Some(body),
        fields: fields(frame),
        ..Unit::default()
    }
}

/// All headers. STOMP 1.2, "Repeated Header Entries": the first one counts; a repeated one stands
/// under its name with `#2` and so on.
fn fields(frame: &Frame) -> Map<String, Value> {
    let mut fields = Map::with_capacity(frame.headers.len());
    for (name, value) in &frame.headers {
        let mut name = name.clone();
        let mut times = 1;
        let plain = name.len();
        while fields.contains_key(&name) {
            times += 1;
            name.truncate(plain);
            let _ = write!(name, "#{times}");
        }
        fields.insert(name, value.clone().into());
    }
    fields
}

/// A unit in a few words: `SEND /queue/a r-1`.
pub(super) fn what(unit: &Unit) -> String {
    let parts = [
        Some(unit.kind.as_ref()),
        unit.subject.as_deref(),
        unit.id.as_deref(),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join(" ")
}
