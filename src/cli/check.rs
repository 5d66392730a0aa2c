//! `wscope check`: what is wrong.
//!
//! Job: run the checks over captures and choose the exit code. Input: arguments.
//! Output: an exit code.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::args::{Check as Arguments, Level};
use super::choices::{style, threads};
use super::conclude::conclude;
use super::exit::{Exit, unwritten};
use super::feed::Captures;
use super::out::{Shared, Stdout};
use crate::capture::Input;
use crate::check::{Check, Report, second_look};
use crate::finding::Severity;
use crate::output::check::{self, Layout};
use crate::parallel::{self, Run};
use crate::pipeline::Options;
use crate::replay::Inputs;
use crate::session::Detail;

/// Columns where nobody says how many there are, and the most that are used.
const WIDTH: usize = 80;

pub(super) fn run(args: &Arguments) -> Exit {
    let common = &args.common;
    let options = Options {
        only: common.connection,
        ..Options::new(Detail::Rules).live(common.listen.interface.is_some())
    };
    let mut out = Shared::new(Stdout);
    let Some(mut captures) = Captures::open(common, &out, options.limits) else {
        return Exit::Failed;
    };
    let ignored: BTreeSet<_> = args.ignore.iter().copied().collect();
    let Run { sinks, tally } = parallel::fold(
        threads(&common.files, common.threads),
        &options,
        || Check::new(args.all, ignored.clone()),
        &mut captures,
    );
    let mut report = Check::conclude(sinks);
    // Neither pipes nor interfaces can be read again.
    let mut files = common.files.iter().peekable();
    if files.peek().is_some() && files.all(|file| Path::new(file).is_file()) {
        let inputs = Inputs {
            files: common
                .files
                .iter()
                .map(|file| Input::from(file.as_os_str()))
                .collect(),
            filter: common.filter.clone(),
        };
        second_look(&mut report, &inputs, &options);
    }
    if report.connections > 0
        && let Some(exit) = print(args, &report, &mut out)
    {
        return exit;
    }
    captures.conclude();
    match conclude(common.connection, &captures, &tally) {
        Exit::Failed => Exit::Failed,
        _ if report.worst() >= Some(least(args.fail_on)) => Exit::Found,
        _ => Exit::Success,
    }
}

fn least(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note => Severity::Note,
    }
}

/// Prints what was found; an exit code where that failed.
fn print(args: &Arguments, report: &Report, out: &mut Shared) -> Option<Exit> {
    let mut page = Vec::new();
    if args.common.json {
        check::json(report, &mut page);
    } else {
        let columns = || crossterm::terminal::size().map_or(WIDTH, |(columns, _)| columns.into());
        let layout = Layout {
            width: if io::stdout().is_terminal() {
                columns().clamp(20, WIDTH)
            } else {
                WIDTH
            },
            all: args.all,
            style: style(args.common.color),
        };
        page = check::text(report, &layout).into_bytes();
    }
    unwritten(out.write_all(&page).and_then(|()| out.flush()))
}
