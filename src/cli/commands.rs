//! What the commands do.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
#[cfg(feature = "tui")]
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(feature = "tui")]
use clap::Parser;

use super::args::{
    Arguments, Command, Connections, Format, Grouping, Listing, Messages, Statistics,
};
use super::ends::planned;
use super::exit::{Early, Exit, Outcome, written};
use super::manual;
use super::plan::Plan;
use super::run::{fold, render};
use super::say::say;
use crate::event::Renderer;
use crate::output::chosen::{Chosen, Counted};
use crate::output::connection_rows::{self, ConnectionRows, Look, Wanted};
use crate::output::fields::{Fields, FieldsSink};
use crate::output::json::JsonSink;
use crate::output::sorted::{self, Sorted};
use crate::output::stats::Shown;
use crate::output::stats_rows::{self, StatsRows};
use crate::output::text::{Layout, TextSink};
use crate::output::{stats_json, units_stats};
use crate::page::redact::Redact;
use crate::session::Detail;
use crate::stats::{By, Stats, UnitStats, UnitsBy};

/// Runs a command; everything it has to say is said when it returns.
pub fn run(arguments: &Arguments) -> Exit {
    let outcome = match &arguments.command {
        Command::Messages(args) => messages(args),
        #[cfg(feature = "tui")]
        Command::View(args) => super::view::run(args),
        #[cfg(feature = "tui")]
        Command::Config => super::config::run(),
        Command::Unknown(words) => unknown(words),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { of } => manual::page(of.as_deref()),
        Command::Explain(args) => super::explain::run(args),
        Command::Lab(args) => super::lab::run(args),
        Command::Interfaces(args) => super::interfaces::run(args),
        Command::Check(args) => super::check::run(args),
        Command::Tune(args) => super::tune::run(args),
        Command::Follow(args) => super::follow::run(args),
        Command::Payload(args) => super::payload::run(args),
        Command::Connections(args) => connections(args),
        Command::Stats(args) => statistics(args),
    };
    outcome.unwrap_or_else(Early::say)
}

fn connections(args: &Connections) -> Outcome {
    let plan = planned(&args.common, [])?;
    let redact = plan.redact(Redact::Secrets);
    let listing = &args.listing;
    let look = match (listing.shape(plan.format), plan.format) {
        (Some(shape), _) => {
            let fields = Fields::of_connections(listing.fields.clone(), shape);
            Look::Fields(fields.redacting(redact))
        }
        (None, Format::Text) => Look::Text(plan.style),
        (None, Format::Json) => Look::Json,
    };
    let wanted = Wanted {
        look,
        redact,
        filter: plan.filter.clone(),
        order: listing.order(),
        limit: listing.limit,
    };
    let make = || Counted::noting(plan.filter.clone(), ConnectionRows::new(&wanted));
    let (sinks, mut done) = fold(&plan, Detail::Payloads, make)?;
    let (mut all, mut meant) = (Vec::new(), BTreeSet::new());
    for sink in sinks {
        let (rows, some) = sink.into_inner();
        all.push(rows);
        meant.extend(some);
    }
    let shown = kept(|trouble| {
        let out = done.out();
        connection_rows::write(all, &wanted, &meant, out, trouble)
    })?;
    if shown.connections == 0 && plan.filter.is_some() && shown.of > 0 {
        say!("no connection has what matches");
        return Ok(done.end(Exit::Nothing));
    }
    Ok(done.conclude())
}

fn statistics(args: &Statistics) -> Outcome {
    let plan = planned(&args.common, [])?;
    let shown = Shown {
        by: match args.by {
            Grouping::Subject => return unit_statistics(&plan, args, UnitsBy::Subject),
            Grouping::Kind => return unit_statistics(&plan, args, UnitsBy::Kind),
            Grouping::Host => By::Host,
            Grouping::Target => By::Target,
            Grouping::Subprotocol => By::Subprotocol,
            Grouping::Connection => By::Connection,
            Grouping::Peer => By::Peer,
        },
        top: args.limit,
        histogram: args.histogram,
        part: plan.filter.is_some(),
        redact: plan.redact(Redact::Secrets),
    };
    if args.deep && shown.part {
        let why = "--deep looks at every symbol of a window; it takes -c, but no other selection";
        return Err(why.to_owned().into());
    }
    let (detail, make): (_, fn() -> Stats) = if args.deep {
        (Detail::Symbols, Stats::deep)
    } else {
        (Detail::Sizes, Stats::default)
    };
    // A filter may look at payloads.
    let detail = match &plan.filter {
        Some(filter) if filter.needs_payload() => Detail::Payloads,
        _ => detail,
    };
    let is_text = plan.format == Format::Text && args.cells.shape(plan.format).is_none();
    let style = is_text.then_some(plan.style);
    let rows = || StatsRows::new(make(), shown, style);
    let counted = || Counted::new(plan.filter.clone(), rows());
    let (sinks, mut done) = fold(&plan, detail, counted)?;
    let all = sinks.into_iter().map(|sink| sink.into_inner().0).collect();
    let bytes = done.account();
    match args.cells.shape(plan.format) {
        Some(shape) => {
            let rows = (args.cells.fields.as_slice(), stats_json::USUAL, shape);
            let mut lines = Vec::new();
            kept(|trouble| stats_rows::write(all, &bytes, &shown, None, &mut lines, trouble))?;
            done.print_rows(rows, |out| out.append(&mut lines))?;
        }
        None => kept(|trouble| {
            let out = done.out();
            stats_rows::write(all, &bytes, &shown, style, out, trouble)
        })?,
    }
    Ok(done.conclude())
}

/// Statistics of what is inside the messages.
fn unit_statistics(plan: &Plan<'_>, args: &Statistics, by: UnitsBy) -> Outcome {
    for (given, name) in [(args.deep, "--deep"), (args.histogram, "--histogram")] {
        if given {
            let by = by.name();
            return Err(format!("{name} does not go with --by {by}").into());
        }
    }
    let make = || Counted::new(plan.filter.clone(), UnitStats::new(by));
    let (sinks, mut done) = fold(plan, Detail::Payloads, make)?;
    let mut all = UnitStats::new(by);
    for sink in sinks {
        all.merge(sink.into_inner().0);
    }
    let redact = plan.redact(Redact::Secrets);
    let json = |out: &mut Vec<u8>| units_stats::json(&all, args.limit, redact, out);
    if let Some(shape) = args.cells.shape(plan.format) {
        done.print_rows((&args.cells.fields, units_stats::USUAL, shape), json)?;
    } else {
        let width = columns(args.width);
        done.print(
            |style| units_stats::text(&all, (args.limit, redact), width, style),
            json,
        )?;
    }
    Ok(done.conclude())
}

/// Files without a command are looked at.
fn unknown(words: &[OsString]) -> Outcome {
    let name = words.first().map(|word| word.to_string_lossy());
    let name = name.unwrap_or_default();
    #[cfg(feature = "tui")]
    if words
        .first()
        .is_some_and(|word| word == "-" || Path::new(word).exists())
        // One of several files may be missing.
        || manual::nearest(&name).is_none() && words.iter().any(|word| Path::new(word).exists())
    {
        let line = ["wscope", "view"].map(OsString::from);
        return match Arguments::try_parse_from(line.iter().chain(words)) {
            Ok(arguments) => Ok(run(&arguments)),
            Err(error) => {
                super::say::refusal(&error);
                Ok(Exit::Failed)
            }
        };
    }
    let advice = manual::nearest(&name).map_or_else(
        || "for the messages of a capture: wscope messages FILE".to_owned(),
        |near| format!("there is a command {near:?}"),
    );
    Err(format!("{name:?} is no command and no file; {advice}").into())
}

fn messages(args: &Messages) -> Outcome {
    let plan = planned(&args.common, args.listing.columns())?;
    let redact = plan.redact(Redact::Nothing);
    let listing = &args.listing;
    if let Some(shape) = listing.shape(plan.format) {
        let fields = Fields::of_messages(listing.fields.clone(), shape)
            .redacting(redact)
            .knowing(plan.ends.clone());
        let make = || FieldsSink::new(fields.clone());
        return list(&plan, listing, &fields.head(), make);
    }
    if plan.format == Format::Json {
        let make = || JsonSink::new(redact).decoding(args.decode);
        return list(&plan, listing, "", make);
    }
    let terminal = io::stdout().is_terminal();
    let layout = Layout {
        width: columns(args.width),
        full: args.full || args.width == Some(0),
        hex: args.hex,
        raw: args.raw,
        decode: args.decode,
        redact,
        time: args.time.into(),
        style: plan.style,
    };
    let head = if terminal {
        TextSink::head(&layout)
    } else {
        String::new()
    };
    list(&plan, listing, &head, || TextSink::new(layout))
}

/// Columns that lines are cut to: those that are asked for, where 0 cuts nothing, or the terminal's.
fn columns(asked: Option<usize>) -> Option<usize> {
    let width = || crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
    let terminal = || io::stdout().is_terminal().then(width);
    asked.or_else(terminal).filter(|width| *width > 0)
}

/// Writes rows that had to wait, and says where they could only be kept in memory.
fn kept<T>(write: impl FnOnce(&mut Option<String>) -> io::Result<T>) -> Outcome<T> {
    let mut trouble = None;
    let end = write(&mut trouble);
    if let Some(why) = trouble {
        say!("rows stayed in memory, as no scratch file could be written: {why}");
    }
    written(end)
}

/// Prints rows of messages, in the order that is asked for.
fn list<S: Renderer<Output = Vec<u8>> + Send>(
    plan: &Plan<'_>,
    listing: &Listing,
    head: &str,
    make: impl Fn() -> S,
) -> Outcome {
    let filter = || plan.filter.clone();
    let Some(mut order) = listing.order() else {
        let limit = listing
            .limit
            .map(|rows| rows + usize::from(!head.is_empty()));
        let shown = Arc::new(AtomicU64::new(0));
        let make = || Chosen::new(filter(), make()).counting(shown.clone());
        let exit = render(plan, Detail::Payloads, (head, limit), make)?;
        let none = plan.filter.is_some() && shown.load(Ordering::Relaxed) == 0;
        if none && exit == Exit::Success {
            say!("no message is as asked for");
            return Ok(Exit::Nothing);
        }
        return Ok(exit);
    };
    order.ends.clone_from(&plan.ends);
    let make = || Counted::new(filter(), Sorted::new(order.clone(), make()));
    let (sinks, mut done) = fold(plan, Detail::Payloads, make)?;
    let sinks = sinks.into_iter().map(|sink| sink.into_inner().0).collect();
    let out = done.out();
    let printed = out.write_all(head.as_bytes());
    kept(|trouble| {
        printed
            .and_then(|()| sorted::write(sinks, out, trouble))
            .and_then(|()| out.flush())
    })?;
    Ok(done.conclude_messages())
}
