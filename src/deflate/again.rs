//! How a copy of a decoder gets into a message.
//!
//! Job: keep what `flate2`'s engine, which cannot be copied, takes to come to the same place once
//! more. Input: the window before a message, its compressed bytes. Output: the same.

use super::history::History;
use super::inflater::EnginePool;

/// Compressed bytes of one message that are kept.
pub(super) const INPUT_MAX: usize = 1 << 20;

/// Compressed bytes of all messages of one worker that are kept.
const TOTAL_MAX: usize = 64 << 20;

/// The way into the message in progress: `input` over `history`.
#[derive(Debug, Clone)]
pub(super) struct Again {
    pub(super) history: History,
    pub(super) input: Vec<u8>,
}

impl Again {
    /// A message begins over `history`.
    pub(super) fn over(history: &History) -> Self {
        Self {
            // A ring that was emptied still has its bytes.
            history: if history.is_empty() {
                History::default()
            } else {
                history.clone()
            },
            input: Vec::new(),
        }
    }

    /// The message goes on. Returns whether there was room for it.
    pub(super) fn note(&mut self, bytes: &[u8], pool: &mut EnginePool) -> bool {
        let more = bytes.len();
        let room = self.input.len() + more <= INPUT_MAX && pool.kept + more <= TOTAL_MAX;
        if room {
            self.input.extend_from_slice(bytes);
            pool.kept += more;
        }
        room
    }

    /// Bytes that it holds.
    pub(super) fn held(&self) -> usize {
        self.history.held() + self.input.len()
    }
}
