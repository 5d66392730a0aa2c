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

use crossbeam_channel::{Receiver, Sender, bounded};

use super::load::{Pulse, Watched};
use crate::event::{Event, EventSink};
use crate::filter::Filter;
use crate::output::chosen::Chosen;
use crate::output::json::JsonSink;
use crate::output::select::Select;
use crate::parallel;
use crate::pipeline::Options;
use crate::replay::Inputs;
use crate::session::Detail;

/// A message's connection and number.
pub type Found = (u64, u64);

/// A run that looks for messages. It ends when it is dropped.
#[derive(Debug)]
pub struct Search {
    /// What it finds, in packet order; closed at the end.
    pub found: Receiver<Vec<Found>>,
    /// How far it is.
    pub pulse: Arc<Pulse>,
}

impl Drop for Search {
    fn drop(&mut self) {
        self.pulse.stop();
    }
}

/// Looks for what `filter` means.
pub fn matching(inputs: Inputs, options: Options, threads: usize, filter: Arc<Filter>) -> Search {
    let (to, found) = bounded(64);
    let pulse = Arc::new(Pulse::default());
    let shared = Arc::clone(&pulse);
    thread::spawn(move || {
        let options = Options {
            detail: Detail::Payloads,
            ..options
        };
        let Ok(mut feed) = Watched::open(&inputs, options.limits, shared) else {
            return;
        };
        let make = || Chosen::new(Some(Arc::clone(&filter)), Pairs::default());
        let mut out = Send {
            to,
            rest: Vec::new(),
        };
        parallel::run(threads.max(1), options, make, &mut feed, &mut out);
    });
    Search { found, pulse }
}

/// Renders two numbers for each message.
#[derive(Debug, Default)]
struct Pairs(Vec<u8>);

impl EventSink for Pairs {
    fn event(&mut self, event: Event<'_>) {
        if let Event::Message(message) = event {
            self.0.extend_from_slice(&message.connection.to_le_bytes());
            self.0.extend_from_slice(&message.number.to_le_bytes());
        }
    }

    fn rendered(&mut self) -> Option<&mut Vec<u8>> {
        Some(&mut self.0)
    }
}

struct Send {
    to: Sender<Vec<Found>>,
    rest: Vec<u8>,
}

impl Write for Send {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let (pairs, rest) = self.rest.as_chunks::<16>();
        let half = |bytes: &[u8]| {
            let bytes = bytes.try_into().unwrap_or_default();
            u64::from_le_bytes(bytes)
        };
        let found: Vec<Found> = pairs
            .iter()
            .map(|pair| {
                let (connection, number) = pair.split_at(8);
                (half(connection), half(number))
            })
            .collect();
        self.rest = rest.to_vec();
        if !found.is_empty() {
            let sent = self.to.send(found);
            sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes messages as JSON Lines, as `wscope messages --json` prints them; how many.
pub fn write_matching(
    inputs: &Inputs,
    options: Options,
    (connection, filter): (Option<u64>, Option<Arc<Filter>>),
    path: &Path,
) -> io::Result<u64> {
    let options = Options {
        only: connection,
        detail: Detail::Payloads,
        ..options
    };
    // An existing file is never overwritten.
    let file = File::create_new(path)?;
    let mut out = Lines {
        file: BufWriter::new(file),
        count: 0,
    };
    let select = Select {
        connection,
        ..Select::default()
    };
    let mut feed =
        Watched::open(inputs, options.limits, Arc::default()).map_err(io::Error::other)?;
    let make = || Chosen::new(filter.clone(), JsonSink::new(select.clone()));
    let run = parallel::run(1, options, make, &mut feed, &mut out);
    run.written?;
    out.flush()?;
    Ok(out.count)
}

struct Lines {
    file: BufWriter<File>,
    count: u64,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        let ends = bytes.split(|byte| *byte == b'\n').count();
        self.count += ends.saturating_sub(1) as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
