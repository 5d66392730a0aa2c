//! Captures as a feed for the pipeline, with what goes wrong said on the way.
//!
//! Job: read the inputs in a row, or an interface, filter packets, put warnings and errors on
//! stderr as they happen. Input: the command line's files. Output: blocks, and whether anything
//! failed.

use std::ffi::OsString;
use std::path::Path;

use super::args::Common;
#[cfg(feature = "live")]
use super::live::Listening;
use super::out::Shared;
use super::say::say;
use super::{interfaces, signals};
use crate::base::Limits;
use crate::capture::{Block, Filter, Input, Packet, Source, Stop};
use crate::error::Error;
use crate::parallel::Feed;

/// The inputs of one command.
pub(super) struct Captures {
    from: From,
    filter: Option<Filter>,
    /// Packets were chosen by an expression, here or in the kernel.
    filtered: bool,
    /// Some input could not be read, or not to its end.
    pub(super) failed: bool,
    /// What goes wrong was said when the inputs were read before.
    pub(super) quiet: bool,
}

/// Where packets come from.
enum From {
    Files(Box<Source>),
    #[cfg(feature = "live")]
    Interface(Box<Listening>),
}

impl Captures {
    /// Opens what the arguments name; where that cannot be had, it is said. JSON objects about a
    /// live capture go to `out`.
    pub(super) fn open(common: &Common, out: &Shared, limits: Limits) -> Option<Self> {
        if let Some(option) = common.listen.stray() {
            say!("{option} goes with --interface, not with files");
            return None;
        }
        let opened = match common.listen.interface.as_deref() {
            None => {
                // Regular files end with the process: they can be read again.
                let stop = Stop::default();
                if common.files.iter().any(is_pipe) {
                    signals::watch(&stop);
                }
                Self::until(stop, &common.files, common.filter.as_deref(), limits)
                    .map_err(|error| error.to_string())
            }
            Some("") => {
                interfaces::ask();
                return None;
            }
            Some(_) => Self::listen(common, out),
        };
        opened.map_err(|error| say!("{error}")).ok()
    }

    /// Captures in files. Opens nothing yet; a bad filter is told at once.
    pub(super) fn new(
        files: &[OsString],
        filter: Option<&str>,
        limits: Limits,
    ) -> Result<Self, Error> {
        Self::until(Stop::default(), files, filter, limits)
    }

    /// The same; what is in pipes ends when `stop` says so.
    fn until(
        stop: Stop,
        files: &[OsString],
        filter: Option<&str>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let inputs = files.iter().map(|file| Input::from(file.as_os_str()));
        let source = Source::new(inputs.collect(), limits).until(stop);
        Ok(Self {
            from: From::Files(Box::new(source)),
            filter: filter.map(Filter::new).transpose()?,
            filtered: filter.is_some(),
            failed: false,
            quiet: false,
        })
    }

    #[cfg(feature = "live")]
    fn listen(common: &Common, out: &Shared) -> Result<Self, String> {
        let stop = Stop::default();
        signals::watch(&stop);
        let json = common.json.then(|| out.clone());
        let filter = common.filter.as_deref();
        let listening = Listening::open(&common.listen, filter, &stop, json)?;
        Ok(Self {
            from: From::Interface(Box::new(listening)),
            filter: None,
            filtered: filter.is_some(),
            failed: false,
            quiet: false,
        })
    }

    #[cfg(not(feature = "live"))]
    fn listen(_: &Common, _: &Shared) -> Result<Self, String> {
        Err(Error::NoLive.to_string())
    }

    /// Whether a filter leaves packets out.
    pub(super) fn is_filtered(&self) -> bool {
        self.filtered
    }

    /// Says how a live capture went.
    pub(super) fn conclude(&mut self) {
        match &mut self.from {
            From::Files(_) => {}
            #[cfg(feature = "live")]
            From::Interface(listening) => {
                listening.conclude();
                self.failed |= listening.failed;
            }
        }
    }
}

/// Whether a writer has to be waited for.
pub(super) fn is_pipe(file: &OsString) -> bool {
    file == "-" || Path::new(file).metadata().is_ok_and(|it| !it.is_file())
}

/// Says what is odd about the inputs.
fn warn(source: &mut Source, filter: Option<&mut Filter>) {
    for warning in source.take_warnings() {
        say!("warning: {warning}");
    }
    for refusal in filter.into_iter().flat_map(Filter::take_refusals) {
        say!("warning: {refusal}");
    }
}

impl Feed for Captures {
    fn read(&mut self, block: &mut Block) -> bool {
        match &mut self.from {
            #[cfg(feature = "live")]
            From::Interface(listening) => listening.read(block),
            From::Files(source) => loop {
                let more = source.read(block);
                if !self.quiet {
                    warn(source, self.filter.as_mut());
                }
                match more {
                    Ok(more) => {
                        let filter = self.filter.as_ref().filter(|_| !more && !self.quiet);
                        if let Some(overlooked) = filter.and_then(Filter::overlooked) {
                            say!("warning: {overlooked}");
                        }
                        return more;
                    }
                    Err(error) => {
                        self.failed = true;
                        if !self.quiet {
                            say!("{error}");
                        }
                    }
                }
            },
        }
    }

    fn is_choosy(&self) -> bool {
        self.filter.is_some()
    }

    fn wants(&mut self, packet: &Packet<'_>) -> bool {
        self.filter
            .as_mut()
            .is_none_or(|filter| filter.matches(packet))
    }
}
