//! What the terminal UI does with a capture before anything is drawn: it reads all of it into its index.

use std::io;
use std::path::Path;

use wscope::capture::Input;
use wscope::pipeline::Options;
use wscope::replay::{Inputs, Trail};
use wscope::session::Detail;
use wscope::tui::index::{Index, Loader};

use super::programs::keylog;

/// Threads that read.
const THREADS: usize = 2;

/// Loads the capture at `path`, and says how many messages it has.
pub(crate) fn run(path: &Path) -> io::Result<usize> {
    let mut options = Options::new(Detail::Payloads);
    add_keys(path, &mut options)?;
    let inputs = Inputs {
        files: vec![Input::from(path.to_owned())],
        filter: None,
    };
    let loader = Loader::start(inputs, &options, THREADS, &Trail::default());
    let mut index = Index::default();
    for batch in &loader.batches {
        index.take(&batch);
    }
    Ok(index.len())
}

#[cfg(feature = "tls")]
fn add_keys(path: &Path, options: &mut Options) -> io::Result<()> {
    use wscope::tls::{KeyLog, Source};

    if let Some(file) = keylog(path) {
        let mut log = KeyLog::default();
        log.read(&std::fs::read(file)?, Source::File);
        options.keys = log.into();
    }
    Ok(())
}

#[cfg(not(feature = "tls"))]
fn add_keys(path: &Path, _: &mut Options) -> io::Result<()> {
    match keylog(path) {
        None => Ok(()),
        Some(_) => Err(io::Error::other("built without feature tls")),
    }
}
