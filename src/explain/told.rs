//! What the cursor of the three rows is on, in full.
//!
//! Job: the field, byte or symbol under the cursor with what it means, how that comes of its bits,
//! how its mask comes off, and why it is there. Input: [`Links`] and a [`Spot`]. Output: lines.
//! RFC 6455 §5.2, §5.3, §5.5, RFC 1951 §3.2, RFC 7692 §7.2.

use super::derive::derivation;
use super::fields::FieldInfo;
use super::links::{Links, Thing};
use super::message::{Frame, Source, Stretch};
use super::spot::{Row, Spot};
use super::steps::Says;
use super::why;
use crate::page::{Kind, Line, Sheet};

/// The lines, in `width` columns; `named` where a field's name and meaning are not shown elsewhere.
pub fn told(links: &Links<'_>, spot: Spot, width: usize, named: bool) -> Vec<Line> {
    let spot = links.fixed(spot);
    let mut page = Sheet::new(width);
    let Some(frame) = links.frame(spot.frame) else {
        return page.lines;
    };
    let Some(group) = links.group(spot.frame, spot.bit) else {
        return page.lines;
    };
    if spot.row == Row::Wire {
        unmasking(frame, spot.bit / 8, &mut page);
    }
    match group.thing {
        Thing::Field(at) => {
            let fields = links.fields(spot.frame);
            if let Some(field) = fields.get(at) {
                self::field(frame, field, named, &mut page);
            }
        }
        Thing::Step(step) => {
            let step = links.steps.get(step);
            if let Some(says) = step.and_then(|step| step.says(links.explanation)) {
                self::step(links, &says, &mut page);
            }
        }
        Thing::Byte => byte(links, frame, &mut page),
    }
    page.lines
}

fn field(frame: &Frame, field: &FieldInfo, named: bool, page: &mut Sheet) {
    if named {
        let kind = if field.wrong { Kind::Wrong } else { Kind::Head };
        let value = field.value;
        page.paragraph(
            kind,
            format!("{} {value}: {}", field.name, field.meaning),
            0,
        );
    }
    page.paragraph(Kind::Plain, why::field(field), 0);
    let about = matches!(field.name, "fin" | "opcode" | "length");
    if about && frame.header.opcode.is_control() {
        page.paragraph(Kind::Plain, why::CONTROL, 0);
    }
}

fn step(links: &Links<'_>, says: &Says<'_>, page: &mut Sheet) {
    let own = links.explanation.number;
    let from = from(&says.sources, own);
    let kind = if says.wrong() {
        Kind::Wrong
    } else {
        Kind::Head
    };
    page.paragraph(kind, format!("{}{from}", says.text()), 0);
    for sentence in derivation(says) {
        page.paragraph(Kind::Plain, sentence, 0);
    }
    page.paragraph(Kind::Note, why::step(says), 0);
    let restored = links
        .explanation
        .deflated
        .iter()
        .any(|deflated| deflated.trace.is_restored(says.bits) && !says.bits.is_empty());
    if restored {
        page.paragraph(Kind::Plain, why::MARKER, 0);
    }
}

/// `, from message 2, bytes 9–32`, or nothing.
pub fn from(sources: &[Stretch], own: u64) -> String {
    let names: Vec<_> = sources
        .iter()
        .map(|stretch| match stretch.source {
            Source::Message(number) if number == own => "this message".to_owned(),
            Source::Message(number) => format!("message {number}"),
            Source::Earlier => "an earlier message".to_owned(),
            Source::Lost => "lost history".to_owned(),
        })
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(", {}", names.join(" and "))
    }
}

fn byte(links: &Links<'_>, frame: &Frame, page: &mut Sheet) {
    let compressed = links.explanation.compressed;
    let text = match (compressed, frame.header.opcode.is_control()) {
        (_, true) => "a byte of the control frame's payload",
        (true, _) => "a compressed byte that could not be read",
        (false, _) => "a byte of the payload, as it is",
    };
    page.paragraph(Kind::Head, text, 0);
}

/// RFC 6455 §5.3: byte `i` of the payload is combined by XOR with byte `i` mod 4 of the key.
fn unmasking(frame: &Frame, at: u64, page: &mut Sheet) {
    let header = u64::from(frame.header.header_len);
    let (Some(key), Some(at)) = (frame.header.mask, at.checked_sub(header)) else {
        return;
    };
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let missing = frame
        .holes()
        .any(|hole| (hole.start..hole.start + hole.len).contains(&at));
    let byte = frame.wire.get(place(at)).filter(|_| !missing);
    let (Some(byte), Some(key)) = (byte, key.get(place(at % 4))) else {
        page.paragraph(Kind::Hole, "this byte is not in the capture", 0);
        return;
    };
    let rows = [
        (format!("byte {at}, on the wire"), *byte, Kind::Plain),
        (
            format!("XOR key byte {at} mod 4 = {}", at % 4),
            *key,
            Kind::Note,
        ),
        ("= without the mask".to_owned(), byte ^ key, Kind::Head),
    ];
    for (name, byte, kind) in rows {
        let line = Line::of(Kind::Label, name).padded(28);
        page.line(line.with(kind, format!("{byte:02x}  {byte:08b}")));
    }
}
