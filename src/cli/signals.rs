//! Ctrl-C and `kill`.
//!
//! Job: have a capture end cleanly at the first signal, and the process at the second. Input:
//! SIGINT, SIGTERM. Output: the wish to stop.

use crate::capture::Stop;

/// Sets `stop` at the first SIGINT or SIGTERM; the next one ends the process as if there were no
/// handler.
#[cfg(unix)]
pub(super) fn watch(stop: &Stop) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;

    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset and sets it. Where a handler cannot
        // be had, the signal ends the process at once.
        if flag::register_conditional_default(signal, stop.flag()).is_ok() {
            let _ = flag::register(signal, stop.flag());
        }
    }
}

#[cfg(not(unix))]
pub(super) fn watch(_: &Stop) {}
