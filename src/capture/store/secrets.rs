//! TLS secrets in what is kept.
//!
//! Job: put the secrets that packets need into the files with these packets. Input: lines of a key log.
//! Output: Decryption Secrets Blocks.

use super::{Inner, LINES, ROOM, Shared, Store, Target};
use crate::capture::pcapng::{Secrets, write};
use crate::error::Error;

impl Store {
    /// Takes lines of a TLS key log that were used for the packets so far. They are written into the present
    /// file and the one before, whose packets may need them; later files begin with them.
    pub fn note_secrets(&self, lines: &[u8]) -> Result<(), Error> {
        if !self.0.has_room() || lines.is_empty() {
            return Ok(());
        }
        let mut inner = self.0.lock();
        inner.lines.extend(lines);
        let most = LINES.min(usize::try_from(self.0.segment_bytes() / 8).unwrap_or(LINES));
        while inner.lines.len() > most {
            let line = inner.lines.iter().position(|byte| *byte == b'\n');
            let all = inner.lines.len();
            inner.lines.drain(..line.map_or(all, |line| line + 1));
        }
        let Inner {
            segments, waiting, ..
        } = &mut *inner;
        let written = segments.iter_mut().rev().take(2).enumerate();
        for (place, segment) in written {
            let fits = segment.write_lines(lines);
            let written = match fits {
                Ok(true) => Ok(()),
                // Blocks of a file that is not the last one stay where they are: offsets count them.
                Ok(false) if place > 0 => Ok(()),
                Ok(false) => {
                    write::secrets(waiting, Secrets::TLS_KEY_LOG, lines);
                    let written = segment.append_late(waiting);
                    waiting.clear();
                    written
                }
                Err(error) => Err(error),
            };
            written.map_err(|cause| self.0.unwritten(cause))?;
        }
        Ok(())
    }
}

impl Shared {
    /// Whether files begin with room for secrets. What no name points to needs none: the secrets are in memory.
    fn has_room(&self) -> bool {
        self.origin.secrets && !matches!(self.target, Target::Scratch(_))
    }

    /// Begins a file with the secrets that were used so far, and room for others.
    pub(super) fn leave_room(&self, inner: &mut Inner) {
        let Some(segment) = inner.segments.back_mut() else {
            return;
        };
        if !self.has_room() {
            return;
        }
        let before = write::BEFORE_SECRETS + inner.waiting.len() as u64;
        let room = ROOM.min(self.segment_bytes() / 8);
        let known = inner.lines.len() as u64;
        let room = if segment.is_regular() { room } else { 0 };
        if known + room == 0 {
            return;
        }
        // Empty lines say nothing until others take their place.
        let mut lines = Vec::from(inner.lines.clone());
        lines.resize(usize::try_from(known + room).unwrap_or(lines.len()), b'\n');
        segment.room = (before + known, room);
        write::secrets(&mut inner.waiting, Secrets::TLS_KEY_LOG, &lines);
    }
}
