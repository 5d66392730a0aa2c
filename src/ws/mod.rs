//! From a peer's bytes to frames and messages.
//!
//! Job: follow each direction's frames through chunks and gaps, and know which message a
//! frame belongs to. Input: chunks and gaps of one direction. Output: [`FramePart`]s, then
//! [`Step`]s of messages. RFC 6455 §5.

mod assembler;
mod close;
mod evidence;
mod habits;
mod header;
mod keys;
mod mask;
mod opcode;
mod part;
mod reader;
mod resync;
mod trial;
mod write;

pub use assembler::{Assembler, PartialMessage, Rsv1, Slot, Step};
pub use close::{CloseBody, close_code_allowed};
pub use evidence::Expectation;
pub use habits::Habits;
pub use header::{FrameHeader, HeaderFault, ParsedHeader, parse_frame_header};
pub use mask::unmask;
pub use opcode::OpCode;
pub use part::{Body, FramePart, LossCause, ReaderEvent};
pub use reader::FrameReader;
pub use resync::Resync;
pub use write::write_message;
