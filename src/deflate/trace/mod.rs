//! wscope's DEFLATE decoder, which can name every bit.
//!
//! Job: decode messages, also where the history is not wholly known; where somebody looks, so that
//! each bit of the compressed payload has a name and each byte of the output a source. Input:
//! compressed payloads in order. Output: [`Traced`]: the payload with its holes, a [`Trace`] and
//! the [`End`]. RFC 1951, RFC 7692 §7.2.
//!
//! What it says is known is known: a copy of an unknown byte is unknown, and so is a copy from
//! before a loss, wherever it lay. With `()` for a trace nothing is noted, with a [`Counter`] symbols
//! are counted, and most of them go by a fast loop.
//!
//! ```
//! use wscope::deflate::Output;
//! use wscope::deflate::trace::{Input, SymbolKind, Trace, Tracer};
//!
//! // RFC 7692 §7.2.3.2: "Hello" twice in one window; the second is a single match.
//! let mut tracer = Tracer::new(Default::default());
//! let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
//! tracer.message(1, &[Input::Bytes(&first)], Output::new(100), ());
//! let second = [0xf2, 0x00, 0x11, 0x00, 0x00];
//! let traced = tracer.message(2, &[Input::Bytes(&second)], Output::new(100), Trace::default());
//! assert_eq!(traced.output.bytes, b"Hello");
//! let copy = traced.record.symbols().nth(1).unwrap();
//! let SymbolKind::Match(found) = copy.kind else { panic!() };
//! assert_eq!((found.length, found.distance), (4, 5));
//! ```

mod ahead;
mod bits;
mod block;
mod code;
mod counter;
mod decode;
mod entry;
mod fast;
mod fault;
mod header;
mod huffman;
mod origin;
mod pair;
mod record;
mod scratch;
mod stored;
mod symbol;
mod tracer;
mod window;

pub use bits::{Field, Span};
pub use block::{Block, Body, CodeLength, Dynamic, LengthRun, Stored};
pub use code::{Code, Extra, TableCode};
pub use counter::Counter;
pub use fault::{Fault, FaultKind};
pub use header::fixed_codes;
pub use origin::{Origin, Piece};
pub use record::{Recorder, Trace};
pub use symbol::{Match, Symbol, SymbolKind, distance_base, length_base};
pub use tracer::{End, Input, Traced, Tracer};
