//! What the commands do.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
#[cfg(feature = "tui")]
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "tui")]
use clap::Parser;

use super::args::{Arguments, Command, Connections, Format, Grouping, Messages, Statistics, Time};
use super::exit::{Early, Exit, Outcome};
use super::matching;
use super::plan::Plan;
use super::run::{fold, render};
use crate::output::chosen::Chosen;
use crate::output::json::JsonSink;
use crate::output::select::Select;
use crate::output::stats::Shown;
use crate::output::text::{Layout, TextSink, TimeFormat};
use crate::output::{connections, stats, stats_json};
use crate::session::Detail;
use crate::stats::{By, Stats, Summaries};

/// Runs a command; everything it has to say is said when it returns.
pub fn run(arguments: &Arguments) -> Exit {
    let outcome = match &arguments.command {
        Command::Messages(args) => messages(args),
        #[cfg(feature = "tui")]
        Command::View(args) => super::view::run(args),
        Command::Unknown(words) => unknown(words),
        Command::Explain(args) => super::explain::run(args),
        Command::Interfaces(args) => super::interfaces::run(args),
        Command::Check(args) => super::check::run(args),
        Command::Tune(args) => super::tune::run(args),
        Command::Connections(args) => connections(args),
        Command::Stats(args) => statistics(args),
    };
    outcome.unwrap_or_else(Early::say)
}

fn connections(args: &Connections) -> Outcome {
    let plan = Plan::new(&args.common)?;
    let (sinks, mut done) = fold(plan, Detail::Payloads, Summaries::default)?;
    let mut all = Summaries::default();
    for sink in sinks {
        all.merge(sink);
    }
    done.print(
        |style| connections::text(&all, style),
        |out| connections::json(&all, out),
    )?;
    Ok(done.conclude())
}

fn statistics(args: &Statistics) -> Outcome {
    let plan = Plan::new(&args.common)?;
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
    let (sinks, mut done) = fold(plan, detail, make)?;
    let mut all = Stats::default();
    for sink in sinks {
        all.merge(sink);
    }
    done.print(
        |style| stats::text(&all, &shown, style),
        |out| stats_json::json(&all, &shown, out),
    )?;
    Ok(done.conclude())
}

/// Files without a command are looked at.
fn unknown(words: &[OsString]) -> Outcome {
    let name = words.first().map(|word| word.to_string_lossy());
    let name = name.unwrap_or_default();
    #[cfg(feature = "tui")]
    if words.first().is_some_and(|word| Path::new(word).exists()) {
        let line = ["wscope", "view"].map(OsString::from);
        return match Arguments::try_parse_from(line.iter().chain(words)) {
            Ok(arguments) => Ok(run(&arguments)),
            Err(error) => {
                super::say::refusal(&error);
                Ok(Exit::Failed)
            }
        };
    }
    Err(format!(
        "{name:?} is no command and no file; for the messages of a capture: wscope messages FILE"
    )
    .into())
}

fn messages(args: &Messages) -> Outcome {
    let plan = Plan::new(&args.common)?;
    let select = Select {
        from: args.from.map(Into::into),
        opcodes: args.opcode.clone(),
    };
    let filter = args.matching.as_deref().map(matching::parse).transpose();
    let filter = filter.map_err(|why| format!("-Y: {why}"))?.map(Arc::new);
    if plan.format == Format::Json {
        let make = || Chosen::new(filter.clone(), JsonSink::new(select.clone()));
        return render(plan, Detail::Payloads, "", make);
    }
    let terminal = io::stdout().is_terminal();
    let width = || crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
    let layout = Layout {
        width: terminal.then(width),
        full: args.full,
        hex: args.hex,
        raw: args.raw,
        time: match args.time {
            Time::Absolute => TimeFormat::Absolute,
            Time::Relative => TimeFormat::Relative,
            Time::Delta => TimeFormat::Delta,
        },
        style: plan.style,
    };
    let head = if terminal {
        TextSink::head(&layout)
    } else {
        String::new()
    };
    let make = || Chosen::new(filter.clone(), TextSink::new(select.clone(), layout));
    render(plan, Detail::Payloads, &head, make)
}
