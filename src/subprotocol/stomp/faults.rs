//! What the form of a STOMP frame breaks.
//!
//! Job: tell it. Input: a frame. Output: observations. STOMP 1.2, "STOMP Frames", "Value Encoding".

use super::frame::{Fault, Frame, is_command};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::subprotocol::decoder::{At, Out};

/// Tells what a frame's form breaks; whether it does.
pub(super) fn tell(at: &At, frame: &Frame, undefined: bool, out: &mut dyn Out) -> bool {
    let command = &frame.command;
    let known = is_command(at.from, command);
    let mut note = |code, text: Sentence| out.observe(Observation::new(code, at.from, text));
    if !known {
        // STOMP 1.2, "STOMP Frames": these are the commands, each of one side.
        let text = format!(
            "the {} sends {command:?}, which is no command of it",
            at.from
        );
        let mut text = Sentence::from(text);
        text.clip(200);
        note(Code::StompFrameInvalid, text);
    }
    if undefined {
        // STOMP 1.2, "Value Encoding".
        let text = "a header has a backslash before a character that no escape has";
        note(Code::StompEscapeUndefined, text.into());
    }
    for fault in &frame.faults {
        match fault {
            Fault::NoColon => note(
                Code::StompFrameInvalid,
                "a line of a frame's head has no colon".into(),
            ),
            Fault::NoEmptyLine => note(
                Code::StompFrameInvalid,
                "a frame's head ends without an empty line".into(),
            ),
            Fault::LengthInvalid => note(
                Code::StompLengthWrong,
                "the value of content-length is no number".into(),
            ),
            Fault::LengthWrong(announced) => note(
                Code::StompLengthWrong,
                Sentence::new(
                    "content-length announces {announced}, and no NUL stands after them",
                    &[("announced", Figure::Bytes(*announced))],
                ),
            ),
            Fault::NulMissing => note(
                Code::StompNulMissing,
                "the next frame begins, and no NUL has ended this one".into(),
            ),
        }
    }
    !known || undefined || !frame.faults.is_empty()
}
