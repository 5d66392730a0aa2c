//! The compressed payload, block by block and symbol by symbol.
//!
//! Job: show each field, code and symbol with its bits, what it says, and the text that it makes
//! or the message that it copies from. Input: an [`Explanation`]. Output: text.
//! RFC 1951 §3.2, RFC 7692 §7.2.

use std::fmt::Write;

use super::fields::{FieldInfo, FieldValue};
use super::frames::{compressed, dimmed};
use super::layout::Layout;
use super::message::{Deflated, Explanation, Source, Stretch};
use super::rows::{WIDTH, count, grouped, paragraph, places, wrapped};
use super::symbols::{
    self, SymbolPart, block_fields, end_meaning, field_bits, info_bits, padding_field, run_bits,
    run_meaning, symbol_parts, tables,
};
use super::view::View;
use crate::deflate::Takeover;
use crate::deflate::trace::{Block, Body, Dynamic, Span, Symbol, SymbolKind, TableCode};

/// Compressed payloads that are shown unless all are asked for, where each frame is one.
const PAYLOADS: usize = 2;
/// Rows of compressed bytes that are shown unless all are asked for.
const ROWS: usize = 4;
/// Symbols that are shown unless told otherwise.
const SYMBOLS: usize = 40;
/// Columns of what a symbol makes or copies.
const REST: usize = 28;

/// Every compressed payload of the message.
pub(super) fn text(explanation: &Explanation, layout: &Layout, out: &mut String) {
    let payloads = explanation.compressed_payloads();
    let several = payloads.len() > 1;
    let total = payloads.len();
    for (nth, (range, deflated)) in payloads.into_iter().enumerate() {
        if nth >= PAYLOADS && !layout.all {
            let rest = count((total - nth) as u64, "more compressed payload");
            let _ = writeln!(out, "… {rest} (--all)\n");
            return;
        }
        let frames = explanation.frames_in(range);
        let bytes: u64 = frames.iter().map(|frame| frame.header.payload_len).sum();
        let name = if several {
            format!("compressed payload {}", nth + 1)
        } else {
            "compressed payload".to_owned()
        };
        let from = match frames.len() {
            0 | 1 => String::new(),
            many => format!(", {many} frames put together"),
        };
        let bits = match bytes.checked_mul(8) {
            Some(bits) => format!(", {} bits", grouped(bits)),
            None => String::new(),
        };
        let title = format!("{name}: {}{bits}{from}", count(bytes, "byte"));
        let _ = writeln!(out, "{}", layout.style.head(title));
        let most = if layout.all { usize::MAX } else { ROWS };
        compressed(frames, most, layout, out);
        out.push('\n');
        match deflated {
            Some(deflated) => Page {
                explanation,
                deflated,
                layout,
                view: View::new(explanation, layout.style),
                left: symbols_shown(deflated, layout),
                out,
            }
            .blocks(),
            None => paragraph("Its bits were not looked at.\n", 2, out),
        }
    }
}

/// How many symbols are shown. To leave out a few would save nothing.
fn symbols_shown(deflated: &Deflated, layout: &Layout) -> usize {
    let most = layout.symbols.unwrap_or(SYMBOLS);
    let all = deflated.trace.symbols().count();
    if layout.all || (layout.symbols.is_none() && all <= most + 10) {
        usize::MAX
    } else {
        most
    }
}

struct Page<'a> {
    explanation: &'a Explanation,
    deflated: &'a Deflated,
    layout: &'a Layout,
    view: View<'a>,
    /// Symbols that may still be shown.
    left: usize,
    out: &'a mut String,
}

impl Page<'_> {
    fn blocks(mut self) {
        if !self.deflated.trace.blocks.is_empty() {
            let note = "Bits stand in the order in which they are read, from each byte's lowest \
                        bit up: numbers begin with their lowest bit, codes with their highest.";
            dimmed(note, self.layout, self.out);
        }
        let total = self.deflated.trace.blocks.len() as u64 + self.deflated.trace.dropped_blocks;
        for (index, block) in self.deflated.trace.blocks.iter().enumerate() {
            self.block(index, total, block);
        }
        if self.deflated.trace.dropped_blocks > 0 {
            let rest = count(self.deflated.trace.dropped_blocks, "more block");
            let _ = writeln!(self.out, "  … {rest} that wscope did not keep");
        }
        self.end();
    }

    fn block(&mut self, index: usize, total: u64, block: &Block) {
        let kind = match symbols::block_kind(block) {
            "stored" => "stored bytes",
            "fixed" => "fixed codes",
            "dynamic" => "codes of its own",
            _ => "no such type",
        };
        let payload_bits = self.deflated.trace.payload_bits;
        let sent = Span {
            start: block.bits.start,
            end: block.bits.end.min(payload_bits),
        };
        let restored = match block.bits.end.saturating_sub(payload_bits) {
            0 => String::new(),
            bits => format!(" and {bits} restored"),
        };
        let makes = if block.makes.is_empty() {
            "makes nothing".to_owned()
        } else {
            let base = self.deflated.base.unwrap_or(0);
            let start = block.makes.start + base;
            format!("makes {}", places("byte", start, block.makes.len()))
        };
        let bits = places("bit", sent.start, sent.len());
        let title = format!(
            "block {} of {total}: {kind}, {bits}{restored}, {makes}",
            index + 1
        );
        for (index, line) in wrapped(&title, WIDTH - 2).iter().enumerate() {
            let indent = if index == 0 { "" } else { "  " };
            let _ = writeln!(self.out, "{indent}{}", self.layout.style.head(line));
        }
        for field in block_fields(block) {
            self.field(&field);
        }
        match &block.body {
            Body::Stored(stored) if !stored.data.is_empty() => {
                self.stored(block, stored.data);
            }
            Body::Dynamic(Some(dynamic)) => self.dynamic(dynamic),
            Body::Dynamic(None) => {
                let _ = writeln!(
                    self.out,
                    "           … its codes, which wscope did not keep"
                );
            }
            Body::Stored(_) | Body::Fixed | Body::Unread => {}
        }
        self.symbols(block);
        if !block.is_whole {
            let _ = writeln!(self.out, "           … the block does not end here");
        }
        if let Some(padding) = padding_field(block) {
            self.field(&padding);
        }
        self.out.push('\n');
    }

    fn line(&mut self, bit: u64, digits: &str, says: &str, rest: &str) {
        let head = format!("{:>8}", grouped(bit));
        let head = self.layout.style.dim(head);
        let digits = format!("{digits:<22}");
        let _ = writeln!(
            self.out,
            "{}",
            format!("{head}  {digits}  {says:<17} {rest}").trim_end()
        );
    }

    /// A line that goes on in the last column.
    fn more(&mut self, rest: &str) {
        let _ = writeln!(self.out, "{:52}{rest}", "");
    }

    fn field(&mut self, field: &FieldInfo) {
        let bits = Span {
            start: field.bits.0,
            end: field.bits.1,
        };
        let says = said(field);
        let mut rest = field.meaning.clone();
        if self.deflated.trace.is_restored(bits) {
            "restored: it was cut off".clone_into(&mut rest);
        }
        if field.wrong {
            rest = self.layout.style.wrong(format_args!("{rest} !"));
        }
        self.line(bits.start, &info_bits(field), &says, &rest);
    }

    fn stored(&mut self, block: &Block, data: Span) {
        let base = self.deflated.base.unwrap_or(0);
        let (start, end) = (base + block.makes.start, base + block.makes.end);
        let text = self.view.quoted(start, end, REST);
        let says = count(data.len() / 8, "byte");
        self.line(data.start, "as they are", &says, &text);
    }

    fn dynamic(&mut self, dynamic: &Dynamic) {
        if self.layout.tables {
            self.tables(dynamic);
            return;
        }
        let lengths = dynamic
            .code_lengths
            .first()
            .zip(dynamic.code_lengths.last());
        if let Some((first, last)) = lengths {
            let bits = last.length.bits.end - first.length.bits.start;
            let says = count(dynamic.code_lengths.len() as u64, "length");
            let read = format!("{bits} bits");
            self.line(
                first.length.bits.start,
                &read,
                &says,
                "of the code length codes",
            );
        }
        if let Some((first, last)) = dynamic.runs.first().zip(dynamic.runs.last()) {
            let read = format!("{} bits", last.bits.end - first.bits.start);
            let says = count(dynamic.runs.len() as u64, "code length");
            self.line(first.bits.start, &read, &says, "of all codes (--tables)");
        }
    }

    fn tables(&mut self, dynamic: &Dynamic) {
        for length in &dynamic.code_lengths {
            let digits = field_bits(length.length.value.into(), 3);
            let says = format!("length {}", length.length.value);
            let rest = format!(
                "for: {}",
                symbols::alphabet("code_lengths", length.symbol.into())
            );
            self.line(length.length.bits.start, &digits, &says, &rest);
        }
        let literals = dynamic.hlit.value + 257;
        for run in &dynamic.runs {
            let says = match run.code.symbol {
                16 => "repeat".to_owned(),
                17 | 18 => "zeros".to_owned(),
                length => format!("length {length}"),
            };
            let rest = run_meaning(run, literals);
            self.line(run.bits.start, &run_bits(run), &says, &rest);
        }
        for table in tables(dynamic) {
            let _ = writeln!(
                self.out,
                "           {}",
                self.layout.style.head(table.title)
            );
            for row in table.codes.chunks(2) {
                let cell = |entry: &TableCode| {
                    let code = symbols::code_bits(entry.code);
                    format!(
                        "{code:<15} {}",
                        symbols::alphabet(table.name, entry.code.symbol)
                    )
                };
                let mut cells = row.iter().map(cell);
                let (first, second) = (cells.next().unwrap_or_default(), cells.next());
                let line = format!("    {first:<37} {}", second.unwrap_or_default());
                let _ = writeln!(self.out, "{}", line.trim_end());
            }
        }
    }

    fn symbols(&mut self, block: &Block) {
        let mut left_out = 0;
        for symbol in &block.symbols {
            let ends = matches!(symbol.kind, SymbolKind::EndOfBlock { .. });
            if ends || self.left > 0 {
                if ends && left_out > 0 {
                    self.left_out(std::mem::take(&mut left_out), "(--all)");
                }
                self.left = self.left.saturating_sub(usize::from(!ends));
                self.symbol(symbol);
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            self.left_out(left_out, "(--all)");
        }
        if block.dropped > 0 {
            self.left_out(block.dropped, "that wscope did not keep");
        }
    }

    fn left_out(&mut self, symbols: u64, how: &str) {
        let rest = count(symbols, "more symbol");
        let _ = writeln!(self.out, "          … {rest} {how}");
    }

    fn symbol(&mut self, symbol: &Symbol) {
        let base = self.deflated.base.unwrap_or(0);
        let makes = symbol.makes();
        let text = self.view.quoted(base + makes.start, base + makes.end, REST);
        for part in symbol_parts(symbol) {
            let says = says(&part);
            let rest = match part.name {
                "literal" | "length" => text.clone(),
                _ => String::new(),
            };
            if part.name == "distance" {
                self.sources(symbol, &part, &says);
            } else {
                self.line(part.bits.start, &part.digits, &says, &rest);
            }
        }
    }

    fn sources(&mut self, symbol: &Symbol, part: &SymbolPart, says: &str) {
        let sources = self.deflated.sources(symbol);
        let mut rows = sources.iter().map(|stretch| self.source(stretch));
        let first = rows.next().unwrap_or_default();
        let rows: Vec<_> = rows.collect();
        self.line(part.bits.start, &part.digits, says, &first);
        for row in rows {
            self.more(&row);
        }
        let SymbolKind::Match(copy) = symbol.kind else {
            return;
        };
        if copy.overlaps() {
            self.more("it repeats what it makes");
        }
        if copy.beyond_window {
            let text = self.layout.style.wrong("beyond the agreed window !");
            self.more(&text);
        }
    }

    fn source(&self, stretch: &Stretch) -> String {
        let style = self.layout.style;
        match (stretch.source, stretch.start) {
            (Source::Message(number), start) => {
                let own = number == self.explanation.number;
                let place = start.map_or_else(String::new, |start| {
                    format!(", {}", short_places(start, stretch.len))
                });
                if own {
                    style.copy(format_args!("this message{place}"))
                } else {
                    style.far_copy(format_args!("from message {number}{place}"))
                }
            }
            (Source::Earlier, _) => style.far_copy("from an earlier message"),
            (Source::Lost, _) => style.hole("from lost history"),
        }
    }

    fn end(&mut self) {
        let (text, rule) = if self.deflated.trace.payload_bits == 0 {
            let text = "There is nothing to inflate; the empty message should be the byte 00.";
            (text.to_owned(), "RFC 7692 §7.2.3.6")
        } else {
            end_meaning(self.deflated.end)
        };
        paragraph(&format!("{text} ({rule})"), 2, self.out);
        if let Some(parameters) = self.explanation.parameters() {
            let farthest = u64::from(self.deflated.farthest);
            let window = parameters.window_bits.bytes() as u64;
            let text = match (farthest, parameters.takeover) {
                (0, _) => "It copies nothing.".to_owned(),
                (_, Takeover::Keep | Takeover::Reset) => format!(
                    "It reaches back {} at most, of {} agreed.",
                    count(farthest, "byte"),
                    grouped(window)
                ),
            };
            paragraph(&text, 2, self.out);
        }
        self.out.push('\n');
    }
}

/// `BFINAL 0`: a field of a block with its value.
pub(super) fn said(field: &FieldInfo) -> String {
    match (field.name, field.value) {
        ("padding", value) => format!("padding {value}"),
        // RFC 1951 §3.2.3 writes it so.
        ("btype", FieldValue::Number(value)) => format!("BTYPE {value:02b}"),
        (name, value) => format!("{} {value}", name.to_uppercase()),
    }
}

/// `byte 3`, `3-8`.
fn short_places(start: u64, len: u64) -> String {
    match len {
        0 | 1 => format!("byte {start}"),
        _ => format!("{start}-{}", start + len - 1),
    }
}

fn says(part: &SymbolPart) -> String {
    match part.name {
        "distance" => match part.value {
            1 => "1 byte back".to_owned(),
            far => format!("{} bytes back", grouped(far.into())),
        },
        "end_of_block" => "end of block".to_owned(),
        name => format!("{name} {}", part.value),
    }
}
