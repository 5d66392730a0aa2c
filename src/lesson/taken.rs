//! A capture, read for a lesson.
//!
//! Job: run a capture through the pipeline that reads all captures, with every bit looked at.
//! Input: a capture file, in memory or on disk. Output: [`Taken`]: an explanation of each message
//! of one connection, and its handshakes.

use std::path::Path;

use super::made::Made;
use crate::base::{Conversing, Limits, Only, Timestamp};
use crate::capture::{Block, Input, Source};
use crate::event::ConnectionInfo;
use crate::explain::{Collector, Explanation, Target};
use crate::finding::Finding;
use crate::pipeline::{Options, Pipeline};
use crate::session::Detail;

/// Every message of one connection.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// In order.
    pub messages: Vec<Explanation>,
    /// Its handshakes, each with its findings.
    pub handshakes: Vec<(ConnectionInfo, Vec<Finding>)>,
    /// When the capture begins.
    pub start: Timestamp,
}

impl Taken {
    /// The messages of a lab. Their packets are made up, and are not named.
    pub fn of_lab(made: &Made) -> Result<Self, String> {
        let source = Source::new(vec![made.input()], Limits::default());
        let mut taken = run(source, Options::new(Detail::Wire))?;
        for message in &mut taken.messages {
            message.flow = None;
        }
        Ok(taken)
    }

    /// The messages of a connection of a capture file.
    pub fn of_file(path: &Path, connection: Conversing) -> Result<Self, String> {
        let limits = Limits::default();
        let source = Source::new(vec![Input::from(path.to_path_buf())], limits);
        run(source, options(path, connection))
    }

    /// The message of that number.
    pub fn message(&self, number: u64) -> Option<&Explanation> {
        self.messages
            .iter()
            .find(|message| message.number == number)
    }
}

/// How one connection of a capture file is read: with the secrets that are in it.
#[cfg_attr(not(feature = "tls"), expect(unused_variables, reason = "TLS asks"))]
pub fn options(path: &Path, connection: Conversing) -> Options {
    Options {
        only: Only::from(connection),
        #[cfg(feature = "tls")]
        keys: secrets(path),
        ..Options::new(Detail::Wire)
    }
}

#[cfg(feature = "tls")]
fn secrets(path: &Path) -> crate::tls::Keys {
    use crate::capture::{Secrets, secrets};
    let mut log = crate::tls::KeyLog::default();
    for block in secrets(path, 0, Limits::default()) {
        if block.kind == Secrets::TLS_KEY_LOG {
            log.read(&block.bytes, crate::tls::Source::Block);
        }
    }
    log.into()
}

fn run(mut source: Source, options: Options) -> Result<Taken, String> {
    let mut pipeline = Pipeline::new(options);
    let mut sink = Collector::new(Target::All);
    let mut block = Block::default();
    while source.read(&mut block).map_err(|error| error.to_string())? {
        for packet in block.packets() {
            pipeline.packet(&packet, &mut sink);
        }
    }
    pipeline.finish(&mut sink);
    Ok(Taken {
        messages: sink.found,
        handshakes: sink.handshakes,
        start: sink.start,
    })
}
