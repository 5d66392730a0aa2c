//! What a live capture keeps, so that it can be read again.
//!
//! Job: write packets to a file with a name, to numbered files, or to a scratch file that no name
//! points to; give back what is kept, while writing goes on. Input: [`Block`]s. Output: pcapng.
//!
//! A store is a row of segments, each a whole pcapng section. Past its bound the oldest goes, and
//! with it its packets; those that remain keep their numbers and times. Every block is written
//! at once and whole, so whoever reads sees whole packets, and a crash of the program loses none
//! of them.

mod read;
mod secrets;
mod segment;
mod segments;

use std::collections::VecDeque;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::link::LinkType;
use super::mark::Mark;
use super::opened::Opened;
use super::packet::Block;
use super::pcapng::{Secrets, write};
use super::status::{Drops, Unkept};
use crate::base::{PacketRef, Timestamp};
use crate::error::Error;
use segment::Segment;

/// Room for TLS secrets at the beginning of a file: for some 90 connections; of small files an eighth.
const ROOM: u64 = 64 << 10;

/// Lines of a key log that are kept for files that are begun later, in bytes; of small files an eighth. The oldest go.
const LINES: usize = 1 << 20;

/// Segments of a scratch store.
const SCRATCH_SEGMENTS: u64 = 8;

/// What is written about where packets come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The interface, or another name for messages.
    pub name: String,
    /// The BPF expression that chose packets; empty for none.
    pub filter: String,
    /// Bytes captured of each packet; 0 for all.
    pub snaplen: u32,
    /// The link type, where it is known beforehand.
    pub link: Option<LinkType>,
    /// Files with a name begin with room for the TLS secrets that turn out to be used.
    pub secrets: bool,
}

/// Where packets are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file that no name points to, of so many bytes.
    Scratch(u64),
    /// One file.
    File(PathBuf),
    /// Numbered files: the name, the bytes of each, and how many are kept, where not all.
    Files(PathBuf, u64, Option<usize>),
}

/// Packets on disk. Clones are the same store.
#[derive(Debug, Clone)]
pub struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    origin: Origin,
    target: Target,
    overwrite: bool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The last one is written to.
    segments: VecDeque<Segment>,
    /// Where the last packet that is no longer kept ended.
    gone: u64,
    /// Segments begun so far.
    begun: u64,
    /// The present segment's bytes before its packets: all that a reader must know.
    head: Vec<u8>,
    /// Link types of the present segment's interfaces, in their order.
    links: Vec<LinkType>,
    /// Bytes on their way to the present segment.
    waiting: Vec<u8>,
    /// The number of the last packet.
    last: u64,
    /// That of the last one that was written whole.
    written: u64,
    /// From where on nothing is written any more.
    unkept: Option<Unkept>,
    counts: write::Counts,
    drops: Drops,
    /// The TLS secrets that were used so far, as lines of a key log.
    lines: VecDeque<u8>,
}

impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Store {}

impl Hash for Store {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl Store {
    /// Opens a store. Files that exist are an error, unless they may be overwritten.
    pub fn create(target: Target, origin: Origin, overwrite: bool) -> Result<Self, Error> {
        if let Target::Files(name, ..) = &target {
            segment::clear(name, overwrite)?;
        }
        let store = Self::new(target, origin, overwrite);
        store.0.begin(&mut store.0.lock(), 1)?;
        Ok(store)
    }

    /// Opens a scratch store of so many bytes, which may turn out to keep nothing: [`Store::keep`].
    pub fn scratch(bytes: u64, origin: Origin) -> Self {
        let store = Self::new(Target::Scratch(bytes), origin, false);
        let mut inner = store.0.lock();
        if let Err(error) = store.0.begin(&mut inner, 1) {
            inner.give_up(error);
        }
        drop(inner);
        store
    }

    fn new(target: Target, origin: Origin, overwrite: bool) -> Self {
        Self(Arc::new(Shared {
            origin,
            target,
            overwrite,
            inner: Mutex::default(),
        }))
    }

    /// Keeps the packets of `block` as [`Store::write`] does; from the first one on that cannot be
    /// written, none.
    pub fn keep(&self, block: &Block) {
        if self.unkept().is_none()
            && let Err(error) = self.write(block)
        {
            self.0.lock().give_up(error);
        }
    }

    /// From where on packets are not kept, and why.
    pub fn unkept(&self) -> Option<Unkept> {
        self.0.lock().unkept.clone()
    }

    /// Keeps the packets of `block`. After an error nothing more should be written.
    pub fn write(&self, block: &Block) -> Result<(), Error> {
        let mut inner = self.0.lock();
        let bound = self.0.segment_bytes();
        for packet in block.packets() {
            let size = write::size(packet.data.len()) as u64;
            let pending = inner.waiting.len() as u64;
            let full = inner.segments.back().is_some_and(|segment| {
                let end = segment.len + pending + size + write::STATISTICS;
                segment.has_packets && end > bound
            });
            if full {
                self.0.end(&mut inner)?;
                self.0.begin(&mut inner, packet.place.number)?;
            }
            let interface = self.0.interface(&mut inner, packet.link);
            let (time, wire_len) = (packet.time, packet.wire_len);
            write::packet(&mut inner.waiting, interface, time, wire_len, packet.data);
            inner.note(packet.place.number, packet.time);
        }
        self.0.flush(&mut inner)
    }

    /// Tells what was lost so far; it stands at the end of each file.
    pub fn note_drops(&self, drops: Drops) {
        self.0.lock().drops = drops;
    }

    /// Ends the last file. Nothing may be written afterwards; what is kept can still be read.
    pub fn finish(&self) -> Result<(), Error> {
        let mut inner = self.0.lock();
        if inner.unkept.is_some() {
            return Ok(());
        }
        self.0.end(&mut inner)
    }

    /// The number of the oldest packet that is kept, or of the next one where none is.
    pub fn first_packet(&self) -> u64 {
        let inner = self.0.lock();
        inner.segments.front().map_or(1, |segment| segment.first)
    }

    /// The number of the newest packet; 0 where there is none.
    pub fn last_packet(&self) -> u64 {
        self.0.lock().last
    }

    /// Bytes that are kept.
    pub fn len(&self) -> u64 {
        let inner = self.0.lock();
        inner.segments.iter().map(|segment| segment.len).sum()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.last_packet() < self.first_packet()
    }

    /// A name for messages.
    pub fn name(&self) -> &str {
        &self.0.origin.name
    }

    /// The BPF expression that chose packets; empty for none.
    pub fn filter(&self) -> &str {
        &self.0.origin.filter
    }

    /// Where packets are kept, for messages.
    pub fn place(&self) -> String {
        match &self.0.target {
            Target::Scratch(_) => format!("a scratch file in {}", std::env::temp_dir().display()),
            Target::File(path) | Target::Files(path, ..) => path.display().to_string(),
        }
    }

    /// Bytes that are kept at most, where there is a bound.
    pub fn bound(&self) -> Option<u64> {
        match &self.0.target {
            Target::Scratch(keep) => Some(*keep),
            Target::File(_) => None,
            Target::Files(_, size, most) => most.map(|most| size.saturating_mul(most as u64)),
        }
    }

    /// Whether what is kept goes with the program.
    pub fn is_scratch(&self) -> bool {
        matches!(self.0.target, Target::Scratch(_))
    }

    /// Writes what is kept at this moment to a new file, with `lines` of a TLS key log before its packets. The
    /// number of its last packet, and its bytes.
    pub fn save(&self, path: &Path, lines: &[u8]) -> io::Result<(u64, u64)> {
        let (last, opened) = {
            let inner = self.0.lock();
            let opened = inner.open(0, 0).map_err(io::Error::other)?;
            (inner.last, opened)
        };
        let mut file = File::create_new(path)?;
        let mut bytes = opened.bytes;
        let mut head = Vec::new();
        write::section(&mut head);
        let section = head.len() as u64;
        if !lines.is_empty() {
            write::secrets(&mut head, Secrets::TLS_KEY_LOG, lines);
        }
        // What is kept begins with such a section, too.
        io::copy(&mut bytes.by_ref().take(section), &mut io::sink())?;
        file.write_all(&head)?;
        let written = io::copy(&mut bytes, &mut file)?;
        file.sync_all()?;
        Ok((last, head.len() as u64 + written))
    }

    /// The files that are kept, for messages; none for a scratch store.
    pub fn files(&self) -> Vec<PathBuf> {
        let inner = self.0.lock();
        inner.segments.iter().filter_map(Segment::path).collect()
    }

    /// Where the next packet will stand, so that a reader can begin there.
    pub fn mark(&self) -> Option<Mark> {
        let inner = self.0.lock();
        let segment = inner.segments.back()?;
        if inner.unkept.is_some() {
            return None;
        }
        let behind = PacketRef::new(0, inner.last);
        let offset = segment.start + segment.len;
        Some(Mark::in_section(&inner.head, behind, offset))
    }

    /// What is kept at this moment as one pcapng stream.
    pub(super) fn open(&self) -> Result<Opened, Error> {
        self.0.lock().open(0, 0)
    }

    /// The same from `offset` on, which counts everything that was ever kept.
    pub(super) fn open_at(&self, offset: u64) -> Result<Opened, Error> {
        let inner = self.0.lock();
        let begun = inner.segments.iter().map(|segment| segment.start);
        let begun = begun.take_while(|start| *start <= offset).count();
        match begun.checked_sub(1) {
            Some(index) => inner.open(index, offset),
            // A mark behind the last packet of a segment that is gone.
            None if offset >= inner.gone => inner.open(0, 0),
            None => Err(Error::NotKept {
                name: self.0.origin.name.clone(),
                first: inner.segments.front().map_or(1, |segment| segment.first),
            }),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it holds the lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn segment_bytes(&self) -> u64 {
        match self.target {
            Target::Scratch(keep) => keep / SCRATCH_SEGMENTS,
            Target::File(_) => u64::MAX,
            Target::Files(_, size, _) => size,
        }
    }
}

impl Inner {
    /// The segments from number `index` of those that are kept, and there from `offset` on.
    fn open(&self, index: usize, offset: u64) -> Result<Opened, Error> {
        let kept = || self.segments.iter().skip(index);
        let before = kept().next().map_or((0, 0), |segment| {
            (segment.first.saturating_sub(1), segment.start)
        });
        let pieces = kept().map(Segment::piece).collect::<Result<_, _>>()?;
        let pieces = read::Pieces::new(pieces, offset.saturating_sub(before.1));
        Ok(Opened {
            before,
            ..Opened::whole(Box::new(pieces))
        })
    }

    /// Nothing more is written. What was written in part is not read, as it is not counted.
    fn give_up(&mut self, error: Error) {
        self.last = self.written;
        self.unkept = Some(Unkept {
            from: self.written + 1,
            why: match error {
                Error::Write { cause, .. } => cause.to_string(),
                other => other.to_string(),
            },
        });
    }

    fn note(&mut self, number: u64, time: Timestamp) {
        self.last = number;
        if self.counts.packets == 0 {
            self.counts.start = time;
        }
        self.counts.end = time;
        self.counts.packets += 1;
        if let Some(segment) = self.segments.back_mut() {
            segment.has_packets = true;
        }
    }
}

#[cfg(test)]
mod tests;
