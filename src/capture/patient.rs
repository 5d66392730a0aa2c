//! A pipe that can be told to come to its end.
//!
//! Job: read until the writer closes, but not for ever once the end is asked for. Input: a pipe,
//! a terminal or a device. Output: its bytes.
//!
//! Ctrl-C reaches a whole pipeline: `tcpdump -w - | wscope stats -` is to print its totals then.
//! The writer ends, too, and what it still writes counts.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::stop::Stop;

/// How often it is looked at whether the end was asked for.
const LOOK: u16 = 100;
/// Once it was: how long a silent writer is waited for, and how long one that goes on writing.
const SILENT: Duration = Duration::from_millis(500);
const TALKING: Duration = Duration::from_secs(2);

/// A reader that ends by itself some time after it was asked to.
#[derive(Debug)]
pub(super) struct Patient {
    file: File,
    stop: Stop,
    /// When it was first seen that the end was asked for.
    asked: Option<Instant>,
    /// When bytes last came after that.
    heard: Option<Instant>,
}

impl Patient {
    pub(super) fn new(file: File, stop: Stop) -> Self {
        Self {
            file,
            stop,
            asked: None,
            heard: None,
        }
    }

    /// Whether there is something to read, be it the end.
    fn is_ready(&self) -> io::Result<bool> {
        let mut ready = [PollFd::new(self.file.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ready, PollTimeout::from(LOOK)) {
            Ok(count) => Ok(count > 0),
            Err(Errno::EINTR) => Ok(false),
            // Some systems cannot wait for some devices: reading waits as well.
            Err(Errno::EINVAL | Errno::ENOTSUP) => Ok(true),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let ready = self.is_ready()?;
            if self.stop.is_set() {
                let now = Instant::now();
                let asked = *self.asked.get_or_insert(now);
                let heard = self.heard.unwrap_or(asked);
                if now >= asked + TALKING || (!ready && now >= heard + SILENT) {
                    return Ok(0);
                }
                if ready {
                    self.heard = Some(now);
                }
            }
            if ready {
                return self.file.read(into);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::os::fd::OwnedFd;
    use std::thread;

    use super::*;

    /// A pipe's two ends.
    fn pipe() -> (File, File) {
        let (reader, writer) = io::pipe().unwrap();
        (
            File::from(OwnedFd::from(reader)),
            File::from(OwnedFd::from(writer)),
        )
    }

    #[test]
    fn without_a_wish_it_reads_to_the_end() {
        let (out, mut into) = pipe();
        let writer = thread::spawn(move || {
            into.write_all(b"one").unwrap();
            thread::sleep(Duration::from_millis(50));
            into.write_all(b"two").unwrap();
        });
        let mut got = String::new();
        let mut reader = Patient::new(out, Stop::default());
        reader.read_to_string(&mut got).unwrap();
        writer.join().unwrap();
        assert_eq!(got, "onetwo");
    }

    #[test]
    fn a_silent_writer_is_left() {
        let (out, mut into) = pipe();
        into.write_all(b"all").unwrap();
        let stop = Stop::default();
        stop.set();
        let mut got = String::new();
        Patient::new(out, stop).read_to_string(&mut got).unwrap();
        assert_eq!(got, "all");
        drop(into);
    }

    #[test]
    fn so_is_one_that_never_stops() {
        let endless = OpenOptions::new().read(true).open("/dev/zero").unwrap();
        let stop = Stop::default();
        stop.set();
        let mut reader = Patient::new(endless, stop);
        let mut bytes = [0; 4096];
        while reader.read(&mut bytes).unwrap() > 0 {}
    }
}
