//! What one end of an HTTP/2 connection sends, apart from its streams.
//!
//! Job: put header blocks together, remember settings. Input: frames. Output: fields, in the order of the
//! wire. RFC 9113 §4.3, §6.5, §6.10.

use super::flow::{InitialWindow, Window};
use super::frame::Wrong;
use super::framing::Framing;
use super::hpack::{Decoder, Fault, Field};
use super::loss::Loss;
use crate::base::{Limits, Stamp};
use crate::stream::Stamps;

/// A header block that is not whole yet.
#[derive(Debug, Clone)]
struct Block {
    stream: u32,
    bytes: Vec<u8>,
    purpose: Purpose,
    at: Stamps,
}

/// What a header block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A head, or a trailer; the stream's sender may say no more after it.
    Headers {
        /// It says no more.
        ends: bool,
    },
    /// A request that the server makes up.
    Promise,
}

/// A block that was read.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) stream: u32,
    pub(super) purpose: Purpose,
    pub(super) fields: Vec<Field>,
    pub(super) fault: Option<Fault>,
    pub(super) at: Stamps,
}

/// One end.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) framing: Framing,
    pub(super) hpack: Decoder,
    block: Option<Block>,
    /// What it may still send on the connection.
    pub(super) window: Window,
    /// What it allows on each stream at first.
    pub(super) initial: InitialWindow,
    /// A frame of settings was seen.
    pub(super) has_settings: bool,
    /// Where it said that it takes an extended CONNECT.
    pub(super) connects: Option<Stamp>,
    pub(super) held_up: Loss,
    /// Header blocks may have been missed.
    pub(super) missed: bool,
    limits: Limits,
}

impl Side {
    /// An end of which everything is to come, or that was in the middle of something.
    pub(super) fn new(framing: Framing, midway: bool, limits: Limits) -> Self {
        let mut hpack = Decoder::new(limits.header_table_bytes, limits.head_bytes);
        if midway {
            hpack.lose();
        }
        Self {
            framing,
            hpack,
            block: None,
            window: Window::new(super::flow::INITIAL),
            initial: InitialWindow::default(),
            has_settings: false,
            connects: None,
            held_up: Loss::default(),
            missed: midway,
            limits,
        }
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        let block = self.block.as_ref().map_or(0, |block| block.bytes.len());
        self.framing.held() + self.hpack.held() + block
    }

    /// Where it said that it takes an extended CONNECT, and whether all that it said is known.
    pub(super) fn advertises(&self) -> (Option<Stamp>, bool) {
        (self.connects, self.has_settings && !self.missed)
    }

    /// Header blocks are missing, so that what was inserted cannot be counted any more.
    pub(super) fn lose_headers(&mut self) {
        self.hpack.lose();
        self.block = None;
        self.missed = true;
    }

    /// Whether a header block is under way, which only its next part may follow.
    pub(super) fn is_inside_headers(&self) -> bool {
        self.block.is_some()
    }

    /// A header block begins.
    pub(super) fn begin(
        &mut self,
        (stream, purpose): (u32, Purpose),
        fragment: &[u8],
        ends: bool,
        at: Stamps,
    ) -> Option<Whole> {
        let block = Block {
            stream,
            bytes: Vec::new(),
            purpose,
            at,
        };
        if ends {
            return Some(self.read(&block, fragment));
        }
        self.block = Some(block);
        self.append(fragment);
        None
    }

    /// A header block goes on.
    pub(super) fn go_on(
        &mut self,
        stream: u32,
        fragment: &[u8],
        ends: bool,
        at: Stamps,
    ) -> Result<Option<Whole>, Wrong> {
        // RFC 9113 §6.10: it follows a part of the same stream that does not end the block.
        if self
            .block
            .as_ref()
            .is_none_or(|block| block.stream != stream)
        {
            let known = !self.missed;
            self.lose_headers();
            return if known {
                Err(Wrong::NotBegun)
            } else {
                Ok(None)
            };
        }
        self.append(fragment);
        if !ends {
            return Ok(None);
        }
        Ok(self.block.take().map(|mut block| {
            block.at.last = at.last;
            let bytes = std::mem::take(&mut block.bytes);
            self.read(&block, &bytes)
        }))
    }

    fn append(&mut self, fragment: &[u8]) {
        let most = self.limits.head_bytes;
        if let Some(block) = &mut self.block {
            if block.bytes.len() + fragment.len() <= most {
                block.bytes.extend_from_slice(fragment);
            } else {
                // RFC 9113 §10.5.1: endless blocks are an attack; who keeps a bound cannot go on with what
                // they insert.
                self.lose_headers();
            }
        }
    }

    fn read(&mut self, block: &Block, bytes: &[u8]) -> Whole {
        let mut fields = Vec::new();
        let fault = self.hpack.block(bytes, &mut fields).err();
        self.missed |= fault.is_some();
        Whole {
            stream: block.stream,
            purpose: block.purpose,
            fields,
            fault,
            at: block.at,
        }
    }
}
