//! What is said of causes.
//!
//! Job: put a verdict and its evidence into a sentence. Input: what [`super::judge`] and
//! [`super::pair`] found. Output: [`Cause`]s.

use std::fmt::Write;

use super::cause::Cause;
use super::hypotheses::Kind;
use super::judge::Found;
use super::pair::{Beyond, Swap};
use super::sent::{Direction, Sent};
use super::tokens::Coding;
use crate::base::Peer;
use crate::finding::{Code, Figure, Sentence};

impl Kind {
    fn code(self) -> Code {
        match self {
            Self::Wrapped => Code::CauseWrapped,
            Self::PerFrame => Code::CausePerFrame,
            Self::Kept => Code::ContextKept,
            Self::PlainIn => Code::CausePlainInWindow,
            Self::Absent => Code::CauseNotInWindow,
            Self::Twice => Code::CauseTwiceInWindow,
        }
    }
}

fn count(count: u64, word: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {word}{s}")
}

/// How many messages come out right, of those that cannot be read otherwise.
fn figures(found: &Found) -> [(&'static str, Figure); 3] {
    [
        ("mended", Figure::Count(found.mended)),
        ("bad", Figure::Count(found.bad)),
        ("bytes", Figure::Bytes(found.bytes)),
    ]
}

/// What speaks for it.
fn evidence(direction: &Direction, found: &Found) -> String {
    let Found { mended, bad, .. } = *found;
    let mut text = match (mended, bad) {
        (1, 1) => "the one message that cannot be read otherwise comes out right".to_owned(),
        _ if mended == bad => {
            format!("all {bad} messages that cannot be read otherwise come out right")
        }
        _ => format!("{mended} of {bad} messages that cannot be read otherwise come out right"),
    };
    let _ = write!(text, " ({}", count(found.bytes, "byte"));
    if found.sealed > 0 {
        let _ = write!(text, ", {} with the right checksum", found.sealed);
    }
    if found.json > 0 {
        let _ = write!(text, ", {} whole JSON", found.json);
    }
    text.push(')');
    if let Some(first) = direction.messages.get(found.first) {
        let _ = write!(text, ", from message {} on", first.number);
    }
    if !found.rivals.is_empty() {
        let rivals: Vec<_> = found.rivals.iter().map(|kind| kind.code().name()).collect();
        let _ = write!(
            text,
            "; cannot be told apart on this traffic from: {}",
            rivals.join(", ")
        );
    } else if found.sure {
        text.push_str(", which chance does not do");
    } else {
        text.push_str("; likely, on little traffic");
    }
    if direction.cut {
        text.push_str("; only the beginning of the connection was read again");
    }
    text
}

/// The messages with these places, as a reader counts them.
fn named(direction: &Direction, places: &[usize]) -> String {
    let numbers: Vec<_> = places
        .iter()
        .filter_map(|place| direction.messages.get(*place))
        .map(|sent| sent.number.to_string())
        .collect();
    match numbers.as_slice() {
        [one] => format!("message {one}"),
        [first, .., last] if numbers.len() > 4 => {
            format!("{} messages ({first} to {last})", numbers.len())
        }
        [rest @ .., last] => format!("messages {} and {last}", rest.join(", ")),
        [] => "no message".to_owned(),
    }
}

/// A cause that a hypothesis names.
pub(super) fn found(direction: &Direction, from: Peer, found: &Found) -> Option<Cause> {
    let behaviour = &found.hypothesis.behaviour;
    let first = direction.messages.get(found.first)?;
    let at = |place: usize| direction.messages.get(place).unwrap_or(first);
    let (sent, deed) = match found.hypothesis.kind {
        Kind::Wrapped => (first, wrapped(found.hypothesis.coding)),
        Kind::PerFrame => (
            first,
            "each frame is compressed on its own and has lost its flush marker; put back \
             behind every frame"
                .to_owned(),
        ),
        Kind::Kept => (first, "read with the context kept".to_owned()),
        Kind::PlainIn => {
            let place = behaviour.plain_in.first().copied().unwrap_or(found.first);
            let which = named(direction, &behaviour.plain_in);
            let deed = format!(
                "{which} went uncompressed, and the sender's window holds {} all the same; with \
                 {} in the window",
                it(&behaviour.plain_in),
                it(&behaviour.plain_in)
            );
            (at(place), deed)
        }
        Kind::Absent => match behaviour.absent {
            Some(place) => {
                let deed = format!(
                    "message {} was sent and is not in the sender's window; without it",
                    at(place).number
                );
                (at(place), deed)
            }
            None => (
                first,
                "messages that copy from no earlier one are not in the sender's window; without \
                 them"
                    .to_owned(),
            ),
        },
        Kind::Twice => {
            let place = at(behaviour.twice.unwrap_or(found.first));
            let deed = format!(
                "message {} is in the sender's window twice and was sent once; with it twice",
                place.number
            );
            (place, deed)
        }
    };
    let rivals = found.rivals.iter().map(|kind| kind.code()).collect();
    let text = format!("{deed}, {}", evidence(direction, found));
    let text = Sentence::from(text).noting(&figures(found));
    let code = found.hypothesis.kind.code();
    Some(cause((code, from), sent, text, first.number, rivals))
}

fn it(places: &[usize]) -> &'static str {
    if places.len() == 1 { "it" } else { "them" }
}

fn wrapped(coding: Coding) -> String {
    let (format, each) = match coding {
        Coding::Gzip { each } => ("gzip", each),
        Coding::Zlib { each } => ("zlib", each),
        Coding::Message | Coding::Frames => ("other", true),
    };
    if each {
        format!("each message is a {format} stream of its own; without its wrapping")
    } else {
        format!(
            "the first message begins with a {format} header, since all messages are one stream of that format; without it"
        )
    }
}

fn cause(
    (code, from): (Code, Peer),
    sent: &Sent,
    text: Sentence,
    since: u64,
    rivals: Vec<Code>,
) -> Cause {
    Cause {
        code,
        from,
        rivals,
        message: sent.number,
        at: sent.at,
        text,
        since,
    }
}

/// The context was kept; perhaps since the sides were mixed up.
pub(super) fn kept(direction: &Direction, from: Peer, found: &Found, swap: Swap) -> Option<Cause> {
    let first = direction.messages.get(found.first)?;
    let evidence = evidence(direction, found);
    let other = from.other();
    let mut text =
        format!("the sender keeps its context although a reset was agreed; read so, {evidence}");
    // RFC 7692 §7.1.1: who may keep its context may also empty it, so this is never sure.
    match swap {
        Swap::Yes(chances) => {
            let _ = write!(
                text,
                "; or the sides' parameters are swapped, for the {other} in turn empties its \
                 window, which it need not ({} could have copied)",
                count(chances, "message")
            );
        }
        Swap::Open => text.push_str("; the other side sent too little to rule out a swap"),
        Swap::No => {}
    }
    let rivals = if swap == Swap::No {
        Vec::new()
    } else {
        vec![Code::CauseParametersSwapped]
    };
    let place = (Code::ContextKept, from);
    let text = Sentence::from(text).noting(&figures(found));
    Some(cause(place, first, text, first.number, rivals))
}

/// The window is larger than agreed; perhaps since the sides were mixed up.
pub(super) fn beyond(
    direction: &Direction,
    from: Peer,
    beyond: Beyond,
    swap: Swap,
) -> Option<Cause> {
    let first = direction.messages.get(beyond.first)?;
    let agreed = direction.parameters.window_bits;
    let bits = (agreed.get()..=15).find(|bits| 1 << bits >= beyond.farthest);
    let bits = bits.unwrap_or(15);
    let mut text = format!(
        "copies reach up to {} bytes back, in {}: the sender's window has {bits} bits or more, \
         and {agreed} were agreed",
        beyond.farthest,
        count(beyond.messages, "message")
    );
    let mut rivals = Vec::new();
    let code = match swap {
        Swap::Yes(chances) => {
            let other = from.other();
            let _ = write!(
                text,
                "; the {other} in turn keeps to these {agreed} bits, though it may use more and \
                 could have in {}: each side took the other's size",
                count(chances, "message")
            );
            Code::CauseParametersSwapped
        }
        Swap::Open => {
            rivals.push(Code::CauseParametersSwapped);
            text.push_str("; whether the sides' sizes are swapped cannot be told");
            Code::CauseWindowLarger
        }
        Swap::No => Code::CauseWindowLarger,
    };
    let text = Sentence::from(text).noting(&[
        ("farthest", Figure::Bytes(beyond.farthest as u64)),
        ("agreed_bits", Figure::Id(agreed.get().into())),
        ("messages", Figure::Count(beyond.messages)),
    ]);
    Some(cause((code, from), first, text, first.number, rivals))
}

/// The capture's fault.
pub(super) fn lost(direction: &Direction, from: Peer, first: usize) -> Option<Cause> {
    let sent = direction.messages.get(first)?;
    let before = direction.messages.iter().take(first + 1);
    let gap = before.rev().find(|sent| sent.lost)?;
    let text = format!(
        "the capture lacks bytes before or in message {}, and what cannot be read from message {} \
         on stands behind them: the {from} is not to blame",
        gap.number, sent.number
    );
    let code = Code::CauseCaptureLoss;
    Some(cause(
        (code, from),
        gap,
        text.into(),
        sent.number,
        Vec::new(),
    ))
}

/// Nothing that was tried fits.
pub(super) fn nothing(direction: &Direction, from: Peer, first: usize, bad: u64) -> Option<Cause> {
    let sent = direction.messages.get(first)?;
    let text = format!(
        "{} cannot be read from message {} on, and none of these makes them right: context kept, \
         parameters swapped, plain messages in the window, a message missing from it or twice in \
         it, a zlib or gzip wrapping, compression frame by frame",
        count(bad, "message"),
        sent.number
    );
    let text = Sentence::from(text).noting(&[("bad", Figure::Count(bad))]);
    let code = Code::CauseNotFound;
    Some(cause((code, from), sent, text, sent.number, Vec::new()))
}
