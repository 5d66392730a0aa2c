//! Messages that are marked as compressed where no compression was agreed.
//!
//! Job: inflate them as long as each one inflates; then a proxy has taken the extension out of a
//! head, and the peers compress. Input: whole payloads as they were sent. Output: what they
//! inflate to, or that they are to be shown as they are. RFC 6455 §5.2, RFC 7692 §6, §7.2.2.

use super::context::{Detail, Tools};
use crate::deflate::{Decoder, Output, Parameters, Record};
use crate::event::Split;
use crate::ws::OpCode;

/// Such messages of one direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Stripped {
    state: State,
    /// What was sent before is not wholly known.
    lost: bool,
}

#[derive(Debug, Clone, Default)]
enum State {
    /// None has come.
    #[default]
    Untried,
    /// Each one has inflated.
    Inflates(Box<Decoder>),
    /// One has not: from there on they are shown as they are.
    GivenUp,
}

/// What one inflates to, and where its frames end in it.
#[derive(Debug)]
pub(super) struct Inflated {
    pub(super) output: Output,
    pub(super) splits: Vec<Split>,
}

/// A decoder that looks at as much as `tools` say.
pub(super) fn decoder(parameters: Parameters, tools: &Tools) -> Decoder {
    if tools.detail == Detail::Rules {
        return Decoder::watching(parameters);
    }
    let mut decoder = Decoder::new(parameters);
    decoder.record(record(tools));
    decoder
}

/// What decoders record.
pub(super) fn record(tools: &Tools) -> Record {
    match tools.detail {
        Detail::Wire if tools.limits.trace_values > 0 => Record::Bits(tools.limits.trace_values),
        Detail::Symbols => Record::Counts,
        Detail::Wire | Detail::Sizes | Detail::Payloads | Detail::Rules => Record::Nothing,
    }
}

impl Stripped {
    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        match &self.state {
            State::Inflates(decoder) => decoder.held(),
            State::Untried | State::GivenUp => 0,
        }
    }

    /// Bytes that its window takes.
    pub(super) fn kept(&self) -> usize {
        match &self.state {
            State::Inflates(decoder) => decoder.takes(),
            State::Untried | State::GivenUp => 0,
        }
    }

    /// The decoder, where messages have inflated.
    pub(super) fn decoder(&mut self) -> Option<&mut Decoder> {
        match &mut self.state {
            State::Inflates(decoder) => Some(decoder),
            State::Untried | State::GivenUp => None,
        }
    }

    /// Whether messages have inflated, and none has failed to.
    pub(super) fn inflates(&self) -> bool {
        matches!(self.state, State::Inflates(_))
    }

    /// Whether it is still tried.
    pub(super) fn is_tried(&self) -> bool {
        !matches!(self.state, State::GivenUp)
    }

    /// Messages are missing, or what is in one is not known.
    pub(super) fn lose(&mut self) {
        self.lost = true;
        if let State::Inflates(decoder) = &mut self.state {
            decoder.lose();
        }
    }

    /// Inflates a whole message, of which at most `keep` bytes are kept. `splits` are the ends of
    /// its frames in what was `sent`. `None` where it is to be shown as it is.
    pub(super) fn inflate(
        &mut self,
        (sent, splits): (&[u8], &[Split]),
        opcode: OpCode,
        keep: usize,
        tools: &mut Tools,
    ) -> Option<Inflated> {
        if sent.is_empty() {
            return None;
        }
        let (mut decoder, first) = match std::mem::replace(&mut self.state, State::GivenUp) {
            State::GivenUp => return None,
            State::Inflates(decoder) => (decoder, false),
            State::Untried if opcode == OpCode::Text && is_plain_text(sent) => return None,
            State::Untried => {
                let mut decoder = Box::new(decoder(Parameters::default(), tools));
                if self.lost {
                    decoder.lose();
                }
                (decoder, true)
            }
        };
        let inflated = whole((sent, splits), first, keep, (&mut decoder, tools))
            .filter(|inflated| opcode != OpCode::Text || can_be_text(&inflated.output));
        if inflated.is_some() {
            self.state = State::Inflates(decoder);
        }
        inflated
    }
}

/// Inflates a message; `None` where it is no compressed one.
fn whole(
    (sent, splits): (&[u8], &[Split]),
    first: bool,
    keep: usize,
    (decoder, tools): (&mut Decoder, &mut Tools),
) -> Option<Inflated> {
    let mut output = Output::reuse(tools.lend(), keep);
    let mut ends = Vec::with_capacity(splits.len());
    decoder.begin();
    let mut fed = 0;
    for split in splits {
        let end = usize::try_from(split.at).unwrap_or(usize::MAX);
        decoder.feed(sent.get(fed..end)?, &mut output);
        ends.push(Split {
            at: output.total,
            flushed: decoder.at_marker(),
        });
        fed = end;
    }
    decoder.feed(sent.get(fed..)?, &mut output);
    let outcome = decoder.end(&mut output);
    let inflates = outcome.fault.is_none() && !outcome.cut;
    // Of the first one more is asked, as nothing else says that it is compressed.
    // RFC 7692 §7.2.1: it ends in an empty stored block without its last four bytes.
    let well_made = outcome.misses_flush.is_none() && output.is_known() && output.total > 0;
    (inflates && (well_made || !first)).then_some(Inflated {
        output,
        splits: ends,
    })
}

/// Whether bytes are text as they are: then the bit is wrong, and not the handshake.
fn is_plain_text(bytes: &[u8]) -> bool {
    let is_control = |character: char| character.is_control() && !"\t\r\n".contains(character);
    std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(is_control))
}

/// RFC 6455 §5.6: a text message is UTF-8, as far as it is kept and known.
fn can_be_text(output: &Output) -> bool {
    let truncated = (output.bytes.len() as u64) < output.total;
    match std::str::from_utf8(&output.bytes) {
        Ok(_) => true,
        Err(error) => !output.is_known() || (truncated && error.error_len().is_none()),
    }
}
