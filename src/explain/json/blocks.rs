//! Blocks and symbols in JSON. RFC 1951 §3.2.
//!
//! Job: the shape of what a trace holds. Input: a [`Deflated`]. Output: values to serialize.

use serde::Serialize;

use super::super::layout::Layout;
use super::super::message::{Deflated, Source, Stretch};
use super::super::symbols::{
    Table, block_fields, block_kind, code_bits, end_meaning, end_name, padding_field, symbol_parts,
    tables,
};
use super::field::FieldLine;
use crate::deflate::trace::{Block, Body, End, Span, Symbol, SymbolKind};

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
        let mut symbols = Vec::new();
        let mut left_out = block.dropped;
        for symbol in &block.symbols {
            let ends = matches!(symbol.kind, SymbolKind::EndOfBlock { .. });
            if ends || *left > 0 {
                *left = left.saturating_sub(usize::from(!ends));
                symbols.push(SymbolLine::of(symbol, deflated));
            } else {
                left_out += 1;
            }
        }
        let bits = range(block.bits);
        let payload_bits = deflated.trace.payload_bits;
        let base = deflated.base.unwrap_or(0);
        Self {
            kind: block_kind(block),
            is_final: block.is_final.value == 1,
            bits,
            restored: (bits.1 > payload_bits).then_some((payload_bits.max(bits.0), bits.1)),
            makes: (block.makes.start + base, block.makes.end + base),
            whole: block.is_whole,
            header: block_fields(block).into_iter().map(FieldLine::of).collect(),
            stored: match &block.body {
                Body::Stored(stored) if !stored.data.is_empty() => Some(range(stored.data)),
                _ => None,
            },
            tables: match &block.body {
                Body::Dynamic(Some(dynamic)) if layout.tables => {
                    tables(dynamic).iter().map(TableLine::of).collect()
                }
                _ => Vec::new(),
            },
            symbols,
            dropped_symbols: left_out,
            padding: padding_field(block).map(FieldLine::of),
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
    fn of(symbol: &Symbol, deflated: &Deflated) -> Self {
        let parts = symbol_parts(symbol);
        let digits: Vec<_> = parts.iter().map(|part| part.digits.as_str()).collect();
        let value = |name| {
            let part = parts.iter().find(|part| part.name == name);
            part.map(|part| part.value)
        };
        let mut sources = deflated.sources(symbol);
        let several = sources.len() > 1;
        let one = sources.pop().filter(|_| !several);
        let sources = if several {
            let all = deflated.sources(symbol);
            all.iter()
                .map(|stretch| StretchLine::of(stretch, true))
                .collect()
        } else {
            Vec::new()
        };
        let base = deflated.base.unwrap_or(0);
        let makes = symbol.makes();
        Self {
            bits: range(symbol.bits),
            code: digits.join(" "),
            literal: value("literal"),
            length: value("length"),
            distance: value("distance"),
            one: one.map(|stretch| StretchLine::of(&stretch, false)),
            sources,
            beyond_window: matches!(symbol.kind, SymbolKind::Match(copy) if copy.beyond_window),
            end_of_block: matches!(symbol.kind, SymbolKind::EndOfBlock { .. }),
            makes: (!makes.is_empty()).then_some((base + makes.start, base + makes.end)),
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
