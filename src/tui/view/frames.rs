//! The frames of a message.
//!
//! Job: a line each: bits, key, length, packets. Input: the state. Output: lines.
//! RFC 6455 §5.2.

use crate::explain::Frame;
use crate::page::words::count;
use crate::page::{Kind, Line};
use crate::tui::app::App;

/// The lines of the tab.
pub(super) fn lines(app: &App) -> Vec<Line> {
    let Some(bits) = app.message.bits() else {
        return vec![Line::of(Kind::Note, "reading…")];
    };
    let frames = &bits.explanation.frames;
    let head = "  # fin rsv opcode       mask      length  at byte      packets";
    let mut lines = vec![Line::of(Kind::Label, head)];
    for (number, frame) in (1..).zip(frames) {
        lines.push(line(number, frame));
    }
    if frames.is_empty() {
        lines.push(Line::of(Kind::Note, "none is known"));
    }
    lines
}

fn line(number: usize, frame: &Frame) -> Line {
    let header = &frame.header;
    let bit = |set: bool, name: char| if set { name } else { '-' };
    let key = header.mask.map_or_else(
        || "-       ".to_owned(),
        |[a, b, c, d]| format!("{a:02x}{b:02x}{c:02x}{d:02x}"),
    );
    let first = frame.first.packet.number;
    let last = frame.passages.last().map_or(first, |p| p.at.packet.number);
    let packets = if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    };
    let opcode = header.opcode.to_string();
    let text = format!(
        "{number:>3} {}   {}{}{} {opcode:<12} {key} {:>7} {:>8}      {packets}",
        bit(header.fin, 'F'),
        bit(header.rsv1, '1'),
        bit(header.rsv2, '2'),
        bit(header.rsv3, '3'),
        header.payload_len,
        frame.offset.map_or_else(String::new, |at| at.to_string()),
    );
    let mut line = Line::new().plain(text);
    let missing: u64 = frame.holes().map(|hole| hole.len).sum();
    if missing > 0 {
        line.put(Kind::Hole, format!("  {} missing", count(missing, "byte")));
    }
    if !header.minimal {
        line.put(Kind::Word, "  length not in its shortest form");
    }
    line
}
