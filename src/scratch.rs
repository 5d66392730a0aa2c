//! Bytes on disk that no name points to.
//!
//! Job: put bytes away that are seldom needed, and read parts of them again. Input: bytes. Output: a
//! [`Place`]. What cannot be written stays in memory, and the reason is given once.
//!
//! A file goes with the last place in it: where old bytes are of no more use, others are begun from
//! time to time.

use std::env;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why what was put away cannot be read again.
#[derive(Debug, thiserror::Error)]
#[error("the scratch file in {} cannot be read: {cause}", folder.display())]
struct Unreadable {
    folder: PathBuf,
    cause: io::Error,
}

/// The same error, which says that it is a scratch file's.
pub fn unreadable(cause: io::Error) -> io::Error {
    let folder = env::temp_dir();
    io::Error::other(Unreadable { folder, cause })
}

/// Whether an error is a scratch file's.
pub fn is_unreadable(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<Unreadable>)
}

/// Where bytes lie.
#[derive(Debug)]
pub struct Place(At);

#[derive(Debug)]
enum At {
    /// In a file, from there on.
    Disk(Shared, u64),
    Memory(Vec<u8>),
}

/// A file whose own place is moved under a lock.
#[derive(Debug, Clone)]
struct Shared(Arc<Mutex<File>>);

impl Shared {
    /// The file, from there on.
    fn at(&self, place: u64) -> io::Result<MutexGuard<'_, File>> {
        // Whatever panicked: the place is set anew each time.
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(place))?;
        Ok(file)
    }
}

impl Place {
    /// Fills `into` with the bytes from `start` on.
    pub fn read(&self, start: usize, into: &mut [u8]) -> io::Result<()> {
        match &self.0 {
            At::Disk(file, at) => file.at(at + start as u64)?.read_exact(into),
            At::Memory(bytes) => {
                let part = bytes.get(start..).and_then(|part| part.get(..into.len()));
                into.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }

    /// Bytes of memory that it takes.
    pub fn memory(&self) -> usize {
        match &self.0 {
            At::Disk(..) => 0,
            At::Memory(bytes) => bytes.len(),
        }
    }

    /// Makes it unreadable.
    #[cfg(all(test, feature = "tui"))]
    pub(crate) fn spoil(&self) {
        if let At::Disk(file, _) = &self.0 {
            let emptied = file.at(0).and_then(|file| file.set_len(0));
            assert!(emptied.is_ok(), "{emptied:?}");
        }
    }
}

/// Files that no name points to, one after the other.
#[derive(Debug)]
pub struct Scratch {
    make: fn() -> io::Result<File>,
    /// The file that is written to, and how far.
    present: Option<(Shared, u64)>,
    /// Bytes after which another file is begun.
    most: u64,
    /// Why something could not be written.
    trouble: Option<String>,
    has_failed: bool,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new(tempfile::tempfile)
    }
}

impl Scratch {
    /// Files that `make` makes.
    pub fn new(make: fn() -> io::Result<File>) -> Self {
        Self {
            make,
            present: None,
            most: u64::MAX,
            trouble: None,
            has_failed: false,
        }
    }

    /// From now on files take so many bytes, and little more.
    pub fn set_most(&mut self, most: u64) {
        self.most = most;
    }

    /// Puts bytes away.
    pub fn put(&mut self, bytes: Vec<u8>) -> Place {
        Place(match self.write(&bytes) {
            Ok((file, at)) => At::Disk(file, at),
            Err(error) => {
                if !self.has_failed {
                    let folder = env::temp_dir();
                    self.trouble = Some(format!("{error}, in {}", folder.display()));
                }
                self.has_failed = true;
                At::Memory(bytes)
            }
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<(Shared, u64)> {
        let (file, at) = match self.present.take() {
            Some(present) if present.1 < self.most => present,
            _ => (Shared(Arc::new(Mutex::new((self.make)()?))), 0),
        };
        let written = file.at(at).and_then(|mut file| file.write_all(bytes));
        // What was written in part is written over, where there is room again.
        let more = written.as_ref().map_or(0, |()| bytes.len() as u64);
        self.present = Some((file.clone(), at + more));
        written.map(|()| (file, at))
    }

    /// Why something could not be written, and the folder, once.
    pub fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(place: &Place, start: usize, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        place.read(start, &mut bytes).map(|()| bytes)
    }

    #[test]
    fn parts_come_back_in_any_order() {
        let mut scratch = Scratch::default();
        let first = scratch.put(b"first".to_vec());
        let second = scratch.put(b"second".to_vec());
        assert_eq!(read(&second, 3, 3).unwrap(), b"ond");
        assert_eq!(read(&first, 0, 5).unwrap(), b"first");
        assert_eq!(first.memory(), 0);
        let third = scratch.put(b"third".to_vec());
        assert_eq!(read(&third, 1, 4).unwrap(), b"hird");
        assert_eq!(read(&second, 0, 6).unwrap(), b"second");
        assert!(read(&third, 1, 5).is_err());
    }

    #[test]
    fn another_file_is_begun_when_one_is_full() {
        let mut scratch = Scratch::default();
        scratch.set_most(8);
        let places: Vec<_> = (0..4).map(|_| scratch.put(vec![0; 6])).collect();
        let files: Vec<_> = places
            .iter()
            .map(|place| match &place.0 {
                At::Disk(file, _) => Arc::as_ptr(&file.0),
                At::Memory(_) => panic!("it was not written"),
            })
            .collect();
        assert_eq!(files[0], files[1]);
        assert_ne!(files[1], files[2]);
    }

    #[test]
    fn what_cannot_be_written_stays_and_is_told_once() {
        let mut scratch = Scratch::new(|| Err(io::Error::other("no room")));
        let place = scratch.put(b"kept".to_vec());
        assert_eq!(read(&place, 1, 3).unwrap(), b"ept");
        assert_eq!(place.memory(), 4);
        assert!(scratch.take_trouble().unwrap().starts_with("no room, in /"));
        scratch.put(b"kept".to_vec());
        assert_eq!(scratch.take_trouble(), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_loses_nothing() {
        let full = || File::options().read(true).write(true).open("/dev/full");
        let mut scratch = Scratch::new(full);
        let place = scratch.put(b"kept".to_vec());
        assert_eq!(read(&place, 0, 4).unwrap(), b"kept");
        assert!(scratch.take_trouble().is_some());
    }
}
