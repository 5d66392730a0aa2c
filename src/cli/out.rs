//! Where output goes.
//!
//! Job: let the pipeline and a running capture write whole lines to the same place. Input: bytes.
//! Output: standard output.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::page::{Line, svg};

/// Writes a file that is not there yet.
pub(super) fn new_file(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let file = File::create_new(path).and_then(|mut file| file.write_all(bytes));
    file.map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a page as a picture.
pub(super) fn picture(path: &Path, lines: &[Line]) -> Result<(), String> {
    new_file(path, svg::page(lines).as_bytes())
}

/// Standard output, locked for each write only, so that it can move between threads.
#[derive(Debug)]
pub(super) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().lock().flush()
    }
}

/// The first rows of what is written; more of them end the run as a closed pipe does.
#[derive(Debug)]
pub(super) struct Rows<W> {
    out: W,
    left: usize,
}

impl<W> Rows<W> {
    pub(super) fn new(out: W, rows: usize) -> Self {
        Self { out, left: rows }
    }
}

impl<W: Write> Write for Rows<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let end = ends
            .nth(self.left - 1)
            .map_or(bytes.len(), |(at, _)| at + 1);
        let written = self.out.write(bytes.get(..end).unwrap_or(bytes))?;
        let rows = bytes
            .iter()
            .take(written)
            .filter(|byte| **byte == b'\n')
            .count();
        self.left -= rows.min(self.left);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An output of several writers of lines. What one of them writes in one call stays together.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Lines<dyn Write + Send>>>);

struct Lines<W: ?Sized> {
    /// What waits for the end of a line that was written in part.
    waiting: Vec<u8>,
    in_line: bool,
    out: W,
}

impl Shared {
    pub(super) fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            waiting: Vec::new(),
            in_line: false,
            out,
        })))
    }

    /// Writes lines, of which the last may be a part that the next call goes on with. One writer
    /// can do so.
    pub(super) fn part(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Lines {
            waiting,
            in_line,
            out,
        } = &mut *self.lock();
        out.write_all(bytes)?;
        *in_line = !bytes.ends_with(b"\n");
        if !*in_line && !waiting.is_empty() {
            out.write_all(waiting)?;
            waiting.clear();
        }
        out.flush()
    }

    fn lock(&self) -> MutexGuard<'_, Lines<dyn Write + Send + 'static>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let lines = &mut *self.lock();
        if lines.in_line {
            lines.waiting.extend_from_slice(bytes);
            Ok(())
        } else {
            lines.out.write_all(bytes)
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lock().out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn rows_end_after_so_many() {
        let mut out = Rows::new(Vec::new(), 2);
        assert!(out.write_all(b"on").and(out.write_all(b"e\ntw")).is_ok());
        let more = out.write_all(b"o\nthree\n").map_err(|error| error.kind());
        assert_eq!(more, Err(io::ErrorKind::BrokenPipe));
        assert_eq!(out.out, b"one\ntwo\n");
        assert!(Rows::new(Vec::new(), 0).write_all(b"").is_ok());
    }

    #[test]
    fn no_line_gets_into_another() {
        let kept = Kept::default();
        let mut one = Shared::new(kept.clone());
        let mut other = one.clone();
        one.part(b"long ").unwrap();
        other.write_all(b"first\n").unwrap();
        one.part(b"line").unwrap();
        other.write_all(b"second\n").unwrap();
        one.part(b"\nanother\n").unwrap();
        other.write_all(b"third\n").unwrap();
        let kept = kept.0.lock().unwrap();
        let all = "long line\nanother\nfirst\nsecond\nthird\n";
        assert_eq!(std::str::from_utf8(&kept), Ok(all));
    }
}
