//! Runs of other programs: wall time, and the most memory they had.

use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Wall time of a run whose output nobody reads.
pub(crate) fn time(command: &mut Command) -> io::Result<Duration> {
    let start = Instant::now();
    let status = quiet(command).status()?;
    let time = start.elapsed();
    // 1: wscope has nothing to show. The captures of this benchmark always hold something.
    if status.success() {
        Ok(time)
    } else {
        Err(io::Error::other(format!("{command:?} ended with {status}")))
    }
}

/// Wall time to a millisecond, and the highest resident set in bytes, as the kernel's `VmHWM` tells while the program
/// runs; `None` where there is no such thing.
pub(crate) fn watch(command: &mut Command) -> io::Result<(Duration, Option<u64>)> {
    let start = Instant::now();
    let mut child = quiet(command).spawn()?;
    let mut peak = None;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = peak.max(resident(&child));
        sleep(Duration::from_millis(1));
    };
    let time = start.elapsed();
    if status.success() {
        Ok((time, peak))
    } else {
        Err(io::Error::other(format!("{command:?} ended with {status}")))
    }
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

fn resident(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
