//! The fields, symbols and codes of DEFLATE blocks, named.
//!
//! Job: say of each bit of a compressed payload what it is called and what it says. Input:
//! [`Block`]s and [`Symbol`]s of a trace. Output: [`FieldInfo`]s, [`SymbolPart`]s and [`Table`]s,
//! apart from any rendering. RFC 1951 §3.2.

use super::fields::{FieldInfo, FieldValue};
use crate::deflate::trace::{
    Block, Body, Code, Dynamic, End, Extra, FaultKind, Field, LengthRun, Span, Stored, Symbol,
    SymbolKind, TableCode, distance_base, length_base,
};
use crate::page::words::count;

/// `stored`, `fixed`, `dynamic`, or `invalid` where there is no such type.
pub fn block_kind(block: &Block) -> &'static str {
    match block.block_type.value {
        0 => "stored",
        1 => "fixed",
        2 => "dynamic",
        _ => "invalid",
    }
}

/// A number's bits in the order in which they are read: the lowest first. RFC 1951 §3.1.1.
pub fn field_bits(value: u64, len: u64) -> String {
    (0..len)
        .map(|bit| if value >> bit & 1 == 1 { '1' } else { '0' })
        .collect()
}

/// A code's bits in the order in which they are read: the highest first. RFC 1951 §3.1.1.
pub fn code_bits(code: Code) -> String {
    (0..u32::from(code.len))
        .rev()
        .map(|bit| if code.value >> bit & 1 == 1 { '1' } else { '0' })
        .collect()
}

fn extra_bits(extra: Extra) -> String {
    field_bits(extra.value.into(), extra.len.into())
}

/// The bits of a field of a block in the order in which they are read.
pub fn info_bits(field: &FieldInfo) -> String {
    match field.value {
        FieldValue::Number(value) => field_bits(value, field.bits.1 - field.bits.0),
        FieldValue::Key(_) => String::new(),
    }
}

/// The fields of a block's header, in order; of a block with dynamic codes without the lengths
/// of its codes.
pub fn block_fields(block: &Block) -> Vec<FieldInfo> {
    let mut fields = vec![bfinal(block), btype(block)];
    match &block.body {
        Body::Stored(stored) => stored_fields(stored, &mut fields),
        Body::Dynamic(Some(dynamic)) => dynamic_fields(dynamic, &mut fields),
        Body::Unread | Body::Fixed | Body::Dynamic(None) => {}
    }
    fields.retain(|field| field.bits.0 < field.bits.1);
    fields
}

/// The bits behind a final block, up to the next byte.
pub fn padding_field(block: &Block) -> Option<FieldInfo> {
    let padding = block.padding.filter(|padding| !padding.bits.is_empty())?;
    let meaning = "the next byte begins anew";
    Some(info("padding", padding, meaning, "RFC 7692 §7.2.3.4"))
}

fn info(
    name: &'static str,
    field: Field,
    meaning: impl Into<String>,
    rule: &'static str,
) -> FieldInfo {
    let bits = (field.bits.start, field.bits.end);
    FieldInfo::new(name, bits, field.value.into(), meaning, rule)
}

fn bfinal(block: &Block) -> FieldInfo {
    let meaning = match block.is_final.value {
        0 => "not the stream's last block",
        _ => "the stream's last block",
    };
    info("bfinal", block.is_final, meaning, "RFC 1951 §3.2.3")
}

fn btype(block: &Block) -> FieldInfo {
    let (meaning, rule) = match block.block_type.value {
        0 => ("stored: bytes as they are", "RFC 1951 §3.2.4"),
        1 => ("the fixed Huffman codes", "RFC 1951 §3.2.6"),
        2 => ("Huffman codes of its own", "RFC 1951 §3.2.7"),
        _ => ("there is no such type", "RFC 1951 §3.2.3"),
    };
    let mut field = info("btype", block.block_type, meaning, rule);
    field.wrong = block.block_type.value > 2;
    field
}

fn stored_fields(stored: &Stored, fields: &mut Vec<FieldInfo>) {
    let rule = "RFC 1951 §3.2.4";
    let len = match stored.len.value {
        1 => "byte follows",
        _ => "bytes follow",
    };
    let mut nlen = info("nlen", stored.nlen, "LEN with each bit inverted", rule);
    nlen.wrong = stored.len.value ^ stored.nlen.value != 0xffff;
    if nlen.wrong {
        "is not LEN inverted".clone_into(&mut nlen.meaning);
    }
    fields.push(info("padding", stored.padding, "up to the next byte", rule));
    fields.push(info("len", stored.len, len, rule));
    fields.push(nlen);
}

fn dynamic_fields(dynamic: &Dynamic, fields: &mut Vec<FieldInfo>) {
    let rule = "RFC 1951 §3.2.7";
    let sum =
        |field: Field, base: u32, what: &str| format!("+ {base} = {} {what}", field.value + base);
    let hlit = sum(dynamic.hlit, 257, "lit/len codes");
    let hdist = sum(dynamic.hdist, 1, "distance codes");
    let hclen = sum(dynamic.hclen, 4, "code length codes");
    fields.push(info("hlit", dynamic.hlit, hlit, rule));
    fields.push(info("hdist", dynamic.hdist, hdist, rule));
    fields.push(info("hclen", dynamic.hclen, hclen, rule));
}

/// What a code length symbol gives a length to; there are `literals` literal/length codes before
/// the distance codes.
pub fn run_meaning(run: &LengthRun, literals: u32) -> String {
    let symbol = |index: u32| u16::try_from(index).unwrap_or(u16::MAX);
    let place = |index: u32| match index.checked_sub(literals) {
        None => alphabet("literals", symbol(index)),
        Some(index) => alphabet("distances", symbol(index)),
    };
    let first = u32::from(run.first);
    match run.count {
        0 | 1 => place(first),
        2.. => format!("{} from {}", run.count, place(first)),
    }
}

/// The bits of a code length symbol: its code, and those that say how often.
pub fn run_bits(run: &LengthRun) -> String {
    join(&code_bits(run.code), &extra_bits(run.extra))
}

fn join(code: &str, extra: &str) -> String {
    if extra.is_empty() {
        code.to_owned()
    } else {
        format!("{code} {extra}")
    }
}

/// A part of a symbol that stands for something by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolPart {
    /// `literal`, `length`, `distance` or `end_of_block`.
    pub name: &'static str,
    /// Its bits: the code, and the extra bits behind it.
    pub bits: Span,
    /// The same as digits in the order in which they are read, with a space before extra bits.
    pub digits: String,
    /// The number in the alphabet: 0 to 285, of a distance 0 to 29.
    pub symbol: u16,
    /// The byte, the length or the distance; zero for the end of a block.
    pub value: u16,
}

impl SymbolPart {
    /// `literal 65`, `length 12`, `33 bytes back`, `end of block`.
    pub fn says(&self) -> String {
        match self.name {
            "distance" => format!("{} back", count(self.value.into(), "byte")),
            "end_of_block" => "end of block".to_owned(),
            name => format!("{name} {}", self.value),
        }
    }
}

/// A symbol's parts: one, or length and distance of a match.
pub fn symbol_parts(symbol: &Symbol) -> Vec<SymbolPart> {
    let [code, extra, distance, distance_extra] = symbol.parts();
    let whole = |first: Span, second: Span| Span {
        start: first.start,
        end: second.end,
    };
    match symbol.kind {
        SymbolKind::Literal { byte, code: read } => {
            vec![part("literal", code, (read, Extra::default()), byte.into())]
        }
        SymbolKind::EndOfBlock { code: read } => {
            vec![part("end_of_block", code, (read, Extra::default()), 0)]
        }
        SymbolKind::Match(copy) => vec![
            part(
                "length",
                whole(code, extra),
                (copy.length_code, copy.length_extra),
                copy.length,
            ),
            part(
                "distance",
                whole(distance, distance_extra),
                (copy.distance_code, copy.distance_extra),
                copy.distance,
            ),
        ],
    }
}

fn part(name: &'static str, bits: Span, (code, extra): (Code, Extra), value: u16) -> SymbolPart {
    SymbolPart {
        name,
        bits,
        digits: join(&code_bits(code), &extra_bits(extra)),
        symbol: code.symbol,
        value,
    }
}

/// A Huffman code of a block with dynamic codes.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// `code_lengths`, `literals` or `distances`.
    pub name: &'static str,
    /// What it is for, in words.
    pub title: &'static str,
    /// Its codes, in the order of their symbols.
    pub codes: &'a [TableCode],
}

/// The three codes that a header of a dynamic block makes.
pub fn tables(dynamic: &Dynamic) -> [Table<'_>; 3] {
    [
        Table {
            name: "code_lengths",
            title: "code length codes",
            codes: &dynamic.code_length_codes,
        },
        Table {
            name: "literals",
            title: "literal/length codes",
            codes: &dynamic.literals,
        },
        Table {
            name: "distances",
            title: "distance codes",
            codes: &dynamic.distances,
        },
    ]
}

/// `flushed`, `marker-kept`, `unmarked`, `cut` or `fault`.
pub fn end_name(end: End) -> &'static str {
    match end {
        End::Flushed => "flushed",
        End::MarkerKept => "marker-kept",
        End::Unmarked => "unmarked",
        End::Cut => "cut",
        End::Fault(_) => "fault",
    }
}

/// What the end of a compressed payload means, and the rule.
pub fn end_meaning(end: End) -> (String, &'static str) {
    let (text, rule) = match end {
        End::Flushed => (
            "Restored: 00 00 ff ff. The sender cuts these lengths of an empty stored block off its \
             flush, and the receiver puts them back before it inflates."
                .to_owned(),
            "RFC 7692 §7.2.1, §7.2.2",
        ),
        End::MarkerKept => (
            "The payload still ends in 00 00 ff ff, which the sender should have cut off.".to_owned(),
            "RFC 7692 §7.2.1",
        ),
        End::Unmarked => (
            "The payload ends behind a whole block, without the empty stored block that should \
             stand there; nothing is missing."
                .to_owned(),
            "RFC 7692 §7.2.1",
        ),
        End::Cut => (
            "Compressed bytes are missing in the capture; what is behind them cannot be read."
                .to_owned(),
            "RFC 1951 §3.2.3",
        ),
        End::Fault(fault) => (
            format!(
                "Here decoding stops: {} (bits {} to {}).",
                fault.kind,
                fault.bits.start,
                fault.bits.end
            ),
            fault_rule(fault.kind),
        ),
    };
    (text, rule)
}

/// The same in one sentence.
pub fn end_words(end: End) -> String {
    let (text, rule) = end_meaning(end);
    format!("{text} ({rule})")
}

fn fault_rule(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::StoredLengths => "RFC 1951 §3.2.4",
        FaultKind::LiteralCode | FaultKind::DistanceCode => "RFC 1951 §3.2.6",
        FaultKind::TooManySymbols
        | FaultKind::CodeLengthsSet
        | FaultKind::LengthRepeat
        | FaultKind::NoEndOfBlock
        | FaultKind::LiteralSet
        | FaultKind::DistanceSet => "RFC 1951 §3.2.7",
        FaultKind::BlockType | FaultKind::DistanceTooFar => "RFC 1951 §3.2.3",
        FaultKind::Unfinished => "RFC 7692 §7.2.1",
    }
}

/// What a literal/length or distance symbol of the alphabet stands for.
pub fn alphabet(table: &str, symbol: u16) -> String {
    match (table, symbol) {
        ("literals", 0..=255) => u8::try_from(symbol).map_or_else(|_| String::new(), literal),
        ("literals", 256) => "end of block".to_owned(),
        ("literals", _) => format!("length {}", range(length_base(symbol))),
        ("distances", _) => format!("distance {}", range(distance_base(symbol))),
        (_, 16) => "repeat the last".to_owned(),
        (_, 17) => "3 to 10 zeros".to_owned(),
        (_, 18) => "11 to 138 zeros".to_owned(),
        (_, length) => format!("length {length}"),
    }
}

fn literal(byte: u8) -> String {
    match byte {
        b' '..=b'~' => format!("'{}'", char::from(byte)),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        _ => format!("\\x{byte:02x}"),
    }
}

fn range(reach: Option<(u16, u8)>) -> String {
    match reach {
        Some((base, 0)) => base.to_string(),
        Some((base, extra)) => format!("{base}-{}", u32::from(base) + (1 << extra) - 1),
        None => "that never occurs".to_owned(),
    }
}
