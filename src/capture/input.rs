//! Where packets are read from: a file, memory, standard input, or what a live capture keeps.
//!
//! Job: open it, and refuse what cannot be one. Input: a name or a store. Output: a reader.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use super::opened::{Bytes, Opened};
use super::stop::Stop;
use super::store::Store;
use crate::error::Error;

/// Where packets are read from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input {
    /// A capture file, or a pipe with a name.
    File(PathBuf),
    /// Standard input: `-` on the command line.
    Stdin,
    /// What a live capture keeps at the moment of opening.
    Store(Store),
    /// A capture file in memory, and what it is called.
    Memory(Arc<str>, Arc<[u8]>),
}

impl From<&OsStr> for Input {
    /// `-` is standard input.
    fn from(name: &OsStr) -> Self {
        if name == "-" {
            Self::Stdin
        } else {
            Self::File(PathBuf::from(name))
        }
    }
}

impl From<&str> for Input {
    fn from(name: &str) -> Self {
        Self::from(OsStr::new(name))
    }
}

impl From<PathBuf> for Input {
    fn from(name: PathBuf) -> Self {
        if name.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::File(name)
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // As a shell takes it.
            Self::File(path) if path.as_os_str().is_empty() => f.write_str("''"),
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
            Self::Store(store) => f.write_str(store.name()),
            Self::Memory(name, _) => f.write_str(name),
        }
    }
}

impl Input {
    /// Bytes of the input; `None` for what has no length known beforehand.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::Store(store) => Some(store.len()),
            Self::Memory(_, bytes) => Some(bytes.len() as u64),
            Self::File(path) => {
                let metadata = path.metadata().ok()?;
                metadata.is_file().then_some(metadata.len())
            }
        }
    }

    /// Whether it is a regular file, which can be read more than once.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File(path) if path.metadata().is_ok_and(|it| it.is_file()))
    }

    /// Opens it at `offset`, which only a file and a store have.
    pub(super) fn open_at(&self, offset: u64) -> Result<Opened, Error> {
        let failed = |cause| Error::Open {
            name: self.to_string(),
            cause,
        };
        match self {
            Self::Stdin => Err(failed(io::ErrorKind::NotSeekable.into())),
            Self::Store(store) => store.open_at(offset),
            Self::Memory(_, bytes) => Ok(memory(bytes, offset)),
            Self::File(path) => {
                let mut file = File::open(path).map_err(failed)?;
                file.seek(SeekFrom::Start(offset)).map_err(failed)?;
                Ok(Opened::whole(Box::new(file)))
            }
        }
    }

    /// Opens it. What is no regular file ends early where `stop` says so.
    pub(super) fn open(&self, stop: &Stop) -> Result<Opened, Error> {
        let failed = |cause| Error::Open {
            name: self.to_string(),
            cause,
        };
        let file = match self {
            Self::Stdin => return Ok(Opened::pipe(stdin(stop).map_err(failed)?)),
            Self::Store(store) => return store.open(),
            Self::Memory(_, bytes) => return Ok(memory(bytes, 0)),
            Self::File(path) => File::open(path).map_err(failed)?,
        };
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(Error::Directory {
                name: self.to_string(),
            });
        }
        if !metadata.is_file() {
            return Ok(Opened::pipe(patient(file, stop)));
        }
        Ok(Opened::whole(Box::new(file)))
    }
}

/// A file in memory, from `offset` on.
fn memory(bytes: &Arc<[u8]>, offset: u64) -> Opened {
    let mut cursor = Cursor::new(Arc::clone(bytes));
    cursor.set_position(offset);
    Opened::whole(Box::new(cursor))
}

#[cfg(unix)]
fn stdin(stop: &Stop) -> io::Result<Bytes> {
    use std::os::fd::AsFd;

    // Not `io::stdin`: what that keeps in its buffer, no waiting for a file tells of.
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    Ok(patient(file, stop))
}

#[cfg(unix)]
fn patient(file: File, stop: &Stop) -> Bytes {
    Box::new(super::patient::Patient::new(file, stop.clone()))
}

#[cfg(not(unix))]
fn stdin(_: &Stop) -> io::Result<Bytes> {
    Ok(Box::new(io::stdin()))
}

#[cfg(not(unix))]
fn patient(file: File, _: &Stop) -> Bytes {
    Box::new(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_standard_input() {
        assert_eq!(Input::from("-"), Input::Stdin);
        assert_eq!(Input::from(PathBuf::from("-")), Input::Stdin);
        assert_eq!(Input::from("-x"), Input::File(PathBuf::from("-x")));
        assert_eq!(Input::Stdin.to_string(), "standard input");
    }
}
