//! What a lesson does in the lab.
//!
//! Job: read one line of a `lab` block. Input: words. Output: an [`Instruction`], or what is wrong.
//! RFC 6455 §5.5.1.

use super::controls::Controls;
use super::hex;
use super::lab::{Content, Item};
use crate::base::{Conversing, Peer};
use crate::ws::OpCode;

/// One line of a `lab` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// Forget all messages, and set all controls back.
    New,
    /// Set a control: name and value.
    Set(String, String),
    /// A side sends something.
    Say(Item),
    /// Look at a capture instead: its name or file, and the connection.
    Capture(String, Conversing),
    /// Show something here.
    Show(Show),
}

/// What is shown of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// What each message costs.
    Sizes,
    /// The handshake.
    Handshake,
    /// What it says about extensions.
    Extensions,
    /// A part of the message of that number.
    Message(Part, u64),
}

/// A part of a message's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// What carried it: packets, records, frame headers, masking.
    Header,
    /// The compressed payload, symbol by symbol.
    Symbols,
    /// The same with the codes of dynamic blocks.
    Codes,
    /// The payload with a sign below each byte.
    Payload,
    /// Every byte with its bits.
    Bytes,
}

const PARTS: [(&str, Part); 6] = [
    ("whole", Part::Whole),
    ("header", Part::Header),
    ("symbols", Part::Symbols),
    ("codes", Part::Codes),
    ("payload", Part::Payload),
    ("bytes", Part::Bytes),
];

/// Words and the rest of the line.
fn word(line: &str) -> (&str, &str) {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim_start())
}

impl Instruction {
    /// Reads a line.
    pub fn parse(line: &str) -> Result<Self, String> {
        let (first, rest) = word(line);
        match first {
            "new" if rest.is_empty() => Ok(Self::New),
            "set" => {
                let (name, value) = word(rest);
                // What it says will be said when it is done.
                Controls::default().set(name, value)?;
                Ok(Self::Set(name.to_owned(), value.to_owned()))
            }
            "lost" => match Self::parse(rest)? {
                Self::Say(item) => Ok(Self::Say(Item { lost: true, ..item })),
                _ => Err("only what a side sends can be lost".to_owned()),
            },
            "client" => item(Peer::Client, rest).map(Self::Say),
            "server" => item(Peer::Server, rest).map(Self::Say),
            "capture" => capture(rest),
            "show" => show(rest).map(Self::Show),
            _ => Err(format!(
                "{first:?} is no instruction; there are new, set, client, server, lost, show and \
                 capture"
            )),
        }
    }
}

/// What a side sends: kind and content.
pub fn item(from: Peer, line: &str) -> Result<Item, String> {
    let (kind, rest) = word(line);
    let item = |content| Item {
        from,
        content,
        lost: false,
    };
    Ok(match kind {
        "text" => Item::text(from, rest),
        "binary" => Item::message(from, OpCode::Binary, hex::bytes(rest)?),
        "ping" => Item::message(from, OpCode::Ping, rest),
        "pong" => Item::message(from, OpCode::Pong, rest),
        "close" if rest.is_empty() => Item::message(from, OpCode::Close, []),
        "close" => {
            let (code, reason) = word(rest);
            let code = code
                .parse()
                .map_err(|_| format!("{code:?} is no close code"))?;
            Item::close(from, code, reason)
        }
        "frames" => item(Content::Frames(hex::bytes(rest)?)),
        "deflate" => item(Content::Deflate(hex::bytes(rest)?)),
        "repeat" => {
            let (times, text) = word(rest);
            let times: usize = times
                .parse()
                .ok()
                .filter(|times| *times <= 100_000)
                .ok_or_else(|| format!("{times:?} is no number of times"))?;
            Item::text(from, &text.repeat(times))
        }
        "noise" => {
            let len = rest.parse().ok().filter(|len| *len <= 1_000_000);
            Item::message(
                from,
                OpCode::Text,
                noise(len.ok_or_else(|| format!("{rest:?} is no number of bytes"))?),
            )
        }
        other => {
            return Err(format!(
                "{other:?} is nothing that a side sends; there are text, binary, ping, pong, close, \
                 frames, deflate, repeat and noise"
            ));
        }
    })
}

/// Digits and letters without a pattern, always the same ones.
fn noise(len: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 1_u32;
    let mut next = || {
        // Knuth and Lewis: the highest bits are the best ones.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let place = usize::try_from(state >> 26).unwrap_or(0);
        LETTERS.get(place).copied().unwrap_or(b'.')
    };
    std::iter::repeat_with(&mut next).take(len).collect()
}

fn capture(rest: &str) -> Result<Instruction, String> {
    let (name, rest) = word(rest);
    let connection = match word(rest) {
        ("", "") => Conversing::from(1),
        ("connection", id) => id.parse().map_err(|_| format!("{id:?} is no connection"))?,
        (other, _) => {
            return Err(format!(
                "{other:?} is not understood here; \"connection N\" may follow the name"
            ));
        }
    };
    if name.is_empty() {
        return Err("capture needs the name of one".to_owned());
    }
    Ok(Instruction::Capture(name.to_owned(), connection))
}

fn show(rest: &str) -> Result<Show, String> {
    match word(rest) {
        ("sizes", "") => Ok(Show::Sizes),
        ("handshake", "") => Ok(Show::Handshake),
        ("extensions", "") => Ok(Show::Extensions),
        (name, number) => {
            let part = PARTS
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, part)| *part);
            match (part, number.parse()) {
                (Some(part), Ok(number)) => Ok(Show::Message(part, number)),
                (Some(_), Err(_)) => Err(format!("which message? \"show {name} 1\"")),
                (None, _) => {
                    let names: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
                    Err(format!(
                        "{name:?} cannot be shown; there are sizes, handshake, extensions, {}",
                        names.join(", ")
                    ))
                }
            }
        }
    }
}
