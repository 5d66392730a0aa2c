//! How what comes stands, for the UI.
//!
//! Job: ask the capture or the pipe, and look at the clock, by which rates fall when nothing comes.
//! Input: the capture's monitor, or what counts what came. Output: [`Standing`].

use std::time::{SystemTime, UNIX_EPOCH};

use super::app::Standing;
use super::index::Came;
use crate::base::Timestamp;
#[cfg(feature = "live")]
use crate::capture::live::Monitor;
use crate::capture::{Status, Store};

/// Tells it whenever it is asked.
#[cfg(feature = "live")]
pub(super) fn of(monitor: Monitor, store: Store) -> Box<dyn Fn() -> Standing> {
    Box::new(move || now(monitor.interface(), monitor.status(), &store))
}

/// The same of standard input.
pub(super) fn piped(came: Came, store: Store) -> Box<dyn Fn() -> Standing> {
    Box::new(move || Standing {
        by_packets: true,
        ..now(store.name(), came.status(), &store)
    })
}

fn now(name: &str, status: Status, store: &Store) -> Standing {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = now.map_or(0, |now| u64::try_from(now.as_nanos()).unwrap_or(u64::MAX));
    Standing {
        interface: name.to_owned(),
        status,
        now: Timestamp(nanos),
        filter: store.filter().to_owned(),
        place: store.place(),
        kept: (store.len(), store.bound()),
        scratch: store.is_scratch(),
        unkept: store.unkept(),
        by_packets: false,
        secrets: 0,
    }
}
