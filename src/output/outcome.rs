//! How a conversation ended, in one sentence.
//!
//! Job: answer "why was this client disconnected", as far as the wire tells. Input: an
//! [`Outcome`]. Output: text, or the `end` of a `connection` object.

use std::fmt::Write;

use serde::Serialize;

use super::units_json::span;
use crate::page::words;
use crate::stats::{How, Outcome};

/// `end` of a `connection` object.
#[derive(Debug, Serialize)]
pub struct EndLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    how: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    silence: Option<String>,
}

impl EndLine {
    /// The fields of `outcome`.
    pub fn of(outcome: &Outcome) -> Self {
        Self {
            by: outcome.by.map(crate::base::Peer::name),
            how: outcome.how.name(),
            code: outcome.code,
            reason: outcome.reason.as_deref().map(str::to_owned),
            silence: outcome.silence.map(span),
        }
    }
}

/// Who ended it, how, and after how long a silence.
pub fn sentence(outcome: &Outcome) -> String {
    let by = outcome
        .by
        .map_or_else(|| "somebody".to_owned(), |by| format!("the {by}"));
    let mut text = match outcome.how {
        How::Close | How::CloseUnanswered => {
            let mut text = format!("{by} closed");
            let _ = match outcome.code {
                Some(1005) => write!(text, " without a code"),
                Some(code) => write!(text, " with {code} ({})", words::close_meaning(code)),
                None => write!(text, " with a code that is not known"),
            };
            if let Some(reason) = &outcome.reason {
                let _ = write!(text, " \"{reason}\"");
            }
            text.push_str(match outcome.how {
                How::Close => "; the other side answered",
                _ => "; the other side did not answer",
            });
            text
        }
        How::Fin => format!("{by} ended it without a close frame"),
        How::Rst => format!("{by} reset it without a close frame"),
        How::StreamReset => format!("{by} reset its stream without a close frame"),
        How::Idle => format!("{by} ended it without a close frame while nothing was said"),
        How::Open => return "it is open where the capture ends".to_owned(),
    };
    if let Some(silence) = outcome.silence {
        let after = words::seconds(silence);
        let _ = write!(text, "; {after} s after the last message");
    }
    text
}
