//! One Zstandard stream over all messages of a sender.
//!
//! Job: inflate message after message. Input: the payloads of a sender's binary messages, in order, and losses.
//! Output: what each one inflates to. RFC 8878 §3.1.1.
//!
//! The sender flushes at the end of what it means as one message, so that it ends with a block, in a frame that
//! goes on. A block takes from those before it not only bytes but codes and distances, too, so after a loss nothing
//! is known until a frame begins. Discord's gateway sends this where it is asked for `compress=zstd-stream`.

use crate::base::Limits;
use crate::payload::encoding::{Encoding, Inflated};
use crate::zstandard::{Frames, MAGIC};

/// A stream that runs.
#[derive(Debug)]
pub(super) struct Zstd {
    /// `None` after a loss.
    frames: Option<Frames>,
    /// What blocks have said since the last message that ended with one.
    begun: Begun,
}

/// The first bytes of what a message says, and whether there are more.
#[derive(Debug, Default)]
struct Begun {
    bytes: Vec<u8>,
    cut: bool,
}

impl Zstd {
    /// The first message of a sender shows the stream: a frame's header, and blocks to the message's end, none of
    /// which is the frame's last.
    pub(super) fn first(payload: &[u8], limits: &Limits) -> Option<(Self, Inflated)> {
        let mut running = Self {
            frames: None,
            begun: Begun::default(),
        };
        let inflated = running.piece(payload, limits).ok().flatten()?;
        let goes_on = running.frames.as_ref()?.is_between_blocks();
        (goes_on && !inflated.bytes.is_empty()).then_some((running, inflated))
    }

    /// The next piece; `Err` where it does not inflate.
    pub(super) fn piece(
        &mut self,
        mut bytes: &[u8],
        limits: &Limits,
    ) -> Result<Option<Inflated>, ()> {
        // A block cannot begin with these: they would be a longer one than there may be.
        let in_block = (self.frames.as_ref())
            .is_some_and(|frames| !frames.is_between_blocks() && !frames.is_between_frames());
        if bytes.starts_with(&MAGIC) && !in_block {
            let window = limits.payload_window_bytes as u64;
            self.frames = Some(Frames::new(window).map_err(|_| ())?);
        }
        let Some(frames) = &mut self.frames else {
            return Ok(None);
        };
        while let Some(block) = frames.block(&mut bytes).map_err(|_| ())? {
            self.begun.add(block, limits.payload_bytes);
        }
        if !frames.is_between_blocks() && !frames.is_between_frames() {
            return Ok(None);
        }
        let Begun { bytes, cut } = std::mem::take(&mut self.begun);
        Ok(Some(Inflated {
            encoding: Encoding::ZstdStream,
            bytes,
            holes: Vec::new(),
            cut,
        }))
    }

    /// Messages are lost.
    pub(super) fn lose(&mut self) {
        self.frames = None;
        self.begun = Begun::default();
    }

    /// Bytes of memory that it takes.
    pub(super) fn kept(&self) -> usize {
        self.frames.as_ref().map_or(0, Frames::takes) + self.begun.bytes.capacity()
    }

    /// A copy that goes on from here. There is none of a decoder that has a history.
    pub(super) fn resting(&self) -> Option<Self> {
        self.frames.is_none().then(|| Self {
            frames: None,
            begun: Begun::default(),
        })
    }
}

impl Begun {
    fn add(&mut self, block: &[u8], most: usize) {
        let room = most.saturating_sub(self.bytes.len());
        self.cut |= block.len() > room;
        self.bytes
            .extend_from_slice(block.get(..room).unwrap_or(block));
    }
}
