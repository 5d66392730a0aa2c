//! A live capture, beside the UI.
//!
//! Job: what [`super::load`] does for files. Input: a capture that runs and what it keeps.
//! Output: batches; a trail that goes where the oldest packets go.

use std::sync::Arc;
use std::time::Duration;

use super::asked::Asked;
use super::load::{Loader, Pulse, Told};
use crate::base::PacketRef;
use crate::capture::live::{Live, Turn};
use crate::capture::{Block, Store};
use crate::parallel::Feed;
use crate::pipeline::{Options, Renewed};
use crate::replay::Trail;

/// Gives newer secrets, where there are any.
pub type Renew = Box<dyn FnMut() -> Renewed + Send>;

/// How often the wish to stop is looked at while no packets come.
const LOOK: Duration = Duration::from_millis(100);

impl Loader {
    /// Begins to analyse what `live` captures; `store` keeps its packets.
    pub fn listen(
        (live, store): (Live, Store),
        renew: Renew,
        options: &Options,
        threads: usize,
        trail: &Trail,
    ) -> Self {
        let left = trail.clone();
        let open = move |pulse| {
            Ok(Listening {
                live,
                store,
                renew,
                pulse,
                trail: left,
                first: 1,
                read: 0,
                errors: Vec::new(),
            })
        };
        Self::run(open, options, threads, trail, Some(Asked::default()))
    }
}

struct Listening {
    live: Live,
    store: Store,
    renew: Renew,
    pulse: Arc<Pulse>,
    trail: Trail,
    /// The first packet that is kept.
    first: u64,
    /// Captured bytes.
    read: u64,
    errors: Vec<String>,
}

impl Feed for Listening {
    fn read(&mut self, block: &mut Block) -> bool {
        let store = &self.store;
        self.trail.mark(self.read, || store.mark());
        loop {
            let stopped = self.pulse.is_stopped();
            if stopped {
                self.live.monitor().stop();
            }
            let turn = self.live.read(block, LOOK);
            let failed = self.live.take_failure();
            self.errors.extend(failed.map(|error| error.to_string()));
            match turn {
                // What still comes is kept, and no longer looked at.
                Turn::Packets if stopped => {}
                Turn::Packets => break,
                Turn::Quiet => {}
                Turn::Ended => return false,
            }
        }
        self.read += block.bytes().len() as u64;
        let first = self.store.first_packet();
        if first != self.first {
            self.first = first;
            self.trail.forget_before(PacketRef::new(0, first));
        }
        true
    }

    fn renewed(&mut self) -> Renewed {
        (self.renew)()
    }
}

impl Told for Listening {
    fn told(self) -> (Vec<String>, Vec<String>) {
        (self.errors, Vec::new())
    }
}
