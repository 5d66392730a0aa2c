//! What carried a message: packets and frames.
//!
//! Job: show the packets, each frame header bit by bit, and how the mask comes off. Input: an
//! [`Explanation`]. Output: lines. RFC 6455 §5.2, §5.3.

use std::fmt::Write;

use super::fields::{FieldInfo, FieldValue, FramePlace, frame_fields, header_bytes};
use super::layout::Layout;
use super::message::{Explanation, Frame};
use super::records;
use crate::base::Stamp;
use crate::deflate::Agreement;
use crate::page::words::{count, grouped, hex, places};
use crate::page::{Dump, Kind, Line, Sheet};
use crate::ws::{OpCode, Rsv1};

/// Frames that are shown unless all are asked for, and the last one.
const FRAMES: usize = 3;
/// Packets that are shown unless all are asked for.
const PACKETS: usize = 8;
/// Bytes that are shown unmasked.
const UNMASKED: usize = 16;

/// Packets, then frames.
pub(super) fn page(explanation: &Explanation, layout: &Layout, page: &mut Sheet) {
    packets(explanation, layout, page);
    records::page(&explanation.records, layout, page);
    let last = explanation.frames.len().saturating_sub(1);
    let note = |page: &mut Sheet, text: String| {
        page.line(Line::new().plain(text));
        page.blank();
    };
    for (index, frame) in explanation.frames.iter().enumerate() {
        if layout.all || index < FRAMES || index == last {
            one(explanation, index, frame, page);
        } else if index == FRAMES {
            let rest = count((last - FRAMES) as u64, "more frame");
            note(page, format!("… {rest} (--all)"));
        }
    }
    let kept = explanation.frames.len() as u64;
    let dropped = u64::from(explanation.facts.frames).saturating_sub(kept);
    if dropped > 0 && kept > 0 {
        note(
            page,
            format!("… {} that wscope did not keep", count(dropped, "frame")),
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

fn packets(explanation: &Explanation, layout: &Layout, page: &mut Sheet) {
    // Without a connection there are no packets.
    if explanation.flow.is_none() || explanation.frames.is_empty() {
        return;
    }
    page.head("packets");
    let rows = rows(explanation);
    let most = layout.most(PACKETS);
    for row in rows.iter().take(most) {
        let range = places("byte", row.start, row.end.saturating_sub(row.start));
        let line = Line::new().plain("  ");
        let line = if row.missing {
            line.with(Kind::Hole, "not in the capture")
        } else {
            line.plain(layout.packet(row.at))
        };
        page.line(line.plain(format!(": {range}")));
        page.paragraph(Kind::Plain, &row.what, 6);
    }
    if rows.len() > most {
        let rest = count((rows.len() - most) as u64, "more packet");
        page.paragraph(Kind::Plain, format!("… {rest} (--all)"), 2);
    }
    let text = format!(
        "Bytes count from the first one that the {} sent {}.",
        explanation.from,
        if explanation.conversing.on_stream().is_some() {
            "in DATA frames of the stream"
        } else if explanation.has_head() {
            "behind its HTTP head"
        } else {
            "in this capture"
        }
    );
    page.paragraph(Kind::Note, text, 2);
    page.blank();
    carriers(explanation, layout, page);
}

/// The DATA frames of HTTP/2 that the packets hold.
fn carriers(explanation: &Explanation, layout: &Layout, page: &mut Sheet) {
    let Some(stream) = explanation.conversing.on_stream() else {
        return;
    };
    if explanation.carriers.is_empty() {
        return;
    }
    page.head(format!("DATA frames of stream {stream}"));
    let most = layout.most(PACKETS);
    for carrier in explanation.carriers.iter().take(most) {
        let mut text = format!(": {} of payload", count(carrier.head.length.into(), "byte"));
        if let Some(offset) = carrier.offset {
            let _ = write!(text, " from byte {}", grouped(offset));
        }
        let line = Line::new().plain("  ").plain(layout.packet(carrier.at));
        page.line(line.plain(text));
        let name = Line::new().padded(6).with(Kind::Note, "head");
        let bytes = hex(&carrier.head.bytes(), |_| true);
        page.named(name, bytes, Kind::Plain, 13);
        page.paragraph(Kind::Plain, records::data_head(&carrier.head), 13);
    }
    if explanation.carriers.len() > most {
        let rest = (explanation.carriers.len() - most) as u64;
        page.paragraph(
            Kind::Plain,
            format!("… {} (--all)", count(rest, "more frame")),
            2,
        );
    }
    page.blank();
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

fn one(explanation: &Explanation, index: usize, frame: &Frame, page: &mut Sheet) {
    let name = match explanation.facts.frames {
        1 => "the frame".to_owned(),
        total => format!("frame {} of {total}", index + 1),
    };
    let at = frame.offset.map(|at| format!(", at byte {}", grouped(at)));
    page.head(format!(
        "{name}{}: {} of header, {} of payload",
        at.unwrap_or_default(),
        count(frame.header.header_len.into(), "byte"),
        count(frame.header.payload_len, "byte")
    ));
    header(frame, place(explanation, index), page);
    unmasking(frame, page);
    page.blank();
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
fn header(frame: &Frame, place: FramePlace, page: &mut Sheet) {
    let bytes = header_bytes(&frame.header);
    for field in frame_fields(&frame.header, place) {
        let (start, end) = field.bits;
        let first = usize::try_from(start / 8).unwrap_or_default();
        let last = usize::try_from(end.div_ceil(8)).unwrap_or_default();
        let covered = bytes.get(first..last).unwrap_or_default();
        if end - start > 8 {
            let mut chunks = covered.chunks(4);
            let head = hex(chunks.next().unwrap_or_default(), |_| true);
            page.line(row(&format!("{head:<12}"), &field));
            for more in chunks {
                page.line(Line::new().plain(format!("  {}", hex(more, |_| true))));
            }
        } else {
            let byte = covered.first().copied().unwrap_or_default();
            let lead = if start % 8 == 0 {
                format!("{byte:02x}")
            } else {
                "  ".to_owned()
            };
            let bits = format!("{lead}  {}", in_byte(byte, start % 8, end - start));
            page.line(row(&bits, &field));
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

/// A field with its rule at the end of the line.
fn row(bits: &str, field: &FieldInfo) -> Line {
    let name = short_name(field.name);
    let value = match field.value {
        FieldValue::Number(value) => value.to_string(),
        FieldValue::Key(_) => String::new(),
    };
    let line = Line::new().plain(format!("  {bits}  {name:<6} {value:<4} "));
    let line = if field.wrong {
        line.with(Kind::Wrong, format!("{} !", field.meaning))
    } else {
        line.plain(&field.meaning)
    };
    let column = 65.max(line.width() + 1);
    line.padded(column).with(Kind::Note, field.rule)
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
fn unmasking(frame: &Frame, page: &mut Sheet) {
    let Some(key) = frame.header.mask else { return };
    let len = frame.wire.len().min(UNMASKED);
    if len == 0 {
        return;
    }
    let what = if frame.header.payload_len == len as u64 {
        "the payload".to_owned()
    } else {
        format!("the first {} of the payload", count(len as u64, "byte"))
    };
    let known = |index: usize| {
        let index = index as u64;
        !frame
            .holes()
            .any(|hole| (hole.start..hole.start + hole.len).contains(&index))
    };
    let shown = |bytes: &[u8]| hex(bytes.get(..len).unwrap_or_default(), known);
    let key: Vec<u8> = key.iter().copied().cycle().take(len).collect();
    let line = |name: &str| Line::new().plain(format!("    {name:<13}"));
    page.line(Line::new().plain(format!("  {what} unmasked, byte i XOR key byte i mod 4:")));
    page.line(line("on the wire").plain(shown(&frame.wire)));
    page.line(line("key").with(Kind::Note, hex(&key, |_| true)));
    page.line(line("unmasked").plain(shown(&frame.plain())));
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
pub(super) fn compressed(frames: &[Frame], most: usize, page: &mut Sheet) {
    let (bytes, holes) = joined(frames);
    let dump = Dump {
        hex: false,
        digits: 9,
        text: false,
        ..Dump::new(&bytes, &holes)
    };
    dump.rows(|_| Kind::Plain)
        .take(most)
        .for_each(|line| page.line(line));
    let shown = most.saturating_mul(dump.row);
    if bytes.len() > shown {
        let rest = count((bytes.len() - shown) as u64, "more byte");
        page.line(Line::new().padded(11).plain(format!("… {rest} (--all)")));
    }
}
