//! What is compared on a capture.
//!
//! Job: run each program on the same file. Input: a capture's file. Output: [`Program`]s with their best time and their
//! peak memory.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::captures::Over;
use super::measure;

pub(crate) const FLOOR: &str = "floor";
pub(crate) const TSHARK: &str = "tshark";
pub(crate) const STATS: &str = "stats --threads 1";

/// The load of the terminal UI with two threads.
#[cfg(feature = "tui")]
const INDEX: &str = "index";

/// What is run where memory is compared.
const LONG: [&str; 4] = [
    STATS,
    "stats --threads 2",
    "messages --json --threads 1",
    "messages --json --threads 2",
];

/// What is run elsewhere, too.
const MORE: [&str; 3] = [
    "stats --deep --threads 1",
    "check --threads 1",
    "connections --threads 1",
];

/// A program that is timed.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    command: Command,
    best: Option<Duration>,
    /// The most bytes of memory that it had.
    pub(crate) peak: Option<u64>,
}

/// All that are run on `file`, but for tshark, which takes most of the time.
pub(crate) fn all(file: &Path, over: Over) -> io::Result<Vec<Program>> {
    let mut programs = Vec::new();
    // The floor reads no HTTP/2.
    if matches!(over, Over::Usual | Over::SameAsHttp2) {
        programs.push(Program::itself(FLOOR, file)?);
    }
    let names: Vec<&str> = match over {
        Over::SameAsHttp2 => vec![STATS],
        Over::Longer => LONG.to_vec(),
        Over::Usual | Over::Http2 => [&LONG[..], &MORE].concat(),
    };
    programs.extend(names.into_iter().map(|name| Program::wscope(name, file)));
    #[cfg(feature = "tui")]
    if over != Over::SameAsHttp2 {
        programs.push(Program::itself(INDEX, file)?);
    }
    Ok(programs)
}

impl Program {
    /// wscope with these arguments.
    pub(crate) fn wscope(name: &'static str, file: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscope"));
        command.args(name.split(' ')).arg(file);
        command.env_remove("SSLKEYLOGFILE");
        if let Some(keys) = keylog(file) {
            command.arg("--keylog").arg(keys);
        }
        Self::new(name, command)
    }

    /// This benchmark, with a hidden option.
    fn itself(name: &'static str, file: &Path) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(format!("--{name}")).arg(file);
        Ok(Self::new(name, command))
    }

    /// The same job: of every message who sent it, its kind and its decoded payload.
    pub(crate) fn tshark(file: &Path) -> Self {
        const FIELDS: [&str; 7] = [
            "frame.number",
            "frame.time_epoch",
            "ip.src",
            "tcp.srcport",
            "websocket.opcode",
            "websocket.payload.text",
            // Where the payload of binary messages stands.
            "data.data",
        ];
        let mut command = Command::new(TSHARK);
        command.args(["-n", "-Y", "websocket", "-T", "fields", "-r"]);
        command.arg(file);
        if let Some(keys) = keylog(file) {
            command.arg("-o");
            command.arg(format!("tls.keylog_file:{}", keys.display()));
            // On this port it looks for HTTP only.
            command.args(["-d", "tcp.port==8080,tls"]);
        }
        for field in FIELDS {
            command.args(["-e", field]);
        }
        Self::new(TSHARK, command)
    }

    fn new(name: &'static str, command: Command) -> Self {
        Self {
            name,
            command,
            best: None,
            peak: None,
        }
    }

    /// What it prints.
    pub(crate) fn output(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.command.output()?.stdout)
    }

    /// Runs it for its time.
    pub(crate) fn time(&mut self) -> io::Result<()> {
        let time = measure::time(&mut self.command)?;
        self.best = Some(self.best.map_or(time, |best| best.min(time)));
        Ok(())
    }

    /// Runs it for its memory; its time counts where there is no other.
    pub(crate) fn watch(&mut self) -> io::Result<()> {
        let (time, peak) = measure::watch(&mut self.command)?;
        self.best.get_or_insert(time);
        self.peak = peak;
        Ok(())
    }

    pub(crate) fn seconds(&self) -> Option<f64> {
        self.best.map(|best| best.as_secs_f64())
    }
}

/// Whether there is a tshark.
pub(crate) fn has_tshark() -> bool {
    Command::new(TSHARK).arg("--version").output().is_ok()
}

/// The key log beside a capture under TLS.
pub(crate) fn keylog(file: &Path) -> Option<PathBuf> {
    let keys = file.with_extension("keylog");
    keys.exists().then_some(keys)
}
