//! All bytes of a message, each with its bits and what they mean.
//!
//! Job: the annotated hex dump: offset, hex, bits, meaning. Input: an [`Explanation`].
//! Output: lines. RFC 6455 §5.2, RFC 1951 §3.1.1.
//!
//! Bits of a byte stand with the highest first, as everywhere; DEFLATE reads them from the right.

use super::fields::{frame_fields, header_bytes};
use super::frames::{in_byte, place, short_name};
use super::layout::Layout;
use super::message::{Deflated, Explanation, Frame};
use super::steps::{Says, What, through};
use super::symbols::{end_words, run_meaning};
use super::view::View;
use crate::deflate::trace::Span;
use crate::page::words::count;
use crate::page::{Kind, Line, Sheet, items};

/// Bytes of one payload that are shown unless all are asked for.
const BYTES: usize = 64;
/// Where the meaning stands.
const MEANING: usize = 30;

/// Bits of a compressed payload with a name.
struct Named {
    bits: Span,
    name: Line,
}

impl Named {
    fn new(bits: Span, name: impl AsRef<str>) -> Self {
        let name = Line::new().plain(name);
        Self { bits, name }
    }
}

/// Every frame's bytes.
pub(super) fn page(explanation: &Explanation, layout: &Layout, page: &mut Sheet) {
    let head = format!("{:>9}  {:<6} {:<10} {}", "offset", "hex", "bits", "meaning");
    page.line(Line::of(Kind::Head, head));
    let mut left = layout.most(BYTES);
    let payloads = explanation.compressed_payloads();
    let view = View::new(explanation);
    let names: Vec<_> = payloads
        .iter()
        .map(|(range, deflated)| {
            let names = deflated.map_or_else(Vec::new, |deflated| named(deflated, &view));
            (range, names)
        })
        .collect();
    // Where the frame's payload begins in the compressed payload.
    let mut start = 0;
    for (index, frame) in explanation.frames.iter().enumerate() {
        header(explanation, index, frame, page);
        let own = names.iter().find(|(range, _)| range.contains(&index));
        if own.is_some_and(|(range, _)| range.start == index) {
            start = 0;
        }
        let names = own.map(|(_, names)| names.as_slice());
        payload(frame, start, names, &mut left, page);
        start += frame.wire.len() as u64;
    }
    for deflated in payloads.iter().filter_map(|(_, deflated)| *deflated) {
        page.paragraph(Kind::Plain, end_words(deflated.end), 2);
    }
    page.blank();
}

fn header(explanation: &Explanation, index: usize, frame: &Frame, page: &mut Sheet) {
    let fields = frame_fields(&frame.header, place(explanation, index));
    for (byte, value) in header_bytes(&frame.header).into_iter().enumerate() {
        let bits = Span::new(byte as u64 * 8, 8);
        let here = fields
            .iter()
            .filter(|field| field.bits.0 < bits.end && field.bits.1 > bits.start);
        let names = here.map(|field| {
            let name = short_name(field.name);
            Line::new().plain(if field.bits.0 >= bits.start {
                format!("{name} {}", field.value)
            } else {
                format!("… {name}")
            })
        });
        let hex = format!("{value:02x}");
        let place = frame.start() + byte as u64;
        row(place, &hex, &in_byte(value, 0, 8), names.collect(), page);
    }
}

fn row(place: u64, hex: &str, bits: &str, meaning: Vec<Line>, page: &mut Sheet) {
    let head = Line::of(Kind::Note, format!("{place:>9}"));
    let head = head.plain(format!("  {hex:<6} {bits:<10} "));
    page.rows(head, MEANING, items(meaning, page.width - MEANING));
}

/// The bytes of a frame's payload, which stands at `start` of the compressed payload whose bits
/// have `names`.
fn payload(frame: &Frame, start: u64, names: Option<&[Named]>, left: &mut usize, page: &mut Sheet) {
    let plain = frame.plain();
    let masked = frame.header.mask.is_some();
    let is_hole = |index: u64| {
        frame
            .holes()
            .any(|hole| (hole.start..hole.start + hole.len).contains(&index))
    };
    for (index, (wire, byte)) in frame.wire.iter().zip(&plain).enumerate() {
        if *left == 0 {
            let rest = count((plain.len() - index) as u64, "more byte");
            page.line(Line::new().padded(11).plain(format!("… {rest} (--all)")));
            return;
        }
        *left -= 1;
        let place = frame.payload_start() + index as u64;
        if is_hole(index as u64) {
            let meaning = vec![Line::of(Kind::Hole, "not in the capture")];
            row(place, "??", "????????", meaning, page);
            continue;
        }
        let hex = if masked {
            format!("{wire:02x}>{byte:02x}")
        } else {
            format!("{byte:02x}")
        };
        let meaning = match names {
            Some(names) => meaning(names, start + index as u64),
            None => vec![Line::new().plain(shown(*byte))],
        };
        row(place, &hex, &format!("{byte:08b}"), meaning, page);
    }
}

/// What the bits of a byte say: what begins in it, and what goes on.
fn meaning(names: &[Named], byte: u64) -> Vec<Line> {
    let bits = Span::new(byte * 8, 8);
    let first = names.partition_point(|name| name.bits.end <= bits.start);
    let here = names.get(first..).unwrap_or_default();
    let here = here.iter().take_while(|name| name.bits.start < bits.end);
    let mut said: Vec<_> = here
        .map(|name| {
            if name.bits.start >= bits.start {
                name.name.clone()
            } else {
                Line::new().plain("…")
            }
        })
        .collect();
    if said.is_empty() {
        said.push(Line::new().plain("not read"));
    }
    said
}

fn shown(byte: u8) -> String {
    match byte {
        b' '..=b'~' => format!("'{}'", char::from(byte)),
        _ => format!("\\x{byte:02x}"),
    }
}

/// The bits of a compressed payload, in order.
fn named(deflated: &Deflated, view: &View<'_>) -> Vec<Named> {
    let mut all = Vec::new();
    for block in &deflated.trace.blocks {
        for says in through(deflated, block) {
            step(&says, view, &mut all);
        }
    }
    all
}

fn step(says: &Says<'_>, view: &View<'_>, all: &mut Vec<Named>) {
    let (start, end) = says.makes.unwrap_or_default();
    match &says.what {
        What::Field(field) | What::Padding(field) => {
            all.push(Named::new(says.bits, field.said()));
        }
        What::CodeLength { length, .. } => {
            let name = format!("len {}: {}", length.length.value, length.symbol);
            all.push(Named::new(says.bits, name));
        }
        What::Length { run, of, .. } => {
            let what = run_meaning(run, of.hlit.value + 257);
            all.push(Named::new(says.bits, format!("len {}: {what}", run.length)));
        }
        What::CodesNotKept => all.push(Named::new(says.bits, says.text())),
        What::Stored(_) => all.extend((start..end).zip(0..).map(|(at, byte)| Named {
            bits: Span::new(says.bits.start + byte * 8, 8),
            name: view.quoted(at..at + 1, 8).plain(" as it is"),
        })),
        What::Symbol(_, parts) => all.extend(parts.iter().map(|part| {
            let text = || view.quoted(start..end, 24);
            let name = match part.name {
                "literal" => text(),
                "length" => Line::new()
                    .plain(format!("length {} ", part.value))
                    .then(text()),
                "distance" => Line::new().plain(format!("distance {}", part.value)),
                _ => Line::new().plain("end of block"),
            };
            Named {
                bits: part.bits,
                name,
            }
        })),
    }
}
