//! An explanation as one JSON object: the contract of `docs/json.md`.
//!
//! Job: the same names and numbers as the page, for programs. Input: an [`Explanation`].
//! Output: a line of JSON.

mod blocks;
mod field;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::fields::{frame_fields, header_bytes};
use super::frames::{joined, place};
use super::layout::Layout;
use super::message::{Explanation, Frame};
use super::records::RecordLine;
use crate::base::{PacketRef, Stamp};
use crate::deflate::Takeover;
use crate::event::{Reason, Status};
use crate::finding::Finding;
use crate::http2::DataFrame;
use crate::output::json::{self, Base64, Figures, is_zero};
use crate::page::words::digits;
use blocks::{BlockLine, EndLine};
use field::FieldLine;

/// Appends the object. All kept symbols are in it unless the layout says how many.
pub fn line(explanation: &Explanation, layout: &Layout, out: &mut Vec<u8>) {
    json::line(&Line::of(explanation, layout), out);
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    message: u64,
    from: &'static str,
    opcode: String,
    #[serde(flatten)]
    packets: Option<Packets>,
    frame_count: u32,
    compressed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deflate: Option<DeflateLine>,
    wire_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    compressed_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_bytes: Option<u64>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tls_records: Vec<RecordLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data_frames: Vec<DataFrameLine>,
    frames: Vec<FrameLine<'a>>,
    /// Of a message that is one compressed payload; else each frame has its own.
    #[serde(flatten)]
    inflated: Option<Inflated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<Base64<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    holes: &'a [(u64, u64)],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingLine<'a>>,
}

/// A DATA frame of HTTP/2.
#[derive(Serialize)]
struct DataFrameLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    head_hex: String,
    bytes: u32,
    padded: bool,
    end_stream: bool,
    packet: u64,
}

impl DataFrameLine {
    fn of(frame: &DataFrame) -> Self {
        Self {
            offset: frame.offset,
            head_hex: digits(&frame.head.bytes()),
            bytes: frame.head.length,
            padded: frame.head.flags.padded(),
            end_stream: frame.head.flags.end_stream(),
            packet: frame.at.packet.number,
        }
    }
}

#[derive(Serialize)]
struct Packets {
    time: String,
    first_packet: u64,
    last_packet: u64,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
}

#[derive(Serialize)]
struct DeflateLine {
    window_bits: u8,
    takeover: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inferred: bool,
}

#[derive(Serialize)]
struct FrameLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    header_hex: String,
    header: Vec<FieldLine>,
    payload_bytes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packets: Vec<PassageLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    masked_base64: Option<Base64<'a>>,
    #[serde(flatten)]
    inflated: Option<Inflated>,
}

/// A compressed payload with its bits.
#[derive(Serialize)]
struct Inflated {
    compressed_base64: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compressed_holes: Vec<(u64, u64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compressed_bits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<BlockLine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped_blocks: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    farthest: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<EndLine>,
}

/// A field of a header.
#[derive(Serialize)]
struct PassageLine {
    /// `None` where the capture lacks the bytes.
    packet: Option<u64>,
    #[serde(skip_serializing_if = "is_zero")]
    file: u32,
    /// Of the frame's payload.
    bytes: (u64, u64),
}

#[derive(Serialize)]
pub(super) struct FindingLine<'a> {
    code: &'static str,
    severity: &'static str,
    rule: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Figures::is_empty")]
    figures: Figures<'a>,
}

impl<'a> FindingLine<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        Self {
            code: finding.code.name(),
            severity: finding.code.severity().name(),
            rule: finding.code.rule(),
            text: &finding.text,
            figures: Figures(&finding.text),
        }
    }
}

impl<'a> Line<'a> {
    fn of(explanation: &'a Explanation, layout: &Layout) -> Self {
        let whole = explanation.status == Status::Complete && !explanation.truncated;
        let text = std::str::from_utf8(&explanation.payload).ok();
        let redacted = explanation.redacted;
        let text = text.filter(|text| whole && !(redacted && text.is_empty()));
        let captured = explanation.flow.is_some();
        Self {
            kind: "explanation",
            connection: captured.then_some(explanation.conversing.connection),
            stream: explanation.conversing.on_stream(),
            message: explanation.number,
            from: explanation.from.name(),
            opcode: explanation.opcode.to_string(),
            packets: captured.then(|| Packets::of(explanation.first, explanation.last)),
            frame_count: explanation.facts.frames,
            compressed: explanation.compressed,
            deflate: explanation.parameters().map(|parameters| DeflateLine {
                window_bits: parameters.window_bits.get(),
                takeover: parameters.takeover == Takeover::Keep,
                inferred: explanation.inferred,
            }),
            wire_bytes: explanation.wire_bytes,
            compressed_bytes: explanation.compressed_bytes(),
            payload_bytes: explanation.payload_bytes,
            status: explanation.status.name(),
            reason: explanation.reason().map(Reason::name),
            tls_records: explanation.records.iter().map(RecordLine::of).collect(),
            data_frames: explanation.carriers.iter().map(DataFrameLine::of).collect(),
            frames: frames(explanation, layout),
            inflated: inflated_message(explanation, layout),
            text,
            base64: (text.is_none() && !explanation.is_lost() && !redacted)
                .then_some(Base64(&explanation.payload)),
            redacted,
            holes: &explanation.holes,
            truncated: explanation.truncated,
            findings: explanation.findings.iter().map(FindingLine::of).collect(),
        }
    }
}

impl Packets {
    fn of(first: PacketRef, last: Stamp) -> Self {
        Self {
            time: last.time.to_string(),
            first_packet: first.number,
            last_packet: last.packet.number,
            file: last.packet.file,
        }
    }
}

fn inflated_message(explanation: &Explanation, layout: &Layout) -> Option<Inflated> {
    if explanation.is_per_frame() || explanation.redacted {
        return None;
    }
    let (range, _) = explanation.compressed_payloads().into_iter().next()?;
    Some(inflated(
        explanation,
        explanation.frames_in(range),
        0,
        layout,
    ))
}

/// What `frames` carry, which is the compressed payload of that index.
fn inflated(
    explanation: &Explanation,
    frames: &[Frame],
    index: usize,
    layout: &Layout,
) -> Inflated {
    let (bytes, holes) = joined(frames);
    let deflated = explanation.deflated.get(index);
    Inflated {
        compressed_base64: STANDARD.encode(bytes),
        compressed_holes: holes,
        compressed_bits: deflated.map(|deflated| deflated.trace.payload_bits),
        blocks: deflated.map(|deflated| blocks::of(deflated, layout)),
        dropped_blocks: deflated
            .map(|deflated| deflated.trace.dropped_blocks)
            .filter(|dropped| *dropped > 0),
        farthest: deflated.map(|deflated| deflated.farthest),
        end: deflated.map(|deflated| EndLine::of(deflated.end)),
    }
}

fn frames<'a>(explanation: &'a Explanation, layout: &Layout) -> Vec<FrameLine<'a>> {
    let own = if explanation.is_per_frame() && !explanation.redacted {
        explanation.compressed_payloads()
    } else {
        Vec::new()
    };
    let own = |index: usize| own.iter().position(|(range, _)| range.start == index);
    let line = |(index, frame): (usize, &'a Frame)| {
        let fields = frame_fields(&frame.header, place(explanation, index));
        FrameLine {
            offset: frame.offset,
            header_hex: digits(&header_bytes(&frame.header)),
            header: fields.iter().map(FieldLine::of).collect(),
            payload_bytes: frame.header.payload_len,
            packets: passages(explanation, frame),
            masked_base64: (frame.header.mask)
                .filter(|_| !explanation.redacted)
                .map(|_| Base64(&frame.wire)),
            inflated: own(index)
                .map(|nth| inflated(explanation, std::slice::from_ref(frame), nth, layout)),
        }
    };
    explanation.frames.iter().enumerate().map(line).collect()
}

fn passages(explanation: &Explanation, frame: &Frame) -> Vec<PassageLine> {
    if explanation.flow.is_none() {
        return Vec::new();
    }
    let line = |passage: &super::message::Passage| PassageLine {
        packet: (!passage.missing).then_some(passage.at.packet.number),
        file: passage.at.packet.file,
        bytes: (passage.start, passage.start + passage.len),
    };
    frame.passages.iter().map(line).collect()
}
