//! MQTT 3.1, 3.1.1 and 5.
//!
//! Job: recognise MQTT and read its packets. Input: messages, whose ends are not those of packets.
//! Output: a unit for each packet. MQTT 5.0 (OASIS), MQTT 3.1.1 (OASIS).

mod packet;
mod properties;
mod reasons;
mod session;
mod side;
mod stream;
mod units;

use super::{At, Confidence, Entry, Look, Opening};

/// The registry's entry.
pub(super) const ENTRY: Entry = Entry {
    name: "mqtt",
    title: "MQTT",
    tokens: &["mqtt", "mqttv3.1", "mqttv3.1.1"],
    suits,
    new: |opening| Box::new(session::Session::new(opening)),
};

/// A CONNECT says its protocol's name. Some clients send the first byte of it alone.
fn suits(_: &Opening<'_>, _: &At, look: &Look<'_>) -> Confidence {
    let body = look.body;
    let bytes = body.bytes;
    let head = bytes.get(..bytes.len().min(16)).unwrap_or_default();
    let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    let begins = |name: &&[u8]| head.windows(name.len()).take(6).any(|part| part == *name);
    // MQTT.js sends each field of it as a message.
    let alone = body.whole && !body.text && [&b"MQTT"[..], b"MQIsdp"].contains(&bytes);
    if alone || names.iter().any(begins) {
        return Confidence::Certain;
    }
    if body.whole && !body.text && (bytes == b"\x10" || stream::is_chain(bytes, packet::may_be)) {
        return Confidence::Possible;
    }
    Confidence::No
}

#[cfg(test)]
mod tests;
