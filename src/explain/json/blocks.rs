//! Blocks and symbols in JSON. RFC 1951 §3.2.
//!
//! Job: the shape of what a trace holds. Input: a [`Deflated`]. Output: values to serialize.

use serde::Serialize;

use super::super::layout::Layout;
use super::super::message::{Deflated, Source, Stretch};
use super::super::steps::{Says, What, through};
use super::super::symbols::{
    SymbolPart, Table, block_kind, code_bits, end_meaning, end_name, tables,
};
use super::field::FieldLine;
use crate::deflate::trace::{Block, End, Span};

type Range = (u64, u64);

#[derive(Serialize)]
pub(super) struct BlockLine {
    kind: &'static str,
    #[serde(rename = "final")]
    is_final: bool,
    bits: Range,
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<Range>,
    makes: Range,
    whole: bool,
    header: Vec<FieldLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<Range>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<TableLine>,
    symbols: Vec<SymbolLine>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_symbols: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    padding: Option<FieldLine>,
}

#[derive(Serialize)]
struct TableLine {
    name: &'static str,
    codes: Vec<CodeLine>,
}

#[derive(Serialize)]
struct CodeLine {
    symbol: u16,
    code: String,
}

#[derive(Serialize)]
struct SymbolLine {
    bits: Range,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    literal: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<u16>,
    #[serde(flatten)]
    one: Option<StretchLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<StretchLine>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    beyond_window: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    end_of_block: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    makes: Option<Range>,
}

/// Where source bytes come from.
#[derive(Serialize)]
struct StretchLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    from_message: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Range>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lost: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    len: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct EndLine {
    kind: &'static str,
    text: String,
    rule: &'static str,
}

impl EndLine {
    pub(super) fn of(end: End) -> Self {
        let (text, rule) = end_meaning(end);
        Self {
            kind: end_name(end),
            text,
            rule,
        }
    }
}

/// The blocks of a compressed payload.
pub(super) fn of(deflated: &Deflated, layout: &Layout) -> Vec<BlockLine> {
    let mut left = match layout.symbols {
        Some(most) if !layout.all => most,
        _ => usize::MAX,
    };
    let blocks = deflated.trace.blocks.iter();
    blocks
        .map(|block| BlockLine::of(block, deflated, layout, &mut left))
        .collect()
}

impl BlockLine {
    fn of(block: &Block, deflated: &Deflated, layout: &Layout, left: &mut usize) -> Self {
        let bits = range(block.bits);
        let payload_bits = deflated.trace.payload_bits;
        let base = deflated.base.unwrap_or(0);
        let mut line = Self {
            kind: block_kind(block),
            is_final: block.is_final.value == 1,
            bits,
            restored: (bits.1 > payload_bits).then_some((payload_bits.max(bits.0), bits.1)),
            makes: (block.makes.start + base, block.makes.end + base),
            whole: block.is_whole,
            header: Vec::new(),
            stored: None,
            tables: Vec::new(),
            symbols: Vec::new(),
            dropped_symbols: block.dropped,
            padding: None,
        };
        for says in through(deflated, block) {
            line.step(&says, layout, left);
        }
        line
    }

    fn step(&mut self, says: &Says<'_>, layout: &Layout, left: &mut usize) {
        match &says.what {
            What::Field(field) => self.header.push(FieldLine::of(field)),
            What::Padding(field) => self.padding = Some(FieldLine::of(field)),
            What::Length { number: 0, of, .. } if layout.tables => {
                self.tables = tables(of).iter().map(TableLine::of).collect();
            }
            What::CodeLength { .. } | What::Length { .. } | What::CodesNotKept => {}
            What::Stored(_) => self.stored = Some(range(says.bits)),
            What::Symbol(..) if !says.ends() && *left == 0 => self.dropped_symbols += 1,
            What::Symbol(_, parts) => {
                *left = left.saturating_sub(usize::from(!says.ends()));
                self.symbols.push(SymbolLine::of(says, parts));
            }
        }
    }
}

impl TableLine {
    fn of(table: &Table<'_>) -> Self {
        let code = |entry: &crate::deflate::trace::TableCode| CodeLine {
            symbol: entry.code.symbol,
            code: code_bits(entry.code),
        };
        Self {
            name: table.name,
            codes: table.codes.iter().map(code).collect(),
        }
    }
}

impl SymbolLine {
    fn of(says: &Says<'_>, parts: &[SymbolPart]) -> Self {
        let value = |name| {
            let part = parts.iter().find(|part| part.name == name);
            part.map(|part| part.value)
        };
        let (one, several) = match says.sources.as_slice() {
            [one] => (Some(StretchLine::of(one, false)), Vec::new()),
            all => (
                None,
                all.iter().map(|one| StretchLine::of(one, true)).collect(),
            ),
        };
        Self {
            bits: range(says.bits),
            code: says.digits(),
            literal: value("literal"),
            length: value("length"),
            distance: value("distance"),
            one,
            sources: several,
            beyond_window: says.wrong(),
            end_of_block: says.ends(),
            makes: says.makes,
        }
    }
}

impl StretchLine {
    fn of(stretch: &Stretch, with_len: bool) -> Self {
        Self {
            from_message: match stretch.source {
                Source::Message(number) => Some(number),
                Source::Earlier | Source::Lost => None,
            },
            source: stretch.start.map(|start| (start, start + stretch.len)),
            lost: stretch.source == Source::Lost,
            len: with_len.then_some(stretch.len),
        }
    }
}

fn range(span: Span) -> Range {
    (span.start, span.end)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(value: &u64) -> bool {
    *value == 0
}
