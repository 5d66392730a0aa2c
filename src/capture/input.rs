//! What the user names: a file, or standard input.
//!
//! Job: open it, and refuse what cannot be one. Input: a name. Output: a reader.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::PathBuf;

use super::compressed::Bytes;
use crate::error::Error;

/// Where packets are read from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input {
    /// A capture file, or a pipe with a name.
    File(PathBuf),
    /// Standard input: `-` on the command line.
    Stdin,
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
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

/// An input that has been opened.
pub(super) struct Opened {
    pub(super) bytes: Bytes,
    /// Whether all of it is there, so that reading never waits for a writer.
    pub(super) whole: bool,
}

impl Input {
    /// Bytes of the input; `None` for what has no length known beforehand.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => {
                let metadata = path.metadata().ok()?;
                metadata.is_file().then_some(metadata.len())
            }
        }
    }

    /// Opens it at `offset`, which only a file has.
    pub(super) fn open_at(&self, offset: u64) -> Result<Opened, Error> {
        let failed = |cause| Error::Open {
            name: self.to_string(),
            cause,
        };
        let Self::File(path) = self else {
            return Err(failed(io::ErrorKind::NotSeekable.into()));
        };
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        Ok(Opened {
            bytes: Box::new(file),
            whole: true,
        })
    }

    pub(super) fn open(&self) -> Result<Opened, Error> {
        let path = match self {
            Self::Stdin => {
                return Ok(Opened {
                    bytes: Box::new(io::stdin()),
                    whole: false,
                });
            }
            Self::File(path) => path,
        };
        let failed = |cause| Error::Open {
            name: self.to_string(),
            cause,
        };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(Error::Directory {
                name: self.to_string(),
            });
        }
        Ok(Opened {
            bytes: Box::new(file),
            whole: metadata.is_file(),
        })
    }
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
