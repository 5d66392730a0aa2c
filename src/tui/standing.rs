//! How a live capture stands, for the UI.
//!
//! Job: translate what the capture tells, and look at the clock, by which rates fall when nothing
//! comes. Input: the capture's monitor and store. Output: [`Standing`].

use std::time::{SystemTime, UNIX_EPOCH};

use super::app::{Link, Standing};
use crate::base::Timestamp;
use crate::capture::Store;
use crate::capture::live::{Monitor, State};

/// Tells it whenever it is asked.
pub(super) fn of(monitor: Monitor, store: Store) -> Box<dyn Fn() -> Standing> {
    Box::new(move || {
        let status = monitor.status();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let nanos = now.map_or(0, |now| u64::try_from(now.as_nanos()).unwrap_or(u64::MAX));
        Standing {
            interface: monitor.interface().to_owned(),
            link: match status.state {
                State::Up => Link::Up,
                State::Down => Link::Down,
                State::Ended => Link::Ended,
                State::Failed(why) => Link::Failed(why),
            },
            packets: status.packets,
            dropped: status.drops.kernel + status.drops.interface,
            first_kept: store.first_packet(),
            now: Timestamp(nanos),
        }
    })
}
