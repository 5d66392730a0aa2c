//! The TLS records and DATA frames that carried a message.
//!
//! Job: name what is in and around each record, and before each frame's payload, for people and for
//! programs. Input: [`Carrier`]s, [`Head`]s. Output: lines, and JSON. RFC 8446 §5, RFC 5246 §6.2,
//! RFC 9113 §4.1, §6.1.

use serde::Serialize;

use super::layout::Layout;
use super::message::Carrier;
use crate::http2::frame::Head;
use crate::page::words::{count, digits, hex};
use crate::page::{Kind, Line, Sheet};

/// Records that are shown unless all are asked for.
const SHOWN: usize = 3;

/// `header: application_data, version TLS 1.2, 65 bytes`.
pub fn header(carrier: &Carrier) -> String {
    let layer = &carrier.layer;
    format!(
        "header: {}, version {}, {}",
        layer.content,
        layer.version,
        count(layer.length.into(), "byte")
    )
}

/// `inside: application_data, 48 bytes, no padding`.
pub fn inside(carrier: &Carrier) -> String {
    let layer = &carrier.layer;
    if !layer.authentic {
        return "inside: cut by the capture, read without its tag; the records around it prove its \
                number"
            .to_owned();
    }
    let inner = layer
        .inner
        .map_or_else(String::new, |inner| format!("{inner}, "));
    let padding = match layer.padding {
        None => String::new(),
        Some(0) => ", no padding".to_owned(),
        Some(bytes) => format!(", {} of padding", count(bytes, "byte")),
    };
    format!("inside: {inner}{}{padding}", count(layer.data, "byte"))
}

/// Nonce and tag, as far as they are known, with their names.
pub fn marks(carrier: &Carrier) -> impl Iterator<Item = (&'static str, String)> {
    let layer = &carrier.layer;
    [("nonce", &layer.nonce), ("tag", &layer.tag)]
        .into_iter()
        .filter(|(_, bytes)| !bytes.is_empty())
        .map(|(name, bytes)| (name, hex(bytes, |_| true)))
}

/// `length 108, type 0 (DATA), flags 00 (none), stream 3 (RFC 9113 §4.1)`.
pub fn data_head(head: &Head) -> String {
    let flags = match (head.flags.end_stream(), head.flags.padded()) {
        (false, false) => "none",
        (true, false) => "END_STREAM",
        (false, true) => "PADDED",
        (true, true) => "END_STREAM, PADDED",
    };
    format!(
        "length {}, type {} ({}), flags {:02x} ({flags}), stream {} (RFC 9113 §4.1)",
        head.length, head.kind.0, head.kind, head.flags.0, head.stream
    )
}

/// The records; nothing where there are none.
pub(super) fn page(records: &[Carrier], layout: &Layout, page: &mut Sheet) {
    if records.is_empty() {
        return;
    }
    page.head("TLS records");
    let most = layout.most(SHOWN);
    for carrier in records.iter().take(most) {
        let (first, last) = (carrier.at.first, carrier.at.last);
        let mut packets = layout.packet(first);
        if first.packet != last.packet {
            packets = format!("{packets} up to {}", layout.packet(last));
        }
        let number = carrier.layer.number;
        page.line(Line::new().plain(format!("  {packets}: record {number}")));
        page.paragraph(Kind::Plain, header(carrier), 6);
        page.paragraph(Kind::Plain, inside(carrier), 6);
        for (name, bytes) in marks(carrier) {
            page.named(
                Line::new().padded(6).with(Kind::Note, name),
                bytes,
                Kind::Plain,
                13,
            );
        }
    }
    if records.len() > most {
        let rest = count((records.len() - most) as u64, "more record");
        page.paragraph(Kind::Plain, format!("… {rest} (--all)"), 2);
    }
    page.blank();
}

/// A record as JSON shows it.
#[derive(Serialize)]
pub(super) struct RecordLine {
    first_packet: u64,
    last_packet: u64,
    record_type: String,
    version: String,
    length: u16,
    number: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    nonce_hex: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    tag_hex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    inner_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    padding: Option<u64>,
    data_bytes: u64,
    authenticated: bool,
}

impl RecordLine {
    pub(super) fn of(carrier: &Carrier) -> Self {
        let layer = &carrier.layer;
        Self {
            first_packet: carrier.at.first.packet.number,
            last_packet: carrier.at.last.packet.number,
            record_type: layer.content.to_string(),
            version: layer.version.to_string(),
            length: layer.length,
            number: layer.number,
            nonce_hex: digits(&layer.nonce),
            tag_hex: digits(&layer.tag),
            inner_type: layer.inner.map(|inner| inner.to_string()),
            padding: layer.padding,
            data_bytes: layer.data,
            authenticated: layer.authentic,
        }
    }
}
