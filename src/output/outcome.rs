//! How a conversation ended, in one sentence.
//!
//! Job: answer "why was this client disconnected", as far as the wire tells. Input: an
//! [`Outcome`]. Output: text, or the `end` of a `connection` object.

use std::fmt::Write;

use serde::Serialize;

use super::units_json::span;
use crate::page::redact::Redact;
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
    pub fn of(outcome: &Outcome, redact: Redact) -> Self {
        Self {
            by: outcome.by.map(crate::base::Peer::name),
            how: outcome.how.name(),
            code: outcome.code,
            reason: outcome
                .reason
                .as_deref()
                .map(|reason| redact.words(reason).into_owned()),
            silence: outcome.silence.map(span),
        }
    }
}

/// Who ended it, how, and after how long a silence.
pub fn sentence(outcome: &Outcome, redact: Redact) -> String {
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
                let _ = write!(text, " \"{}\"", redact.words(reason));
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
        let after = words::span(silence);
        let _ = write!(text, "; {after} after the last message");
    }
    // RFC 6455 §7.1.5: where no close frame came, the code is 1006; no frame ever has it.
    if is_abrupt(outcome.how) {
        text.push_str("; applications are told 1006, which is never on the wire");
    }
    text
}

/// Whether it ended without a close frame.
fn is_abrupt(how: How) -> bool {
    matches!(how, How::Fin | How::Rst | How::StreamReset | How::Idle)
}

/// Whether somebody may want to know why: nobody says so who leaves as usual.
pub fn is_unusual(outcome: &Outcome) -> bool {
    let usual = matches!(outcome.code, Some(1000 | 1001 | 1005));
    match outcome.how {
        How::Close => !usual,
        How::Open => false,
        how => is_abrupt(how) || !usual || how == How::CloseUnanswered,
    }
}

/// The same in seven columns: `← 1011`, `→ RST`.
pub fn brief(outcome: &Outcome) -> String {
    let what = match (outcome.how, outcome.code) {
        (How::Open, _) => return "open".to_owned(),
        (How::Close | How::CloseUnanswered, Some(code)) if code != 1005 => code.to_string(),
        (How::Close | How::CloseUnanswered, _) => "close".to_owned(),
        (How::Fin, _) => "FIN".to_owned(),
        (How::Rst, _) => "RST".to_owned(),
        (How::StreamReset, _) => "reset".to_owned(),
        (How::Idle, _) => "idle".to_owned(),
    };
    let by = outcome.by.map_or("?", words::arrow);
    format!("{by} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Peer;

    fn ended(how: How, code: Option<u16>, reason: Option<&str>) -> Outcome {
        Outcome {
            by: Some(Peer::Server),
            how,
            code,
            reason: reason.map(Into::into),
            silence: Some(60_000_000_000),
        }
    }

    #[test]
    fn who_how_why_and_after_which_silence() {
        let rough = ended(How::Idle, None, None);
        assert_eq!(
            sentence(&rough, Redact::Secrets),
            "the server ended it without a close frame while nothing was said; 60.0 s after the last \
             message; applications are told 1006, which is never on the wire"
        );
        assert_eq!(
            (brief(&rough).as_str(), is_unusual(&rough)),
            ("← idle", true)
        );
        let usual = ended(How::Close, Some(1001), Some("bye"));
        assert_eq!(
            sentence(&usual, Redact::Secrets),
            "the server closed with 1001 (going away) \"bye\"; the other side answered; 60.0 s after the \
             last message"
        );
        assert_eq!(
            (brief(&usual).as_str(), is_unusual(&usual)),
            ("← 1001", false)
        );
    }

    #[test]
    fn what_looks_like_a_secret_in_a_reason_is_not_shown() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijklmnopqrstuvwxyz0";
        let reason = format!("token {token} is over");
        let outcome = ended(How::Close, Some(4001), Some(&reason));
        assert!(!sentence(&outcome, Redact::Secrets).contains(token));
        assert!(sentence(&outcome, Redact::Nothing).contains(token));
        let shown = EndLine::of(&outcome, Redact::Secrets)
            .reason
            .unwrap_or_default();
        assert!(
            !shown.contains(token) && shown.ends_with("is over"),
            "{shown}"
        );
    }
}
