//! What carried a message: packets and frames.
//!
//! Job: show the packets, each frame header bit by bit, and how the mask comes off. Input: an
//! [`Explanation`]. Output: text. RFC 6455 §5.2, §5.3.

use std::fmt::Write;

use super::fields::{FieldInfo, FieldValue, FramePlace, frame_fields, header_bytes};
use super::layout::Layout;
use super::message::{Explanation, Frame};
use super::payload::compressed_rows;
use super::rows::{WIDTH, count, grouped, hex, paragraph, places, wrapped};
use crate::base::Stamp;
use crate::deflate::Agreement;
use crate::ws::{OpCode, Rsv1};

/// Frames that are shown unless all are asked for, and the last one.
const FRAMES: usize = 3;
/// Packets that are shown unless all are asked for.
const PACKETS: usize = 8;
/// Bytes that are shown unmasked.
const UNMASKED: usize = 16;

/// Packets, then frames.
pub(super) fn text(explanation: &Explanation, layout: &Layout, out: &mut String) {
    packets(explanation, layout, out);
    let last = explanation.frames.len().saturating_sub(1);
    let mut left_out = false;
    for (index, frame) in explanation.frames.iter().enumerate() {
        if layout.all || index < FRAMES || index == last {
            one(explanation, index, frame, layout, out);
        } else if !left_out {
            left_out = true;
            let rest = count((last - FRAMES) as u64, "more frame");
            let _ = writeln!(out, "… {rest} (--all)\n");
        }
    }
    let kept = explanation.frames.len() as u64;
    let dropped = u64::from(explanation.frame_count).saturating_sub(kept);
    if dropped > 0 && !explanation.frames.is_empty() {
        let _ = writeln!(
            out,
            "… {} that wscope did not keep\n",
            count(dropped, "frame")
        );
    }
}

/// What stands in one packet of a message.
struct Row {
    at: Stamp,
    missing: bool,
    start: u64,
    end: u64,
    what: String,
}

fn packets(explanation: &Explanation, layout: &Layout, out: &mut String) {
    // Without a connection there are no packets.
    if explanation.flow.is_none() || explanation.frames.is_empty() {
        return;
    }
    let style = layout.style;
    let _ = writeln!(out, "{}", style.head("packets"));
    let rows = rows(explanation);
    let most = if layout.all { usize::MAX } else { PACKETS };
    for row in rows.iter().take(most) {
        let range = places("byte", row.start, row.end.saturating_sub(row.start));
        let packet = if row.missing {
            style.hole("not in the capture")
        } else {
            layout.packet(row.at)
        };
        let _ = writeln!(out, "  {packet}: {range}");
        paragraph(&row.what, 6, out);
    }
    if rows.len() > most {
        let rest = count((rows.len() - most) as u64, "more packet");
        let _ = writeln!(out, "  … {rest} (--all)");
    }
    let text = format!(
        "Bytes count from the first one that the {} sent {}.",
        explanation.from,
        if explanation.has_head() {
            "behind its HTTP head"
        } else {
            "in this capture"
        }
    );
    dimmed(&text, layout, out);
    out.push('\n');
}

/// A paragraph that matters less.
pub(super) fn dimmed(text: &str, layout: &Layout, out: &mut String) {
    for line in wrapped(text, WIDTH - 2) {
        let _ = writeln!(out, "  {}", layout.style.dim(line));
    }
}

fn rows(explanation: &Explanation) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut add = |at: Stamp, missing: bool, (start, end): (u64, u64), what: String| {
        let same = |row: &&mut Row| {
            (row.at.packet, row.missing) == (at.packet, missing) && row.end == start
        };
        match rows.last_mut().filter(same) {
            Some(row) => {
                row.end = end;
                let _ = write!(row.what, ", {what}");
            }
            None => rows.push(Row {
                at,
                missing,
                start,
                end,
                what,
            }),
        }
    };
    let several = explanation.frames.len() > 1;
    for (index, frame) in explanation.frames.iter().enumerate() {
        let name = if several {
            format!("frame {}: ", index + 1)
        } else {
            String::new()
        };
        let behind = frame.payload_start();
        let header = format!("{name}header");
        add(frame.first, false, (frame.start(), behind), header);
        for passage in frame.passages.iter().filter(|passage| passage.len > 0) {
            let whole = passage.len == frame.header.payload_len;
            let what = if whole {
                "payload".to_owned()
            } else {
                format!("payload {}", places("byte", passage.start, passage.len))
            };
            let start = behind + passage.start;
            let range = (start, start + passage.len);
            add(passage.at, passage.missing, range, what);
        }
    }
    rows
}

fn one(explanation: &Explanation, index: usize, frame: &Frame, layout: &Layout, out: &mut String) {
    let total = explanation.frame_count;
    let name = if total == 1 {
        "the frame".to_owned()
    } else {
        format!("frame {} of {total}", index + 1)
    };
    let sizes = format!(
        "{} of header, {} of payload",
        count(frame.header.header_len.into(), "byte"),
        count(frame.header.payload_len, "byte")
    );
    let at = frame
        .offset
        .map_or_else(String::new, |at| format!(", at byte {}", grouped(at)));
    let title = format!("{name}{at}: {sizes}");
    for (index, line) in wrapped(&title, WIDTH - 2).iter().enumerate() {
        let indent = if index == 0 { "" } else { "  " };
        let _ = writeln!(out, "{indent}{}", layout.style.head(line));
    }
    header(frame, place(explanation, index), layout, out);
    unmasking(frame, layout, out);
    out.push('\n');
}

/// Where the frame of that index stands.
pub fn place(explanation: &Explanation, index: usize) -> FramePlace {
    let headless = explanation.opcode == OpCode::Continuation;
    let rsv1 = match explanation.agreement {
        Agreement::PermessageDeflate(_) => Rsv1::Message,
        Agreement::DeflateFrame(_) => Rsv1::Frame,
        Agreement::Unknown => Rsv1::Unknown,
        // Nothing was agreed in what was captured, and the bit was understood all the same.
        Agreement::None if explanation.compressed => Rsv1::Message,
        Agreement::None => Rsv1::Unused,
    };
    FramePlace {
        from: explanation.from,
        rsv1,
        begins: index == 0 && !headless,
    }
}

/// The fields, one a line, with the byte that each begins.
fn header(frame: &Frame, place: FramePlace, layout: &Layout, out: &mut String) {
    let bytes = header_bytes(&frame.header);
    for field in frame_fields(&frame.header, place) {
        let (start, end) = field.bits;
        let first = usize::try_from(start / 8).unwrap_or_default();
        let last = usize::try_from(end.div_ceil(8)).unwrap_or_default();
        let covered = bytes.get(first..last).unwrap_or_default();
        if end - start > 8 {
            let mut chunks = covered.chunks(4);
            let head = hex(chunks.next().unwrap_or_default(), |_| true);
            row(&format!("{head:<12}"), &field, layout, out);
            for more in chunks {
                let _ = writeln!(out, "  {}", hex(more, |_| true));
            }
        } else {
            let byte = covered.first().copied().unwrap_or_default();
            let lead = if start % 8 == 0 {
                format!("{byte:02x}")
            } else {
                "  ".to_owned()
            };
            let bits = format!("{lead}  {}", in_byte(byte, start % 8, end - start));
            row(&bits, &field, layout, out);
        }
    }
}

/// `.1......`: the bits of a field where they stand in their byte, the highest first.
pub(super) fn in_byte(byte: u8, start: u64, len: u64) -> String {
    let digit = |bit: u64| match (byte >> (7 - bit) & 1, (start..start + len).contains(&bit)) {
        (_, false) => '.',
        (0, true) => '0',
        (_, true) => '1',
    };
    (0..8).map(digit).collect()
}

fn row(bits: &str, field: &FieldInfo, layout: &Layout, out: &mut String) {
    let name = short_name(field.name);
    let mut line = match field.value {
        FieldValue::Number(value) => format!("  {bits}  {name:<6} {value:<4} "),
        FieldValue::Key(_) => format!("  {bits}  {name:<6}      "),
    };
    let meaning = if field.wrong {
        layout.style.wrong(format_args!("{} !", field.meaning))
    } else {
        field.meaning.clone()
    };
    let used = line.chars().count() + field.meaning.chars().count();
    let used = used + if field.wrong { 2 } else { 0 };
    let gap = 65usize.saturating_sub(used).max(1);
    let _ = write!(line, "{meaning}{:gap$}{}", "", layout.style.dim(field.rule));
    let _ = writeln!(out, "{line}");
}

/// As the RFC's picture of a header names it.
pub(super) fn short_name(name: &str) -> &str {
    match name {
        "fin" => "FIN",
        "rsv1" => "RSV1",
        "rsv2" => "RSV2",
        "rsv3" => "RSV3",
        "mask" => "MASK",
        "extended_length" => "length",
        "masking_key" => "key",
        other => other,
    }
}

/// RFC 6455 §5.3: the first bytes with and without the mask.
fn unmasking(frame: &Frame, layout: &Layout, out: &mut String) {
    let Some(key) = frame.header.mask else { return };
    let len = frame.wire.len().min(UNMASKED);
    if len == 0 {
        return;
    }
    let all = frame.header.payload_len == len as u64;
    let title = if all {
        "the payload unmasked, byte i XOR key byte i mod 4:".to_owned()
    } else {
        format!(
            "the first {} of the payload unmasked, byte i XOR key byte i mod 4:",
            count(len as u64, "byte")
        )
    };
    let known = |index: usize| {
        !frame.holes().any(|hole| {
            let index = index as u64;
            hole.start <= index && index < hole.start + hole.len
        })
    };
    let plain = frame.plain();
    let wire = hex(frame.wire.get(..len).unwrap_or_default(), known);
    let key: Vec<u8> = key.iter().copied().cycle().take(len).collect();
    let key = hex(&key, |_| true);
    let plain = hex(plain.get(..len).unwrap_or_default(), known);
    let _ = writeln!(out, "  {title}");
    let _ = writeln!(out, "    on the wire  {wire}");
    let _ = writeln!(out, "    key          {}", layout.style.dim(key));
    let _ = writeln!(out, "    unmasked     {plain}");
}

/// The bytes of a compressed payload, put together from `frames`, with what is known of them.
pub(super) fn joined(frames: &[Frame]) -> (Vec<u8>, Vec<(u64, u64)>) {
    let mut bytes = Vec::new();
    let mut holes = Vec::new();
    for frame in frames {
        let start = bytes.len() as u64;
        bytes.extend(frame.plain());
        let end = bytes.len() as u64;
        for hole in frame.holes() {
            let from = (start + hole.start).min(end);
            let len = hole.len.min(end - from);
            if len > 0 {
                holes.push((from, len));
            }
        }
    }
    (bytes, holes)
}

/// The same as rows.
pub(super) fn compressed(frames: &[Frame], most: usize, layout: &Layout, out: &mut String) {
    let (bytes, holes) = joined(frames);
    let known = |index: usize| !super::message::in_holes(&holes, index as u64);
    compressed_rows(&bytes, known, most, layout.style, out);
}
