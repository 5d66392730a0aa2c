//! How a live capture stands, for the UI.
//!
//! Job: ask the capture, and look at the clock, by which rates fall when nothing comes. Input: the
//! capture's monitor. Output: [`Standing`].

use std::time::{SystemTime, UNIX_EPOCH};

use super::app::Standing;
use crate::base::Timestamp;
use crate::capture::Store;
use crate::capture::live::Monitor;

/// Tells it whenever it is asked.
pub(super) fn of(monitor: Monitor, store: Store) -> Box<dyn Fn() -> Standing> {
    Box::new(move || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let nanos = now.map_or(0, |now| u64::try_from(now.as_nanos()).unwrap_or(u64::MAX));
        Standing {
            interface: monitor.interface().to_owned(),
            status: monitor.status(),
            now: Timestamp(nanos),
            filter: store.filter().to_owned(),
            place: store.place(),
            kept: (store.len(), store.bound()),
            scratch: store.is_scratch(),
        }
    })
}
