//! Live traffic on the command line.
//!
//! Job: the arguments of live capture, and what they mean. Input: arguments.
//! Output: settings of the capture and of what it writes.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

/// Above these options in the help.
const HEADING: &str = "Live traffic";

/// Live traffic in place of files.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct Listen {
    /// Listen on this interface in place of reading files; `wscope interfaces` lists them, `any` is
    /// all of them on Linux.
    #[arg(short, long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "files", help_heading = HEADING)]
    pub interface: Option<String>,

    /// Stop after this time: 30, 30s, 5m, 2h.
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = HEADING)]
    pub duration: Option<Duration>,

    /// Stop after so many packets, of those that the filter lets through.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    pub count: Option<u64>,

    /// Write the packets to this file, too, as pcapng. A file that exists is an error.
    #[arg(short, long, value_name = "FILE", value_parser = OsStringValueParser::new().try_map(file), help_heading = HEADING)]
    pub write: Option<PathBuf>,

    /// Begin a new file when this size would be passed: FILE-00001.pcapng and so on. In bytes, or
    /// with K, M or G.
    #[arg(long, value_name = "SIZE", requires = "write", value_parser = rotate_size, help_heading = HEADING)]
    pub rotate_size: Option<u64>,

    /// Keep only the last N of these files.
    #[arg(long, value_name = "N", requires = "rotate_size", value_parser = clap::value_parser!(u16).range(1..), help_heading = HEADING)]
    pub ring: Option<u16>,

    /// Overwrite FILE, or remove the numbered files of an earlier run.
    #[arg(long, requires = "write", help_heading = HEADING)]
    pub overwrite: bool,

    /// Only what is meant for this machine: no promiscuous mode.
    #[arg(short = 'p', long, help_heading = HEADING)]
    pub no_promiscuous: bool,

    /// The kernel's buffer in MiB; larger where it drops packets.
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=2047), help_heading = HEADING)]
    pub buffer: u16,

    /// Leave out the secrets of TLS: else files of -w have those of --keylog that were used, and what the UI saves
    /// with W has all that were used.
    #[arg(long, help_heading = HEADING)]
    pub no_secrets: bool,

    /// Stay root after the interface is open, when started with sudo.
    #[arg(long, help_heading = HEADING)]
    pub keep_privileges: bool,
}

impl Listen {
    /// An option that means nothing without an interface, where there is none. (Clap lets these
    /// pass, as `-i` could not stand beside files.)
    pub(super) fn stray(&self) -> Option<&'static str> {
        let given = [
            (self.duration.is_some(), "--duration"),
            (self.count.is_some(), "--count"),
            (self.write.is_some(), "--write"),
            (self.no_promiscuous, "--no-promiscuous"),
            (self.keep_privileges, "--keep-privileges"),
        ];
        let stray = given.into_iter().find(|(given, _)| *given);
        stray
            .filter(|_| self.interface.is_none())
            .map(|(_, name)| name)
    }
}

/// `30`, `30s`, `5m`, `2h`, `500ms`.
fn duration(typed: &str) -> Result<Duration, String> {
    let split = typed
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(typed.len());
    let (number, unit) = typed.split_at(split);
    let number: u64 = number
        .parse()
        .map_err(|_| "a time is a whole number, with ms, s, m or h".to_owned())?;
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("{unit:?} is no unit of time; use ms, s, m or h")),
    };
    match number.checked_mul(millis) {
        Some(0) => Err("a capture of no time captures nothing".to_owned()),
        Some(millis) => Ok(Duration::from_millis(millis)),
        None => Err("that is too long".to_owned()),
    }
}

/// A file that packets are written to.
fn file(typed: OsString) -> Result<PathBuf, String> {
    if typed == *"-" {
        return Err("standard output has what is shown; give the name of a file".to_owned());
    }
    Ok(PathBuf::from(typed))
}

/// Bytes: a number, with K, M or G for 2^10, 2^20, 2^30.
pub(super) fn bytes(typed: &str) -> Result<u64, String> {
    let (number, shift) = match typed.as_bytes().last() {
        Some(b'k' | b'K') => (typed.split_at(typed.len() - 1).0, 10),
        Some(b'm' | b'M') => (typed.split_at(typed.len() - 1).0, 20),
        Some(b'g' | b'G') => (typed.split_at(typed.len() - 1).0, 30),
        _ => (typed, 0),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "a size is a whole number of bytes, with K, M or G behind it".to_owned())?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| "that is too large".to_owned())
}

/// Bytes of a scratch file.
#[cfg(feature = "tui")]
pub(super) fn keep(typed: &str) -> Result<u64, String> {
    const LEAST: u64 = 1 << 20;
    match bytes(typed)? {
        size if size < LEAST => Err("at least 1M has to be kept".to_owned()),
        size => Ok(size),
    }
}

fn rotate_size(typed: &str) -> Result<u64, String> {
    const LEAST: u64 = 4096;
    match bytes(typed)? {
        size if size < LEAST => Err(format!("files have {LEAST} bytes at least")),
        size => Ok(size),
    }
}

#[cfg(feature = "live")]
mod settings {
    use crate::capture::live::Settings;
    use crate::capture::{Origin, Target};
    use crate::cli::listen::Listen;

    impl Listen {
        /// What is to be captured, of the packets that match `filter`.
        pub(in crate::cli) fn settings(&self, filter: Option<&str>) -> Settings {
            Settings {
                filter: filter.map(str::to_owned),
                promiscuous: !self.no_promiscuous,
                buffer: usize::from(self.buffer) << 20,
                duration: self.duration,
                packets: self.count,
                ..Settings::new(self.interface.as_deref().unwrap_or_default())
            }
        }

        /// Where packets are written to, if anywhere.
        pub(in crate::cli) fn target(&self) -> Option<Target> {
            let file = self.write.clone()?;
            Some(match self.rotate_size {
                Some(size) => Target::Files(file, size, self.ring.map(usize::from)),
                None => Target::File(file),
            })
        }

        /// What is written about the packets of `settings`, whose link type is `link`, with or without `secrets`.
        pub(in crate::cli) fn origin(
            settings: &Settings,
            link: crate::capture::LinkType,
            secrets: bool,
        ) -> Origin {
            Origin {
                name: settings.interface.clone(),
                filter: settings.filter.clone().unwrap_or_default(),
                snaplen: settings.snaplen,
                link: Some(link),
                secrets,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["", "s", "0", "-1", "1d", "1.5", "18446744073709551615h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("10"), Ok(10));
        assert_eq!(bytes("10k"), Ok(10 << 10));
        assert_eq!(bytes("10M"), Ok(10 << 20));
        assert_eq!(bytes("2G"), Ok(2 << 30));
        for wrong in ["", "K", "1T", "-1", "1.5M", "18446744073709551615K"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
        assert!(rotate_size("100").is_err());
    }
}
