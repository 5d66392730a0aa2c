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

/// The highest resident set of a run in KiB, as the kernel's `VmHWM` tells while it runs;
/// `None` where there is no such thing.
pub(crate) fn peak_memory(command: &mut Command) -> io::Result<Option<u64>> {
    let mut child = quiet(command).spawn()?;
    let mut peak = None;
    while child.try_wait()?.is_none() {
        peak = peak.max(resident(&child));
        sleep(Duration::from_millis(1));
    }
    Ok(peak)
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

fn resident(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
