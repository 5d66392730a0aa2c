//! The secrets that TLS is read with.
//!
//! Job: read key logs and secrets blocks before the first packet, so that all threads see the same.
//! Input: the options, the environment, the captures. Output: [`Keys`].

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;

use clap::Args;
use zeroize::Zeroizing;

use super::keys_watch::Watch;
use super::say::say;
use crate::base::Limits;
use crate::capture::{self, Secrets};
use crate::tls::{KeyLog, KeyLogReader, Keys, Source};

/// Where secrets are.
#[derive(Debug, Args)]
pub struct KeyLogs {
    /// Secrets of TLS, as SSLKEYLOGFILE has programs log them; several times for several files.
    /// Without it, the file that SSLKEYLOGFILE names. Secrets inside pcapng files are always used.
    #[arg(long, value_name = "FILE")]
    pub keylog: Vec<OsString>,

    /// What was read of them.
    #[arg(skip)]
    keys: OnceCell<Keys>,
}

impl KeyLogs {
    /// All secrets that are there, read once; what cannot be read is an error where it was asked for.
    pub(super) fn read(&self, captures: &[OsString]) -> Result<Keys, String> {
        if let Some(keys) = self.keys.get() {
            return Ok(keys.clone());
        }
        let keys = self.gather(captures)?;
        Ok(self.keys.get_or_init(|| keys).clone())
    }

    /// Nothing yet, of a key log that grows, if any is named.
    pub(super) fn none_yet(&self) -> Keys {
        let mut log = KeyLog::default();
        if !self.watched().is_empty() {
            log.expect_more();
        }
        log.into()
    }

    /// Watches the key logs, for packets that come as they are captured.
    pub(super) fn watch(&self) -> Watch {
        Watch::new(self.watched())
    }

    fn watched(&self) -> Vec<OsString> {
        if !self.keylog.is_empty() {
            return self.keylog.clone();
        }
        let variable = std::env::var_os("SSLKEYLOGFILE");
        variable
            .filter(|name| !name.is_empty())
            .into_iter()
            .collect()
    }

    fn gather(&self, captures: &[OsString]) -> Result<Keys, String> {
        let mut log = KeyLog::default();
        for name in &self.keylog {
            add(name, &mut log)?;
        }
        if self.keylog.is_empty()
            && let Some(name) = std::env::var_os("SSLKEYLOGFILE").filter(|name| !name.is_empty())
            && Path::new(&name).is_file()
        {
            add(&name, &mut log)?;
        }
        for (number, name) in (0..).zip(captures) {
            for secrets in capture::secrets(Path::new(name), number, Limits::default()) {
                if secrets.kind == Secrets::TLS_KEY_LOG {
                    log.read(&secrets.bytes, Source::Block);
                }
            }
        }
        Ok(log.into())
    }
}

fn add(name: &OsStr, log: &mut KeyLog) -> Result<(), String> {
    let shown = Path::new(name).display();
    let before = log.counts();
    read(name, log).map_err(|error| format!("cannot read the key log {shown}: {error}"))?;
    let after = log.counts();
    if after.malformed > before.malformed {
        let lines = after.malformed - before.malformed;
        say!("warning: {shown}: {lines} lines with a label are cut off or damaged");
    }
    if (after.secrets, after.repeated, after.useless)
        == (before.secrets, before.repeated, before.useless)
    {
        say!("warning: {shown}: no line is one of a key log");
    }
    Ok(())
}

fn read(name: &OsStr, log: &mut KeyLog) -> io::Result<()> {
    let mut file = capture::unpacked(Path::new(name))?;
    let mut reader = KeyLogReader::new(Source::File);
    let mut room = Zeroizing::new(vec![0; 1 << 16]);
    loop {
        let filled = match file.read(&mut room) {
            Ok(0) => break,
            Ok(filled) => filled,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        reader.feed(log, room.get(..filled).unwrap_or_default());
    }
    reader.finish(log);
    Ok(())
}
