//! Key logs that grow while packets come.
//!
//! Job: read on where a key log was read last, begin anew where it was cut or another file took its
//! place. Input: files, secrets blocks. Output: [`Keys`] whenever there are new ones.

#[cfg(feature = "live")]
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::say::say;
use crate::capture::Secrets;
use crate::tls::{KeyLog, KeyLogReader, Keys, Newest, Source};

/// Of the time at most one part in so many goes into copies of the key log.
const SHARE: u32 = 20;

/// Key logs that are looked at again and again.
pub(super) struct Watch {
    logs: Vec<Watched>,
    log: KeyLog,
    /// Where the newest state goes, besides.
    newest: Newest,
    /// Lines came that no state was given of.
    changed: bool,
    /// Secrets of which it was said that they were used.
    #[cfg(feature = "live")]
    used: BTreeSet<u32>,
    /// When a state was given last, and how long its copy took.
    given: Option<(Instant, Duration)>,
}

/// One of them.
struct Watched {
    path: PathBuf,
    opened: Option<Opened>,
    /// That it cannot be read was said.
    told: bool,
}

struct Opened {
    file: File,
    reader: KeyLogReader,
    read: u64,
    /// What a file is known by when another one takes its name.
    identity: Option<(u64, u64)>,
}

impl Watch {
    /// Watches these files, which need not be there yet.
    pub(super) fn new(files: Vec<OsString>) -> Self {
        let mut log = KeyLog::default();
        if !files.is_empty() {
            log.expect_more();
        }
        let logs = files.into_iter().map(|name| Watched {
            path: PathBuf::from(name),
            opened: None,
            told: false,
        });
        Self {
            logs: logs.collect(),
            log,
            newest: Newest::default(),
            changed: true,
            #[cfg(feature = "live")]
            used: BTreeSet::new(),
            given: None,
        }
    }

    /// The lines that were used since the last time.
    #[cfg(feature = "live")]
    pub(super) fn used(&mut self) -> Zeroizing<Vec<u8>> {
        let used = self.log.used();
        let new: BTreeSet<u32> = used.difference(&self.used).copied().collect();
        self.used = used;
        self.log.lines(&new)
    }

    /// The newest state, for whoever begins to read later.
    #[cfg(any(test, feature = "tui"))]
    pub(super) fn newest(&self) -> Newest {
        self.newest.clone()
    }

    /// The secrets, where there are others than the last time.
    pub(super) fn look(&mut self) -> Option<Keys> {
        let before = self.log.counts();
        for watched in &mut self.logs {
            if let Err(error) = watched.look(&mut self.log)
                && !std::mem::replace(&mut watched.told, true)
            {
                let name = watched.path.display();
                say!("the key log {name} cannot be read: {error}; it is looked for again");
            }
        }
        self.changed |= before != self.log.counts();
        self.give()
    }

    /// Takes a secrets block.
    pub(super) fn block(&mut self, secrets: &Secrets) {
        if secrets.kind == Secrets::TLS_KEY_LOG {
            self.log.read(&secrets.bytes, Source::Block);
            // Where there is one block, there may be others.
            self.log.expect_more();
            self.changed = true;
        }
    }

    fn give(&mut self) -> Option<Keys> {
        let due = self
            .given
            .is_none_or(|(at, took)| at.elapsed() >= took * SHARE);
        if !self.changed || !due {
            return None;
        }
        let start = Instant::now();
        let keys = Keys::from(self.log.clone());
        self.changed = false;
        self.given = Some((Instant::now(), start.elapsed()));
        self.newest.set(keys.clone());
        Some(keys)
    }
}

impl Watched {
    fn look(&mut self, log: &mut KeyLog) -> io::Result<()> {
        let metadata = match self.path.metadata() {
            Ok(metadata) => metadata,
            // Who rotates it may be about to make the next one.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.opened.is_some() => {
                return self.read_on(log);
            }
            Err(error) => return Err(error),
        };
        let other = |opened: &Opened| opened.identity != identity(&metadata);
        if self.opened.as_ref().is_some_and(other) {
            // What was written to the old file until now.
            self.read_on(log)?;
            if let Some(mut opened) = self.opened.take() {
                opened.reader.finish(log);
            }
        }
        let cut = |opened: &&mut Opened| metadata.len() < opened.read;
        if let Some(opened) = self.opened.as_mut().filter(cut) {
            opened.reader.finish(log);
            self.opened = None;
        }
        if self.opened.is_none() {
            self.opened = Some(Opened::open(&self.path)?);
        }
        self.read_on(log)
    }

    fn read_on(&mut self, log: &mut KeyLog) -> io::Result<()> {
        self.opened.as_mut().map_or(Ok(()), |it| it.read_on(log))
    }
}

impl Opened {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self {
            identity: identity(&file.metadata()?),
            file,
            reader: KeyLogReader::new(Source::File),
            read: 0,
        })
    }

    fn read_on(&mut self, log: &mut KeyLog) -> io::Result<()> {
        let mut room = Zeroizing::new(vec![0; 1 << 16]);
        loop {
            match self.file.read(&mut room) {
                Ok(0) => return Ok(()),
                Ok(filled) => {
                    self.read += filled as u64;
                    self.reader
                        .feed(log, room.get(..filled).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Device and number of a file.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn line(number: u8) -> String {
        let random = format!("{number:02x}").repeat(32);
        format!("CLIENT_RANDOM {random} {}\n", "4d".repeat(48))
    }

    fn secrets(keys: Option<Keys>) -> Option<u64> {
        keys.map(|keys| keys.counts().secrets)
    }

    /// A state is due at once here, however long the last copy took.
    fn look(watch: &mut Watch) -> Option<u64> {
        watch.given = None;
        secrets(watch.look())
    }

    #[test]
    fn a_key_log_is_read_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.log");
        let mut watch = Watch::new(vec![path.clone().into_os_string()]);
        // It is not there yet.
        assert_eq!(look(&mut watch), Some(0));
        assert_eq!(look(&mut watch), None);
        let mut file = File::create(&path).unwrap();
        let second = line(2);
        let (half, rest) = second.split_at(40);
        write!(file, "{}{half}", line(1)).unwrap();
        assert_eq!(look(&mut watch), Some(1));
        assert_eq!(look(&mut watch), None);
        write!(file, "{rest}").unwrap();
        assert_eq!(look(&mut watch), Some(2));
        // What the newest state is, everybody sees.
        assert_eq!(watch.newest().get().counts().secrets, 2);
        assert!(watch.newest().get().grows());
    }

    #[test]
    fn a_key_log_is_cut_and_begins_anew() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), line(1) + &line(2)).unwrap();
        let mut watch = Watch::new(vec![file.path().as_os_str().to_owned()]);
        assert_eq!(look(&mut watch), Some(2));
        std::fs::write(file.path(), line(3)).unwrap();
        assert_eq!(look(&mut watch), Some(3));
    }

    #[test]
    fn another_file_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.log");
        let old = folder.path().join("keys.log.1");
        std::fs::write(&path, line(1)).unwrap();
        let mut watch = Watch::new(vec![path.clone().into_os_string()]);
        assert_eq!(look(&mut watch), Some(1));
        std::fs::rename(&path, &old).unwrap();
        // Its writer goes on with the old file for a while.
        let mut writer = File::options().append(true).open(&old).unwrap();
        let last = line(2);
        write!(writer, "{}", last.trim_end()).unwrap();
        assert_eq!(look(&mut watch), None);
        std::fs::write(&path, line(3)).unwrap();
        assert_eq!(look(&mut watch), Some(3));
    }
}
