//! What a command does, once its arguments are understood.
//!
//! Job: hold the options against each other, and turn them into what the rest of the command line
//! works with. Input: arguments; what standard output is. Output: a [`Plan`].

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::args::{Common, Format, Printing, Reading, When};
use super::exit::{Early, Exit, Outcome};
use super::interfaces;
#[cfg(feature = "tls")]
use super::keys::KeyLogs;
use super::listen::Listen;
use crate::base::{Conversing, Limits};
use crate::capture::Input;
use crate::output::style::Style;
use crate::pipeline::Options;
use crate::replay::Inputs;
use crate::session::Detail;
use crate::subprotocol::{Choices, REGISTRY};

/// What is read, and how it is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) source: Source<'a>,
    /// Only packets that match this BPF expression.
    pub(super) filter: Option<&'a str>,
    #[cfg(feature = "tls")]
    keys: &'a KeyLogs,
    /// Which subprotocols conversations are read as.
    protocols: &'a [String],
    /// Only this connection.
    pub(super) only: Option<Conversing>,
    pub(super) threads: usize,
    /// Bytes of memory that the bounds follow.
    pub(super) memory: u64,
    pub(super) format: Format,
    pub(super) style: Style,
    /// What goes wrong with the inputs was said when they were read before.
    pub(super) quiet: bool,
}

/// Where packets come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    Files(&'a [OsString]),
    Interface(&'a Listen),
}

impl<'a> Plan<'a> {
    /// What most commands do: they print what is in files or comes on an interface.
    pub(super) fn new(common: &'a Common) -> Outcome<Self> {
        if common.listen.interface.as_deref() == Some("") {
            interfaces::ask();
            return Err(Early::Exit(Exit::Failed));
        }
        let plan = Self::reading(&common.reading).listening(&common.listen)?;
        Ok(plan.printing(&common.printing))
    }

    /// To read files.
    pub(super) fn reading(args: &'a Reading) -> Self {
        // What is in a pipe comes slowly, and is to be shown at once.
        let piped = args.files.iter().any(|file| file == "-");
        Self {
            source: Source::Files(&args.files),
            filter: args.filter.as_deref(),
            #[cfg(feature = "tls")]
            keys: &args.keys,
            protocols: &args.protocols,
            only: None,
            threads: match args.threads {
                None if piped => 1,
                asked => threads(asked),
            },
            memory: args.max_memory,
            format: Format::Text,
            style: Style {
                colour: match args.color {
                    When::Always => true,
                    When::Never => false,
                    When::Auto => {
                        io::stdout().is_terminal()
                            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    }
                },
            },
            quiet: false,
        }
    }

    /// To listen instead, where an interface is named.
    pub(super) fn listening(self, args: &'a Listen) -> Outcome<Self> {
        if args.interface.is_some() {
            let source = Source::Interface(args);
            return Ok(Self { source, ..self });
        }
        match args.stray() {
            Some(option) => Err(format!("{option} goes with --interface, not with files").into()),
            None => Ok(self),
        }
    }

    /// To print what was asked for.
    pub(super) fn printing(self, args: &Printing) -> Self {
        Self {
            only: args.connection,
            format: args.form.format,
            ..self
        }
    }

    /// A page of text or JSON, whichever is wanted.
    pub(super) fn page(
        &self,
        text: impl FnOnce(Style) -> String,
        json: impl FnOnce(&mut Vec<u8>),
    ) -> Vec<u8> {
        match self.format {
            Format::Text => text(self.style).into_bytes(),
            Format::Json => {
                let mut page = Vec::new();
                json(&mut page);
                page
            }
        }
    }

    /// What a pipeline is to do. A key log that was named and cannot be read is an error.
    pub(super) fn options(&self, detail: Detail) -> Outcome<Options> {
        let live = matches!(self.source, Source::Interface(_));
        let mut choices = Choices::default();
        for word in self.protocols {
            choices
                .add(word, REGISTRY)
                .map_err(|why| format!("--as: {why}"))?;
        }
        Ok(Options {
            choices: Arc::new(choices),
            only: self.only,
            #[cfg(feature = "tls")]
            keys: self.keys.read(self.files())?,
            limits: Limits::within(self.memory),
            ..Options::new(detail).live(live)
        })
    }

    /// The files; none where an interface is listened on.
    pub(super) fn files(&self) -> &'a [OsString] {
        match self.source {
            Source::Files(files) => files,
            Source::Interface(_) => &[],
        }
    }

    /// What can be read more than once: neither pipes nor interfaces can.
    pub(super) fn inputs(&self) -> Option<Inputs> {
        let files = self.files();
        if files.is_empty() || files.iter().any(is_pipe) {
            return None;
        }
        Some(Inputs {
            files: files
                .iter()
                .map(|file| Input::from(file.as_os_str()))
                .collect(),
            filter: self.filter.map(str::to_owned),
        })
    }
}

/// Whether a writer has to be waited for.
pub(super) fn is_pipe(file: &OsString) -> bool {
    file == "-" || Path::new(file).metadata().is_ok_and(|it| !it.is_file())
}

/// As many as there are cores, and no more than eight, unless told.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> usize {
    asked.map_or_else(
        || std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8)),
        NonZeroUsize::get,
    )
}
