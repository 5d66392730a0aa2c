//! One file of a store.
//!
//! Job: make it, append to it, give it to readers, remove it. Input: bytes.
//! Output: a file, with a name or without.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::Piece;
use crate::capture::status::Drops;
use crate::error::Error;

/// Digits of a numbered file.
const DIGITS: usize = 5;

/// A file, and how readers come to it.
#[derive(Debug)]
pub(super) enum Place {
    /// Only open files point to it.
    Unnamed(Arc<File>),
    /// Readers open it by its name; the writer's own file goes once it is full.
    Named(PathBuf, Option<File>),
}

impl Place {
    pub(super) fn unnamed() -> Result<Self, Error> {
        let file = tempfile::tempfile().map_err(|cause| Error::Write {
            name: format!("a scratch file in {}", std::env::temp_dir().display()),
            cause,
        })?;
        Ok(Self::Unnamed(Arc::new(file)))
    }

    /// Makes a file. One that is there is an error unless it may be overwritten; what is no
    /// regular file (a device, a pipe) is written to in any case.
    pub(super) fn named(path: PathBuf, overwrite: bool) -> Result<Self, Error> {
        let special = fs::metadata(&path).is_ok_and(|found| !found.is_file());
        let mut options = OpenOptions::new();
        options.write(true);
        match (special, overwrite) {
            (true, _) => &mut options,
            (false, true) => options.create(true).truncate(true),
            (false, false) => options.create_new(true),
        };
        match options.open(&path) {
            Ok(file) => Ok(Self::Named(path, Some(file))),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Err(Error::Exists {
                name: path.display().to_string(),
            }),
            Err(cause) => Err(Error::Write {
                name: path.display().to_string(),
                cause,
            }),
        }
    }
}

/// A file with the packets from one number on.
#[derive(Debug)]
pub(super) struct Segment {
    place: Place,
    /// The number of its first packet.
    pub(super) first: u64,
    /// Bytes of all segments before it, gone ones included.
    pub(super) start: u64,
    /// Bytes written to it, all of them whole blocks.
    pub(super) len: u64,
    pub(super) has_packets: bool,
    /// Where its last packet ended, of all bytes, once it is full.
    pub(super) packets_end: u64,
    /// What had been lost when it was begun.
    pub(super) begun_at: Drops,
    /// Where lines of a key log can still be written, before its packets: place and bytes.
    pub(super) room: (u64, u64),
}

impl Segment {
    pub(super) fn new(place: Place, (first, start): (u64, u64), begun_at: Drops) -> Self {
        Self {
            place,
            first,
            start,
            len: 0,
            has_packets: false,
            packets_end: 0,
            begun_at,
            room: (0, 0),
        }
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.place {
            Place::Unnamed(file) => (&**file).write_all(bytes)?,
            Place::Named(_, Some(file)) => file.write_all(bytes)?,
            Place::Named(_, None) => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Whether it is a file in which places can be written to again, and not a device or a pipe.
    pub(super) fn is_regular(&self) -> bool {
        match &self.place {
            Place::Unnamed(_) => true,
            Place::Named(path, _) => path.metadata().is_ok_and(|it| it.is_file()),
        }
    }

    /// Writes lines into the room that was left for them; whether there was enough.
    pub(super) fn write_lines(&mut self, lines: &[u8]) -> io::Result<bool> {
        let (at, left) = self.room;
        let len = lines.len() as u64;
        if len > left {
            return Ok(false);
        }
        if let Place::Named(path, _) = &self.place {
            // A file of its own, as the writer's goes on at its place, or is closed.
            let mut file = OpenOptions::new().write(true).open(path)?;
            file.seek(SeekFrom::Start(at))?;
            file.write_all(lines)?;
            self.room = (at + len, left - len);
        }
        Ok(true)
    }

    /// Appends a block although nothing was to be written any more.
    pub(super) fn append_late(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Place::Named(path, None) = &self.place {
            OpenOptions::new()
                .append(true)
                .open(path)?
                .write_all(bytes)?;
            self.len += bytes.len() as u64;
            return Ok(());
        }
        self.append(bytes)
    }

    /// Nothing more is written to it.
    pub(super) fn close(&mut self) {
        if let Place::Named(_, file) = &mut self.place {
            *file = None;
        }
    }

    /// What is in it now, for a reader.
    pub(super) fn piece(&self) -> Result<Piece, Error> {
        let file = match &self.place {
            Place::Unnamed(file) => Arc::clone(file),
            Place::Named(path, _) => Arc::new(File::open(path).map_err(|cause| Error::Open {
                name: path.display().to_string(),
                cause,
            })?),
        };
        Ok(Piece::new(file, self.len))
    }

    /// Has it write to where there is no room.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn fill(&mut self) {
        let full = OpenOptions::new().write(true).open("/dev/full");
        if let (Place::Named(_, file), Ok(full)) = (&mut self.place, full) {
            *file = Some(full);
        }
    }

    pub(super) fn path(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Unnamed(_) => None,
            Place::Named(path, _) => Some(path.clone()),
        }
    }

    /// It is no longer kept. Who reads it now reads it to its end.
    pub(super) fn remove(self) {
        if let Place::Named(path, _) = self.place {
            // One that is gone already is as good.
            let _ = fs::remove_file(path);
        }
    }
}

/// The name of numbered file `number`: the number stands before the extension.
pub(super) fn numbered(name: &Path, number: u64) -> PathBuf {
    let mut file = OsString::from(name.file_stem().unwrap_or_default());
    file.push(format!("-{number:0DIGITS$}"));
    if let Some(extension) = name.extension() {
        file.push(".");
        file.push(extension);
    }
    name.with_file_name(file)
}

/// Makes room for numbered files: those of an earlier run are removed if they may be, else they
/// are an error, as the two would be mixed up.
pub(super) fn clear(name: &Path, overwrite: bool) -> Result<(), Error> {
    let folder = match name.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |cause| Error::Write {
        name: folder.display().to_string(),
        cause,
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let found = entry.map_err(failed)?.path();
        if !is_numbered(name, &found) {
            continue;
        }
        if !overwrite {
            return Err(Error::Exists {
                name: found.display().to_string(),
            });
        }
        fs::remove_file(&found).map_err(|cause| Error::Write {
            name: found.display().to_string(),
            cause,
        })?;
    }
    Ok(())
}

/// Whether `found` is a numbered file of `name`, both in the same folder.
fn is_numbered(name: &Path, found: &Path) -> bool {
    let (Some(stem), Some(file)) = (name.file_stem(), found.file_stem()) else {
        return false;
    };
    let (stem, file) = (stem.to_string_lossy(), file.to_string_lossy());
    let number = file
        .strip_prefix(&*stem)
        .and_then(|rest| rest.strip_prefix('-'));
    found.extension() == name.extension()
        && number.is_some_and(|number| {
            number.len() >= DIGITS && number.bytes().all(|digit| digit.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_stands_before_the_extension() {
        let name = |path: &str, number| numbered(Path::new(path), number).display().to_string();
        assert_eq!(name("a/b.pcapng", 7), "a/b-00007.pcapng");
        assert_eq!(name("b", 123_456), "b-123456");
        assert_eq!(name("x.y.pcapng", 1), "x.y-00001.pcapng");
    }

    #[test]
    fn numbered_files_are_told_from_others() {
        let is = |found: &str| is_numbered(Path::new("b.pcapng"), Path::new(found));
        assert!(is("./b-00001.pcapng") && is("./b-123456.pcapng"));
        assert!(!is("./b.pcapng") && !is("./b-1.pcapng") && !is("./b-00001.pcap"));
        assert!(!is("./b-0000x.pcapng") && !is("./bb-00001.pcapng"));
    }
}
