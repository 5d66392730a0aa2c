//! The sliding window at a step.
//!
//! Job: say what the window holds once a step has been read, which messages that came from, what
//! fell out of it, and how much of a message came from which earlier one. Input: an
//! [`Explanation`] and a step. Output: [`Window`], [`Share`]s. RFC 1951 §2, RFC 7692 §7.1.1.

use std::collections::BTreeMap;
use std::ops::Range;

use super::message::{Deflated, Explanation, Source, Stretch};
use super::steps::Step;
use crate::deflate::trace::SymbolKind;

/// What the window holds after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// How many bytes it has room for.
    pub size: u64,
    /// What fell out with the step, then what is in it; the oldest first, zeros in holes.
    pub bytes: Vec<u8>,
    /// Which of the bytes are not known: start and length.
    pub holes: Vec<(u64, u64)>,
    /// Where bytes of another message begin, and of which.
    pub borders: Vec<(u64, Source)>,
    /// How many of the bytes fell out.
    pub fallen: u64,
    /// Those that the step made.
    pub made: Range<u64>,
    /// Those that it copied.
    pub source: Option<Range<u64>>,
}

/// How many bytes of a message came from somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// From where; nothing for those that are in the payload as they are.
    pub source: Option<Source>,
    /// How many.
    pub bytes: u64,
}

impl Window {
    /// Bytes that are in it.
    pub fn held(&self) -> u64 {
        (self.bytes.len() as u64).saturating_sub(self.fallen)
    }

    /// How many of them are known.
    pub fn known(&self) -> u64 {
        let unknown = self.holes.iter().map(|(start, len)| {
            let end = start + len;
            end.saturating_sub((*start).max(self.fallen))
        });
        self.held().saturating_sub(unknown.sum())
    }

    /// Which message a byte came from.
    pub fn source_of(&self, at: u64) -> Option<Source> {
        let after = self.borders.partition_point(|(start, _)| *start <= at);
        let border = self.borders.get(after.checked_sub(1)?);
        border.map(|(_, source)| *source)
    }
}

impl Explanation {
    /// The window once a step has been read.
    pub fn window(&self, step: &Step) -> Option<Window> {
        let (deflated, _) = step.of(self)?;
        let says = step.says(self)?;
        let (_, before) = step.place(self)?;
        let base = deflated.base.unwrap_or(0);
        let (start, end) = says.makes.unwrap_or((before, before));
        let size = self.parameters()?.window_bits.bytes() as u64;
        let new = end - start;
        let pieces = deflated.window(end - base, size.saturating_add(new));
        let mut window = Window {
            size,
            bytes: Vec::new(),
            holes: Vec::new(),
            borders: Vec::new(),
            fallen: 0,
            made: 0..0,
            source: None,
        };
        for piece in &pieces {
            self.append(piece, &mut window);
        }
        let len = window.bytes.len() as u64;
        window.fallen = len.saturating_sub(size);
        window.made = len.saturating_sub(new)..len;
        if let Some(distance) = says.distance() {
            let from = window.made.start.checked_sub(distance);
            // A copy that repeats itself reads on in what it makes.
            window.source = from.map(|from| from..(from + new).min(window.made.start));
        }
        Some(window)
    }

    /// The bytes of a stretch, as far as they are kept.
    fn append(&self, stretch: &Stretch, window: &mut Window) {
        let at = window.bytes.len() as u64;
        if window
            .borders
            .last()
            .is_none_or(|(_, last)| *last != stretch.source)
        {
            window.borders.push((at, stretch.source));
        }
        let end = at.saturating_add(stretch.len);
        let fill = usize::try_from(end).unwrap_or(usize::MAX);
        let known = match (stretch.source, stretch.start) {
            (Source::Message(number), Some(start)) if number == self.number => {
                Some((self.payload.as_slice(), self.holes.as_slice(), start))
            }
            (Source::Message(number), Some(start)) => {
                let mut past = self.past.iter();
                let past = past.find(|past| past.message == number && past.start <= start);
                past.map(|past| {
                    (
                        past.bytes.as_slice(),
                        past.holes.as_slice(),
                        start - past.start,
                    )
                })
            }
            _ => None,
        };
        let Some((bytes, holes, start)) = known else {
            window.bytes.resize(fill, 0);
            window.hole(at, stretch.len);
            return;
        };
        let from = usize::try_from(start)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let to = usize::try_from(start.saturating_add(stretch.len)).unwrap_or(usize::MAX);
        window
            .bytes
            .extend(bytes.get(from..to.min(bytes.len())).unwrap_or_default());
        for (hole, len) in holes {
            let first = (*hole).max(start);
            let last = hole
                .saturating_add(*len)
                .min(start.saturating_add(stretch.len));
            if first < last {
                window.hole(at + first - start, last - first);
            }
        }
        let there = window.bytes.len() as u64;
        window.bytes.resize(fill, 0);
        window.hole(there, end.saturating_sub(there));
    }

    /// How much of the message came from where, the most first. As far as symbols are kept.
    pub fn shares(&self) -> Vec<Share> {
        let mut literals = 0;
        let mut copied: BTreeMap<(u8, u64), (Source, u64)> = BTreeMap::new();
        for deflated in &self.deflated {
            for block in &deflated.trace.blocks {
                if block.symbols.is_empty() {
                    literals += block.makes.len();
                }
                for symbol in &block.symbols {
                    if let SymbolKind::Literal { .. } = symbol.kind {
                        literals += 1;
                    }
                    for stretch in deflated.sources(symbol) {
                        let source = stretch.source;
                        let key = match source {
                            Source::Message(number) => (0, number),
                            Source::Earlier => (1, 0),
                            Source::Lost => (2, 0),
                        };
                        copied.entry(key).or_insert((source, 0)).1 += stretch.len;
                    }
                }
            }
        }
        let copied = copied.into_values().map(|(source, bytes)| Share {
            source: Some(source),
            bytes,
        });
        let literals = Share {
            source: None,
            bytes: literals,
        };
        let mut shares: Vec<_> = copied
            .chain([literals])
            .filter(|one| one.bytes > 0)
            .collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.bytes));
        shares
    }
}

impl Window {
    fn hole(&mut self, start: u64, len: u64) {
        match self.holes.last_mut() {
            _ if len == 0 => {}
            Some((last, of)) if *last + *of == start => *of += len,
            _ => self.holes.push((start, len)),
        }
    }
}

impl Deflated {
    /// What a window of `size` bytes holds once the payload has made `made`, the oldest first.
    fn window(&self, made: u64, size: u64) -> Vec<Stretch> {
        self.stretches(self.trace.window(made, size))
    }
}
