//! The compressed payload, block by block and symbol by symbol.
//!
//! Job: show each field, code and symbol with its bits, what it says, and the text that it makes
//! or the message that it copies from. Input: an [`Explanation`]. Output: lines.
//! RFC 1951 §3.2, RFC 7692 §7.2.

use super::fields::FieldInfo;
use super::frames::compressed;
use super::layout::Layout;
use super::message::{Deflated, Explanation, Source, Stretch};
use super::steps::{Says, What, through};
use super::symbols::{
    SymbolPart, alphabet, block_kind, code_bits, end_words, field_bits, info_bits, run_bits,
    run_meaning, tables,
};
use super::view::View;
use crate::deflate::trace::{Block, CodeLength, Dynamic, LengthRun, Span, SymbolKind, TableCode};
use crate::page::words::{count, grouped, places};
use crate::page::{Kind, Line, Sheet};

/// Compressed payloads that are shown unless all are asked for, where each frame is one.
const PAYLOADS: usize = 2;
/// Rows of compressed bytes that are shown unless all are asked for.
const ROWS: usize = 4;
/// Symbols that are shown unless told otherwise.
const SYMBOLS: usize = 40;
/// Columns of what a symbol makes or copies.
const REST: usize = 28;

/// Every compressed payload of the message.
pub(super) fn page(explanation: &Explanation, layout: &Layout, page: &mut Sheet) {
    let payloads = explanation.compressed_payloads();
    let total = payloads.len();
    for (nth, (range, deflated)) in payloads.into_iter().enumerate() {
        if nth >= PAYLOADS && !layout.all {
            let rest = count((total - nth) as u64, "more compressed payload");
            page.line(Line::new().plain(format!("… {rest} (--all)")));
            page.blank();
            return;
        }
        let frames = explanation.frames_in(range);
        let bytes: u64 = frames.iter().map(|frame| frame.header.payload_len).sum();
        let number = match total {
            1 => String::new(),
            _ => format!(" {}", nth + 1),
        };
        let bits = bytes.checked_mul(8);
        let bits = bits.map(|bits| format!(", {} bits", grouped(bits)));
        let from = match frames.len() {
            0 | 1 => String::new(),
            many => format!(", {many} frames put together"),
        };
        page.head(format!(
            "compressed payload{number}: {}{}{from}",
            count(bytes, "byte"),
            bits.unwrap_or_default()
        ));
        compressed(frames, layout.most(ROWS), page);
        page.blank();
        let Some(deflated) = deflated else {
            page.paragraph(Kind::Plain, "Its bits were not looked at.", 2);
            page.blank();
            continue;
        };
        let blocks = Blocks {
            explanation,
            deflated,
            layout,
            view: View::new(explanation),
            left: symbols_shown(deflated, layout),
            page,
        };
        blocks.all();
    }
}

/// How many symbols are shown. To leave out a few would save nothing.
fn symbols_shown(deflated: &Deflated, layout: &Layout) -> usize {
    let most = layout.symbols.unwrap_or(SYMBOLS);
    let all = deflated.trace.symbols().count();
    if layout.symbols.is_none() && all <= most + 10 {
        usize::MAX
    } else {
        layout.most(most)
    }
}

struct Blocks<'a> {
    explanation: &'a Explanation,
    deflated: &'a Deflated,
    layout: &'a Layout,
    view: View<'a>,
    /// Symbols that may still be shown.
    left: usize,
    page: &'a mut Sheet,
}

impl Blocks<'_> {
    fn all(mut self) {
        let trace = &self.deflated.trace;
        if !trace.blocks.is_empty() {
            let note = "Bits stand in the order in which they are read, from each byte's lowest \
                        bit up: numbers begin with their lowest bit, codes with their highest.";
            self.page.paragraph(Kind::Note, note, 2);
        }
        let total = trace.blocks.len() as u64 + trace.dropped_blocks;
        for (index, block) in trace.blocks.iter().enumerate() {
            self.block(index, total, block);
        }
        if trace.dropped_blocks > 0 {
            let rest = count(trace.dropped_blocks, "more block");
            let text = format!("… {rest} that wscope did not keep");
            self.page.paragraph(Kind::Plain, text, 2);
        }
        self.end();
    }

    fn block(&mut self, index: usize, total: u64, block: &Block) {
        self.title(index, total, block);
        let (mut left_out, mut dropped) = (0, block.dropped);
        for says in through(self.deflated, block) {
            let is_symbol = matches!(says.what, What::Symbol(..));
            if says.ends() {
                self.omitted(std::mem::take(&mut left_out), std::mem::take(&mut dropped));
            } else if is_symbol && self.left == 0 {
                left_out += 1;
                continue;
            } else if is_symbol {
                self.left -= 1;
            }
            self.step(&says);
        }
        self.omitted(left_out, dropped);
        if !block.is_whole {
            self.note("… the block does not end here");
        }
        self.page.blank();
    }

    fn title(&mut self, index: usize, total: u64, block: &Block) {
        let kind = match block_kind(block) {
            "stored" => "stored bytes",
            "fixed" => "fixed codes",
            "dynamic" => "codes of its own",
            _ => "no such type",
        };
        let payload_bits = self.deflated.trace.payload_bits;
        let end = block.bits.end.min(payload_bits);
        let bits = places(
            "bit",
            block.bits.start,
            end.saturating_sub(block.bits.start),
        );
        let restored = match block.bits.end.saturating_sub(payload_bits) {
            0 => String::new(),
            bits => format!(" and {bits} restored"),
        };
        let base = self.deflated.base.unwrap_or(0);
        let makes = match block.makes.len() {
            0 => "nothing".to_owned(),
            len => places("byte", block.makes.start + base, len),
        };
        let nth = index + 1;
        let title = format!("block {nth} of {total}: {kind}, {bits}{restored}, makes {makes}");
        self.page.head(title);
    }

    fn step(&mut self, says: &Says<'_>) {
        match &says.what {
            What::Field(field) | What::Padding(field) => self.field(field),
            What::CodeLength { length, .. } if self.layout.tables => self.code_length(length),
            What::CodeLength { number: 0, of, .. } => {
                let lengths = &of.code_lengths;
                let end = lengths
                    .last()
                    .map_or(says.bits.end, |one| one.length.bits.end);
                let what = count(lengths.len() as u64, "length");
                self.group(says.bits.start, end, &what, "of the code length codes");
            }
            What::Length { number, run, of } if self.layout.tables => {
                self.length(run, of);
                if number + 1 == of.runs.len() {
                    self.tables(of);
                }
            }
            What::Length { number: 0, of, .. } => {
                let end = of.runs.last().map_or(says.bits.end, |run| run.bits.end);
                let what = count(of.runs.len() as u64, "code length");
                self.group(says.bits.start, end, &what, "of all codes (--tables)");
            }
            // The first one stands for all.
            What::CodeLength { .. } | What::Length { .. } => {}
            What::CodesNotKept => self.note("… its codes, which wscope did not keep"),
            What::Stored(bytes) => {
                let text = self.made(says);
                self.row(says.bits, "as they are", &count(*bytes, "byte"), text);
            }
            What::Symbol(_, parts) => self.symbol(says, parts),
        }
    }

    /// A line with the first bit, the digits, what they say, and the rest.
    fn row(&mut self, bits: Span, digits: &str, says: &str, rest: Line) {
        let line = Line::of(Kind::Note, format!("{:>8}", grouped(bits.start)));
        let line = line.plain(format!("  {digits:<22}  {says:<17} "));
        self.page.line(line.then(rest));
    }

    /// A line that goes on in the last column.
    fn more(&mut self, rest: Line) {
        self.page.line(Line::new().padded(52).then(rest));
    }

    fn note(&mut self, note: &str) {
        self.page
            .line(Line::new().plain(format!("           {note}")));
    }

    fn omitted(&mut self, left_out: u64, dropped: u64) {
        for (symbols, how) in [(left_out, "(--all)"), (dropped, "that wscope did not keep")] {
            if symbols > 0 {
                let rest = count(symbols, "more symbol");
                self.page
                    .line(Line::new().plain(format!("          … {rest} {how}")));
            }
        }
    }

    /// Bits that have one line together.
    fn group(&mut self, start: u64, end: u64, says: &str, of: &str) {
        let bits = Span { start, end };
        let read = format!("{} bits", bits.len());
        self.row(bits, &read, says, Line::new().plain(of));
    }

    fn field(&mut self, field: &FieldInfo) {
        let (start, end) = field.bits;
        let bits = Span { start, end };
        let meaning = if self.deflated.trace.is_restored(bits) {
            "restored: it was cut off"
        } else {
            &field.meaning
        };
        let rest = if field.wrong {
            Line::of(Kind::Wrong, format!("{meaning} !"))
        } else {
            Line::new().plain(meaning)
        };
        self.row(bits, &info_bits(field), &field.said(), rest);
    }

    fn code_length(&mut self, length: &CodeLength) {
        let digits = field_bits(length.length.value.into(), 3);
        let says = format!("length {}", length.length.value);
        let symbol = alphabet("code_lengths", length.symbol.into());
        let rest = Line::new().plain(format!("for: {symbol}"));
        self.row(length.length.bits, &digits, &says, rest);
    }

    fn length(&mut self, run: &LengthRun, dynamic: &Dynamic) {
        let says = match run.code.symbol {
            16 => "repeat".to_owned(),
            17 | 18 => "zeros".to_owned(),
            length => format!("length {length}"),
        };
        let rest = Line::new().plain(run_meaning(run, dynamic.hlit.value + 257));
        self.row(run.bits, &run_bits(run), &says, rest);
    }

    fn tables(&mut self, dynamic: &Dynamic) {
        for table in tables(dynamic) {
            let title = Line::new().padded(11).with(Kind::Head, table.title);
            self.page.line(title);
            for row in table.codes.chunks(2) {
                let cell = |entry: &TableCode| {
                    let code = code_bits(entry.code);
                    format!("{code:<15} {}", alphabet(table.name, entry.code.symbol))
                };
                let mut cells = row.iter().map(cell);
                let (first, second) = (cells.next().unwrap_or_default(), cells.next());
                let line = format!("    {first:<37} {}", second.unwrap_or_default());
                self.page.line(Line::new().plain(line));
            }
        }
    }

    /// The text that a step makes.
    fn made(&self, says: &Says<'_>) -> Line {
        let (start, end) = says.makes.unwrap_or_default();
        self.view.quoted(start..end, REST)
    }

    fn symbol(&mut self, says: &Says<'_>, parts: &[SymbolPart]) {
        for part in parts {
            let rest = match part.name {
                "literal" | "length" => self.made(says),
                _ => Line::new(),
            };
            if part.name == "distance" {
                self.distance(says, part);
            } else {
                self.row(part.bits, &part.digits, &part.says(), rest);
            }
        }
    }

    /// The distance of a copy, with what it copies from.
    fn distance(&mut self, says: &Says<'_>, part: &SymbolPart) {
        let mut rows = says.sources.iter().map(|stretch| self.source(stretch));
        let first = rows.next().unwrap_or_default();
        let mut rows: Vec<_> = rows.collect();
        if let What::Symbol(symbol, _) = says.what
            && let SymbolKind::Match(copy) = symbol.kind
            && copy.overlaps()
        {
            rows.push(Line::new().plain("it repeats what it makes"));
        }
        if says.wrong() {
            rows.push(Line::of(Kind::Wrong, "beyond the agreed window !"));
        }
        self.row(part.bits, &part.digits, &part.says(), first);
        for row in rows {
            self.more(row);
        }
    }

    fn source(&self, stretch: &Stretch) -> Line {
        let place = match (stretch.start, stretch.len) {
            (None, _) => String::new(),
            (Some(start), 0 | 1) => format!(", byte {start}"),
            (Some(start), len) => format!(", {start}-{}", start + len - 1),
        };
        match stretch.source {
            Source::Message(number) if number == self.explanation.number => {
                Line::of(Kind::Copy, format!("this message{place}"))
            }
            Source::Message(number) => {
                Line::of(Kind::FarCopy, format!("from message {number}{place}"))
            }
            Source::Earlier => Line::of(Kind::FarCopy, "from an earlier message"),
            Source::Lost => Line::of(Kind::Hole, "from lost history"),
        }
    }

    fn end(&mut self) {
        let text = if self.deflated.trace.payload_bits == 0 {
            "There is nothing to inflate; the empty message should be the byte 00. \
             (RFC 7692 §7.2.3.6)"
                .to_owned()
        } else {
            end_words(self.deflated.end)
        };
        self.page.paragraph(Kind::Plain, text, 2);
        if let Some(parameters) = self.explanation.parameters() {
            let window = grouped(parameters.window_bits.bytes() as u64);
            let text = match u64::from(self.deflated.farthest) {
                0 => "It copies nothing.".to_owned(),
                farthest => format!(
                    "It reaches back {} at most, of {window} agreed.",
                    count(farthest, "byte")
                ),
            };
            self.page.paragraph(Kind::Plain, text, 2);
        }
        self.page.blank();
    }
}
