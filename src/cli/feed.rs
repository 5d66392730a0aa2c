//! Captures as a feed for the pipeline, with what goes wrong said on the way.
//!
//! Job: read the inputs in a row, or an interface, filter packets, put warnings and errors on
//! stderr as they happen. Input: a plan. Output: blocks, and whether anything failed.

use super::exit::Outcome;
#[cfg(feature = "tls")]
use super::keys_watch::Watch;
use super::listen::Listen;
#[cfg(feature = "live")]
use super::live::Listening;
use super::out::Shared;
use super::plan::{self, Plan, is_pipe};
use super::say::say;
use super::signals;
use crate::base::Limits;
use crate::capture::{Block, Filter, Input, Stop};
use crate::parallel::Feed;
#[cfg(feature = "tls")]
use crate::pipeline::Renewed;

/// The inputs of one command.
pub(super) struct Captures {
    source: Source,
    filter: Option<Filter>,
    /// Some input could not be read, or not to its end.
    pub(super) failed: bool,
    /// What goes wrong was said when the inputs were read before.
    quiet: bool,
    /// The key logs, where packets come as they are captured.
    #[cfg(feature = "tls")]
    watch: Option<Watch>,
    /// Secrets blocks that were taken.
    #[cfg(feature = "tls")]
    taken: usize,
}

/// Where packets come from.
enum Source {
    Files(Box<crate::capture::Source>),
    #[cfg(feature = "live")]
    Interface(Box<Listening>),
}

impl Captures {
    /// Opens what a plan names; files are opened when they are read, but a bad filter is told at
    /// once. JSON objects about a live capture go to `out`.
    pub(super) fn open(plan: &Plan<'_>, out: &Shared, limits: Limits) -> Outcome<Self> {
        let stop = Stop::default();
        let files = match plan.source {
            plan::Source::Files(files) => files,
            plan::Source::Interface(listen) => return Self::listen(plan, listen, &stop, out),
        };
        // Regular files end with the process: they can be read again.
        if files.iter().any(is_pipe) {
            signals::watch(&stop);
        }
        let inputs = files.iter().map(|file| Input::from(file.as_os_str()));
        let source = crate::capture::Source::new(inputs.collect(), limits).until(stop);
        Ok(Self {
            source: Source::Files(Box::new(source)),
            filter: plan.bpf.map(Filter::new).transpose()?,
            failed: false,
            quiet: plan.quiet,
            #[cfg(feature = "tls")]
            watch: plan.is_fresh().then(|| plan.watch_keys()),
            #[cfg(feature = "tls")]
            taken: 0,
        })
    }

    #[cfg(feature = "live")]
    fn listen(plan: &Plan<'_>, listen: &Listen, stop: &Stop, out: &Shared) -> Outcome<Self> {
        signals::watch(stop);
        let json = (plan.format == super::args::Format::Json).then(|| out.clone());
        let listening =
            Listening::open(listen, (plan.bpf, plan.keeps_secrets(listen)), stop, json)?;
        Ok(Self {
            source: Source::Interface(Box::new(listening)),
            filter: None,
            failed: false,
            quiet: false,
            #[cfg(feature = "tls")]
            watch: Some(plan.watch_keys()),
            #[cfg(feature = "tls")]
            taken: 0,
        })
    }

    #[cfg(not(feature = "live"))]
    fn listen(_: &Plan<'_>, _: &Listen, _: &Stop, _: &Shared) -> Outcome<Self> {
        Err(crate::error::Error::NoLive.into())
    }

    /// Says how a live capture went.
    pub(super) fn conclude(&mut self) {
        match &mut self.source {
            Source::Files(_) => {}
            #[cfg(feature = "live")]
            Source::Interface(listening) => {
                #[cfg(feature = "tls")]
                if let Some(watch) = &mut self.watch {
                    listening.keep_secrets(&watch.used());
                }
                listening.conclude();
                self.failed |= listening.failed;
            }
        }
    }
}

/// Says what is odd about the inputs.
fn warn(source: &mut crate::capture::Source, filter: Option<&mut Filter>) {
    for warning in source.take_warnings() {
        say!("warning: {warning}");
    }
    for refusal in filter.into_iter().flat_map(Filter::take_refusals) {
        say!("warning: {refusal}");
    }
}

impl Feed for Captures {
    fn read(&mut self, block: &mut Block) -> bool {
        match &mut self.source {
            #[cfg(feature = "live")]
            Source::Interface(listening) => listening.read(block),
            Source::Files(source) => loop {
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

    #[cfg(feature = "tls")]
    fn renewed(&mut self) -> Renewed {
        let watch = self.watch.as_mut()?;
        #[cfg_attr(
            not(feature = "live"),
            expect(irrefutable_let_patterns, reason = "one source")
        )]
        if let Source::Files(source) = &self.source {
            let blocks = source.secrets();
            for secrets in blocks.get(self.taken..).unwrap_or_default() {
                watch.block(secrets);
            }
            self.taken = blocks.len();
        }
        #[cfg(feature = "live")]
        if let Source::Interface(listening) = &mut self.source {
            listening.keep_secrets(&watch.used());
        }
        watch.look()
    }

    fn filter(&mut self) -> Option<&mut Filter> {
        self.filter.as_mut()
    }
}
