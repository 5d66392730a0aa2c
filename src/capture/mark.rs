//! Places at which reading can begin.
//!
//! Job: keep what a reader must know to go on between two packets. Input: the reader of a file
//! format as it stands there. Output: a [`Mark`].

use std::sync::Arc;

use super::record::{End, Out, Step, Steps, Window};
use super::recover::Recovering;
use super::warning::Notes;
use super::{pcap, pcapng};
use crate::base::{Limits, PacketRef};
use crate::error::Error;

/// The reader of a file format.
#[derive(Debug, Clone)]
pub(super) enum Format {
    Pcap(Box<Recovering<pcap::Reader>>),
    Pcapng(Box<Recovering<pcapng::Reader>>),
}

impl Format {
    pub(super) fn parse(&mut self, window: &Window<'_>, out: &mut Out<'_>) -> Result<Step, Error> {
        match self {
            Self::Pcap(reader) => reader.parse(window, out),
            Self::Pcapng(reader) => reader.parse(window, out),
        }
    }

    pub(super) fn is_between_records(&self) -> bool {
        match self {
            Self::Pcap(reader) => reader.is_between_records(),
            Self::Pcapng(reader) => reader.is_between_records(),
        }
    }
}

/// A place between two packets of the inputs, at which reading can begin.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The last packet before it.
    pub behind: PacketRef,
    /// In bytes of the file.
    pub(super) offset: u64,
    pub(super) format: Format,
    /// The places of the inputs in the order of reading; none where there is one input.
    pub(super) order: Arc<[u32]>,
}

impl Mark {
    /// A place in a pcapng stream, in a section that begins with the blocks of `head`.
    pub(super) fn in_section(head: &[u8], behind: PacketRef, offset: u64) -> Self {
        let mut reader = Box::new(Recovering::new(pcapng::Reader::new(Limits::default())));
        let window = Window {
            bytes: head,
            base: 0,
            end: End::Open,
        };
        let mut out = Out {
            packets: &mut Vec::new(),
            notes: &mut Notes::new("".into(), 0),
            input: behind,
            count: &mut 0,
            steps: &mut Steps::default(),
        };
        // The head is our own, and whole.
        let _ = reader.parse(&window, &mut out);
        Self {
            behind,
            offset,
            format: Format::Pcapng(reader),
            order: Arc::default(),
        }
    }
}
