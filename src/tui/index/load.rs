//! The first run over the captures, beside the UI.
//!
//! Job: read, route, analyse on threads of their own, and send batches. Input: the inputs.
//! Output: [`Batch`]es, a [`Pulse`] while it runs, [`Loaded`] at the end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::asked::Asked;
use super::record::{Batch, Teller};
use crate::base::Limits;
use crate::capture::{Block, Filter, Source, Stop};
use crate::parallel::{self, Feed};
use crate::pipeline::{Options, Tally};
use crate::replay::{Inputs, Trail};
use crate::session::Detail;

/// Batches that wait for the UI.
const WAITING: usize = 32;

/// How far a run is, and whether it is to go on.
#[derive(Debug, Default)]
pub struct Pulse {
    read: AtomicU64,
    total: AtomicU64,
    stop: Stop,
}

impl Pulse {
    /// Bytes read, and bytes in all where that is known.
    pub fn progress(&self) -> (u64, Option<u64>) {
        let total = self.total.load(Ordering::Relaxed);
        (
            self.read.load(Ordering::Relaxed),
            (total > 0).then_some(total),
        )
    }

    /// Has the run end early.
    pub fn stop(&self) {
        self.stop.set();
    }

    /// Whether it is to end early.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_set()
    }

    /// The wish that it ends, for who waits for packets.
    pub(super) fn wish(&self) -> Stop {
        self.stop.clone()
    }
}

/// What a run leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// What the capture held.
    pub tally: Tally,
    /// Inputs that could not be read, or not to their end.
    pub errors: Vec<String>,
    /// What was odd about the inputs.
    pub warnings: Vec<String>,
    /// It was ended early.
    pub stopped: bool,
}

/// A run.
#[derive(Debug)]
pub struct Loader {
    /// What it reads, in order.
    pub batches: Receiver<Batch>,
    /// What it leaves.
    pub loaded: Receiver<Loaded>,
    /// How far it is.
    pub pulse: Arc<Pulse>,
    /// What messages are asked while they come, where it is a live capture.
    pub asked: Option<Asked>,
}

impl Loader {
    /// Begins to read.
    pub fn start(inputs: Inputs, options: &Options, threads: usize, trail: &Trail) -> Self {
        let limits = options.limits;
        let left = trail.clone();
        let open = move |pulse| {
            let feed = Watched::open(&inputs, limits, pulse)?;
            Ok(Watched {
                trail: Some(left),
                ..feed
            })
        };
        Self::run(open, options, threads, trail, None)
    }

    /// Reads files as if they came live.
    #[cfg(test)]
    pub fn asking(inputs: Inputs, options: &Options, asked: Asked) -> Self {
        let limits = options.limits;
        let open = move |pulse| Watched::open(&inputs, limits, pulse);
        Self::run(open, options, 2, &Trail::default(), Some(asked))
    }

    /// Runs what `open` opens on a thread of its own.
    pub(super) fn run<F: Told>(
        open: impl FnOnce(Arc<Pulse>) -> Result<F, String> + Send + 'static,
        options: &Options,
        threads: usize,
        trail: &Trail,
        asked: Option<Asked>,
    ) -> Self {
        let ask = asked.clone();
        let (to, batches) = bounded(WAITING);
        let (done, loaded) = bounded(1);
        let pulse = Arc::new(Pulse::default());
        let shared = Arc::clone(&pulse);
        let options = Options {
            detail: Detail::Payloads,
            waypoints: Some(Arc::clone(&trail.waypoints)),
            ..options.clone()
        };
        thread::spawn(move || {
            let result = match open(Arc::clone(&shared)) {
                Ok(feed) => load(feed, (&options, threads), ask.as_ref(), &to),
                Err(error) => Loaded {
                    errors: vec![error],
                    ..Loaded::default()
                },
            };
            let stopped = shared.is_stopped();
            // Where the UI is gone, nobody wants to know.
            let _ = done.send(Loaded { stopped, ..result });
        });
        Self {
            batches,
            loaded,
            pulse,
            asked,
        }
    }
}

/// A feed that tells in the end what was wrong.
pub(super) trait Told: Feed + Send {
    /// Errors, and warnings.
    fn told(self) -> (Vec<String>, Vec<String>);
}

fn load<F: Told>(
    mut feed: F,
    (options, threads): (&Options, usize),
    asked: Option<&Asked>,
    to: &Sender<Batch>,
) -> Loaded {
    let send = |batch: &mut Batch| {
        let sent = to.send(std::mem::take(batch));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    };
    let mut out = send;
    let make = || Teller::new(asked.cloned());
    let (run, written) = parallel::render(threads, options, make, &mut feed, &mut out);
    // Where nobody takes it any more, the run was cancelled.
    let _ = written.and_then(|()| send(&mut Teller::conclude(run.sinks)));
    let (errors, warnings) = feed.told();
    Loaded {
        tally: run.tally,
        stopped: false,
        errors,
        warnings,
    }
}

/// Inputs that tell how far they are read.
pub(super) struct Watched {
    source: Source,
    filter: Option<Filter>,
    pulse: Arc<Pulse>,
    /// Where to leave marks.
    trail: Option<Trail>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Watched {
    pub(super) fn open(inputs: &Inputs, limits: Limits, pulse: Arc<Pulse>) -> Result<Self, String> {
        let (source, filter) = inputs.open(limits).map_err(|error| error.to_string())?;
        let total = source.progress().total.unwrap_or(0);
        pulse.total.store(total, Ordering::Relaxed);
        Ok(Self {
            source,
            filter,
            pulse,
            trail: None,
            errors: Vec::new(),
            warnings: Vec::new(),
        })
    }
}

impl Feed for Watched {
    fn read(&mut self, block: &mut Block) -> bool {
        loop {
            if self.pulse.is_stopped() {
                return false;
            }
            if let Some(trail) = &self.trail {
                trail.mark(self.source.progress().read, || self.source.mark());
            }
            let more = self.source.read(block);
            let read = self.source.progress().read;
            self.pulse.read.store(read, Ordering::Relaxed);
            let said = self.source.take_warnings();
            self.warnings.extend(said.iter().map(ToString::to_string));
            let refused = self.filter.iter_mut().flat_map(Filter::take_refusals);
            self.warnings.extend(refused);
            match more {
                Ok(more) => {
                    if !more {
                        self.warnings
                            .extend(self.filter.as_ref().and_then(Filter::overlooked));
                    }
                    return more;
                }
                Err(error) => self.errors.push(error.to_string()),
            }
        }
    }

    fn filter(&mut self) -> Option<&mut Filter> {
        self.filter.as_mut()
    }
}

impl Told for Watched {
    fn told(self) -> (Vec<String>, Vec<String>) {
        (self.errors, self.warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Index;
    use super::*;
    use crate::capture::Input;

    fn indexed(name: &str, threads: usize) -> (Index, Loaded) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("captures")
            .join(name);
        let inputs = Inputs {
            files: vec![Input::from(path)],
            filter: None,
        };
        let options = Options::new(Detail::Payloads);
        let loader = Loader::start(inputs, &options, threads, &Trail::default());
        let mut index = Index::default();
        for batch in &loader.batches {
            index.take(&batch);
        }
        (index, loader.loaded.recv().unwrap())
    }

    #[test]
    fn the_index_does_not_depend_on_the_number_of_threads() {
        for name in ["demo.pcapng", "refused.pcap", "ws-takeover-lost.pcap"] {
            let (one, loaded) = indexed(name, 1);
            let (three, _) = indexed(name, 3);
            assert!(loaded.errors.is_empty());
            assert!(!one.connections().is_empty());
            assert_eq!(one.len(), three.len());
            for place in 0..one.len() {
                assert_eq!(
                    one.get(place).map(|r| (r.conversing(), r.number)),
                    three.get(place).map(|r| (r.conversing(), r.number))
                );
                assert_eq!(one.preview(place), three.preview(place));
            }
            assert_eq!(one.findings, three.findings);
        }
    }

    #[test]
    fn messages_are_found_by_their_numbers() {
        let (index, _) = indexed("demo.pcapng", 2);
        let place = index.find(1.into(), 18).unwrap();
        assert_eq!(index.get(place).unwrap().payload(), Some(4220));
        assert!(index.preview(place).starts_with(b"{\"type\":\"snapshot\""));
        assert_eq!(index.find(1.into(), 0), None);
        assert_eq!(index.find(1.into(), 10_000), None);
        assert_eq!(
            index
                .connection(1.into())
                .unwrap()
                .totals()
                .messages
                .total(),
            38
        );
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let (index, loaded) = indexed("no-such-file.pcap", 1);
        assert!(index.is_empty());
        assert_eq!(loaded.errors.len(), 1);
    }
}
