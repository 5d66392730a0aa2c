//! What only a whole payload shows.
//!
//! Job: hold it against the rules for its kind of message. Input: messages. Output: observations.
//! RFC 6455 §5.5.1, §7.4, §8.1; RFC 7692 §8.

use crate::event::Message;
use crate::finding::{Code, Figure, Sentence};
use crate::ws::{CloseBody, close_code_allowed};

/// No message that anybody means to send is smaller than this by so much when compressed.
const BOMB_BYTES: u64 = 4 << 20;
const BOMB_RATIO: u64 = 200;

pub(super) fn expansion(message: &Message<'_>, note: &mut impl FnMut(Code, Sentence)) {
    let (sent, made) = (
        message.payload_wire_bytes,
        message.payload_bytes.unwrap_or(0),
    );
    if message.compressed && made >= BOMB_BYTES && made / BOMB_RATIO >= sent {
        // RFC 7692 §8: what a receiver inflates can be far larger than what it received.
        let text = Sentence::new(
            "{sent} become {made}, {times} times as many",
            &[
                ("sent", Figure::Bytes(sent)),
                ("made", Figure::Count(made)),
                ("times", Figure::Count(made / sent.max(1))),
            ],
        );
        note(Code::ExpansionBomb, text);
    }
}

pub(super) fn text(
    error: std::str::Utf8Error,
    truncated: bool,
    note: &mut impl FnMut(Code, Sentence),
) {
    // RFC 6455 §8.1: text is UTF-8. A kept part may end inside a character.
    if !(truncated && error.error_len().is_none()) {
        let at = error.valid_up_to();
        note(
            Code::TextNotUtf8,
            Sentence::new(
                "no UTF-8 character begins at byte {at} of the text",
                &[("at", Figure::Id(at as u64))],
            ),
        );
    }
}

pub(super) fn close(body: &CloseBody<'_>, note: &mut impl FnMut(Code, Sentence)) {
    if body.half_a_code {
        // RFC 6455 §5.5.1: a body begins with a two-byte code.
        note(
            Code::CloseOneByte,
            "the close frame carries a single byte".into(),
        );
    }
    if let Some(code) = body.code.filter(|code| !close_code_allowed(*code)) {
        // RFC 6455 §7.4: some codes never stand in a frame.
        note(
            Code::CloseCodeInvalid,
            Sentence::new(
                "the close frame carries code {code}, which may not be sent",
                &[("code", Figure::Id(code.into()))],
            ),
        );
    }
    if std::str::from_utf8(body.reason).is_err() {
        // RFC 6455 §5.5.1: the reason is UTF-8.
        note(
            Code::CloseReasonNotUtf8,
            "the reason in the close frame is not UTF-8".into(),
        );
    }
}
