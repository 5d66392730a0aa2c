//! Captures as a feed for the pipeline, with what goes wrong said on the way.
//!
//! Job: read the inputs in a row, filter packets, put warnings and errors on stderr as they
//! happen. Input: the command line's files. Output: blocks, and whether anything failed.

use std::ffi::OsString;

use crate::base::Limits;
use crate::capture::{Block, Filter, Input, Packet, Source};
use crate::error::Error;
use crate::parallel::Feed;

/// The inputs of one command.
pub(super) struct Captures {
    source: Source,
    filter: Option<Filter>,
    /// Some input could not be read.
    pub(super) failed: bool,
    /// What goes wrong was said when the inputs were read before.
    pub(super) quiet: bool,
}

impl Captures {
    /// Opens nothing yet; a bad filter is told at once.
    pub(super) fn new(
        files: &[OsString],
        filter: Option<&str>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let inputs = files.iter().map(|file| Input::from(file.as_os_str()));
        Ok(Self {
            source: Source::new(inputs.collect(), limits),
            filter: filter.map(Filter::new).transpose()?,
            failed: false,
            quiet: false,
        })
    }

    /// Whether a filter leaves packets out.
    pub(super) fn is_filtered(&self) -> bool {
        self.filter.is_some()
    }

    fn say(&self, what: std::fmt::Arguments<'_>) {
        if !self.quiet {
            eprintln!("wscope: {what}");
        }
    }

    fn warn(&mut self) {
        for warning in self.source.take_warnings() {
            self.say(format_args!("warning: {warning}"));
        }
        let refusals = self.filter.iter_mut().flat_map(Filter::take_refusals);
        for refusal in refusals.collect::<Vec<_>>() {
            self.say(format_args!("warning: {refusal}"));
        }
    }
}

impl Feed for Captures {
    fn read(&mut self, block: &mut Block) -> bool {
        loop {
            let more = self.source.read(block);
            self.warn();
            match more {
                Ok(more) => return more,
                Err(error) => {
                    self.failed = true;
                    self.say(format_args!("{error}"));
                }
            }
        }
    }

    fn wants(&mut self, packet: &Packet<'_>) -> bool {
        self.filter
            .as_mut()
            .is_none_or(|filter| filter.matches(packet))
    }
}
