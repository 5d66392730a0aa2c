//! All inputs as one stream of packets.
//!
//! Job: take one input after the other and fill blocks with whole packets. Input: what the user
//! named, or a reader. Output: [`Block`]s, [`Warning`]s, [`Secrets`].

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use super::input::Input;
use super::mark::Mark;
use super::open::{Clock, Reading};
use super::opened::{Bytes, Opened};
use super::order::reading_order;
use super::packet::Block;
use super::pcapng::Secrets;
use super::stop::Stop;
use super::warning::Warning;
use crate::base::{Limits, PacketRef};
use crate::error::Error;

/// Packets from files, pipes and standard input, one after the other.
///
/// ```
/// use wscope::base::Limits;
/// use wscope::capture::{Block, Source};
///
/// let file: &[u8] = &[
///     0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, // header
///     0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 60, 0, 0, 0, 0xab, 0xcd, // one packet, cut to two bytes
/// ];
/// let mut source = Source::from_reader("example", Box::new(file), Limits::default());
/// let mut block = Block::default();
/// let mut packets = 0;
/// while source.read(&mut block)? {
///     for packet in block.packets() {
///         assert_eq!((packet.data, packet.wire_len), (&[0xab, 0xcd][..], 60));
///         packets += 1;
///     }
/// }
/// assert_eq!(packets, 1);
/// # Ok::<(), wscope::error::Error>(())
/// ```
pub struct Source {
    limits: Limits,
    stop: Stop,
    names: Vec<Arc<str>>,
    /// What has not been begun, by its place on the command line.
    waiting: Vec<Option<Waiting>>,
    /// The places in the order of reading, once the first input is begun.
    order: Option<Arc<[u32]>>,
    /// Inputs begun so far.
    begun: u32,
    reading: Option<Reading>,
    /// An error to report once the packets before it have been.
    error: Option<Error>,
    clock: Clock,
    warnings: Vec<Warning>,
    secrets: Vec<Secrets>,
    /// Drops told, and bytes read, by inputs that are finished.
    dropped: u64,
    read: u64,
    total: Option<u64>,
}

/// An input that has not been begun.
enum Waiting {
    Input(Input),
    Reader(Bytes),
}

/// How much of the inputs has been read, in bytes as they lie there (compressed or not).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes read so far.
    pub read: u64,
    /// Bytes of all inputs; `None` where one of them is no regular file.
    pub total: Option<u64>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("names", &self.names)
            .field("begun", &self.begun)
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

impl Source {
    /// Packets of `inputs`: regular files in the order of their first packets, all else at its place.
    /// Nothing is opened yet.
    pub fn new(inputs: Vec<Input>, limits: Limits) -> Self {
        let total = inputs
            .iter()
            .map(Input::size)
            .try_fold(0_u64, |sum, size| sum.checked_add(size?));
        let names = inputs.iter().map(|input| input.to_string().into());
        Self::build(
            names.collect(),
            inputs
                .into_iter()
                .map(|input| Some(Waiting::Input(input)))
                .collect(),
            total,
            limits,
        )
    }

    /// Packets of one input that is called `name` in messages.
    pub fn from_reader(name: &str, reader: Box<dyn Read + Send>, limits: Limits) -> Self {
        let waiting = vec![Some(Waiting::Reader(reader))];
        Self::build(vec![name.into()], waiting, None, limits)
    }

    /// Packets of `inputs` from `mark` on, which another source set in the same inputs.
    pub fn resume(inputs: Vec<Input>, limits: Limits, mark: &Mark) -> Result<Self, Error> {
        let file = mark.behind.file;
        let mut source = Self::new(inputs, limits);
        if !mark.order.is_empty() {
            source.order = Some(Arc::clone(&mark.order));
        }
        if let Some(Waiting::Input(input)) = source.take(file) {
            source.begun = mark.behind.turn.saturating_add(1);
            let opened = input.open_at(mark.offset)?;
            source.reading = Some(Reading::resume(source.name_of(file), mark, opened));
        }
        Ok(source)
    }

    /// Where the source stands, if reading can begin there: in front of the next block.
    pub fn mark(&self) -> Option<Mark> {
        let order = self.order.clone().unwrap_or_default();
        let mark = self.reading.as_ref()?.mark()?;
        Some(Mark { order, ..mark })
    }

    fn build(
        names: Vec<Arc<str>>,
        waiting: Vec<Option<Waiting>>,
        total: Option<u64>,
        limits: Limits,
    ) -> Self {
        Self {
            limits,
            stop: Stop::default(),
            names,
            waiting,
            order: None,
            begun: 0,
            reading: None,
            error: None,
            clock: Clock::default(),
            warnings: Vec::new(),
            secrets: Vec::new(),
            dropped: 0,
            read: 0,
            total,
        }
    }

    /// Has pipes and standard input end when `stop` says so: what their writers wrote until then
    /// is read, and what they write in ending. Not on Windows.
    #[must_use]
    pub fn until(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// Fills `block`, which is cleared first, with the next whole packets: at least one, and as
    /// many as are there without waiting for a writer. `Ok(false)`: all inputs are at their end.
    ///
    /// An error concerns one input only, and comes after all packets that could be read of it:
    /// the next call goes on with the next input.
    pub fn read(&mut self, block: &mut Block) -> Result<bool, Error> {
        loop {
            block.clear();
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            let mut reading = match self.reading.take() {
                Some(reading) => reading,
                None => match self.begin() {
                    Some(reading) => reading?,
                    None => return Ok(false),
                },
            };
            let filled = reading.fill(block, &mut self.clock);
            reading.warnings(&mut self.warnings);
            reading.secrets(&mut self.secrets);
            match filled {
                Ok(false) => self.reading = Some(reading),
                Ok(true) => self.finish(&reading),
                Err(error) => {
                    self.finish(&reading);
                    self.error = Some(error);
                }
            }
            if !block.is_empty() {
                return Ok(true);
            }
        }
    }

    /// Opens the next input, if there is one.
    fn begin(&mut self) -> Option<Result<Reading, Error>> {
        let turn = self.begun;
        let file = *self.order().get(super::bytes::index(turn))?;
        self.begun = self.begun.saturating_add(1);
        let waiting = self.take(file)?;
        let name = self.name_of(file);
        let opened = match waiting {
            Waiting::Input(input) => input.open(&self.stop),
            Waiting::Reader(bytes) => Ok(Opened::pipe(bytes)),
        };
        let input = PacketRef {
            turn,
            file,
            number: 0,
        };
        Some(opened.and_then(|opened| Reading::begin(name, input, opened, self.limits)))
    }

    /// The places of the inputs in the order of reading.
    fn order(&mut self) -> &Arc<[u32]> {
        let inputs = self.waiting.iter().map(|waiting| match waiting {
            Some(Waiting::Input(input)) => Some(input),
            Some(Waiting::Reader(_)) | None => None,
        });
        let limits = self.limits;
        self.order
            .get_or_insert_with(|| reading_order(&inputs.collect::<Vec<_>>(), limits))
    }

    /// The input at a place of the command line, if it has not been begun.
    fn take(&mut self, file: u32) -> Option<Waiting> {
        self.waiting.get_mut(super::bytes::index(file))?.take()
    }

    fn finish(&mut self, reading: &Reading) {
        self.dropped = self.dropped.saturating_add(reading.dropped());
        self.read = self.read.saturating_add(reading.bytes_read());
    }

    fn name_of(&self, file: u32) -> Arc<str> {
        let name = self.names.get(super::bytes::index(file));
        name.map_or_else(|| "input".into(), Arc::clone)
    }

    /// Warnings since the last call, in the order of the inputs.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// Decryption secrets found so far, in the order of the inputs.
    pub fn secrets(&self) -> &[Secrets] {
        &self.secrets
    }

    /// Packets that the capturing machines say they lost, as far as the inputs tell (pcapng only).
    pub fn dropped(&self) -> u64 {
        let now = self.reading.as_ref().map_or(0, Reading::dropped);
        self.dropped.saturating_add(now)
    }

    /// How much has been read.
    pub fn progress(&self) -> Progress {
        let now = self.reading.as_ref().map_or(0, Reading::bytes_read);
        Progress {
            read: self.read.saturating_add(now),
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests;
