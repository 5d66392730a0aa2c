//! One compressed stream over all messages of a sender.
//!
//! Job: recognise it by the sender's first message, and inflate message after message. Input: the payloads
//! of a sender's binary messages, in order, and losses. Output: what each one inflates to. RFC 1950, RFC 8878.

mod zlib;
mod zstd;

use self::zlib::Zlib;
use self::zstd::Zstd;
use super::encoding::Inflated;
use crate::base::Limits;

/// The messages of one sender.
#[derive(Debug, Default)]
pub struct Stream(State);

#[derive(Debug, Default)]
enum State {
    /// No message has come.
    #[default]
    Untried,
    /// All messages are pieces of one stream.
    Zlib(Box<Zlib>),
    Zstd(Box<Zstd>),
    /// They are not.
    No,
}

impl Stream {
    /// The next binary message of the sender. `whole` says that all of it is known. Returns what it inflates
    /// to, at most `payload_bytes` of it, where it completes something.
    pub fn message(
        &mut self,
        (payload, whole): (&[u8], bool),
        limits: &Limits,
    ) -> Option<Inflated> {
        if !whole {
            self.lose_up_to(payload);
            return None;
        }
        if payload.is_empty() {
            return None;
        }
        let result = match &mut self.0 {
            State::No => return None,
            State::Untried => {
                let (state, inflated) = State::begin(payload, limits);
                self.0 = state;
                return inflated;
            }
            State::Zlib(zlib) => zlib.piece(payload, limits.payload_bytes),
            State::Zstd(zstd) => zstd.piece(payload, limits),
        };
        result.unwrap_or_else(|()| {
            self.0 = State::No;
            None
        })
    }

    /// Messages of the sender are lost.
    pub fn lose(&mut self) {
        self.lose_up_to(&[]);
    }

    /// A copy that goes on from here, where there can be one.
    pub fn resting(&self) -> Option<Self> {
        Some(Self(match &self.0 {
            State::Untried => State::Untried,
            State::Zlib(zlib) => State::Zlib(zlib.clone()),
            State::Zstd(zstd) => State::Zstd(Box::new(zstd.resting()?)),
            State::No => State::No,
        }))
    }

    /// Bytes that its window takes.
    pub fn kept(&self) -> usize {
        match &self.0 {
            State::Zlib(zlib) => zlib.kept(),
            State::Zstd(zstd) => zstd.kept(),
            State::Untried | State::No => 0,
        }
    }

    /// Nothing comes for a time: the window takes less room, and less still where it is to `pack`.
    pub fn rest(&mut self, pack: bool) {
        if let State::Zlib(zlib) = &mut self.0 {
            zlib.rest(pack);
        }
    }

    /// Gives the window up, to save memory.
    pub fn let_go(&mut self) {
        match &mut self.0 {
            State::Zlib(zlib) => zlib.let_go(),
            State::Zstd(zstd) => zstd.lose(),
            State::Untried | State::No => {}
        }
    }

    /// Bytes of memory that a copy takes.
    pub fn held(&self) -> usize {
        match &self.0 {
            State::Zlib(zlib) => zlib.held(),
            State::Zstd(_) => size_of::<Zstd>(),
            State::Untried | State::No => 0,
        }
    }

    /// Bytes are lost, of which those of a last message are known.
    fn lose_up_to(&mut self, last: &[u8]) {
        match &mut self.0 {
            State::Untried => self.0 = State::No,
            State::Zlib(zlib) => zlib.lose(last),
            State::Zstd(zstd) => zstd.lose(),
            State::No => {}
        }
    }
}

impl State {
    /// What the first message of a sender shows.
    fn begin(payload: &[u8], limits: &Limits) -> (Self, Option<Inflated>) {
        if let Some((zlib, inflated)) = Zlib::first(payload, limits.payload_bytes) {
            return (Self::Zlib(Box::new(zlib)), Some(inflated));
        }
        match Zstd::first(payload, limits) {
            Some((zstd, inflated)) => (Self::Zstd(Box::new(zstd)), Some(inflated)),
            None => (Self::No, None),
        }
    }
}

#[cfg(test)]
mod tests;
