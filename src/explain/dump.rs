//! All bytes of a message, each with its bits and what they mean.
//!
//! Job: the annotated hex dump: offset, hex, bits, meaning. Input: an [`Explanation`].
//! Output: text. RFC 6455 §5.2, RFC 1951 §3.1.1.
//!
//! Bits of a byte stand with the highest first, as everywhere; DEFLATE reads them from the right.

use std::fmt::Write;

use super::blocks::said;
use super::fields::{frame_fields, header_bytes};
use super::frames::{in_byte, place, short_name};
use super::layout::Layout;
use super::message::{Deflated, Explanation, Frame};
use super::rows::{GLUE, WIDTH, count, paragraph, wrapped};
use super::symbols::{block_fields, end_meaning, padding_field, run_meaning, symbol_parts};
use super::view::View;
use crate::deflate::trace::{Block, Body, Span};

/// Bytes of one payload that are shown unless all are asked for.
const BYTES: usize = 64;
/// Where the meaning stands.
const MEANING: usize = 32;

/// Bits of a compressed payload with a name.
struct Named {
    bits: Span,
    name: String,
}

/// Every frame's bytes.
pub(super) fn text(explanation: &Explanation, layout: &Layout, out: &mut String) {
    let head = format!("{:>9}  {:<6} {:<10} {}", "offset", "hex", "bits", "meaning");
    let _ = writeln!(out, "{}", layout.style.head(head));
    let mut left = if layout.all { usize::MAX } else { BYTES };
    let payloads = explanation.compressed_payloads();
    let mut names: Vec<(usize, Vec<Named>)> = Vec::new();
    for (range, deflated) in &payloads {
        let all = deflated.map_or_else(Vec::new, |deflated| named(explanation, deflated, layout));
        names.push((range.start, all));
    }
    // Where the frame's payload begins in the compressed payload.
    let mut start = 0;
    for (index, frame) in explanation.frames.iter().enumerate() {
        header(explanation, index, frame, layout, out);
        let own = payloads
            .iter()
            .position(|(range, _)| range.contains(&index));
        let own = own.and_then(|nth| names.get(nth));
        if own.is_some_and(|(first, _)| *first == index) {
            start = 0;
        }
        let names = own.map(|(_, names)| names.as_slice());
        Dump {
            frame,
            start,
            names,
            layout,
        }
        .payload(&mut left, out);
        start += frame.wire.len() as u64;
    }
    for (_, deflated) in &payloads {
        if let Some(deflated) = deflated {
            let (meaning, rule) = end_meaning(deflated.end);
            paragraph(&format!("{meaning} ({rule})"), 2, out);
        }
    }
    out.push('\n');
}

fn header(
    explanation: &Explanation,
    index: usize,
    frame: &Frame,
    layout: &Layout,
    out: &mut String,
) {
    let fields = frame_fields(&frame.header, place(explanation, index));
    for (byte, value) in header_bytes(&frame.header).into_iter().enumerate() {
        let bits = Span::new(byte as u64 * 8, 8);
        let names: Vec<_> = fields
            .iter()
            .filter(|field| field.bits.0 < bits.end && field.bits.1 > bits.start)
            .map(|field| {
                let name = short_name(field.name);
                if field.bits.0 >= bits.start {
                    format!("{name} {}", field.value)
                } else {
                    format!("… {name}")
                }
            })
            .collect();
        let place = frame.start() + byte as u64;
        let hex = format!("{value:02x}");
        row(
            place,
            &hex,
            &in_byte(value, 0, 8),
            &names.join(", "),
            layout,
            out,
        );
    }
}

fn row(place: u64, hex: &str, bits: &str, meaning: &str, layout: &Layout, out: &mut String) {
    let place = layout.style.dim(format_args!("{place:>9}"));
    let head = format!("{place}  {hex:<6} {bits:<10} ");
    for (index, line) in wrapped(meaning, WIDTH - MEANING + 2).iter().enumerate() {
        let line = if index == 0 {
            format!("{head}{line}")
        } else {
            format!("{:1$}{line}", "", MEANING - 2)
        };
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

struct Dump<'a> {
    frame: &'a Frame,
    start: u64,
    names: Option<&'a [Named]>,
    layout: &'a Layout,
}

impl Dump<'_> {
    fn payload(&self, left: &mut usize, out: &mut String) {
        let plain = self.frame.plain();
        let masked = self.frame.header.mask.is_some();
        for (index, (wire, byte)) in self.frame.wire.iter().zip(&plain).enumerate() {
            if *left == 0 {
                let rest = count((plain.len() - index) as u64, "more byte");
                let _ = writeln!(out, "           … {rest} (--all)");
                return;
            }
            *left -= 1;
            let place = self.frame.payload_start() + index as u64;
            if self.is_hole(index as u64) {
                row(
                    place,
                    "??",
                    "????????",
                    "not in the capture",
                    self.layout,
                    out,
                );
                continue;
            }
            let hex = if masked {
                format!("{wire:02x}>{byte:02x}")
            } else {
                format!("{byte:02x}")
            };
            let meaning = match self.names {
                Some(names) => Self::meaning(names, self.start + index as u64),
                None => shown(*byte),
            };
            let bits = format!("{byte:08b}");
            row(place, &hex, &bits, &meaning, self.layout, out);
        }
    }

    fn is_hole(&self, index: u64) -> bool {
        let mut holes = self.frame.holes();
        holes.any(|hole| hole.start <= index && index < hole.start + hole.len)
    }

    /// What the bits of a byte say: what begins in it, and what goes on.
    fn meaning(names: &[Named], byte: u64) -> String {
        let bits = Span::new(byte * 8, 8);
        let first = names.partition_point(|name| name.bits.end <= bits.start);
        let here = names.get(first..).unwrap_or_default();
        let here = here.iter().take_while(|name| name.bits.start < bits.end);
        let said: Vec<_> = here
            .map(|name| {
                if name.bits.start >= bits.start {
                    name.name.clone()
                } else {
                    "…".to_owned()
                }
            })
            .collect();
        if said.is_empty() {
            "not read".to_owned()
        } else {
            said.join(", ")
        }
    }
}

fn shown(byte: u8) -> String {
    match byte {
        b' '..=b'~' => format!("'{}'", char::from(byte)),
        _ => format!("\\x{byte:02x}"),
    }
}

/// The bits of a compressed payload, in order.
fn named(explanation: &Explanation, deflated: &Deflated, layout: &Layout) -> Vec<Named> {
    let view = View::new(explanation, layout.style);
    let mut all = Vec::new();
    for block in &deflated.trace.blocks {
        block_names(block, deflated.base.unwrap_or(0), &view, &mut all);
        for symbol in &block.symbols {
            let base = deflated.base.unwrap_or(0);
            let makes = symbol.makes();
            let text = view.quoted(base + makes.start, base + makes.end, 24);
            let text = text.replace(' ', GLUE);
            for part in symbol_parts(symbol) {
                let name = match part.name {
                    "literal" => text.clone(),
                    "length" => format!("length {} {text}", part.value),
                    "distance" => format!("distance {}", part.value),
                    _ => "end of block".to_owned(),
                };
                all.push(Named {
                    bits: part.bits,
                    name,
                });
            }
        }
        if let Some(padding) = padding_field(block) {
            all.push(field(&padding));
        }
    }
    all
}

fn field(field: &super::fields::FieldInfo) -> Named {
    let (start, end) = field.bits;
    Named {
        bits: Span { start, end },
        name: said(field),
    }
}

fn block_names(block: &Block, base: u64, view: &View<'_>, all: &mut Vec<Named>) {
    all.extend(block_fields(block).iter().map(field));
    match &block.body {
        Body::Stored(stored) if !stored.data.is_empty() => {
            for byte in 0..stored.data.len() / 8 {
                let bits = Span::new(stored.data.start + byte * 8, 8);
                let at = base + block.makes.start + byte;
                let name = format!("{} as it is", view.quoted(at, at + 1, 8).replace(' ', GLUE));
                all.push(Named { bits, name });
            }
        }
        Body::Dynamic(Some(dynamic)) => {
            let lengths = dynamic.code_lengths.iter().map(|length| Named {
                bits: length.length.bits,
                name: format!("len {}: {}", length.length.value, length.symbol),
            });
            all.extend(lengths);
            let runs = dynamic.runs.iter().map(|run| Named {
                bits: run.bits,
                name: format!(
                    "len {}: {}",
                    run.length,
                    run_meaning(run, dynamic.hlit.value + 257)
                ),
            });
            all.extend(runs);
        }
        _ => {}
    }
}
