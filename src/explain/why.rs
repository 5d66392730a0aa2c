//! Why the fields are there.
//!
//! Job: for each field of a frame header and of a block, and for what surrounds them, the reason
//! in a few sentences. Input: the name of a field, or a step. Output: prose. RFC 6455 §5 and §10.3,
//! RFC 7692 §6 and §7.2, RFC 1951 §3.2.

use super::fields::FieldInfo;
use super::steps::{Says, What};
use crate::deflate::trace::SymbolKind;

/// Why a control frame has at most 125 bytes and is never fragmented.
pub const CONTROL: &str = "A control frame has at most 125 bytes and is never fragmented: it may come between the \
     fragments of a message, and the receiver answers it at once, so it has to fit into one small \
     buffer, and the seven bits of its length suffice.";

/// What the receiver does with `00 00 ff ff`, and what would come without it.
pub const MARKER: &str = "The receiver appends 00 00 ff ff before it inflates. These are LEN 0 and NLEN of the empty \
     stored block whose header ends the payload, so its decoder finds the block's end and stands \
     at the beginning of the next one. Without them it would wait here: it would take the first \
     four bytes of the next message for LEN and NLEN, and as those hardly ever match, it would \
     report invalid stored block lengths. They are always the same, so the sender saves them.";

/// Why a field of a frame header or of a block is there.
#[expect(clippy::too_many_lines, reason = "a list of cases")]
pub fn field(field: &FieldInfo) -> &'static str {
    match field.name {
        "fin" => {
            "A sender may begin a message before it knows how long it will be. It sends it in \
             fragments then, and FIN marks the last one."
        }
        "rsv1" => {
            "Three bits were reserved so that extensions can mark frames without another header. \
             permessage-deflate took this one: set on the first frame, it says that the message \
             is compressed. So each message can be sent in the form that is shorter."
        }
        "rsv2" | "rsv3" => {
            "Reserved for extensions. An endpoint that sees it set without having agreed on an \
             extension that uses it has to fail the connection: it would read the payload wrong."
        }
        "opcode" => {
            "It says what the payload is: from 8 on a control frame, below that data. Later \
             fragments of a message have opcode 0, so control frames can come between them and \
             nobody takes a fragment for a message."
        }
        "mask" | "masking_key" => {
            "A script in a browser chooses what its page sends. Were those bytes on the wire as \
             they are, a proxy that does not know WebSocket could take them for an HTTP request, \
             and store a false answer for others. So a client XORs each frame with a key that the \
             script cannot foresee, a new one for each frame. It is no encryption: the key stands \
             beside the data. A server does not mask, as no script chooses its bytes."
        }
        "length" | "extended_length" => {
            "Most messages are short, so seven bits hold lengths up to 125 and cost nothing more. \
             126 says that two more bytes have the length, up to 65,535; 127 says that eight have. \
             The shortest form that fits has to be used, so that each length is written in one way."
        }
        "payload" => {
            "The header has said what follows and how long it is, so the payload needs no end mark \
             and may contain any byte."
        }
        "bfinal" => {
            "A DEFLATE stream ends with a block whose BFINAL is 1. A connection's stream goes on \
             from message to message, so it is 0; a sender that ends its stream with each message \
             begins a new one over the same window."
        }
        "btype" => {
            "A sender has three ways to write a block and takes the cheapest: bytes as they are, \
             the codes that everybody knows, or codes made for this block, which cost a header."
        }
        "padding" => "Bytes follow, and bytes begin at a byte: the bits up to there are skipped.",
        "len" => "How many bytes follow as they are: at most 65,535, as it has 16 bits.",
        "nlen" => {
            "LEN with each bit inverted. A decoder that has lost its place meets two numbers that \
             do not match, and notices it here."
        }
        "hlit" => {
            "How many literal/length symbols get a code length. Symbols 0 to 256 always do, so it \
             counts from 257."
        }
        "hdist" => "How many distance symbols get a code length; at least one does.",
        "hclen" => {
            "How many code length symbols get a length of three bits each. They stand in the order \
             16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15, the likely ones first, so that the \
             rest can be left off."
        }
        _ => "",
    }
}

/// Why a step is there.
pub fn step(says: &Says<'_>) -> &'static str {
    match &says.what {
        What::Field(one) | What::Padding(one) => field(one),
        What::CodeLength { .. } => {
            "The lengths of the block's codes are compressed too, in a code of their own: the code \
             length code. These three bits are the length of one of its codes; from lengths alone \
             both sides make the same codes."
        }
        What::Length { run, .. } => match run.code.symbol {
            16 => {
                "Neighbours in the alphabet are often equally frequent. 16 says: the length before, \
                 3 to 6 times again."
            }
            17 | 18 => {
                "Most bytes never occur in a text and need no code. 17 leaves out 3 to 10 symbols, \
                 18 leaves out 11 to 138."
            }
            _ => "One symbol's length. A length of 0 would mean that it has no code.",
        },
        What::CodesNotKept => "",
        What::Stored(_) => "Where codes would not make it shorter, bytes stand as they are.",
        What::Symbol(symbol, _) => match symbol.kind {
            SymbolKind::Literal { .. } => {
                "A byte that no copy of three bytes or more covers. Frequent bytes have shorter \
                 codes where the block has codes of its own."
            }
            SymbolKind::Match(copy) if copy.overlaps() => {
                "The copy is longer than its distance: it reads bytes that it has just made, and so \
                 repeats them. One symbol can make a long row of the same."
            }
            SymbolKind::Match(_) => {
                "The same bytes stood in the window already, so only their length and distance are \
                 sent. The window spans messages: this is why later messages get cheaper."
            }
            SymbolKind::EndOfBlock { .. } => {
                "A block of codes does not say beforehand how many symbols it has, so symbol 256 \
                 ends it."
            }
        },
    }
}
