//! Three linked rows: wire bytes, bits, text.
//!
//! Job: show around the cursor the bytes on the wire with their mask taken off, the bits in groups
//! with what they say, and the payload that they make; what belongs together is marked in all
//! three. Input: [`Links`] and a [`Spot`]. Output: lines. RFC 6455 §5.3, RFC 1951 §3.1.1.

use std::collections::VecDeque;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::fields::{FieldInfo, FieldValue, header_bytes};
use super::frames::short_name;
use super::grown;
use super::links::{Group, Links, Thing};
use super::spot::{Row, Spot};
use super::steps::{Says, What};
use super::symbols::field_bits;
use crate::event::in_holes;
use crate::page::escape::HOLE;
use crate::page::words::hex;
use crate::page::{Bytes, Kind, Line};

/// Columns of a row's name.
const NAME: usize = 10;
/// RFC 7692 §7.2.2: what the receiver puts back.
const MARKER: &str = "(00 00 ff ff)";

/// What the cursor lights up.
#[derive(Debug, Clone, Default)]
struct Lit {
    /// Bytes of the frame.
    wire: Range<u64>,
    /// Bits of the frame.
    bits: Range<u64>,
    /// Bytes of the payload.
    text: Range<u64>,
}

/// The rows, in `width` columns.
pub fn rows(links: &Links<'_>, spot: Spot, width: usize) -> Vec<Line> {
    let spot = links.fixed(spot);
    let rows = Rows {
        links,
        spot,
        lit: lit(links, spot),
        room: width.saturating_sub(NAME).max(8),
    };
    let mut all = rows.wire();
    all.extend(rows.bits());
    let title = rows.name("text", Some(Row::Text));
    all.extend(grown::row(links, spot, &rows.lit.text, title, rows.room));
    all
}

/// What belongs to what the cursor is on.
fn lit(links: &Links<'_>, spot: Spot) -> Lit {
    let Some(group) = links.group(spot.frame, spot.bit) else {
        return Lit::default();
    };
    let mut bits = group.bits.0..group.bits.1;
    let mut text = group.makes.map_or(0..0, |(start, end)| start..end);
    if spot.row == Row::Wire {
        // A byte has parts of several symbols.
        let byte = spot.bit / 8 * 8;
        bits = byte..byte + 8;
        text = 0..0;
        let mut at = byte;
        while at < byte + 8
            && let Some(group) = links.group(spot.frame, at)
        {
            bits.start = bits.start.min(group.bits.0);
            bits.end = bits.end.max(group.bits.1);
            if let Some((start, end)) = group.makes {
                text = if text.is_empty() {
                    start..end
                } else {
                    text.start..end
                };
            }
            at = group.bits.1.max(at + 1);
        }
    }
    Lit {
        wire: bits.start / 8..bits.end.div_ceil(8),
        bits,
        text,
    }
}

/// A group as it is drawn.
struct Cell {
    group: Group,
    digits: String,
    says: String,
    /// Columns.
    wide: usize,
}

struct Rows<'a> {
    links: &'a Links<'a>,
    spot: Spot,
    lit: Lit,
    room: usize,
}

impl Rows<'_> {
    fn name(&self, name: &str, row: Option<Row>) -> Line {
        let here = row == Some(self.spot.row);
        let kind = if here { Kind::Head } else { Kind::Label };
        let cursor = if here { "▸" } else { " " };
        Line::of(kind, format!("{cursor}{name}")).padded(NAME)
    }

    /// How a byte of the frame is shown.
    fn wire_kind(&self, at: u64, else_kind: Kind) -> Kind {
        if self.spot.row == Row::Wire && at == self.spot.bit / 8 {
            Kind::Chosen
        } else if self.lit.wire.contains(&at) {
            Kind::Lit
        } else {
            else_kind
        }
    }

    /// The bytes on the wire; where they are masked, the key and what comes without it.
    fn wire(&self) -> Vec<Line> {
        let Some(frame) = self.links.frame(self.spot.frame) else {
            return Vec::new();
        };
        let begin = u64::from(frame.header.header_len);
        let end = self.links.wire_bytes(self.spot.frame);
        let room = (self.room as u64 + 1) / 3;
        let first = grown::page((self.spot.bit / 8).min(end.saturating_sub(1)), room);
        let shown = first..(first + room).min(end);
        let header = header_bytes(&frame.header);
        let holes: Vec<_> = frame.holes().map(|hole| (hole.start, hole.len)).collect();
        let byte = |at: u64| match at.checked_sub(begin) {
            None => header.get(index(at)).copied(),
            Some(at) if in_holes(&holes, at) => None,
            Some(at) => frame.wire.get(index(at)).copied(),
        };
        let mut lines = vec![self.bytes("wire", &shown, |at| {
            let kind = if at < begin { Kind::Label } else { Kind::Plain };
            Some((byte(at), kind))
        })];
        if let Some(key) = frame.header.mask.filter(|_| !frame.wire.is_empty()) {
            let key = |at: u64| {
                let at = at.checked_sub(begin)?;
                key.get(index(at % 4)).copied()
            };
            lines.push(self.bytes("key", &shown, |at| {
                key(at).map(|key| (Some(key), Kind::Note))
            }));
            lines.push(self.bytes("unmasked", &shown, |at| {
                let key = key(at)?;
                Some((byte(at).map(|byte| byte ^ key), Kind::Plain))
            }));
        }
        if shown.end == end
            && self.links.end(self.spot.frame) > 8 * end
            && let Some(last) = lines.last_mut()
        {
            let on = self.spot.bit >= 8 * end;
            last.put(Kind::Plain, " ");
            last.put(if on { Kind::Lit } else { Kind::Note }, MARKER);
        }
        lines
    }

    /// A row of bytes in hexadecimal; where `of` gives none, the place stays empty.
    fn bytes(
        &self,
        name: &str,
        shown: &Range<u64>,
        of: impl Fn(u64) -> Option<(Option<u8>, Kind)>,
    ) -> Line {
        let mut line = self.name(name, (name == "wire").then_some(Row::Wire));
        for at in shown.clone() {
            if at > shown.start {
                line.put(Kind::Plain, " ");
            }
            let Some((byte, kind)) = of(at) else {
                line.put(Kind::Plain, "  ");
                continue;
            };
            let kind = match (byte, self.wire_kind(at, kind)) {
                (None, Kind::Chosen) => Kind::Chosen,
                (None, _) => Kind::Hole,
                (_, kind) => kind,
            };
            let digits = byte.map(|byte| hex(&[byte], |_| true));
            line.put(kind, digits.unwrap_or_else(|| format!("{HOLE}{HOLE}")));
        }
        line
    }

    /// Groups of bits around the cursor, and below what they say.
    fn bits(&self) -> Vec<Line> {
        let fields = self.links.fields(self.spot.frame);
        let Some(here) = self.links.group(self.spot.frame, self.spot.bit) else {
            return vec![self.name("bits", Some(Row::Bits)), Line::new()];
        };
        let (mut above, mut below) = (self.name("bits", Some(Row::Bits)), self.name("", None));
        for cell in self.cells(here, &fields) {
            let bits = cell.group.bits;
            let lit = bits.0 < self.lit.bits.end && self.lit.bits.start < bits.1;
            let chosen = self.spot.row == Row::Bits && bits == here.bits;
            let end = above.width() + cell.wide + 2;
            above.append(self.digits(&cell.group, &cell.digits, lit));
            above = above.padded(end);
            let kind = match (chosen, lit, self.is_wrong(&cell.group, &fields)) {
                (true, ..) => Kind::Chosen,
                (_, true, _) => Kind::Lit,
                (_, _, true) => Kind::Wrong,
                _ => Kind::Plain,
            };
            below.put(kind, crate::page::escape::fitted(&cell.says, cell.wide));
            below = below.padded(end);
        }
        vec![above.trimmed(), below.trimmed()]
    }

    /// The group under the cursor, with as many before and after it as there is room for.
    fn cells(&self, here: Group, fields: &[FieldInfo]) -> VecDeque<Cell> {
        let group = |bit: u64| self.links.group(self.spot.frame, bit);
        let first = self.cell(here, fields);
        let mut used = first.wide;
        let mut cells = VecDeque::from([first]);
        let mut at = here.bits.0;
        while used < self.room / 3
            && let Some(before) = at.checked_sub(1).and_then(group)
        {
            let cell = self.cell(before, fields);
            if used + cell.wide + 2 > self.room * 2 / 3 {
                break;
            }
            used += cell.wide + 2;
            at = before.bits.0;
            cells.push_front(cell);
        }
        let mut at = here.bits.1;
        while let Some(next) = group(at) {
            let cell = self.cell(next, fields);
            used += cell.wide + 2;
            if used > self.room {
                break;
            }
            at = next.bits.1.max(at + 1);
            cells.push_back(cell);
        }
        cells
    }

    fn cell(&self, group: Group, fields: &[FieldInfo]) -> Cell {
        let (digits, says) = self.content(&group, fields);
        let wide = digits.chars().count().max(says.width()).min(self.room);
        Cell {
            group,
            digits,
            says,
            wide,
        }
    }

    fn is_wrong(&self, group: &Group, fields: &[FieldInfo]) -> bool {
        match group.thing {
            Thing::Field(at) => fields.get(at).is_some_and(|field| field.wrong),
            Thing::Step(step) => self.says(step).is_some_and(|says| says.wrong()),
            Thing::Byte => false,
        }
    }

    fn says(&self, step: usize) -> Option<Says<'_>> {
        self.links.steps.get(step)?.says(self.links.explanation)
    }

    /// The byte of the frame's payload that holds a group, without its mask.
    fn byte(&self, group: &Group) -> Option<u8> {
        let frame = self.links.frame(self.spot.frame)?;
        let at = (group.bits.0 / 8).checked_sub(frame.header.header_len.into())?;
        let mut holes = frame.holes();
        if holes.any(|hole| (hole.start..hole.start + hole.len).contains(&at)) {
            return None;
        }
        let key = frame.header.mask;
        let key = key.and_then(|key| key.get(index(at % 4)).copied());
        let byte = frame.wire.get(index(at))?;
        Some(byte ^ key.unwrap_or(0))
    }

    /// The byte of the message's payload that a group makes.
    fn quoted(&self, group: &Group) -> Option<String> {
        let (start, _) = group.makes?;
        let line = self.payload().quoted(start..start + 1, 12, |_| Kind::Plain);
        Some(line.text())
    }

    /// The digits of a group and a few words for it.
    fn content(&self, group: &Group, fields: &[FieldInfo]) -> (String, String) {
        match group.thing {
            Thing::Field(at) => fields.get(at).map_or_else(Default::default, field),
            Thing::Step(step) => match self.says(step) {
                Some(says) if matches!(says.what, What::Stored(_)) => {
                    let bits = self.byte(group).map(|byte| field_bits(byte.into(), 8));
                    let says = self.quoted(group).unwrap_or_default();
                    (bits.unwrap_or_else(unknown), says)
                }
                Some(says) => (says.digits(), says.brief()),
                None => Default::default(),
            },
            Thing::Byte => match self.byte(group) {
                Some(byte) => {
                    let says = self.quoted(group).unwrap_or_else(|| "not read".to_owned());
                    (format!("{byte:08b}"), says)
                }
                None => (unknown(), "missing".to_owned()),
            },
        }
    }

    /// The digits of a group; the one that the cursor is on stands out.
    fn digits(&self, group: &Group, digits: &str, lit: bool) -> Line {
        let holds = (group.bits.0..group.bits.1).contains(&self.spot.bit);
        let cursor = (holds && self.spot.row != Row::Text).then(|| self.spot.bit - group.bits.0);
        let plain = digits.chars().all(|c| matches!(c, '0' | '1' | ' '));
        let kind = match (lit, digits.contains(HOLE)) {
            (_, true) => Kind::Hole,
            (true, _) => Kind::Lit,
            _ => Kind::Plain,
        };
        let mut line = Line::new();
        let mut bit = 0;
        for digit in digits.chars().take(self.room) {
            let on = plain && digit != ' ' && cursor == Some(bit);
            line.put(if on { Kind::Chosen } else { kind }, digit.to_string());
            bit += u64::from(digit != ' ');
        }
        line
    }

    fn payload(&self) -> Bytes<'_> {
        Bytes {
            bytes: &self.links.explanation.payload,
            holes: &self.links.explanation.holes,
        }
    }
}

/// The digits of a field of the header, and its name with its value.
fn field(field: &FieldInfo) -> (String, String) {
    let name = short_name(field.name);
    let len = field.bits.1 - field.bits.0;
    match field.value {
        FieldValue::Number(value) if len <= 16 => {
            let width = index(len);
            (format!("{value:0width$b}"), format!("{name} {value}"))
        }
        value => (value.to_string(), name.to_owned()),
    }
}

/// Eight bits that are not in the capture.
fn unknown() -> String {
    HOLE.to_string().repeat(8)
}

fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
