//! The steps through a compressed payload.
//!
//! Job: one after the other the fields of each block's header and its symbols, with their bits
//! and meaning. Input: an [`Explanation`]. Output: [`Step`]s, and what each [`Says`].
//! RFC 1951 §3.2.

use crate::deflate::trace::{Block, Body, Symbol, SymbolKind};
use crate::explain::fields::FieldInfo;
use crate::explain::symbols::{self, symbol_parts};
use crate::explain::{Deflated, Explanation, Source, Stretch};

/// A step, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Which compressed payload of the message.
    payload: u32,
    /// Which block of it.
    block: u32,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A field of the block's header.
    Field(u32),
    /// The lengths of the codes of a dynamic block.
    Codes,
    /// The bytes of a stored block.
    Stored,
    /// A symbol.
    Symbol(u32),
    /// Bits behind a final block.
    Padding,
}

/// What a step says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Says {
    /// Its first bit in the compressed payload, and the one behind its last.
    pub bits: (u64, u64),
    /// The bits as digits, in the order in which they are read.
    pub digits: String,
    /// What it is and means.
    pub text: String,
    /// The bytes of the message's payload that it makes.
    pub makes: Option<(u64, u64)>,
    /// Where they are copied from.
    pub sources: Vec<Stretch>,
    /// The rule behind it.
    pub rule: &'static str,
    /// It breaks that rule.
    pub wrong: bool,
}

impl Says {
    /// The earlier message that it copies from, and the place in it.
    pub fn earlier(&self, own: u64) -> Option<(u64, &Stretch)> {
        self.sources
            .iter()
            .find_map(|stretch| match stretch.source {
                Source::Message(number) if number != own => Some((number, stretch)),
                _ => None,
            })
    }
}

/// All steps of a message.
pub(super) fn of(explanation: &Explanation) -> Vec<Step> {
    let mut steps = Vec::new();
    for (payload, deflated) in (0..).zip(&explanation.deflated) {
        for (number, block) in (0..).zip(&deflated.trace.blocks) {
            let mut add = |part| {
                steps.push(Step {
                    payload,
                    block: number,
                    part,
                });
            };
            (0..)
                .zip(symbols::block_fields(block))
                .for_each(|(at, _)| add(Part::Field(at)));
            match &block.body {
                Body::Dynamic(Some(_)) => add(Part::Codes),
                Body::Stored(stored) if !stored.data.is_empty() => add(Part::Stored),
                _ => {}
            }
            (0..)
                .zip(&block.symbols)
                .for_each(|(at, _)| add(Part::Symbol(at)));
            if symbols::padding_field(block).is_some() {
                add(Part::Padding);
            }
        }
    }
    steps
}

fn at<T>(list: &[T], place: u32) -> Option<&T> {
    list.get(usize::try_from(place).ok()?)
}

impl Step {
    /// What it says.
    pub fn says(&self, explanation: &Explanation) -> Says {
        let find = || {
            let deflated = at(&explanation.deflated, self.payload)?;
            let block = at(&deflated.trace.blocks, self.block)?;
            Some(match self.part {
                Part::Field(field) => {
                    let fields = symbols::block_fields(block);
                    of_field(at(&fields, field)?)
                }
                Part::Padding => of_field(&symbols::padding_field(block)?),
                Part::Codes => codes(block),
                Part::Stored => stored(deflated, block),
                Part::Symbol(symbol) => of_symbol(deflated, at(&block.symbols, symbol)?),
            })
        };
        find().unwrap_or_default()
    }

    /// Which block, from 1, and of what kind.
    pub fn block(&self, explanation: &Explanation) -> String {
        let block = at(&explanation.deflated, self.payload)
            .and_then(|deflated| at(&deflated.trace.blocks, self.block));
        let kind = block.map_or("", symbols::block_kind);
        format!("block {}, {kind}", self.block + 1)
    }
}

fn of_field(field: &FieldInfo) -> Says {
    Says {
        bits: field.bits,
        digits: symbols::info_bits(field),
        text: format!(
            "{} {}: {}",
            field.name.to_uppercase(),
            field.value,
            field.meaning
        ),
        rule: field.rule,
        wrong: field.wrong,
        ..Says::default()
    }
}

fn codes(block: &Block) -> Says {
    let Body::Dynamic(Some(dynamic)) = &block.body else {
        return Says::default();
    };
    let start = dynamic.hclen.bits.end;
    let end = dynamic.runs.last().map_or(start, |run| run.bits.end);
    Says {
        bits: (start, end),
        text: format!(
            "code lengths: {} literal/length and {} distance codes (explain --tables shows them)",
            dynamic.literals.len(),
            dynamic.distances.len()
        ),
        rule: "RFC 1951 §3.2.7",
        ..Says::default()
    }
}

fn stored(deflated: &Deflated, block: &Block) -> Says {
    let Body::Stored(stored) = &block.body else {
        return Says::default();
    };
    let base = deflated.base.unwrap_or(0);
    Says {
        bits: (stored.data.start, stored.data.end),
        text: format!("{} bytes as they are", block.makes.len()),
        makes: Some((base + block.makes.start, base + block.makes.end)),
        rule: "RFC 1951 §3.2.4",
        ..Says::default()
    }
}

fn of_symbol(deflated: &Deflated, symbol: &Symbol) -> Says {
    let base = deflated.base.unwrap_or(0);
    let makes = symbol.makes();
    let digits: Vec<_> = symbol_parts(symbol)
        .into_iter()
        .map(|part| part.digits)
        .collect();
    let (text, rule, wrong) = match symbol.kind {
        SymbolKind::Literal { byte, .. } => {
            let shown = match byte {
                b' '..=b'~' => format!("literal '{}'", char::from(byte)),
                _ => format!("literal {byte:#04x}"),
            };
            (shown, "RFC 1951 §3.2.5", false)
        }
        SymbolKind::EndOfBlock { .. } => ("end of block".to_owned(), "RFC 1951 §3.2.5", false),
        SymbolKind::Match(copy) => {
            let overlap = if copy.overlaps() {
                ", repeating itself"
            } else {
                ""
            };
            let beyond = if copy.beyond_window {
                ", beyond the agreed window"
            } else {
                ""
            };
            let (length, distance) = (copy.length, copy.distance);
            let text = format!("copy {length} from {distance} back{overlap}{beyond}");
            let rule = if copy.beyond_window {
                "RFC 7692 §7.1.2"
            } else {
                "RFC 1951 §3.2.5"
            };
            (text, rule, copy.beyond_window)
        }
    };
    Says {
        bits: (symbol.bits.start, symbol.bits.end),
        digits: digits.join(" "),
        text,
        makes: (!makes.is_empty()).then(|| (base + makes.start, base + makes.end)),
        sources: deflated.sources(symbol),
        rule,
        wrong,
    }
}
