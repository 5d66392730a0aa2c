//! The steps through a compressed payload.
//!
//! Job: one after the other the fields of each block's header and its symbols, with their bits and
//! what they say. Input: an [`Explanation`]. Output: [`Step`]s, which are places, and what each
//! [`Says`]. Text, the dump, JSON and the terminal UI all walk these. RFC 1951 §3.2.

use super::fields::FieldInfo;
use super::message::{Deflated, Explanation, Source, Stretch};
use super::symbols::{
    self, SymbolPart, alphabet, block_fields, field_bits, info_bits, padding_field, run_bits,
    run_meaning, symbol_parts,
};
use crate::deflate::trace::{
    Block, Body, CodeLength, Dynamic, LengthRun, Span, Symbol, SymbolKind,
};
use crate::page::words::count;

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
    /// The length of a code length code of a dynamic block.
    CodeLength(u32),
    /// A length of its other codes, or a run of them.
    Length(u32),
    /// The codes of a dynamic block whose header was not kept.
    CodesNotKept,
    /// The bytes of a stored block.
    Stored,
    /// A symbol.
    Symbol(u32),
    /// Bits after a final block.
    Padding,
}

/// What a step is.
#[derive(Debug, Clone)]
pub enum What<'a> {
    /// A field of a block's header.
    Field(FieldInfo),
    /// The bits after a final block.
    Padding(FieldInfo),
    /// The length of a code length code.
    CodeLength {
        /// Which of them it is, from 0.
        number: usize,
        /// The symbol and its length.
        length: &'a CodeLength,
        /// The header that has it.
        of: &'a Dynamic,
    },
    /// A length of the other codes, or a run of them, in the code length code.
    Length {
        /// Which of them it is, from 0.
        number: usize,
        /// The symbols and their length.
        run: &'a LengthRun,
        /// The header that has it.
        of: &'a Dynamic,
    },
    /// The codes of a block whose header was not kept.
    CodesNotKept,
    /// So many bytes as they are.
    Stored(u64),
    /// A symbol with its parts.
    Symbol(&'a Symbol, Vec<SymbolPart>),
}

/// What a step says.
#[derive(Debug, Clone)]
pub struct Says<'a> {
    /// What it is.
    pub what: What<'a>,
    /// Its bits in the compressed payload.
    pub bits: Span,
    /// The bytes of the message's payload that it makes: the first, and the one after the last.
    pub makes: Option<(u64, u64)>,
    /// Where they are copied from.
    pub sources: Vec<Stretch>,
}

/// The places of a block's parts, in order.
fn parts(block: &Block) -> impl Iterator<Item = Part> {
    let numbered = |len: usize| 0..u32::try_from(len).unwrap_or(u32::MAX);
    let fields = numbered(block_fields(block).len()).map(Part::Field);
    let (code_lengths, lengths, other) = match &block.body {
        Body::Dynamic(Some(dynamic)) => (dynamic.code_lengths.len(), dynamic.runs.len(), None),
        Body::Dynamic(None) => (0, 0, Some(Part::CodesNotKept)),
        Body::Stored(stored) if !stored.data.is_empty() => (0, 0, Some(Part::Stored)),
        _ => (0, 0, None),
    };
    let code_lengths = numbered(code_lengths).map(Part::CodeLength);
    let lengths = numbered(lengths).map(Part::Length);
    let symbols = numbered(block.symbols.len()).map(Part::Symbol);
    let padding = padding_field(block).map(|_| Part::Padding);
    let body = code_lengths.chain(lengths).chain(other);
    fields.chain(body).chain(symbols).chain(padding)
}

/// What the steps through a block say.
pub(super) fn through<'a>(
    deflated: &'a Deflated,
    block: &'a Block,
) -> impl Iterator<Item = Says<'a>> {
    parts(block).filter_map(|part| part.says(deflated, block))
}

fn at<T>(list: &[T], place: u32) -> Option<&T> {
    list.get(usize::try_from(place).ok()?)
}

impl Explanation {
    /// All steps of the message.
    pub fn steps(&self) -> Vec<Step> {
        let payloads = (0..).zip(&self.deflated);
        let blocks = payloads.flat_map(|(payload, deflated)| {
            let blocks = (0..).zip(&deflated.trace.blocks);
            blocks.map(move |(number, block)| (payload, number, block))
        });
        let steps = blocks.flat_map(|(payload, number, block)| {
            parts(block).map(move |part| Step {
                payload,
                block: number,
                part,
            })
        });
        steps.collect()
    }
}

impl Step {
    /// What it says; nothing where `explanation` is not the one that it is of.
    pub fn says<'a>(&self, explanation: &'a Explanation) -> Option<Says<'a>> {
        let deflated = at(&explanation.deflated, self.payload)?;
        let block = at(&deflated.trace.blocks, self.block)?;
        self.part.says(deflated, block)
    }

    /// Which compressed payload of the message it is in, from 0.
    pub fn payload(self) -> usize {
        usize::try_from(self.payload).unwrap_or(usize::MAX)
    }

    /// Which block of the payload it is in, from 0.
    pub fn number(self) -> u32 {
        self.block
    }

    /// The block that it is in, and the payload of that.
    pub fn of<'a>(&self, explanation: &'a Explanation) -> Option<(&'a Deflated, &'a Block)> {
        let deflated = at(&explanation.deflated, self.payload)?;
        Some((deflated, at(&deflated.trace.blocks, self.block)?))
    }

    /// Its bits, and how many bytes of the message's payload are made before it.
    pub fn place(&self, explanation: &Explanation) -> Option<(Span, u64)> {
        let (deflated, block) = self.of(explanation)?;
        let base = deflated.base.unwrap_or(0);
        if let Part::Symbol(number) = self.part {
            let symbol = at(&block.symbols, number)?;
            return Some((symbol.bits, base + symbol.output));
        }
        let made = match self.part {
            Part::Padding => block.makes.end,
            _ => block.makes.start,
        };
        let says = self.part.says(deflated, block)?;
        Some((says.bits, base + made))
    }

    /// Which block, from 1, and of what kind.
    pub fn block(&self, explanation: &Explanation) -> String {
        let block = at(&explanation.deflated, self.payload)
            .and_then(|deflated| at(&deflated.trace.blocks, self.block));
        let kind = block.map_or("", symbols::block_kind);
        format!("block {}, {kind}", self.block + 1)
    }
}

impl Part {
    fn says<'a>(self, deflated: &'a Deflated, block: &'a Block) -> Option<Says<'a>> {
        let base = deflated.base.unwrap_or(0);
        let makes = |made: Span| (!made.is_empty()).then_some((base + made.start, base + made.end));
        let plain = |what, bits| Says {
            what,
            bits,
            makes: None,
            sources: Vec::new(),
        };
        let field = |what: fn(FieldInfo) -> What<'a>, field: FieldInfo| {
            let (start, end) = field.bits;
            plain(what(field), Span { start, end })
        };
        Some(match (self, &block.body) {
            (Self::Field(number), _) => {
                let number = usize::try_from(number).ok()?;
                field(What::Field, block_fields(block).into_iter().nth(number)?)
            }
            (Self::Padding, _) => field(What::Padding, padding_field(block)?),
            (Self::CodeLength(number), Body::Dynamic(Some(of))) => {
                let number = usize::try_from(number).ok()?;
                let length = of.code_lengths.get(number)?;
                let bits = length.length.bits;
                plain(What::CodeLength { number, length, of }, bits)
            }
            (Self::Length(number), Body::Dynamic(Some(of))) => {
                let number = usize::try_from(number).ok()?;
                let run = of.runs.get(number)?;
                plain(What::Length { number, run, of }, run.bits)
            }
            (Self::CodesNotKept, _) => {
                let start = block.block_type.bits.end;
                let first = block.symbols.first();
                let end = first.map_or(start, |symbol| symbol.bits.start);
                plain(What::CodesNotKept, Span { start, end })
            }
            (Self::Stored, Body::Stored(stored)) => Says {
                makes: makes(block.makes),
                ..plain(What::Stored(block.makes.len()), stored.data)
            },
            (Self::Symbol(number), _) => {
                let symbol = at(&block.symbols, number)?;
                Says {
                    what: What::Symbol(symbol, symbol_parts(symbol)),
                    bits: symbol.bits,
                    makes: makes(symbol.makes()),
                    sources: deflated.sources(symbol),
                }
            }
            _ => return None,
        })
    }
}

/// `5 bits`, or that there is no code.
fn code_length(bits: u32) -> String {
    match bits {
        0 => "no code".to_owned(),
        bits => count(bits.into(), "bit"),
    }
}

impl Says<'_> {
    /// A few words for it: `BFINAL 0`, `'{'`, `copy 9`.
    pub fn brief(&self) -> String {
        match &self.what {
            What::Field(field) | What::Padding(field) => field.said(),
            What::CodeLength { length, .. } => {
                format!("{}: {}", length.symbol, length.length.value)
            }
            What::Length { run, .. } if run.count > 1 => {
                format!("{}x {}", run.count, run.length)
            }
            What::Length { run, of, .. } => {
                let what = run_meaning(run, of.hlit.value + 257);
                format!("{what}: {}", run.length)
            }
            What::CodesNotKept => "not kept".to_owned(),
            What::Stored(_) => "as it is".to_owned(),
            What::Symbol(symbol, _) => match symbol.kind {
                SymbolKind::Literal { .. } => alphabet("literals", symbol.code().symbol),
                SymbolKind::EndOfBlock { .. } => "end".to_owned(),
                SymbolKind::Match(copy) => format!("copy {} from -{}", copy.length, copy.distance),
            },
        }
    }

    /// The bits as digits, in the order in which they are read; empty where they are too many.
    pub fn digits(&self) -> String {
        match &self.what {
            What::Field(field) | What::Padding(field) => info_bits(field),
            What::CodeLength { length, .. } => field_bits(length.length.value.into(), 3),
            What::Length { run, .. } => run_bits(run),
            What::Symbol(_, parts) => {
                let digits: Vec<_> = parts.iter().map(|part| part.digits.as_str()).collect();
                digits.join(" ")
            }
            _ => String::new(),
        }
    }

    /// What it is and means.
    pub fn text(&self) -> String {
        match &self.what {
            What::Field(field) | What::Padding(field) => {
                format!("{}: {}", field.said(), field.meaning)
            }
            What::CodeLength { length, .. } => {
                let what = alphabet("code_lengths", length.symbol.into());
                format!("code for \"{what}\": {}", code_length(length.length.value))
            }
            What::Length { run, of, .. } => {
                let what = run_meaning(run, of.hlit.value + 257);
                format!("{what}: {}", code_length(run.length.into()))
            }
            What::CodesNotKept => "codes that wscope did not keep".to_owned(),
            What::Stored(bytes) => format!("{} as they are", count(*bytes, "byte")),
            What::Symbol(symbol, _) => match symbol.kind {
                SymbolKind::Literal { byte, .. } => match byte {
                    b' '..=b'~' => format!("literal '{}'", char::from(byte)),
                    _ => format!("literal {byte:#04x}"),
                },
                SymbolKind::EndOfBlock { .. } => "end of block".to_owned(),
                SymbolKind::Match(copy) => format!(
                    "copy {} from {} back{}{}",
                    copy.length,
                    copy.distance,
                    if copy.overlaps() {
                        ", repeating itself"
                    } else {
                        ""
                    },
                    if copy.beyond_window {
                        ", beyond the agreed window"
                    } else {
                        ""
                    }
                ),
            },
        }
    }

    /// The rule that gives it this meaning.
    pub fn rule(&self) -> &'static str {
        match &self.what {
            What::Field(field) | What::Padding(field) => field.rule,
            What::CodeLength { .. } | What::Length { .. } | What::CodesNotKept => "RFC 1951 §3.2.7",
            What::Stored(_) => "RFC 1951 §3.2.4",
            What::Symbol(..) if self.wrong() => "RFC 7692 §7.1.2",
            What::Symbol(..) => "RFC 1951 §3.2.5",
        }
    }

    /// Whether it breaks that rule.
    pub fn wrong(&self) -> bool {
        match &self.what {
            What::Field(field) | What::Padding(field) => field.wrong,
            What::Symbol(symbol, _) => {
                matches!(symbol.kind, SymbolKind::Match(copy) if copy.beyond_window)
            }
            _ => false,
        }
    }

    /// How far back it copies from.
    pub fn distance(&self) -> Option<u64> {
        match &self.what {
            What::Symbol(symbol, _) => match symbol.kind {
                SymbolKind::Match(copy) => Some(copy.distance.into()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it ends its block.
    pub fn ends(&self) -> bool {
        matches!(&self.what, What::Symbol(symbol, _)
            if matches!(symbol.kind, SymbolKind::EndOfBlock { .. }))
    }

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
