//! One loop over the records of either file format, with a way back after damage.
//!
//! Job: have records taken, and where one is damaged search for the next. Input: windows of the
//! file from its first byte on, and a [`Reader`] that knows its format. Output: what the reader
//! finds, and warnings about what makes no sense.

use super::record::{End, Lost, Out, Step, Window};
use super::warning::WarningKind;
use crate::error::Error;

/// How a run over records ended.
pub(super) enum Stop {
    /// At an unfinished record that begins at `at`; `need` bytes from there on are needed.
    Need { at: usize, need: usize },
    /// At bytes that are no record.
    Fault { at: usize, cause: String },
}

/// Whether a record begins at a place.
pub(super) enum Likeness {
    Yes,
    No,
    /// So many bytes from there on will tell.
    Need(usize),
}

/// What knows a format's records.
pub(super) trait Reader {
    /// Whether all has been read that must come before the first record.
    fn has_begun(&self) -> bool;

    /// Bytes of the shortest record.
    fn smallest(&self) -> usize;

    /// Takes records from `at` on, until one is not whole or not one.
    fn take(&mut self, window: &Window<'_>, at: usize, out: &mut Out<'_>) -> Result<Stop, Error>;

    /// Whether a record begins at `at`, where no length leads to.
    fn likeness(&self, window: &Window<'_>, at: usize) -> Likeness;

    /// Forgets what no longer holds after the damaged record that `bytes` begin with.
    fn forget(&mut self, _bytes: &[u8]) {}

    /// The error of an input of which nothing can be read to its end.
    fn hopeless(&self, _warning: &WarningKind, _out: &Out<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// A reader that finds its way back.
#[derive(Debug, Clone)]
pub(super) struct Recovering<R> {
    pub(super) reader: R,
    /// Set while the next record is searched for.
    lost: Option<Lost>,
}

/// What a search came to. Bytes before `at` are of no further use.
enum Search {
    /// A record begins here.
    Found { at: usize },
    /// Perhaps here; `need` bytes from there on will tell.
    Need { at: usize, need: usize },
    /// There is none up to the end.
    Nothing { at: usize },
}

impl<R: Reader> Recovering<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, lost: None }
    }

    /// Whether it is between two records, so that another reader could go on here.
    pub(super) fn is_between_records(&self) -> bool {
        self.lost.is_none() && self.reader.has_begun()
    }

    /// Takes what the window holds.
    pub(super) fn parse(&mut self, window: &Window<'_>, out: &mut Out<'_>) -> Result<Step, Error> {
        let mut at = 0;
        loop {
            if let Some(mut lost) = self.lost.take() {
                let search = self.search(window, at);
                let (Search::Found { at: end }
                | Search::Need { at: end, .. }
                | Search::Nothing { at: end }) = search;
                lost.pass(window.bytes.get(at..end).unwrap_or_default());
                match search {
                    Search::Found { at: next } => {
                        out.warn(lost.found(window.offset(next)));
                        at = next;
                    }
                    Search::Need { at, need } => {
                        self.lost = Some(lost);
                        return Ok(Step { consumed: at, need });
                    }
                    Search::Nothing { at } => {
                        let warning = lost.ended(window.offset(at));
                        self.reader.hopeless(&warning, out)?;
                        out.warn(warning);
                        return Ok(Step {
                            consumed: at,
                            need: 0,
                        });
                    }
                }
            }
            match self.reader.take(window, at, out)? {
                Stop::Need { at, need } => return Ok(Step { consumed: at, need }),
                Stop::Fault { at: bad, cause } => {
                    let mut lost = Lost::new(window.offset(bad), cause);
                    self.reader.forget(window.rest(bad));
                    // From the next byte on: a search makes progress, whatever it finds.
                    at = bad.saturating_add(1);
                    lost.pass(window.bytes.get(bad..at).unwrap_or_default());
                    self.lost = Some(lost);
                }
            }
        }
    }

    /// Searches for a record from `from` on.
    fn search(&self, window: &Window<'_>, from: usize) -> Search {
        let end = window.bytes.len();
        for at in from..end {
            match self.reader.likeness(window, at) {
                Likeness::Yes => return Search::Found { at },
                Likeness::No => {}
                Likeness::Need(need) => return Search::Need { at, need },
            }
        }
        match window.end {
            End::Open => Search::Need {
                at: end,
                need: self.reader.smallest(),
            },
            End::Reached | End::Failed => Search::Nothing { at: end },
        }
    }
}
