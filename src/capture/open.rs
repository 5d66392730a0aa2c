//! One input while it is read.
//!
//! Job: tell its kind, read it in large pieces, have the pieces parsed, and carry the unfinished
//! packet at the end of one block over to the next. Input: a reader. Output: filled blocks,
//! warnings, and an error where the input is none or fails.

use std::io;
use std::sync::Arc;

use super::compressed::{Compression, Failure, Raw, Stream};
use super::mark::{Format, Mark};
use super::opened::Opened;
use super::packet::{Block, PacketRecord};
use super::pcapng::Secrets;
use super::record::{End, Out, STEP, Steps, Window};
use super::recover::Recovering;
use super::sniff::{self, Kind};
use super::warning::{Notes, Warning, WarningKind};
use super::{pcap, pcapng};
use crate::base::{Limits, PacketRef, Timestamp};
use crate::error::Error;

/// Bytes looked at to tell an input's kind, if they are there at once.
const HEAD: usize = 512;

/// The time of the last packet over all inputs.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last: Option<(Timestamp, Arc<str>)>,
}

/// An input that has been begun.
#[derive(Debug)]
pub(super) struct Reading {
    stream: Stream,
    /// Whether reading never waits for a writer, so that blocks are filled to the brim.
    whole: bool,
    format: Format,
    notes: Notes,
    /// Which input it is; its number counts nothing.
    input: PacketRef,
    /// Whole packets so far.
    count: u64,
    /// Bytes that have been read and belong to no whole packet yet.
    tail: Vec<u8>,
    /// Offset of the first of them.
    base: u64,
    /// Bytes, from there on, that are needed to get on.
    need: usize,
    end: End,
    failure: Option<Failure>,
    steps: Steps,
}

impl Reading {
    /// Tells what the input is and makes ready to read it.
    pub(super) fn begin(
        name: Arc<str>,
        input: PacketRef,
        opened: Opened,
        limits: Limits,
    ) -> Result<Self, Error> {
        let stream = Stream::new(Raw::new(opened.bytes));
        let (stream, head, kind) = identify(&name, stream)?;
        let format = match kind {
            Kind::Pcap(variant) => Format::Pcap(Box::new(Recovering::new(pcap::Reader::new(
                variant, limits,
            )))),
            Kind::Pcapng => Format::Pcapng(Box::new(Recovering::new(pcapng::Reader::new(limits)))),
            Kind::Gzip | Kind::Zstd => {
                return Err(not_a_capture(&name, &stream, "another compressed file"));
            }
            Kind::Other(looks_like) => return Err(not_a_capture(&name, &stream, looks_like)),
        };
        Ok(Self {
            stream,
            whole: opened.whole,
            format,
            notes: Notes::new(name, input.file),
            input,
            count: opened.before.0,
            // A regular file is read on at once; a pipe may have given all there is for now.
            need: if opened.whole { head.len() + 1 } else { 0 },
            tail: head,
            base: opened.before.1,
            end: End::Open,
            failure: None,
            steps: Steps::default(),
        })
    }

    /// Goes on in an input where another reading stood.
    pub(super) fn resume(name: Arc<str>, mark: &Mark, opened: Opened) -> Self {
        Self {
            stream: Stream::new(Raw::new(opened.bytes)),
            whole: opened.whole,
            format: mark.format.clone(),
            notes: Notes::new(name, mark.behind.file),
            input: mark.behind,
            count: mark.behind.number,
            need: 0,
            tail: Vec::new(),
            base: mark.offset,
            end: End::Open,
            failure: None,
            steps: Steps::default(),
        }
    }

    /// Where it stands, if reading can begin there.
    pub(super) fn mark(&self) -> Option<Mark> {
        let plain = self.whole && self.stream.compression().is_none();
        (plain && self.end == End::Open && self.format.is_between_records()).then(|| Mark {
            behind: PacketRef {
                number: self.count,
                ..self.input
            },
            order: Arc::default(),
            offset: self.base,
            format: self.format.clone(),
        })
    }

    /// Fills `block` with at least one packet, or to the end of the input: then it is `Ok(true)`.
    /// After an error the input is at its end, too, and `block` may hold the packets before it.
    pub(super) fn fill(&mut self, block: &mut Block, clock: &mut Clock) -> Result<bool, Error> {
        block.append(&self.tail);
        self.tail.clear();
        loop {
            if self.end == End::Open && block.bytes().len() < self.need.max(1) {
                self.read(block);
                continue;
            }
            let (bytes, packets) = block.split();
            let window = Window {
                bytes,
                base: self.base,
                end: self.end,
            };
            let mut out = Out {
                packets,
                notes: &mut self.notes,
                input: self.input,
                count: &mut self.count,
                steps: &mut self.steps,
            };
            let parsed = self.format.parse(&window, &mut out);
            if self.end != End::Open {
                self.check_clock(block.records(), clock);
                return self.finish(parsed.err()).map(|()| true);
            }
            let step = parsed?;
            let rest = window.rest(step.consumed);
            self.base = window.offset(step.consumed);
            // A reader that wants no more than it has would be asked the same for ever.
            self.need = step.need.max(rest.len().saturating_add(1));
            if !packets.is_empty() {
                self.tail.extend_from_slice(rest);
                self.check_clock(block.records(), clock);
                return Ok(false);
            }
            block.drop_front(step.consumed);
        }
    }

    /// Reads on behind the bytes of `block`: once from what may make us wait, else to the brim.
    fn read(&mut self, block: &mut Block) {
        // What a damaged length claims is not reserved before half of it has really come.
        let have = block.bytes().len();
        let room = self.need.min(have.saturating_mul(2)).max(Block::BYTES);
        loop {
            let space = block.space(room);
            if space.is_empty() {
                return;
            }
            match self.stream.read(space) {
                Ok(0) => self.end = End::Reached,
                Ok(count) => block.advance(count),
                Err(failure) => {
                    self.end = End::Failed;
                    self.failure = Some(failure);
                }
            }
            if self.end != End::Open || !self.whole {
                return;
            }
        }
    }

    /// Says what is to be said at the end of the input.
    fn finish(&mut self, error: Option<Error>) -> Result<(), Error> {
        let failure = match self.failure.take() {
            Some(Failure::Cut(compression)) => {
                let format = compression.name();
                self.notes
                    .add(self.count, WarningKind::CutStream { format });
                None
            }
            Some(Failure::Broken(compression, cause)) => {
                let format = compression.name();
                let kind = WarningKind::BrokenStream { format, cause };
                self.notes.add_last(self.count, kind);
                None
            }
            Some(failure @ Failure::Read(_)) => {
                Some(failed(self.notes.name(), self.count, &self.stream, failure))
            }
            None => None,
        };
        let error = failure.or(error);
        if self.count == 0 && error.is_none() && self.notes.none() {
            self.notes.add(0, WarningKind::NoPackets);
        }
        self.notes.finish(self.count);
        error.map_or(Ok(()), Err)
    }

    /// Reports an input that begins before the one read before it ends.
    fn check_clock(&mut self, records: &[PacketRecord], clock: &mut Clock) {
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return;
        };
        if let Some((time, name)) = &clock.last
            && !Arc::ptr_eq(name, self.notes.name())
            && first.time.0 > 0
            && first.time.0.saturating_add(STEP) < time.0
        {
            let previous = Arc::clone(name);
            let kind = WarningKind::InputsOutOfOrder { previous };
            self.notes.add(0, kind);
        }
        clock.last = Some((last.time, Arc::clone(self.notes.name())));
    }

    /// Moves the warnings so far to `list`.
    pub(super) fn warnings(&mut self, list: &mut Vec<Warning>) {
        self.notes.drain_into(list);
    }

    /// Moves the secrets so far to `list`.
    pub(super) fn secrets(&mut self, list: &mut Vec<Secrets>) {
        if let Format::Pcapng(reader) = &mut self.format {
            list.append(&mut reader.reader.secrets);
        }
    }

    /// Packets that the input says were dropped.
    pub(super) fn dropped(&self) -> u64 {
        match &self.format {
            Format::Pcap(_) => 0,
            Format::Pcapng(reader) => reader.reader.dropped(),
        }
    }

    /// Bytes read of the input as it lies there.
    pub(super) fn bytes_read(&self) -> u64 {
        self.stream.raw().count()
    }
}

/// Reads the head of an input, and that of what is compressed in it.
fn identify(name: &str, mut stream: Stream) -> Result<(Stream, Vec<u8>, Kind), Error> {
    let (head, failure) = head(&mut stream);
    if let Some(failure) = failure {
        return Err(failed(name, 0, &stream, failure));
    }
    if head.is_empty() {
        let name = name.to_owned();
        return Err(Error::Empty { name });
    }
    let kind = sniff::sniff(&head);
    let compression = match kind {
        Kind::Gzip => Compression::Gzip,
        Kind::Zstd => Compression::Zstd,
        Kind::Pcap(_) | Kind::Pcapng | Kind::Other(_) => return Ok((stream, head, kind)),
    };
    let mut stream = stream.unpack(head, compression);
    let (head, failure) = self::head(&mut stream);
    match failure {
        Some(failure) => Err(failed(name, 0, &stream, failure)),
        None if head.is_empty() => Err(not_a_capture(name, &stream, "nothing")),
        None => {
            let kind = sniff::sniff(&head);
            Ok((stream, head, kind))
        }
    }
}

/// The first bytes of a stream: at least those of a magic number, if the stream has so many.
fn head(stream: &mut Stream) -> (Vec<u8>, Option<Failure>) {
    let mut head = [0; HEAD];
    let mut have = 0;
    let mut failure = None;
    while have < sniff::MAGIC {
        match stream.read(head.get_mut(have..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => have = have.saturating_add(count),
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    (head.get(..have).unwrap_or_default().to_vec(), failure)
}

#[cold]
fn not_a_capture(name: &str, stream: &Stream, looks_like: &str) -> Error {
    Error::NotACapture {
        name: name.to_owned(),
        looks_like: match stream.compression() {
            None => looks_like.to_owned(),
            Some(compression) => format!("{looks_like}, inside {}", compression.name()),
        },
    }
}

/// The error for a stream that failed when `packets` packets had been read.
#[cold]
fn failed(name: &str, packets: u64, stream: &Stream, failure: Failure) -> Error {
    let name = name.to_owned();
    match failure {
        Failure::Read(cause) if cause.kind() == io::ErrorKind::IsADirectory => {
            Error::Directory { name }
        }
        Failure::Read(cause) => Error::Read {
            name,
            packets,
            offset: stream.raw().count(),
            cause,
        },
        Failure::Cut(compression) => Error::Compressed {
            name,
            tool: compression.name(),
            cause: "it is cut off before its first byte of content".to_owned(),
        },
        Failure::Broken(compression, cause) => Error::Compressed {
            name,
            tool: compression.name(),
            cause,
        },
    }
}
