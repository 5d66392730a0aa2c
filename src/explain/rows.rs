//! Three linked rows: wire bytes, bits, text.
//!
//! Job: show around the cursor the bytes on the wire with their mask taken off, the bits in groups
//! with what they say, and the payload that they make; what belongs together is marked in all
//! three. Input: [`Links`] and a [`Spot`]. Output: lines. RFC 6455 §5.3, RFC 1951 §3.1.1.

use std::ops::Range;

use super::frames::short_name;
use super::links::{Group, Links, Thing};
use super::message::Source;
use super::spot::{Row, Spot};
use super::steps::{Says, What};
use super::symbols::field_bits;
use super::view::sign;
use crate::event::in_holes;
use crate::page::escape::HOLE;
use crate::page::words::hex;
use crate::page::{Bytes, Kind, Line, Span};

/// Columns of a row's name.
const NAME: usize = 10;
/// Bytes of the next page that are seen at the end of a row.
const AHEAD: u64 = 3;
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
    let mut lines = rows.wire();
    lines.extend(rows.bits());
    lines.extend(rows.text());
    lines
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

/// The part of a row that has a place in it, as pages follow each other.
fn page(at: u64, room: u64) -> u64 {
    let step = room.saturating_sub(AHEAD).max(1);
    at / step * step
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
        let header = super::fields::header_bytes(&frame.header);
        let begin = header.len() as u64;
        let end = self.links.wire_bytes(self.spot.frame);
        let room = (self.room as u64 + 1) / 3;
        let first = page((self.spot.bit / 8).min(end.saturating_sub(1)), room);
        let shown = first..(first + room).min(end);
        let holes: Vec<_> = frame.holes().map(|hole| (hole.start, hole.len)).collect();
        let byte = |at: u64| match at.checked_sub(begin) {
            None => header.get(index(at)).copied(),
            Some(at) if in_holes(&holes, at) => None,
            Some(at) => frame.wire.get(index(at)).copied(),
        };
        let digits = |byte: Option<u8>| {
            byte.map_or_else(|| format!("{HOLE}{HOLE}"), |byte| hex(&[byte], |_| true))
        };
        let row = |name: &str, of: Option<Row>, text: &dyn Fn(u64) -> Span| {
            let mut line = self.name(name, of);
            for at in shown.clone() {
                if at > shown.start {
                    line.put(Kind::Plain, " ");
                }
                line.push(text(at));
            }
            line
        };
        let span = |at: u64, byte: Option<u8>, kind: Kind| {
            let kind = match (byte, self.wire_kind(at, kind)) {
                (None, Kind::Chosen) => Kind::Chosen,
                (None, _) => Kind::Hole,
                (_, kind) => kind,
            };
            Span::new(kind, digits(byte))
        };
        let mut lines = vec![row("wire", Some(Row::Wire), &|at| {
            let kind = if at < begin { Kind::Label } else { Kind::Plain };
            span(at, byte(at), kind)
        })];
        if let Some(key) = frame.header.mask.filter(|_| !frame.wire.is_empty()) {
            let of = |at: u64| key.get(index((at - begin) % 4)).copied();
            let blank = || Span::new(Kind::Plain, "  ");
            lines.push(row("key", None, &|at| {
                if at < begin {
                    return blank();
                }
                span(at, of(at), Kind::Note)
            }));
            lines.push(row("unmasked", None, &|at| {
                if at < begin {
                    return blank();
                }
                let plain = byte(at).zip(of(at)).map(|(byte, key)| byte ^ key);
                span(at, plain, Kind::Plain)
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

    /// Groups of bits around the cursor, and below what they say.
    fn bits(&self) -> Vec<Line> {
        let frame = self.spot.frame;
        let fields = self.links.fields(frame);
        let cell = |group: Group| {
            let (digits, says) = self.cell(&group, &fields);
            let wide = digits
                .chars()
                .count()
                .max(Span::new(Kind::Plain, &says).width());
            (group, digits, says, wide.min(self.room))
        };
        let Some(here) = self.links.group(frame, self.spot.bit) else {
            return vec![self.name("bits", Some(Row::Bits)), Line::new()];
        };
        let mut cells = std::collections::VecDeque::from([cell(here)]);
        let mut used = cells.front().map_or(0, |cell| cell.3);
        let mut at = here.bits.0;
        while used < self.room / 3
            && let Some(before) = at.checked_sub(1)
            && let Some(group) = self.links.group(frame, before)
        {
            let one = cell(group);
            if used + one.3 + 2 > self.room * 2 / 3 {
                break;
            }
            used += one.3 + 2;
            at = group.bits.0;
            cells.push_front(one);
        }
        let mut at = here.bits.1;
        while used < self.room
            && let Some(group) = self.links.group(frame, at)
        {
            let one = cell(group);
            used += one.3 + 2;
            at = group.bits.1.max(at + 1);
            if used > self.room {
                break;
            }
            cells.push_back(one);
        }
        let (mut above, mut below) = (self.name("bits", Some(Row::Bits)), self.name("", None));
        for (group, digits, says, wide) in cells {
            let lit = group.bits.0 < self.lit.bits.end && self.lit.bits.start < group.bits.1;
            let chosen = self.spot.row == Row::Bits && group.bits == here.bits;
            let (start, wrong) = (above.width(), self.is_wrong(&group, &fields));
            above.append(self.digits(&group, &digits, lit));
            above = above.padded(start + wide + 2);
            let kind = match (chosen, lit, wrong) {
                (true, ..) => Kind::Chosen,
                (_, true, _) => Kind::Lit,
                (_, _, true) => Kind::Wrong,
                _ => Kind::Plain,
            };
            below.put(kind, crate::page::escape::fitted(&says, wide));
            below = below.padded(start + wide + 2);
        }
        vec![above.trimmed(), below.trimmed()]
    }

    fn is_wrong(&self, group: &Group, fields: &[super::fields::FieldInfo]) -> bool {
        match group.thing {
            Thing::Field(at) => fields.get(at).is_some_and(|field| field.wrong),
            Thing::Step(step) => self.says(step).is_some_and(|says| says.wrong()),
            Thing::Byte => false,
        }
    }

    fn says(&self, step: usize) -> Option<Says<'_>> {
        self.links.steps.get(step)?.says(self.links.explanation)
    }

    /// The digits of a group and a few words for it.
    fn cell(&self, group: &Group, fields: &[super::fields::FieldInfo]) -> (String, String) {
        let frame = self.links.frame(self.spot.frame);
        let header = frame.map_or(0, |frame| u64::from(frame.header.header_len));
        let byte = || {
            let frame = frame?;
            let at = (group.bits.0 / 8).checked_sub(header)?;
            let hole = frame
                .holes()
                .any(|hole| (hole.start..hole.start + hole.len).contains(&at));
            let key = frame
                .header
                .mask
                .and_then(|key| key.get(index(at % 4)).copied());
            let byte = frame.wire.get(index(at)).copied();
            byte.filter(|_| !hole).map(|byte| byte ^ key.unwrap_or(0))
        };
        match group.thing {
            Thing::Field(at) => {
                let Some(field) = fields.get(at) else {
                    return Default::default();
                };
                let name = short_name(field.name);
                let len = field.bits.1 - field.bits.0;
                match field.value {
                    super::fields::FieldValue::Number(value) if len <= 16 => {
                        let width = index(len);
                        (format!("{value:0width$b}"), format!("{name} {value}"))
                    }
                    value => (value.to_string(), name.to_owned()),
                }
            }
            Thing::Step(step) => {
                let Some(says) = self.says(step) else {
                    return Default::default();
                };
                match says.what {
                    What::Stored(_) => {
                        let made = group.makes.map_or(0, |(start, _)| start);
                        let text = self.payload().quoted(made..made + 1, 12, |_| Kind::Plain);
                        let bits = byte().map(|byte| field_bits(byte.into(), 8));
                        (bits.unwrap_or_else(unknown), text.text())
                    }
                    _ => (says.digits(), says.brief()),
                }
            }
            Thing::Byte => {
                let bits = byte().map_or_else(unknown, |byte| format!("{byte:08b}"));
                let says = match (group.makes, byte()) {
                    (Some((start, _)), Some(_)) => {
                        let payload = self.payload();
                        payload.quoted(start..start + 1, 12, |_| Kind::Plain).text()
                    }
                    (None, Some(_)) => "not read".to_owned(),
                    (_, None) => "missing".to_owned(),
                };
                (bits, says)
            }
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

    /// The payload around the cursor, and below what made each byte.
    fn text(&self) -> Vec<Line> {
        let payload = self.payload();
        let end = payload.len();
        let mut at = page(self.spot.byte, self.room as u64);
        // A page can begin inside a character.
        while at > 0
            && payload
                .bytes
                .get(index(at))
                .is_some_and(|byte| byte >> 6 == 0b10)
        {
            at -= 1;
        }
        let (mut line, mut signs) = (self.name("text", Some(Row::Text)), String::new());
        let mut used = 0;
        let mut made = (0..0, Kind::Plain);
        while at < end {
            if !made.0.contains(&at) {
                made = self.made(at);
            }
            let kind = match self.spot.row {
                Row::Text if at == self.spot.byte => Kind::Chosen,
                _ if self.lit.text.contains(&at) => Kind::Lit,
                _ => made.1,
            };
            let (span, bytes) = payload.cell(at, end, kind);
            let span = match (span.kind, kind) {
                // The cursor is seen on what is not known, too.
                (Kind::Hole, Kind::Chosen) => Span::new(Kind::Chosen, span.text()),
                _ => span,
            };
            if used + span.width() > self.room {
                break;
            }
            used += span.width();
            let mark = if payload.known(at).is_none() {
                Kind::Hole
            } else {
                made.1
            };
            signs.extend(std::iter::repeat_n(sign(mark), span.width()));
            line.push(span);
            at += bytes.max(1);
        }
        if end == 0 {
            line.put(Kind::Note, "(no byte of it is known)");
        }
        let mut lines = vec![line];
        if self.links.explanation.compressed {
            lines.push(Line::new().padded(NAME).with(Kind::Note, signs).trimmed());
        }
        lines
    }

    /// What made a byte, and the bytes for which that holds.
    fn made(&self, at: u64) -> (Range<u64>, Kind) {
        let own = self.links.explanation.number;
        let says = self.links.maker(at).and_then(|step| self.says(step));
        let Some((says, (start, end))) = says.and_then(|says| {
            let makes = says.makes?;
            Some((says, makes))
        }) else {
            return (at..at + 1, Kind::Plain);
        };
        if says.sources.is_empty() {
            return (start..end, Kind::Literal);
        }
        let mut from = start;
        for stretch in &says.sources {
            let to = from + stretch.len;
            if (from..to).contains(&at) {
                let is_own = stretch.source == Source::Message(own);
                return (from..to, if is_own { Kind::Copy } else { Kind::FarCopy });
            }
            from = to;
        }
        (at..at + 1, Kind::Plain)
    }
}

/// Eight bits that are not in the capture.
fn unknown() -> String {
    HOLE.to_string().repeat(8)
}

fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
