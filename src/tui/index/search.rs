//! Filters that need payloads, answered by another run over the captures.
//!
//! Job: ask every message on threads of their own; write those that are meant to a file.
//! Input: the inputs and a filter. Output: connections' and messages' numbers in packet order;
//! JSON Lines.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use super::again::Again;
use super::load::Pulse;
use crate::base::{Conversing, Only, Peer};
use crate::event::{Event, Outlet, Renderer};
use crate::filter::Filter;
use crate::output::chosen::Chosen;
use crate::output::json::JsonSink;
use crate::page::redact::Redact;
use crate::page::words;
use crate::parallel;
use crate::pipeline::Options;
use crate::session::Detail;

/// A message that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its conversation and number; nothing where the packets before it are gone, without which
    /// these count otherwise.
    pub numbers: Option<(Conversing, u64)>,
    /// The packet that completed it.
    pub packet: u64,
    /// Who sent it.
    pub from: Peer,
    /// Bytes of its frames.
    pub wire: u64,
}

/// A run that looks for messages. It ends when it is dropped.
#[derive(Debug)]
pub struct Search {
    /// What it finds, in packet order; closed at the end.
    pub found: Receiver<Vec<Found>>,
    /// Why that is not all there is, before the end.
    pub failed: Receiver<String>,
    /// How far it is.
    pub pulse: Arc<Pulse>,
}

impl Drop for Search {
    fn drop(&mut self) {
        self.pulse.stop();
    }
}

/// Looks for what `filter` means.
pub fn matching(again: Again, options: Options, threads: usize, filter: Arc<Filter>) -> Search {
    let (to, found) = bounded(64);
    let (fail, failed) = bounded(1);
    let pulse = Arc::new(Pulse::default());
    let shared = Arc::clone(&pulse);
    thread::spawn(move || {
        let options = Options {
            detail: Detail::Payloads,
            ..options
        };
        let mut feed = match again.open(options.limits, shared) {
            Ok(feed) => feed,
            Err(why) => {
                // Where nobody takes it any more, the search is over.
                let _ = fail.send(why);
                return;
            }
        };
        let numbered = again.inputs().gone_before().is_none();
        let make = || Chosen::new(Some(Arc::clone(&filter)), Places { numbered });
        let mut out = |found: &mut Vec<Found>| {
            let sent = to.send(std::mem::take(found));
            sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
        };
        let threads = threads.max(1);
        let (_, written) = parallel::render(threads, &options, make, &mut feed, &mut out);
        if written.is_ok()
            && let Err(why) = again.close(feed)
        {
            let _ = fail.send(why);
        }
    });
    Search {
        found,
        failed,
        pulse,
    }
}

/// Renders each message as where it is.
#[derive(Debug)]
struct Places {
    /// Numbers count from the first packet.
    numbered: bool,
}

impl Renderer for Places {
    type Output = Vec<Found>;

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<Found>>) {
        if let Event::Message(message) = event {
            let numbers = (message.conversing, message.number);
            let one = Found {
                numbers: self.numbered.then_some(numbers),
                packet: message.last.packet.number,
                from: message.from,
                wire: message.wire_bytes,
            };
            out.add(|found| found.push(one));
        }
    }
}

/// Writes messages as JSON Lines, as `wscope messages --json` prints them; how many, or what went
/// wrong.
pub fn write_matching(
    again: &Again,
    options: Options,
    (connection, filter): (Option<Conversing>, Option<Arc<Filter>>),
    path: &Path,
) -> Result<u64, String> {
    let options = Options {
        only: connection.map(Only::over).unwrap_or_default(),
        detail: Detail::Payloads,
        ..options
    };
    let mut feed = again.open(options.limits, Arc::default())?;
    let unwritten = |error| format!("{} cannot be written: {error}", path.display());
    // An existing file is never overwritten.
    let file = File::create_new(path).map_err(unwritten)?;
    let mut file = BufWriter::new(file);
    let mut count = 0;
    let make = || Chosen::new(filter.clone(), JsonSink::new(Redact::Nothing));
    let mut out = |lines: &mut Vec<u8>| {
        count += lines.split(|byte| *byte == b'\n').count() as u64 - 1;
        file.write_all(lines)
    };
    let (_, written) = parallel::render(1, &options, make, &mut feed, &mut out);
    written.and_then(|()| file.flush()).map_err(unwritten)?;
    let closed = again.close(feed);
    closed.map_err(|why| {
        let lines = words::count(count, "line");
        format!("{why}; {lines} written to {}", path.display())
    })?;
    Ok(count)
}
