//! The frames of a message, bit by bit.
//!
//! Job: the fields of the frame under the cursor with their meaning, and its bytes with those of
//! the field marked. Input: the state. Output: cells. RFC 6455 §5.2.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::present::{self, Slide};
use crate::explain::fields::{FieldInfo, frame_fields, header_bytes};
use crate::explain::{Explanation, Frame, Passage, place, records};
use crate::page::words::{count, hex};
use crate::page::{Dump, Kind, Line};
use crate::tui::app::App;

/// Bytes of a frame that are shown.
const SHOWN: usize = 1 << 12;

/// A frame's fields, the payload as the last one.
fn frame(explanation: &Explanation, number: usize) -> Option<(&Frame, Vec<FieldInfo>)> {
    let frame = explanation.frames.get(number)?;
    let mut fields = frame_fields(&frame.header, place(explanation, number));
    if frame.header.payload_len > 0 {
        let start = u64::from(frame.header.header_len) * 8;
        let kind = match (explanation.compressed, frame.header.mask.is_some()) {
            (true, true) => "compressed and masked",
            (true, false) => "compressed: see Deflate",
            (false, true) => "masked with the key",
            (false, false) => "as it is",
        };
        fields.push(FieldInfo {
            name: "payload",
            bits: (start, start + frame.header.payload_len.saturating_mul(8)),
            value: crate::explain::fields::FieldValue::Number(frame.header.payload_len),
            meaning: format!("bytes, {kind}"),
            rule: "RFC 6455 §5.2",
            wrong: false,
        });
    }
    Some((frame, fields))
}

/// Fields of all frames.
pub fn fields(app: &App) -> usize {
    let Some(bits) = app.message.bits() else {
        return 0;
    };
    let count = |number| frame(&bits.explanation, number).map_or(0, |(_, fields)| fields.len());
    (0..bits.explanation.frames.len()).map(count).sum()
}

/// The frame that the cursor is in, its fields, and which of them is chosen.
fn chosen(
    explanation: &Explanation,
    cursor: usize,
) -> Option<(usize, &Frame, Vec<FieldInfo>, usize)> {
    let mut left = cursor;
    let mut last = None;
    for number in 0..explanation.frames.len() {
        let (found, fields) = frame(explanation, number)?;
        if left < fields.len() {
            return Some((number, found, fields, left));
        }
        left -= fields.len();
        let end = fields.len().saturating_sub(1);
        last = Some((number, found, fields, end));
    }
    last
}

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let Some(bits) = app.message.bits() else {
        brush.text(area, 0, "reading…", theme.dim());
        return;
    };
    let explanation = &bits.explanation;
    let Some((number, frame, fields, at)) = chosen(explanation, app.message.cursor) else {
        brush.text(area, 0, "no frame of it is in the capture", theme.dim());
        return;
    };
    let from = explanation.from;
    let place = (frame.offset).map_or_else(String::new, |at| {
        format!(", byte {at} of the {from}'s stream")
    });
    let head = format!(
        "frame {} of {}, packet {}{place}",
        number + 1,
        explanation.frames.len(),
        frame.first.packet.number,
    );
    let rule = fields.get(at).map_or("", |field| field.rule);
    let room = usize::from(area.width).saturating_sub(rule.chars().count() + 1);
    brush.text(area, 0, &safe(&head, room), theme.bold());
    brush.right(area, 0, rule, theme.dim());
    if app.present {
        self::present(frame, &fields, at, area, brush);
        return;
    }
    // In a small pane the fields scroll, and some bytes stay in sight.
    let rows = area.height.saturating_sub(4).max(1);
    let count = u16::try_from(fields.len()).unwrap_or(rows).min(rows);
    let top = (at + 1).saturating_sub(usize::from(count));
    for (line, field) in (1..=count).zip(fields.iter().skip(top)) {
        row(field, area, line, brush);
        if usize::from(line) - 1 + top == at {
            brush.style(area, line, theme.selected());
        }
    }
    let below = Rect {
        y: area.y + count + 2,
        height: area.height.saturating_sub(count + 2),
        ..area
    };
    let records = records(explanation, below, brush);
    let below = Rect {
        y: below.y + records,
        height: below.height.saturating_sub(records),
        ..below
    };
    if let Some(field) = fields.get(at) {
        bytes(frame, field, below, brush);
    }
}

/// The TLS records of the message, where there is room for them and the frame's bytes. Gives the
/// lines that they take.
fn records(explanation: &Explanation, area: Rect, brush: &mut Brush<'_>) -> u16 {
    let room = area.height.saturating_sub(4);
    let mut lines = Vec::new();
    for carrier in &explanation.records {
        let number = carrier.layer.number;
        lines.push(format!("TLS record {number}, {}", records::header(carrier)));
        lines.push(format!("  {}", records::inside(carrier)));
        let marks = records::marks(carrier);
        lines.extend(marks.map(|(name, bytes)| format!("  {name:<6}{bytes}")));
    }
    if lines.is_empty() || room < 2 {
        return 0;
    }
    let theme = brush.theme;
    let width = usize::from(area.width);
    let shown = (0..room - 1).zip(&lines);
    let last = shown.map(|(line, text)| {
        brush.text(area, line, &safe(text, width), theme.dim());
        line + 2
    });
    last.last().unwrap_or(0)
}

/// One field with much room around it.
fn present(frame: &Frame, fields: &[FieldInfo], at: usize, area: Rect, brush: &mut Brush<'_>) {
    let Some(field) = fields.get(at) else {
        return;
    };
    let (digits, about) = digits(&header_bytes(&frame.header), field.bits);
    let slide = Slide {
        digits: &digits,
        about,
        title: &format!("{} {}", field.name, field.value),
        text: &field.meaning,
    };
    let below = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let rest = present::draw(&slide, below, brush);
    bytes(frame, field, rest, brush);
}

/// The bits of a field among those of the two bytes it lies in, or as many bytes as it has in
/// hex; and which of the digits are its own.
fn digits(header: &[u8], (start, end): (u64, u64)) -> (String, (usize, usize)) {
    let place = |bit: u64| usize::try_from(bit).unwrap_or(usize::MAX);
    let first = if end <= 16 { 0 } else { place(start / 8) };
    let last = if end <= 16 { 2 } else { place(end.div_ceil(8)) };
    let bytes = header.get(first..last).unwrap_or_default();
    if bytes.len() > 2 {
        return (hex(bytes, |_| true), (0, usize::MAX));
    }
    let text: Vec<_> = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let about = (place(start) - first * 8, place(end) - first * 8);
    (text.join(" "), about)
}

/// The frame's bytes around those of a field.
fn bytes(frame: &Frame, field: &FieldInfo, area: Rect, brush: &mut Brush<'_>) {
    let lines = dump(frame, field, usize::from(area.width));
    let marked = |line: &Line| line.has(Kind::Chosen);
    let first = lines.iter().position(marked).unwrap_or(0);
    let top = first.saturating_sub(usize::from(area.height / 2));
    brush.lines(area, lines.iter().skip(top));
}

fn row(field: &FieldInfo, area: Rect, line: u16, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let (start, end) = field.bits;
    let bits = if end - start == 1 {
        format!("bit {start}")
    } else if start % 8 == 0 && end % 8 == 0 {
        match (start / 8, end / 8 - 1) {
            (first, last) if first == last => format!("byte {first}"),
            (first, last) => format!("bytes {first}–{last}"),
        }
    } else {
        format!("bits {start}–{}", end - 1)
    };
    let style = if field.wrong {
        theme.severity(crate::finding::Severity::Error)
    } else {
        theme.plain()
    };
    let text = format!("{:<15} {bits:<11} {:>11}  ", field.name, field.value);
    let text = text + &field.meaning;
    brush.text(area, line, &safe(&text, usize::from(area.width)), style);
}

/// The frame's bytes, those of a field marked.
fn dump(frame: &Frame, field: &FieldInfo, width: usize) -> Vec<Line> {
    let mut bytes = header_bytes(&frame.header);
    let header = bytes.len();
    let shown = frame.wire.len().min(SHOWN);
    bytes.extend(frame.wire.iter().take(shown));
    let behind = |hole: &Passage| (hole.start + header as u64, hole.len);
    let holes: Vec<_> = frame.holes().map(behind).collect();
    let marked = field.bits.0 / 8..field.bits.1.div_ceil(8);
    let dump = Dump {
        row: if width >= 56 { 16 } else { 8 },
        digits: 5,
        text: false,
        ..Dump::new(&bytes, &holes)
    };
    let rows = dump.rows(|at| match at < header {
        _ if marked.contains(&(at as u64)) => Kind::Chosen,
        true => Kind::Label,
        false => Kind::Plain,
    });
    let mut lines: Vec<_> = rows.collect();
    let left = frame.wire.len() - shown;
    if left > 0 {
        let more = count(left as u64, "more byte");
        lines.push(Line::of(Kind::Note, format!("… {more}")));
    }
    lines
}
