//! What the commands do.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
#[cfg(feature = "tui")]
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "tui")]
use clap::Parser;

use super::args::{Arguments, Command, Common, Grouping, Messages, Sender, Statistics, Time};
use super::choices::{render, style, threads};
use super::conclude::conclude;
use super::exit::{Exit, unwritten};
use super::feed::Captures;
use super::matching;
use super::out::{Shared, Stdout};
use crate::base::Peer;
use crate::event::{EventSink, Renderer};
use crate::output::chosen::Chosen;
use crate::output::json::JsonSink;
use crate::output::select::Select;
use crate::output::stats::Shown;
use crate::output::text::{Layout, TextSink, TimeFormat};
use crate::output::{connections, stats, stats_json};
use crate::parallel::{self, Run};
use crate::pipeline::{Options, Tally};
use crate::session::Detail;
use crate::stats::{By, Stats, Summaries};

/// Runs a command; everything it has to say is said when it returns.
pub fn run(arguments: &Arguments) -> Exit {
    match &arguments.command {
        Command::Messages(messages) => self::messages(messages),
        #[cfg(feature = "tui")]
        Command::View(args) => super::view::view(args),
        Command::Unknown(words) => unknown(words),
        Command::Explain(explain) => super::explain::run(explain),
        Command::Interfaces(args) => super::interfaces::run(args),
        Command::Check(check) => super::check::run(check),
        Command::Tune(args) => super::tune::run(args),
        Command::Connections(args) => fold(
            &args.common,
            Detail::Payloads,
            Summaries::default,
            |sinks, common| {
                let mut all = Summaries::default();
                for sink in sinks {
                    all.merge(sink);
                }
                render(
                    common,
                    |style| connections::text(&all, style),
                    |out| {
                        connections::json(&all, out);
                    },
                )
            },
        ),
        Command::Stats(args) => self::statistics(args),
    }
}

fn statistics(args: &Statistics) -> Exit {
    let shown = Shown {
        by: match args.by {
            Grouping::Host => By::Host,
            Grouping::Target => By::Target,
            Grouping::Subprotocol => By::Subprotocol,
            Grouping::Connection => By::Connection,
            Grouping::Peer => By::Peer,
        },
        top: args.top,
        histogram: args.histogram,
    };
    let (detail, make): (_, fn() -> Stats) = if args.deep {
        (Detail::Wire, Stats::deep)
    } else {
        (Detail::Sizes, Stats::default)
    };
    fold(&args.common, detail, make, |sinks, common| {
        let mut all = Stats::default();
        for sink in sinks {
            all.merge(sink);
        }
        render(
            common,
            |style| stats::text(&all, &shown, style),
            |out| stats_json::json(&all, &shown, out),
        )
    })
}

/// Files without a command are looked at.
fn unknown(words: &[OsString]) -> Exit {
    let name = words.first().map(|word| word.to_string_lossy());
    let name = name.unwrap_or_default();
    #[cfg(feature = "tui")]
    if words.first().is_some_and(|word| Path::new(word).exists()) {
        let line = ["wscope", "view"].map(OsString::from);
        return match Arguments::try_parse_from(line.iter().chain(words)) {
            Ok(arguments) => run(&arguments),
            Err(error) => {
                // What clap says it says on its own.
                let _ = error.print();
                Exit::Failed
            }
        };
    }
    eprintln!(
        "wscope: {name:?} is no command and no file; for the messages of a capture: wscope messages FILE"
    );
    Exit::Failed
}

fn messages(args: &Messages) -> Exit {
    let common = &args.common;
    let select = Select {
        from: args.from.map(|from| match from {
            Sender::Client => Peer::Client,
            Sender::Server => Peer::Server,
        }),
        opcodes: args.opcode.clone(),
    };
    let filter = match args.matching.as_deref().map(matching::parse).transpose() {
        Ok(filter) => filter.map(Arc::new),
        Err(why) => {
            eprintln!("wscope: -Y: {why}");
            return Exit::Failed;
        }
    };
    if common.json {
        let make = || Chosen::new(filter.clone(), JsonSink::new(select.clone()));
        return stream(common, make, &[]);
    }
    let terminal = io::stdout().is_terminal();
    let width = || crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
    let layout = Layout {
        width: terminal.then(width),
        full: args.full,
        hex: args.hex,
        time: match args.time {
            Time::Absolute => TimeFormat::Absolute,
            Time::Relative => TimeFormat::Relative,
            Time::Delta => TimeFormat::Delta,
        },
        style: style(common.color),
    };
    let head = if terminal {
        TextSink::head(&layout)
    } else {
        String::new()
    };
    stream(
        common,
        || Chosen::new(filter.clone(), TextSink::new(select.clone(), layout)),
        head.as_bytes(),
    )
}

/// Runs sinks that print as they go.
fn stream<S: Renderer<Output = Vec<u8>>>(
    common: &Common,
    make: impl FnMut() -> S,
    head: &[u8],
) -> Exit {
    let mut out = io::BufWriter::new(Stdout);
    if out.write_all(head).is_err() {
        return Exit::Success;
    }
    let out = Shared::new(out);
    let Some((mut captures, options)) = open(common, Detail::Payloads, &out) else {
        return Exit::Failed;
    };
    let threads = threads(&common.files, common.threads);
    let mut lines = out.clone();
    let mut take = move |rendered: &mut Vec<u8>| lines.part(rendered);
    let (run, written) = parallel::render(threads, &options, make, &mut captures, &mut take);
    finish(common, captures, &run.tally, written)
}

/// Runs sinks that count, and prints what they counted.
fn fold<S: EventSink + Send>(
    common: &Common,
    detail: Detail,
    make: impl FnMut() -> S,
    print: impl FnOnce(Vec<S>, &Common) -> Vec<u8>,
) -> Exit {
    let mut out = Shared::new(Stdout);
    let Some((mut captures, options)) = open(common, detail, &out) else {
        return Exit::Failed;
    };
    let threads = threads(&common.files, common.threads);
    let Run { sinks, tally } = parallel::fold(threads, &options, make, &mut captures);
    let page = print(sinks, common);
    let written = out.write_all(&page).and_then(|()| out.flush());
    finish(common, captures, &tally, written)
}

fn open(common: &Common, detail: Detail, out: &Shared) -> Option<(Captures, Options)> {
    let options = Options {
        only: common.connection,
        ..Options::new(detail).live(common.listen.interface.is_some())
    };
    Some((Captures::open(common, out, options.limits)?, options))
}

fn finish(common: &Common, mut captures: Captures, tally: &Tally, written: io::Result<()>) -> Exit {
    if let Some(exit) = unwritten(written) {
        return exit;
    }
    captures.conclude();
    conclude(common.connection, &captures, tally)
}
