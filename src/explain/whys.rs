//! The reasons for what is in a message.
//!
//! Job: each reason once, with the names of what it is for. Input: an [`Explanation`]. Output:
//! lines.

use super::fields::frame_fields;
use super::frames::{place, short_name};
use super::message::Explanation;
use super::steps::{Says, What, through};
use super::why;
use crate::deflate::trace::SymbolKind;
use crate::page::{Kind, Line, Sheet};

/// Steps of each block that are looked at: all kinds come early.
const STEPS: usize = 1 << 12;

/// Columns of the names.
const NAMES: usize = 16;

/// The reasons in `width` columns, in the order in which what they are for comes.
pub fn whys(explanation: &Explanation, width: usize) -> Vec<Line> {
    let mut whys: Vec<(&str, Vec<String>)> = Vec::new();
    let mut add = |name: String, why: &'static str| {
        let known = whys.iter_mut().find(|(text, _)| *text == why);
        match known {
            _ if why.is_empty() => {}
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => whys.push((why, vec![name])),
        }
    };
    for (index, frame) in explanation.frames.iter().enumerate() {
        for field in frame_fields(&frame.header, place(explanation, index)) {
            add(short_name(field.name).to_owned(), why::field(&field));
        }
        if frame.header.opcode.is_control() {
            add("control frame".to_owned(), why::CONTROL);
        }
    }
    for deflated in &explanation.deflated {
        for block in &deflated.trace.blocks {
            for says in through(deflated, block).take(STEPS) {
                add(name(&says), why::step(&says));
                if deflated.trace.is_restored(says.bits) {
                    add("00 00 ff ff".to_owned(), why::MARKER);
                }
            }
        }
    }
    let mut page = Sheet::new(width);
    page.head("why");
    for (why, names) in whys {
        let name = Line::new().plain("  ").with(Kind::Label, names.join(", "));
        if name.width() + 2 > NAMES {
            page.line(name);
            page.paragraph(Kind::Plain, why, NAMES);
        } else {
            page.named(name, why, Kind::Plain, NAMES);
        }
    }
    page.lines
}

/// What a kind of step is called.
fn name(says: &Says<'_>) -> String {
    match &says.what {
        What::Field(field) | What::Padding(field) => field.name.to_uppercase(),
        What::CodeLength { .. } => "code length code".to_owned(),
        What::Length { run, .. } => match run.code.symbol {
            symbol @ 16..=18 => format!("code length symbol {symbol}"),
            _ => "code length".to_owned(),
        },
        What::CodesNotKept => "codes".to_owned(),
        What::Stored(_) => "stored bytes".to_owned(),
        What::Symbol(symbol, _) => match symbol.kind {
            SymbolKind::Literal { .. } => "literal".to_owned(),
            SymbolKind::Match(copy) if copy.overlaps() => "overlapping copy".to_owned(),
            SymbolKind::Match(_) => "copy".to_owned(),
            SymbolKind::EndOfBlock { .. } => "end of block".to_owned(),
        },
    }
}
