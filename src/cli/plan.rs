//! What a command does, once its arguments are understood.
//!
//! Job: hold the options against each other, and turn them into what the rest of the command line
//! works with. Input: arguments; what standard output is. Output: a [`Plan`].

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::args::{Common, Format, Printing, Reading, Selection, When};
use super::exit::{Early, Exit, Outcome};
use super::interfaces;
#[cfg(feature = "tls")]
use super::keys::KeyLogs;
#[cfg(feature = "tls")]
use super::keys_watch::Watch;
use super::listen::Listen;
use super::matching;
use crate::base::{Conversing, Limits, Only};
use crate::capture::Input;
use crate::filter::{Ends, Filter};
use crate::output::style::Style;
use crate::page::escape::safe;
use crate::page::redact::Redact;
use crate::pipeline::Options;
use crate::replay::Inputs;
use crate::session::Detail;
use crate::subprotocol::{Choices, REGISTRY};

/// What is read, and how it is shown.
#[derive(Debug, Clone)]
pub(super) struct Plan<'a> {
    pub(super) source: Source<'a>,
    /// Only packets that match this BPF expression.
    pub(super) bpf: Option<&'a str>,
    #[cfg(feature = "tls")]
    keys: &'a KeyLogs,
    /// Which subprotocols conversations are read as.
    protocols: &'a [String],
    /// Whether secrets are shown, where that was asked for.
    secrets: Option<Redact>,
    /// Only these connections.
    pub(super) only: Only,
    /// Only the messages that it means.
    pub(super) filter: Option<Arc<Filter>>,
    /// How connections end, where that is asked for and an earlier run noted it.
    pub(super) ends: Option<Arc<Ends>>,
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
        plan.printing(&common.printing).selecting(&common.selection)
    }

    /// To read files.
    pub(super) fn reading(args: &'a Reading) -> Self {
        // What is in a pipe comes slowly, and is to be shown at once.
        let piped = args.files.iter().any(|file| file == "-");
        Self {
            source: Source::Files(&args.files),
            bpf: args.bpf.as_deref(),
            #[cfg(feature = "tls")]
            keys: &args.keys,
            protocols: &args.protocols,
            secrets: None,
            only: Only::default(),
            filter: None,
            ends: None,
            threads: match args.threads {
                None if piped => 1,
                asked => threads(asked),
            },
            memory: args.max_memory,
            format: Format::Text,
            style: style(args.color),
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
            secrets: match (args.show_secrets, args.redact) {
                (true, _) => Some(Redact::Nothing),
                (_, true) => Some(Redact::Secrets),
                (false, false) => None,
            },
            format: args.form.format,
            ..self
        }
    }

    /// Only what is selected.
    pub(super) fn selecting(self, args: &Selection) -> Outcome<Self> {
        let filter = matching::selected(args, true)?;
        let of_processes = filter.as_ref().is_some_and(Filter::needs_processes);
        if of_processes && matches!(self.source, Source::Files(_)) {
            let why = "process and pid are known only while connections are captured, with -i";
            return Err(why.to_owned().into());
        }
        Ok(Self {
            only: args.connection.clone().unwrap_or_default(),
            filter: filter.map(Arc::new),
            ..self
        })
    }

    /// How secrets are shown, where a command does `usually`.
    pub(super) fn redact(&self, usually: Redact) -> Redact {
        self.secrets.unwrap_or(usually)
    }

    /// Refuses to go on where no connection was chosen.
    pub(super) fn needs_connections(&self) -> Outcome<()> {
        if self.only.is_all() {
            let why = "say which connection with -c N; `wscope connections FILE` lists them";
            return Err(why.to_owned().into());
        }
        Ok(())
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

    /// Connections that `--as` names.
    pub(super) fn named(&self) -> impl Iterator<Item = Conversing> {
        let words = self.protocols.iter();
        words.filter_map(|word| word.split_once('=')?.0.parse().ok())
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
            #[cfg(all(feature = "live", target_os = "linux"))]
            processes: live.then(super::processes::of_this_machine),
            only: self.only.clone(),
            #[cfg(feature = "tls")]
            keys: if self.is_fresh() {
                // They come with the packets.
                self.keys.none_yet()
            } else {
                self.keys.read(self.files())?
            },
            limits: Limits::within(self.memory),
            ..Options::new(detail).live(live)
        })
    }

    /// Whether packets come as they are captured.
    #[cfg(feature = "tls")]
    pub(super) fn is_fresh(&self) -> bool {
        matches!(self.source, Source::Interface(_)) || self.files().iter().any(is_pipe)
    }

    /// Whether the packets that are written get the secrets of a key log that was named.
    #[cfg(feature = "live")]
    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_self, reason = "there are no secrets")
    )]
    pub(super) fn keeps_secrets(&self, listen: &Listen) -> bool {
        #[cfg(feature = "tls")]
        let named = !self.keys.keylog.is_empty();
        #[cfg(not(feature = "tls"))]
        let named = false;
        named && !listen.no_secrets
    }

    /// Watches the key logs.
    #[cfg(feature = "tls")]
    pub(super) fn watch_keys(&self) -> Watch {
        self.keys.watch()
    }

    /// The files; none where an interface is listened on.
    pub(super) fn files(&self) -> &'a [OsString] {
        match self.source {
            Source::Files(files) => files,
            Source::Interface(_) => &[],
        }
    }

    /// The command that shows messages of these files; empty where they cannot be read again.
    pub(super) fn show(&self) -> String {
        let command = if cfg!(feature = "tui") {
            "wscope view"
        } else {
            "wscope messages"
        };
        if self.inputs().is_none() {
            return String::new();
        }
        #[cfg(feature = "tls")]
        let keys = self.keys.keylog.iter();
        #[cfg(not(feature = "tls"))]
        let keys: std::slice::Iter<'_, OsString> = [].iter();
        let keys = keys.map(|file| format!("--keylog {}", quoted(&file.to_string_lossy())));
        let names = self
            .files()
            .iter()
            .map(|file| quoted(&file.to_string_lossy()));
        [command.to_owned()]
            .into_iter()
            .chain(keys)
            .chain(names)
            .collect::<Vec<_>>()
            .join(" ")
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
            filter: self.bpf.map(str::to_owned),
        })
    }
}

/// Whether standard output is coloured.
pub(super) fn style(when: When) -> Style {
    Style {
        colour: match when {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        },
    }
}

/// A file's name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,=:@%".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", safe(&name.replace('\'', "'\\''")))
}

/// Whether a writer has to be waited for.
pub(super) fn is_pipe(file: &OsString) -> bool {
    file == "-" || Path::new(file).metadata().is_ok_and(|it| !it.is_file())
}

/// As many as there are cores, and no more than eight, unless told.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> usize {
    asked.map_or_else(
        || std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8)),
        |asked| asked.get().min(MOST_THREADS),
    )
}

/// More do not help, and cost memory.
const MOST_THREADS: usize = 256;
