//! A direction read under a hypothesis.
//!
//! Job: play every message over the window that the hypothesis gives it, and say which come out
//! right. Input: a [`Script`], a [`Behaviour`]. Output: a [`Reading`]. RFC 7692 §7.1.1, §7.2.2;
//! RFC 6455 §8.1.

use super::sent::Direction;
use super::tokens::{Coding, Reader, Tokens};
use super::window::{Fit, Window};

/// Tokens and bytes that all readings of a direction may take.
const WORK: u64 = 200 << 20;

/// What is left of the work that may be done.
#[derive(Debug)]
pub(super) struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(WORK)
    }
}

impl Budget {
    fn take(&mut self, work: u64) -> bool {
        let left = self.0.checked_sub(work);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// What is in a message.
#[derive(Debug)]
enum Content {
    Plain(Vec<u8>),
    Packed(Tokens),
}

/// A message with its tokens.
#[derive(Debug)]
pub(super) struct Line {
    content: Content,
    is_text: bool,
    lost: bool,
}

impl Line {
    /// Bytes of a message that was sent as it is.
    pub(super) fn plain(&self) -> Option<usize> {
        match &self.content {
            Content::Plain(bytes) => Some(bytes.len()),
            Content::Packed(_) => None,
        }
    }
}

/// A direction's messages, taken apart under one coding.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) lines: Vec<Line>,
}

impl Script {
    /// Takes a direction apart. What is too much for the limits ends it.
    pub(super) fn new(direction: &Direction, coding: Coding) -> Self {
        let mut reader = Reader::new();
        let mut lines = Vec::new();
        let mut room = WORK / 16;
        for sent in &direction.messages {
            let content = if sent.compressed {
                Content::Packed(reader.read(sent, coding))
            } else {
                Content::Plain(sent.payload())
            };
            let work = match &content {
                Content::Packed(tokens) if tokens.too_much => break,
                Content::Packed(tokens) => tokens.list.len() as u64,
                Content::Plain(bytes) => bytes.len() as u64,
            };
            let Some(left) = room.checked_sub(work) else {
                break;
            };
            room = left;
            lines.push(Line {
                content,
                is_text: sent.is_text,
                lost: sent.lost,
            });
        }
        Self { lines }
    }
}

/// What a sender is supposed to do with its window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Behaviour {
    /// It empties it before each message.
    pub(super) resets: bool,
    /// Plain messages that it puts in, by their place in the script.
    pub(super) plain_in: Vec<usize>,
    /// A compressed message that it leaves out.
    pub(super) absent: Option<usize>,
    /// It leaves out every message that copies nothing from earlier ones.
    pub(super) alone_absent: bool,
    /// A message that it puts in twice.
    pub(super) twice: Option<usize>,
}

impl Behaviour {
    /// Plays the compressed message of this place.
    fn play(
        &self,
        index: usize,
        tokens: &Tokens,
        window: &mut Window,
        made: &mut Vec<Option<u8>>,
    ) -> Fit {
        if self.resets {
            window.reset();
        }
        let fit = window.play(&tokens.list, made);
        if self.absent == Some(index) || (self.alone_absent && fit.reaching == 0) {
            window.take_back(made.len());
        }
        if self.twice == Some(index) {
            window.push_made(made);
        }
        fit
    }
}

/// How a message comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing speaks against it.
    Right,
    /// A JSON text, whole.
    Json,
    /// A checksum confirms it.
    Sealed,
    /// It begins like a JSON text and is none.
    Broken,
    /// A text that is not UTF-8.
    NotUtf8,
    /// It does not inflate.
    Fault,
    /// It depends on bytes that are not known.
    Unknown,
    /// It was sent as it is.
    Plain,
}

/// A message under a hypothesis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played {
    pub(super) verdict: Verdict,
    pub(super) fit: Fit,
    pub(super) bytes: u64,
}

/// All messages under a hypothesis, as far as the budget went.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) played: Vec<Played>,
}

impl Reading {
    /// Reads `script` up to the line `end`.
    pub(super) fn new(
        script: &Script,
        behaviour: &Behaviour,
        end: usize,
        budget: &mut Budget,
    ) -> Self {
        Self::watched(script, behaviour, end, budget, &mut |_| {})
    }

    /// The same; `watch` is shown each compressed message.
    pub(super) fn watched(
        script: &Script,
        behaviour: &Behaviour,
        end: usize,
        budget: &mut Budget,
        watch: &mut impl FnMut(&[Option<u8>]),
    ) -> Self {
        let mut window = Window::default();
        let mut made = Vec::new();
        let mut played = Vec::new();
        for (index, line) in script.lines.iter().enumerate().take(end) {
            if line.lost {
                window.lose();
            }
            let one = match &line.content {
                Content::Plain(bytes) => {
                    if behaviour.plain_in.binary_search(&index).is_ok() {
                        window.push(bytes);
                    }
                    Played {
                        verdict: Verdict::Plain,
                        fit: Fit::default(),
                        bytes: bytes.len() as u64,
                    }
                }
                Content::Packed(tokens) => {
                    let fit = behaviour.play(index, tokens, &mut window, &mut made);
                    watch(&made);
                    Played {
                        verdict: verdict(line, tokens, fit, &made),
                        fit,
                        bytes: made.len() as u64,
                    }
                }
            };
            if line.lost || one.verdict == Verdict::Fault && one.fit.too_far == 0 {
                // What else went into the window is unknown.
                window.lose();
            }
            played.push(one);
            if !budget.take(one.bytes + 64) {
                break;
            }
        }
        Self { played }
    }
}

fn verdict(line: &Line, tokens: &Tokens, fit: Fit, made: &[Option<u8>]) -> Verdict {
    if line.lost {
        return Verdict::Unknown;
    }
    if tokens.flawed || fit.too_far > 0 {
        return Verdict::Fault;
    }
    let Some(bytes) = made.iter().copied().collect::<Option<Vec<u8>>>() else {
        return Verdict::Unknown;
    };
    if let Some(sum) = tokens.sum {
        return if sum.fits(&bytes) {
            Verdict::Sealed
        } else {
            Verdict::Fault
        };
    }
    if !line.is_text {
        return Verdict::Right;
    }
    // RFC 6455 §8.1: text is UTF-8.
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Verdict::NotUtf8;
    };
    match text.trim_ascii_start().as_bytes() {
        [b'{' | b'[', ..] => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Verdict::Json,
            Err(_) => Verdict::Broken,
        },
        _ => Verdict::Right,
    }
}

/// How much speaks for and against a reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score {
    /// Messages that cannot be.
    pub(super) wrong: u64,
    /// Texts that begin like JSON and are none.
    pub(super) broken: u64,
    /// Messages that hang on unknown bytes.
    pub(super) unknown: u64,
    /// Copies that could have been longer.
    pub(super) short: u64,
    /// Copies that were tested.
    pub(super) tested: u64,
    /// Texts that are JSON.
    pub(super) json: u64,
    /// Messages with the right checksum.
    pub(super) sealed: u64,
    /// Compressed messages.
    pub(super) packed: u64,
}

impl Score {
    /// The score of these messages.
    pub(super) fn of(played: &[Played]) -> Self {
        let mut score = Self::default();
        for one in played {
            match one.verdict {
                Verdict::Plain => continue,
                Verdict::Right => {}
                Verdict::Json => score.json += 1,
                Verdict::Sealed => score.sealed += 1,
                Verdict::Broken => score.broken += 1,
                Verdict::NotUtf8 | Verdict::Fault => score.wrong += 1,
                Verdict::Unknown => score.unknown += 1,
            }
            score.packed += 1;
            score.short += one.fit.short;
            score.tested += one.fit.tested;
        }
        score
    }
}
