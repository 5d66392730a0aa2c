//! Standard input, beside the UI.
//!
//! Job: what [`super::load`] does for files, of what can be read only once: packets are kept in a
//! store while they come, from which replays read, as those of a live capture are. Input: a source,
//! and where its packets are kept. Output: batches; how it stands.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::asked::Asked;
use super::load::{Loader, Pulse, Told};
use crate::base::PacketRef;
use crate::capture::{Block, Filter, Secrets, Source, State, Status, Store};
use crate::parallel::Feed;
use crate::pipeline::{Options, Renewed};
use crate::replay::Trail;

/// Takes secrets that came with the packets, and gives newer ones, where there are any.
pub type Fresh = Box<dyn FnMut(&[Secrets]) -> Renewed + Send>;

/// What comes on standard input.
pub struct Piped {
    /// Where it comes from.
    pub source: Source,
    /// Where its packets are kept.
    pub store: Store,
    /// Which of them are looked at.
    pub filter: Option<Filter>,
    /// Secrets of TLS.
    pub fresh: Fresh,
}

/// How far it is.
#[derive(Debug, Clone, Default)]
pub struct Came(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    packets: AtomicU64,
    bytes: AtomicU64,
    ended: AtomicBool,
    failed: Mutex<Option<String>>,
}

impl Came {
    /// As a live capture tells it.
    pub fn status(&self) -> Status {
        let failed = self.0.failed.lock();
        let failed = failed.unwrap_or_else(PoisonError::into_inner).clone();
        let ended = self.0.ended.load(Ordering::Relaxed);
        Status {
            packets: self.0.packets.load(Ordering::Relaxed),
            bytes: self.0.bytes.load(Ordering::Relaxed),
            state: match (failed, ended) {
                (Some(why), _) => State::Failed(why),
                (None, true) => State::Ended,
                (None, false) => State::Up,
            },
            ..Status::default()
        }
    }

    fn fail(&self, why: String) {
        let failed = self.0.failed.lock();
        *failed.unwrap_or_else(PoisonError::into_inner) = Some(why);
    }
}

impl Loader {
    /// Begins to read what is piped in.
    pub fn pipe(
        piped: Piped,
        came: Came,
        options: &Options,
        threads: usize,
        trail: &Trail,
    ) -> Self {
        let left = trail.clone();
        let open = move |pulse: Arc<Pulse>| {
            let Piped {
                source,
                store,
                filter,
                fresh,
            } = piped;
            Ok(Keeping {
                source: source.until(pulse.wish()),
                store,
                filter,
                fresh,
                came,
                trail: left,
                first: 1,
                taken: 0,
                errors: Vec::new(),
                warnings: Vec::new(),
            })
        };
        Self::run(open, options, threads, trail, Some(Asked::default()))
    }
}

struct Keeping {
    source: Source,
    store: Store,
    filter: Option<Filter>,
    fresh: Fresh,
    came: Came,
    trail: Trail,
    /// The first packet that is kept.
    first: u64,
    /// Secrets blocks that were taken.
    taken: usize,
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Keeping {
    /// Keeps the packets of a block, as long as that can be done.
    fn keep(&mut self, block: &Block) {
        let packets = u64::try_from(block.len()).unwrap_or(u64::MAX);
        let bytes = u64::try_from(block.bytes().len()).unwrap_or(u64::MAX);
        self.came.0.packets.fetch_add(packets, Ordering::Relaxed);
        self.came.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.store.keep(block);
        let first = self.store.first_packet();
        if first != self.first {
            self.first = first;
            self.trail.forget_before(PacketRef::new(0, first));
        }
    }
}

impl Feed for Keeping {
    fn read(&mut self, block: &mut Block) -> bool {
        let store = &self.store;
        let read = self.source.progress().read;
        self.trail.mark(read, || store.mark());
        loop {
            let more = self.source.read(block);
            let said = self.source.take_warnings();
            self.warnings.extend(said.iter().map(ToString::to_string));
            let refused = self.filter.iter_mut().flat_map(Filter::take_refusals);
            self.warnings.extend(refused);
            match more {
                Ok(true) => {
                    self.keep(block);
                    return true;
                }
                Ok(false) => break,
                Err(error) => {
                    self.came.fail(error.to_string());
                    self.errors.push(error.to_string());
                }
            }
        }
        // What is kept is whole only now.
        if let Err(error) = self.store.finish() {
            self.errors.push(error.to_string());
        }
        self.came.0.ended.store(true, Ordering::Relaxed);
        false
    }

    fn renewed(&mut self) -> Renewed {
        let blocks = self.source.secrets();
        let new = blocks.get(self.taken..).unwrap_or_default();
        let renewed = (self.fresh)(new);
        self.taken = blocks.len();
        renewed
    }

    fn filter(&mut self) -> Option<&mut Filter> {
        self.filter.as_mut()
    }
}

impl Told for Keeping {
    fn told(self) -> (Vec<String>, Vec<String>) {
        (self.errors, self.warnings)
    }
}
