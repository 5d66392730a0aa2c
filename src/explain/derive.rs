//! How bits come to say what they say.
//!
//! Job: derive in words, from its bits, what a step means: code → symbol → base + extra bits →
//! length or distance. Input: what a step [`Says`]. Output: sentences. RFC 1951 §3.1.1, §3.2.5,
//! §3.2.7.

use super::fields::{FieldInfo, FieldValue};
use super::steps::{Says, What};
use super::symbols::{SymbolPart, alphabet, code_bits, field_bits, run_meaning};
use crate::deflate::trace::{
    CodeLength, Dynamic, Extra, LengthRun, SymbolKind, distance_base, length_base,
};
use crate::page::words::{count, grouped};

/// The sentences, in order.
pub fn derivation(says: &Says<'_>) -> Vec<String> {
    match &says.what {
        What::Field(field) | What::Padding(field) => self::field(field).into_iter().collect(),
        What::CodeLength { length, of, .. } => vec![code_length(length, of)],
        What::Length { run, of, .. } => vec![self::run(run, of)],
        What::CodesNotKept => Vec::new(),
        What::Stored(bytes) => vec![format!(
            "{} as they are: byte i of them is byte i of what it makes.",
            count(*bytes, "byte")
        )],
        What::Symbol(symbol, parts) => parts
            .iter()
            .map(|part| match (part.name, symbol.kind) {
                ("length", SymbolKind::Match(copy)) => {
                    based(part, copy.length_extra, length_base(part.symbol))
                }
                ("distance", SymbolKind::Match(copy)) => {
                    based(part, copy.distance_extra, distance_base(part.symbol))
                }
                _ => plain(part),
            })
            .collect(),
    }
}

/// A number of a block's header.
fn field(field: &FieldInfo) -> Option<String> {
    let FieldValue::Number(value) = field.value else {
        return None;
    };
    let len = field.bits.1 - field.bits.0;
    if len < 2 {
        return None;
    }
    let width = usize::try_from(len).unwrap_or(64);
    Some(format!(
        "Numbers come with their lowest bit first: {} is read as {value:0width$b}, which is {}.",
        field_bits(value, len),
        grouped(value)
    ))
}

/// `01101` of `10 01101`: the code without its extra bits.
fn code(part: &SymbolPart) -> &str {
    part.digits.split(' ').next().unwrap_or_default()
}

/// A literal or the end of a block.
fn plain(part: &SymbolPart) -> String {
    let what = match part.symbol {
        0..=255 => {
            let byte = alphabet("literals", part.symbol);
            format!("symbols up to 255 are bytes, this one {byte}")
        }
        _ => "it ends the block".to_owned(),
    };
    let (code, symbol) = (code(part), part.symbol);
    format!("Code {code} is literal/length symbol {symbol}: {what}.")
}

/// A length or a distance: the least that the symbol stands for, and what its extra bits add.
fn based(part: &SymbolPart, extra: Extra, base: Option<(u16, u8)>) -> String {
    let (alphabet, unit) = match part.name {
        "length" => ("literal/length", "length"),
        _ => ("distance", "distance"),
    };
    let head = format!("Code {} is {alphabet} symbol {}", code(part), part.symbol);
    let Some((base, bits)) = base else {
        return format!("{head}, which never occurs.");
    };
    let value = grouped(part.value.into());
    if bits == 0 {
        return format!("{head}: {unit} {value}, no extra bits.");
    }
    let digits = field_bits(extra.value.into(), extra.len.into());
    let more = match bits {
        1 => format!("1 extra bit, {digits}"),
        _ => format!(
            "{bits} extra bits, {digits}, lowest first, which are {}",
            extra.value
        ),
    };
    let base = grouped(base.into());
    let add = extra.value;
    format!("{head}: from {unit} {base} on, and {more}: {base} + {add} = {value}.")
}

/// The three bits of a code length code.
fn code_length(length: &CodeLength, of: &Dynamic) -> String {
    let symbol = u16::from(length.symbol);
    let what = alphabet("code_lengths", symbol);
    let bits = field_bits(length.length.value.into(), 3);
    let value = length.length.value;
    if value == 0 {
        return format!("{bits} is 0: code length symbol {symbol} ({what}) has no code here.");
    }
    let codes = of.code_length_codes.iter();
    let code = codes.map(|one| one.code).find(|one| one.symbol == symbol);
    let code = code.map_or_else(String::new, |code| {
        format!("; by the canonical rule it is {}", code_bits(code))
    });
    format!(
        "{bits}, lowest bit first, is {value}: the code of code length symbol {symbol} ({what}) has \
         {}{code}.",
        count(value.into(), "bit")
    )
}

/// A code length symbol.
fn run(run: &LengthRun, of: &Dynamic) -> String {
    let symbol = run.code.symbol;
    let head = format!(
        "Code {} is code length symbol {symbol}",
        code_bits(run.code)
    );
    let what = run_meaning(run, of.hlit.value + 257);
    let base = match symbol {
        0 => return format!("{head}: no code for {what}."),
        16 | 17 => 3,
        18 => 11,
        _ => {
            return format!(
                "{head}: the code for {what} has {}.",
                count(symbol.into(), "bit")
            );
        }
    };
    let extra = run.extra;
    let sum = format!(
        "{base} and {}, {}, which are {}: {base} + {} = {} times",
        count(extra.len.into(), "extra bit"),
        field_bits(extra.value.into(), extra.len.into()),
        extra.value,
        extra.value,
        run.count
    );
    let meaning = match symbol {
        16 => format!("the length before, {}, again", run.length),
        _ => "no code".to_owned(),
    };
    format!("{head}: {meaning}, {sum}: {what}.")
}
