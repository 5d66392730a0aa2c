//! What a lesson may ask about.
//!
//! Job: find the value that words such as `distance of symbol 3 of 2` name in what wscope's own
//! engine says. Input: words, and what was taken. Output: the value as text, or why there is none.
//! `docs/lessons.md` lists the names.

use super::lab::Lab;
use super::made::{Made, Size};
use super::taken::Taken;
use crate::base::Peer;
use crate::deflate::trace::{Block, Body, Symbol, SymbolKind, TableCode};
use crate::explain::fields::{FieldInfo, frame_fields};
use crate::explain::symbols::{SymbolPart, block_fields, block_kind, code_bits, symbol_parts};
use crate::explain::{Explanation, Source, place};

/// A lab or a capture with all that is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Figures<'a> {
    /// What was taken.
    pub taken: &'a Taken,
    /// What was made, of a lab.
    pub made: Option<(&'a Lab, &'a Made)>,
    /// What the items cost before the last change.
    pub before: &'a [Size],
}

type Value = Result<String, String>;

impl Figures<'_> {
    /// The value that the words name.
    pub fn value(&self, words: &str) -> Value {
        let parts: Vec<&str> = words.split(" of ").map(str::trim).collect();
        match parts.as_slice() {
            ["messages"] => Ok(self.taken.messages.len().to_string()),
            [figure, whose @ ("all" | "client" | "server")] => self.total(figure, whose),
            [figure, message] => self.message(figure, self.numbered(message)?),
            [figure, named, message] => part(figure, named, self.numbered(message)?),
            _ => Err(format!(
                "{words:?} is no figure; a figure is such as \"wire of 2\" or \"distance of symbol 3 of 2\""
            )),
        }
    }

    fn numbered(&self, words: &str) -> Result<&Explanation, String> {
        let number = words.strip_prefix("message ").unwrap_or(words);
        let number: u64 = number
            .parse()
            .map_err(|_| format!("{words:?} is no message"))?;
        self.taken
            .message(number)
            .ok_or_else(|| format!("there is no message {number}"))
    }

    fn total(&self, figure: &str, whose: &str) -> Value {
        let from = Peer::BOTH.into_iter().find(|peer| peer.name() == whose);
        let messages = self.taken.messages.iter();
        let messages = messages.filter(|message| from.is_none_or(|from| message.from == from));
        let sum: u64 = match figure {
            "messages" => messages.count() as u64,
            "wire" => messages.map(|message| message.wire_bytes).sum(),
            "payload" => messages.filter_map(|message| message.payload_bytes).sum(),
            "before" => self.before(from)?,
            _ => {
                return Err(format!(
                    "{figure:?} is no figure of {whose}; there are messages, wire, payload, before"
                ));
            }
        };
        Ok(sum.to_string())
    }

    fn before(&self, from: Option<Peer>) -> Result<u64, String> {
        let none = || "nothing was changed before".to_owned();
        let (lab, _) = self.made.ok_or_else(none)?;
        if self.before.len() != lab.items.len() {
            return Err(none());
        }
        let items = lab.items.iter().zip(self.before);
        let counted = items.filter(|(item, _)| from.is_none_or(|from| item.from == from));
        Ok(counted.map(|(_, size)| size.wire).sum())
    }

    /// What the lab says that the message costs, and what it cost before.
    fn size(&self, message: &Explanation) -> Result<(Size, Option<Size>), String> {
        let of_lab = || {
            let (_, made) = self.made?;
            let item = made.item_at(message.first.number)?;
            Some((*made.sizes.get(item)?, self.before.get(item).copied()))
        };
        of_lab().ok_or_else(|| "only a message that was typed has this figure".to_owned())
    }

    fn message(&self, figure: &str, message: &Explanation) -> Value {
        let none = |what: &str| format!("message {} has no {what}", message.number);
        let number = |value: Option<u64>| {
            value
                .map(|value| value.to_string())
                .ok_or_else(|| none(figure))
        };
        let Counts {
            symbols,
            literals,
            matches,
            within,
            earlier,
            lost,
        } = Counts::of(message);
        let header: u64 = message
            .frames
            .iter()
            .map(|frame| u64::from(frame.header.header_len))
            .sum();
        let bits = message
            .deflated
            .first()
            .map(|deflated| deflated.trace.payload_bits);
        let value = match figure {
            "wire" => message.wire_bytes,
            "sent" => message.payload_wire_bytes,
            "payload" => return number(message.payload_bytes),
            "frames" => message.facts.frames.into(),
            "headers" => header,
            "unknown" => message.holes.iter().map(|(_, len)| len).sum(),
            "records" => message.records.len() as u64,
            "data-frames" => message.carriers.len() as u64,
            "alone" => return number(self.size(message)?.0.alone),
            "plain" => return number(self.size(message)?.0.plain),
            "before" => return number(self.size(message)?.1.map(|size| size.wire)),
            "bits" => return number(bits),
            "blocks" => message
                .deflated
                .iter()
                .map(|deflated| deflated.trace.blocks.len() as u64)
                .sum(),
            "symbols" => symbols,
            "literals" => literals,
            "matches" => matches,
            "copied" => within + earlier,
            "copied-within" => within,
            "copied-earlier" => earlier,
            "copied-lost" => lost,
            "farthest" => {
                return number(
                    message
                        .deflated
                        .first()
                        .map(|deflated| deflated.farthest.into()),
                );
            }
            _ => return word(figure, message),
        };
        Ok(value.to_string())
    }
}

/// What a message has that is no number, or what its first frame or block has.
fn word(figure: &str, message: &Explanation) -> Value {
    Ok(match figure {
        "from" => message.from.name().to_owned(),
        "kind" => message.facts.opcode.to_string(),
        "status" => message.status.name().to_owned(),
        "compressed" => if message.compressed { "yes" } else { "no" }.to_owned(),
        "text" => String::from_utf8_lossy(&message.payload).into_owned(),
        "findings" if message.findings.is_empty() => "none".to_owned(),
        "findings" => {
            let codes: Vec<_> = message
                .findings
                .iter()
                .map(|finding| finding.code.name())
                .collect();
            codes.join(", ")
        }
        "record-bytes" => {
            let first = message.records.first().ok_or("it came in no TLS record")?;
            // RFC 8446 §5.1: a record's header has five bytes.
            (u64::from(first.layer.length) + 5).to_string()
        }
        // What a frame or a block has is asked of the first one.
        _ => {
            let of_frame = part(figure, "frame 1", message);
            return of_frame
                .or_else(|_| part(figure, "block 1", message))
                .map_err(|_| format!("{figure:?} is no figure of message {}", message.number));
        }
    })
}

/// What a part of a message has.
fn part(figure: &str, named: &str, message: &Explanation) -> Value {
    let wrong = || {
        format!(
            "{named:?} is no part of a message; there are \"frame 1\", \"block 1\", \"symbol 1\""
        )
    };
    let (name, number) = named.split_once(' ').ok_or_else(wrong)?;
    let nth = number
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_sub(1))
        .ok_or_else(wrong)?;
    let missing = || format!("message {} has no {named}", message.number);
    match name {
        "frame" => frame(figure, nth, message).ok_or_else(missing)?,
        "block" => {
            let mut blocks = message
                .deflated
                .iter()
                .flat_map(|deflated| &deflated.trace.blocks);
            block(figure, blocks.nth(nth).ok_or_else(missing)?)
        }
        "symbol" => {
            let deflated = message.deflated.iter();
            let mut all =
                deflated.flat_map(|one| one.trace.symbols().map(move |symbol| (one, symbol)));
            let (deflated, found) = all.nth(nth).ok_or_else(missing)?;
            let sources = deflated.sources(found);
            symbol(
                figure,
                found,
                sources.first().map(|stretch| stretch.source),
                message.number,
            )
        }
        _ => Err(wrong()),
    }
}

/// What a frame's header has; nothing where there is no such frame.
fn frame(figure: &str, nth: usize, message: &Explanation) -> Option<Value> {
    let frame = message.frames.get(nth)?;
    let header = &frame.header;
    Some(match figure {
        "header" => Ok(header.header_len.to_string()),
        "payload" => Ok(header.payload_len.to_string()),
        "first-byte" => {
            let bytes = crate::explain::fields::header_bytes(header);
            Ok(bytes
                .first()
                .map(|byte| format!("{byte:02x}"))
                .unwrap_or_default())
        }
        "masked" => Ok(if header.mask.is_some() { "yes" } else { "no" }.to_owned()),
        _ => field(figure, &frame_fields(header, place(message, nth))),
    })
}

fn field(figure: &str, fields: &[FieldInfo]) -> Value {
    let names: Vec<_> = fields.iter().map(|field| field.name).collect();
    let found = fields.iter().find(|field| field.name == figure);
    let names = names.join(", ");
    found
        .map(|field| field.value.to_string())
        .ok_or_else(|| format!("there is no {figure:?} there; there are {names}"))
}

fn block(figure: &str, block: &Block) -> Value {
    Ok(match figure {
        "kind" => block_kind(block).to_owned(),
        "bits" => block.bits.len().to_string(),
        "makes" => block.makes.len().to_string(),
        "symbols" => block.symbols.len().to_string(),
        _ => match figure.split_once(' ') {
            Some(("code", byte)) => return code(byte, block),
            Some(("code-length", byte)) => code(byte, block)?.len().to_string(),
            _ => return field(figure, &block_fields(block)),
        },
    })
}

/// The code that a block has for a literal.
fn code(byte: &str, block: &Block) -> Value {
    let [byte] = byte.trim_matches('\'').as_bytes() else {
        return Err(format!("{byte:?} is no single byte"));
    };
    let none = || format!("the block has no code for {:?}", char::from(*byte));
    if let Body::Dynamic(Some(dynamic)) = &block.body {
        let meant = |entry: &&TableCode| entry.code.symbol == u16::from(*byte);
        let found = dynamic.literals.iter().find(meant);
        return found.map(|entry| code_bits(entry.code)).ok_or_else(none);
    }
    let mut symbols = block.symbols.iter();
    let found = symbols.find_map(|symbol| match symbol.kind {
        SymbolKind::Literal { byte: made, code } if made == *byte => Some(code),
        _ => None,
    });
    found.map(code_bits).ok_or_else(none)
}

fn symbol(figure: &str, symbol: &Symbol, source: Option<Source>, own: u64) -> Value {
    let parts = symbol_parts(symbol);
    let of = |name: &str| parts.iter().find(|part| part.name == name);
    Ok(match (figure, symbol.kind) {
        ("bits", _) => symbol.bits.len().to_string(),
        ("digits", _) => parts
            .iter()
            .map(|part| part.digits.replace(' ', ""))
            .collect(),
        ("says", _) => {
            let said: Vec<_> = parts.iter().map(SymbolPart::says).collect();
            said.join(", ")
        }
        ("literal", SymbolKind::Literal { byte, .. }) => char::from(byte).to_string(),
        ("source", SymbolKind::Match(_)) => match source {
            Some(Source::Message(number)) if number == own => "this message".to_owned(),
            Some(Source::Message(number)) => number.to_string(),
            Some(Source::Lost) => "lost history".to_owned(),
            Some(Source::Earlier) | None => "an earlier message".to_owned(),
        },
        (name @ ("length" | "distance"), SymbolKind::Match(_)) => of(name)
            .map(|part| part.value.to_string())
            .unwrap_or_default(),
        (other, _) => {
            return Err(format!(
                "{other:?} is no figure of this symbol; there are bits, digits, says, and literal, \
                 or length, distance, source"
            ));
        }
    })
}

/// What the symbols of a message make.
#[derive(Debug, Default)]
struct Counts {
    symbols: u64,
    literals: u64,
    matches: u64,
    within: u64,
    earlier: u64,
    lost: u64,
}

impl Counts {
    fn of(message: &Explanation) -> Self {
        let mut counts = Self::default();
        for deflated in &message.deflated {
            for symbol in deflated.trace.symbols() {
                match symbol.kind {
                    SymbolKind::EndOfBlock { .. } => continue,
                    SymbolKind::Literal { .. } => counts.literals += 1,
                    SymbolKind::Match(_) => counts.matches += 1,
                }
                counts.symbols += 1;
                for stretch in deflated.sources(symbol) {
                    match stretch.source {
                        Source::Message(number) if number == message.number => {
                            counts.within += stretch.len;
                        }
                        Source::Message(_) | Source::Earlier => counts.earlier += stretch.len,
                        Source::Lost => counts.lost += stretch.len,
                    }
                }
            }
        }
        counts
    }
}
