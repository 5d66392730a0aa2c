//! One zlib stream over all messages of a sender.
//!
//! Job: recognise it by the sender's first message, and inflate message after message. Input: the payloads
//! of a sender's binary messages, in order, and losses. Output: what each one inflates to. RFC 1950 §2.2,
//! RFC 1951.
//!
//! Such a sender flushes at the end of what it means as one message, so that it ends in the four bytes of an
//! empty stored block. It is permessage-deflate once more, one floor up, with the bytes left on: so the same
//! decoder reads it, and goes on after a loss. Discord's gateway sends this where it is asked for
//! `compress=zlib-stream`.

use super::encoding::{Encoding, Inflated};
use crate::deflate::{Decoder, Output, Parameters, zlib_header};

/// RFC 1951 §3.2.4: the lengths of an empty stored block, with which a flush ends.
const FLUSHED: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The messages of one sender.
#[derive(Debug, Clone, Default)]
pub struct Stream(State);

#[derive(Debug, Clone, Default)]
enum State {
    /// No message has come.
    #[default]
    Untried,
    /// All messages are pieces of one stream.
    Runs(Box<Running>),
    /// They are not.
    No,
}

#[derive(Debug, Clone)]
struct Running {
    decoder: Decoder,
    /// What messages without a flush at the end have brought.
    begun: Option<Output>,
    /// The next message begins where a flush has ended.
    aligned: bool,
}

impl Stream {
    /// The next binary message of the sender. `whole` says that all of it is known. Returns what it inflates
    /// to, at most so many bytes, where it completes something.
    pub fn message(&mut self, (payload, whole): (&[u8], bool), most: usize) -> Option<Inflated> {
        match &mut self.0 {
            State::No => return None,
            State::Untried if !whole || payload.is_empty() => {
                if !payload.is_empty() {
                    self.0 = State::No;
                }
                return None;
            }
            State::Untried => {
                self.0 = State::No;
                let (running, inflated) = Running::first(payload, most)?;
                self.0 = State::Runs(Box::new(running));
                return Some(inflated);
            }
            State::Runs(running) if !whole => {
                running.lose();
                running.aligned = payload.ends_with(&FLUSHED);
                return None;
            }
            State::Runs(running) => match running.piece(payload, most) {
                Ok(inflated) => return inflated,
                Err(()) => self.0 = State::No,
            },
        }
        None
    }

    /// Messages of the sender are lost.
    pub fn lose(&mut self) {
        match &mut self.0 {
            State::Untried => self.0 = State::No,
            State::Runs(running) => running.lose(),
            State::No => {}
        }
    }

    /// Bytes that its window takes.
    pub fn kept(&self) -> usize {
        match &self.0 {
            State::Runs(running) => running.decoder.takes(),
            State::Untried | State::No => 0,
        }
    }

    /// Nothing comes for a time: the window takes less room, and less still where it is to `pack`.
    pub fn rest(&mut self, pack: bool) {
        if let State::Runs(running) = &mut self.0 {
            running.decoder.rest(pack && running.begun.is_none());
        }
    }

    /// Gives the window up, to save memory.
    pub fn let_go(&mut self) {
        if let State::Runs(running) = &mut self.0 {
            running.decoder.let_go();
        }
    }

    /// Bytes of memory that a copy takes.
    pub fn held(&self) -> usize {
        match &self.0 {
            State::Runs(running) => size_of::<Running>() + running.decoder.held(),
            State::Untried | State::No => 0,
        }
    }
}

impl Running {
    /// The first message of a sender shows the stream: its header, a flush at the end, and that it inflates.
    fn first(payload: &[u8], most: usize) -> Option<(Self, Inflated)> {
        // With a dictionary, whose bytes nobody sends, the header is longer.
        let header = zlib_header(payload).filter(|length| *length == 2)?;
        let body = payload.get(header..)?;
        if body.len() <= FLUSHED.len() || !body.ends_with(&FLUSHED) {
            return None;
        }
        let mut running = Self {
            decoder: Decoder::new(Parameters::default()),
            begun: None,
            aligned: true,
        };
        let inflated = running.piece(body, most).ok().flatten()?;
        (!inflated.bytes.is_empty()).then_some((running, inflated))
    }

    /// The next piece; `Err` where it does not inflate.
    fn piece(&mut self, bytes: &[u8], most: usize) -> Result<Option<Inflated>, ()> {
        let body = bytes.strip_suffix(&FLUSHED);
        if !self.aligned {
            // Where in the stream these bytes are is known again at the next flush.
            self.aligned = body.is_some();
            return Ok(None);
        }
        let mut output = self.begun.take().unwrap_or_else(|| {
            self.decoder.begin();
            Output::new(most)
        });
        self.decoder.feed(body.unwrap_or(bytes), &mut output);
        if body.is_none() {
            self.begun = Some(output);
            return Ok(None);
        }
        let outcome = self.decoder.end(&mut output);
        if outcome.fault.is_some() || outcome.cut || outcome.misses_flush.is_some() {
            return Err(());
        }
        let holes = output.holes.iter();
        Ok(Some(Inflated {
            encoding: Encoding::ZlibStream,
            holes: holes.map(|hole| (hole.start, hole.len())).collect(),
            cut: (output.bytes.len() as u64) < output.total,
            bytes: output.bytes,
        }))
    }

    fn lose(&mut self) {
        self.begun = None;
        self.aligned = false;
        self.decoder.lose();
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    /// What a sender makes of texts, a message each.
    fn sent(texts: &[&str]) -> Vec<Vec<u8>> {
        let mut compress = Compress::new(Compression::default(), true);
        let mut messages = Vec::new();
        for text in texts {
            let mut out = Vec::with_capacity(1000);
            compress
                .compress_vec(text.as_bytes(), &mut out, FlushCompress::Sync)
                .unwrap();
            messages.push(out);
        }
        messages
    }

    const TEXTS: [&str; 4] = [
        r#"{"op":10,"d":{"heartbeat_interval":41250}}"#,
        r#"{"op":11,"d":null}"#,
        r#"{"op":0,"t":"READY","d":{"heartbeat_interval":41250}}"#,
        "a text with nothing of the others",
    ];

    fn read(stream: &mut Stream, payload: &[u8]) -> Option<Inflated> {
        stream.message((payload, true), 1000)
    }

    #[test]
    fn each_message_of_a_stream_inflates_and_may_be_in_pieces() {
        let mut stream = Stream::default();
        for (at, (message, text)) in sent(&TEXTS).iter().zip(TEXTS).enumerate() {
            let (before, last) = message.split_at(if at == 2 { 5 } else { 0 });
            if !before.is_empty() {
                assert_eq!(read(&mut stream, before), None);
            }
            let inflated = read(&mut stream, last).unwrap();
            assert_eq!(inflated.bytes, text.as_bytes());
            assert_eq!((inflated.holes.len(), inflated.cut), (0, false));
        }
    }

    #[test]
    fn after_a_loss_nothing_wrong_is_shown() {
        let messages = sent(&TEXTS);
        let mut stream = Stream::default();
        read(&mut stream, &messages[0]).unwrap();
        stream.lose();
        // The rest of a message that nobody saw begin.
        assert_eq!(read(&mut stream, &messages[1][2..]), None);
        let partly = read(&mut stream, &messages[2]).unwrap();
        assert!(!partly.holes.is_empty());
        let all = TEXTS[2].as_bytes();
        for (at, byte) in partly.bytes.iter().enumerate() {
            let in_hole = |(start, len): &(u64, u64)| (*start..start + len).contains(&(at as u64));
            let unknown = partly.holes.iter().any(in_hole);
            assert!(unknown || all.get(at) == Some(byte), "{at}");
        }
        let last = read(&mut stream, &messages[3]).unwrap();
        assert_eq!(last.bytes.len(), TEXTS[3].len());
    }

    #[test]
    fn what_is_no_stream_is_left_alone() {
        let messages = sent(&TEXTS);
        for first in [
            &b"\x78\x9c plain"[..],
            b"x",
            &messages[0][2..],
            &messages[0][..8],
        ] {
            let mut stream = Stream::default();
            assert_eq!(read(&mut stream, first), None);
            assert_eq!(read(&mut stream, &messages[0]), None);
        }
        let mut late = Stream::default();
        late.lose();
        assert_eq!(read(&mut late, &messages[0]), None);
    }
}
