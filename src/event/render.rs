//! What becomes of events where they are shown.
//!
//! Job: let a sink render into whatever its reader wants (bytes, rows), and hand that on before it
//! grows large. Input: events, and the number of the step that they belong to. Output:
//! [`Portion`]s of bounded size, cut between units, each piece with the number of its step.

use std::io::{self, Write};
use std::ops::Range;

use super::{Event, EventSink};
use crate::base::Timestamp;

/// Something that is made of units in a row, and can be cut between any two of them.
pub trait Rendered: Default + Send {
    /// Units: bytes, rows, …
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that it takes, more or less.
    fn bytes(&self) -> usize;

    /// Moves the units `part` of `from` to the end. What is moved out of one value comes in rising
    /// order and leaves nothing out; until [`Rendered::truncate`], `part` counts from the first unit
    /// that there ever was.
    fn append(&mut self, from: &mut Self, part: Range<usize>);

    /// Keeps only the first `len` units.
    fn truncate(&mut self, len: usize);
}

impl<T: Copy + Send> Rendered for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }

    fn bytes(&self) -> usize {
        self.len() * size_of::<T>()
    }

    fn append(&mut self, from: &mut Self, part: Range<usize>) {
        self.extend_from_slice(from.get(part).unwrap_or_default());
    }

    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }
}

/// A sink that renders.
pub trait Renderer: Send {
    /// What it makes of events.
    type Output: Rendered;

    /// The capture's first packet was captured at `start`. Comes once, before any event.
    fn begin(&mut self, start: Timestamp) {
        let _ = start;
    }

    /// The next event.
    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Self::Output>);

    /// The step that brought the last events is over.
    fn pause(&mut self, out: &mut Outlet<'_, Self::Output>) {
        let _ = out;
    }
}

/// What one step rendered, or a part of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The step's number in its block.
    pub number: u64,
    /// Where its units end; they begin where those of the piece before end.
    pub end: usize,
}

/// What was rendered and is handed on at once.
#[derive(Debug, Default)]
pub struct Portion<R> {
    /// All of it.
    pub rendered: R,
    /// Which step rendered what, in order.
    pub pieces: Vec<Piece>,
    /// Nothing more of this block follows.
    pub is_last: bool,
}

impl<R: Rendered> Portion<R> {
    /// Forgets everything but the memory.
    pub fn clear(&mut self) {
        self.rendered.truncate(0);
        self.pieces.clear();
        self.is_last = false;
    }
}

/// Takes a portion and leaves an empty one, or one to be cleared; false where nobody wants more.
pub type Take<'a, R> = dyn FnMut(&mut Portion<R>) -> bool + 'a;

/// Where a sink puts what it renders.
pub struct Outlet<'a, R> {
    portion: Portion<R>,
    /// Of the step that is being rendered.
    number: u64,
    /// Bytes of memory at which a portion is handed on.
    full: usize,
    /// Where units begin that may be taken back.
    held: Option<usize>,
    is_closed: bool,
    take: &'a mut Take<'a, R>,
}

impl<'a, R: Rendered> Outlet<'a, R> {
    fn new(full: usize, take: &'a mut Take<'a, R>) -> Self {
        Self {
            portion: Portion::default(),
            number: 0,
            full: full.max(1),
            held: None,
            is_closed: false,
            take,
        }
    }

    /// Renders something that is no larger than a unit or so.
    #[inline]
    pub fn add(&mut self, render: impl FnOnce(&mut R)) {
        render(&mut self.portion.rendered);
        if self.portion.rendered.bytes() >= self.full && self.held.is_none() {
            self.hand_on();
        }
    }

    /// Keeps what is rendered from here on, until it is known whether it is wanted.
    pub fn hold(&mut self) {
        self.held = Some(self.portion.rendered.len());
    }

    /// What was kept is wanted, or not.
    pub fn release(&mut self, wanted: bool) {
        let held = self.held.take();
        if let (Some(len), false) = (held, wanted) {
            self.portion.rendered.truncate(len);
        }
        self.add(|_| ());
    }

    fn hand_on(&mut self) {
        self.mark();
        if !self.is_closed {
            self.is_closed = !(self.take)(&mut self.portion);
        }
        self.portion.clear();
    }

    /// Notes where the units of the step end.
    #[inline]
    fn mark(&mut self) {
        let end = self.portion.rendered.len();
        if end > self.portion.pieces.last().map_or(0, |piece| piece.end) {
            let number = self.number;
            self.portion.pieces.push(Piece { number, end });
        }
    }
}

impl Outlet<'_, Vec<u8>> {
    /// Renders bytes, of which there may be many.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        let rendered = &mut self.portion.rendered;
        if self.held.is_some() || rendered.len() + bytes.len() < self.full {
            rendered.extend_from_slice(bytes);
        } else {
            self.put_in_portions(bytes);
        }
    }

    fn put_in_portions(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.full.saturating_sub(self.portion.rendered.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.add(|rendered| rendered.extend_from_slice(now));
            bytes = later;
        }
    }
}

impl Write for Outlet<'_, Vec<u8>> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.put(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A renderer with its outlet, which takes events as other sinks do.
pub struct Rendering<'a, S: Renderer> {
    renderer: S,
    outlet: Outlet<'a, S::Output>,
}

impl<'a, S: Renderer> Rendering<'a, S> {
    /// Has `renderer` hand on to `take` what takes `full` bytes of memory.
    pub fn new(renderer: S, full: usize, take: &'a mut Take<'a, S::Output>) -> Self {
        Self {
            renderer,
            outlet: Outlet::new(full, take),
        }
    }

    /// A step begins, and with it the one before is over.
    #[inline]
    pub fn step(&mut self, number: u64) {
        self.renderer.pause(&mut self.outlet);
        self.outlet.mark();
        self.outlet.number = number;
    }

    /// A block is over: hands on what is left, even if that is nothing. False where nobody
    /// wants more.
    pub fn end_block(&mut self) -> bool {
        self.renderer.pause(&mut self.outlet);
        self.outlet.portion.is_last = true;
        self.outlet.hand_on();
        !self.outlet.is_closed
    }

    /// The renderer, at the end.
    pub fn into_renderer(self) -> S {
        self.renderer
    }
}

impl<S: Renderer> EventSink for Rendering<'_, S> {
    fn begin(&mut self, start: Timestamp) {
        self.renderer.begin(start);
    }

    fn event(&mut self, event: Event<'_>) {
        if !self.outlet.is_closed {
            self.renderer.event(event, &mut self.outlet);
        }
    }
}

/// All that `renderer` makes of what `tell` tells it.
pub fn rendered<S: Renderer>(renderer: S, tell: impl FnOnce(&mut Rendering<'_, S>)) -> S::Output {
    let mut all = S::Output::default();
    let mut take = |portion: &mut Portion<S::Output>| {
        let len = portion.rendered.len();
        all.append(&mut portion.rendered, 0..len);
        true
    };
    let mut rendering = Rendering::new(renderer, usize::MAX, &mut take);
    tell(&mut rendering);
    rendering.end_block();
    all
}

#[cfg(test)]
mod tests;
