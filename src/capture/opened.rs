//! An input that is open.
//!
//! Job: say what opening an input gives, for files, pipes and what a live capture keeps alike.

use std::io::Read;

/// Where bytes come from.
pub(super) type Bytes = Box<dyn Read + Send>;

/// An input that has been opened.
pub(super) struct Opened {
    pub(super) bytes: Bytes,
    /// Whether all of it is there, so that reading never waits for a writer.
    pub(super) whole: bool,
    /// Packets and bytes of the input that came before, and are no longer there.
    pub(super) before: (u64, u64),
}

impl Opened {
    /// What has to be waited for.
    pub(super) fn pipe(bytes: Bytes) -> Self {
        Self {
            bytes,
            whole: false,
            before: (0, 0),
        }
    }

    /// What is there.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self {
            bytes,
            whole: true,
            before: (0, 0),
        }
    }
}
