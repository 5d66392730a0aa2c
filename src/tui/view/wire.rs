//! The frames of a message, bit by bit.
//!
//! Job: wire bytes, bits and text in three linked rows, below them the fields of the header or what
//! the cursor is on, and the frame's bytes. Input: the state. Output: cells. RFC 6455 §5.2.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::present::{self, Slide};
use crate::explain::fields::{FieldInfo, header_bytes};
use crate::explain::{Explanation, Frame, Group, Links, Passage, Spot, Thing, records};
use crate::explain::{rows, told};
use crate::page::words::{count, hex};
use crate::page::{Dump, Kind, Line};
use crate::tui::app::App;

/// Bytes of a frame that are shown around the cursor.
const SHOWN: usize = 1 << 10;

/// Lines below which only the three rows are shown, and a few words.
const ROOMY: u16 = 14;

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let Some(bits) = app.message.bits() else {
        brush.text(area, 0, "reading…", theme.dim());
        return;
    };
    let links = bits.links();
    let spot = links.fixed(app.message.spot);
    let Some(frame) = links.frame(spot.frame) else {
        brush.text(area, 0, "no frame of it is in the capture", theme.dim());
        return;
    };
    let group = links.group(spot.frame, spot.bit);
    head(&links, frame, spot, group, area, brush);
    let mut below = Brush::below(area, 1);
    if app.present {
        below = self::present(&links, spot, group, below, brush);
    }
    let rows = rows(&links, spot, usize::from(area.width));
    below = Brush::below(below, brush.lines(below, &rows));
    if app.present {
        return;
    }
    let roomy = area.height >= ROOMY;
    if roomy && let Some(Thing::Field(at)) = group.map(|group| group.thing) {
        let fields = links.fields(spot.frame);
        below = Brush::below(below, table(&fields, at, below, brush));
    }
    let told = told(&links, spot, usize::from(area.width), !roomy);
    below = Brush::below(below, brush.lines(below, &told));
    below = Brush::below(below, 1);
    below = Brush::below(below, records(&bits.explanation, below, brush));
    bytes(frame, spot, below, brush);
}

/// Where the frame stands, and the rule of what the cursor is on.
fn head(
    links: &Links<'_>,
    frame: &Frame,
    spot: Spot,
    group: Option<Group>,
    area: Rect,
    brush: &mut Brush<'_>,
) {
    let theme = brush.theme;
    let from = links.explanation.from;
    let place = (frame.offset).map_or_else(String::new, |at| {
        format!(", byte {at} of the {from}'s stream")
    });
    let head = format!(
        "frame {} of {}, packet {}{place}",
        spot.frame + 1,
        links.explanation.frames.len(),
        frame.first.packet.number,
    );
    let rule = match group.map(|group| group.thing) {
        Some(Thing::Field(at)) => links
            .fields(spot.frame)
            .get(at)
            .map_or("", |field| field.rule),
        Some(Thing::Step(step)) => {
            let step = links.steps.get(step);
            let says = step.and_then(|step| step.says(links.explanation));
            says.map_or("", |says| says.rule())
        }
        Some(Thing::Byte) | None => "RFC 6455 §5.2",
    };
    let room = usize::from(area.width).saturating_sub(rule.chars().count() + 1);
    brush.text(area, 0, &safe(&head, room), theme.bold());
    brush.right(area, 0, rule, theme.dim());
}

/// The fields of the header; in a small pane those around the chosen one. Gives the lines taken.
fn table(fields: &[FieldInfo], at: usize, area: Rect, brush: &mut Brush<'_>) -> u16 {
    let rows = area.height.saturating_sub(3).max(1);
    let count = u16::try_from(fields.len()).unwrap_or(rows).min(rows);
    let top = (at + 1).saturating_sub(usize::from(count));
    for (line, field) in (0..count).zip(fields.iter().skip(top)) {
        row(field, area, line, brush);
        if usize::from(line) + top == at {
            brush.style(area, line, brush.theme.selected());
        }
    }
    count
}

/// The TLS records and DATA frames of the message, where there is room for them and the frame's
/// bytes. Gives the lines that they take.
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
    for carrier in &explanation.carriers {
        let head = records::data_head(&carrier.head);
        lines.push(format!("DATA frame, {head}"));
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

/// What the cursor is on with much room around it; what is left of the area.
fn present(
    links: &Links<'_>,
    spot: Spot,
    group: Option<Group>,
    area: Rect,
    brush: &mut Brush<'_>,
) -> Rect {
    let (Some(group), Some(frame)) = (group, links.frame(spot.frame)) else {
        return area;
    };
    let (digits, about, title, text) = match group.thing {
        Thing::Field(at) => {
            let fields = links.fields(spot.frame);
            let Some(field) = fields.get(at) else {
                return area;
            };
            let (digits, about) = digits(&header_bytes(&frame.header), field.bits);
            let title = format!("{} {}", field.name, field.value);
            (digits, about, title, field.meaning.clone())
        }
        Thing::Step(step) => {
            let step = links.steps.get(step);
            let Some(says) = step.and_then(|step| step.says(links.explanation)) else {
                return area;
            };
            let text = crate::explain::derivation(&says).join(" ");
            (says.digits(), (0, usize::MAX), says.text(), text)
        }
        Thing::Byte => {
            let header = u64::from(frame.header.header_len);
            let at = usize::try_from((group.bits.0 / 8).saturating_sub(header));
            let byte = at.ok().and_then(|at| frame.wire.get(at)).copied();
            let byte = byte.map_or_else(String::new, |byte| format!("{byte:08b}"));
            let title = "a byte of the payload".to_owned();
            (byte, (0, usize::MAX), title, String::new())
        }
    };
    let slide = Slide {
        digits: &digits,
        about,
        title: &title,
        text: &text,
    };
    present::draw(&slide, area, brush)
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

/// The frame's bytes around the cursor.
fn bytes(frame: &Frame, spot: Spot, area: Rect, brush: &mut Brush<'_>) {
    if area.height < 3 {
        return;
    }
    let lines = dump(frame, spot.bit / 8, usize::from(area.width));
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

/// The frame's bytes around one, which is marked.
fn dump(frame: &Frame, at: u64, width: usize) -> Vec<Line> {
    let row = if width >= 56 { 16 } else { 8 };
    let header = header_bytes(&frame.header);
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let all = header.len() + frame.wire.len();
    let first = at.saturating_sub(SHOWN / 2) / row * row;
    let end = (first + SHOWN).min(all);
    let byte = |at: usize| match at.checked_sub(header.len()) {
        None => header.get(at).copied(),
        Some(at) => frame.wire.get(at).copied(),
    };
    let shown: Vec<_> = (first..end).filter_map(byte).collect();
    let behind = |hole: &Passage| {
        let start = hole.start + header.len() as u64;
        let end = (start + hole.len).checked_sub(first as u64)?;
        let start = start.saturating_sub(first as u64);
        (end > start).then(|| (start, end - start))
    };
    let holes: Vec<_> = frame.holes().filter_map(behind).collect();
    let dump = Dump {
        row,
        digits: 5,
        text: false,
        from: first,
        ..Dump::new(&shown, &holes)
    };
    let rows = dump.rows(|place| match first + place {
        place if place == at => Kind::Chosen,
        place if place < header.len() => Kind::Label,
        _ => Kind::Plain,
    });
    let mut lines: Vec<_> = rows.collect();
    if end < all {
        let more = count((all - end) as u64, "more byte");
        lines.push(Line::of(Kind::Note, format!("… {more}")));
    }
    lines
}
