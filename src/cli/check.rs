//! `wscope check`: what is wrong.
//!
//! Job: run the checks over captures and choose the exit code. Input: arguments.
//! Output: an exit code.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, IsTerminal};

use super::args::{Check as Arguments, Level};
use super::ends::planned;
use super::exit::{Exit, Outcome};
use super::run::fold;
use crate::capture::Likeness;
use crate::check::{Check, Choice, needs_second_look, second_look};
use crate::finding::Severity;
use crate::output::check::{self, Layout};
use crate::output::chosen::Findings;
use crate::page::redact::Redact;
use crate::session::Detail;

/// Columns where nobody says how many there are, and the most that are used.
const WIDTH: usize = 80;

pub(super) fn run(args: &Arguments) -> Outcome {
    let plan = planned(&args.common, [])?;
    let ignored: BTreeSet<_> = args.ignore.iter().copied().collect();
    let choice = || {
        let filter = plan.filter.clone();
        filter.map(|filter| Box::new(Findings::new(filter)) as Box<dyn Choice>)
    };
    let make = || Check::new(args.all, ignored.clone()).choosing(choice());
    let inputs = plan.inputs().unwrap_or_default();
    let likeness = Likeness::of(&inputs.files);
    let (sinks, mut done) = fold(&plan, Detail::Rules, make)?;
    let mut report = Check::conclude(sinks);
    if !inputs.files.is_empty() && needs_second_look(&report) {
        let options = plan.options(Detail::Rules)?;
        let looked = second_look(&mut report, &inputs, &options);
        let changed = likeness.differs(&inputs.files);
        done.read_again(changed.or(looked.err().map(|error| error.to_string())));
    }
    let redact = plan.redact(Redact::Secrets);
    report.reword(|text| match redact.words(text) {
        Cow::Owned(shown) => Some(shown),
        Cow::Borrowed(_) => None,
    });
    // TLS that could not be read has findings, too.
    if report.connections > 0 || report.worst().is_some() {
        let columns = crossterm::terminal::size().ok().map(|(columns, _)| columns);
        let columns = columns.filter(|_| io::stdout().is_terminal());
        let show = plan.show();
        let layout = |style| Layout {
            show: &show,
            width: columns.map_or(WIDTH, |columns| usize::from(columns).clamp(20, WIDTH)),
            all: args.all,
            style,
        };
        let json = |out: &mut Vec<u8>| check::json(&report, out);
        match args.cells.shape(plan.format) {
            Some(shape) => {
                done.print_rows((&args.cells.fields, check::USUAL, shape), json)?;
            }
            None => done.print(|style| check::text(&report, &layout(style)), json)?,
        }
    }
    let least = match args.fail_on {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note => Severity::Note,
    };
    // Nor can what is not there.
    let is_absent = !plan.only.is_all() && report.connections == 0;
    let is_unread = is_absent || plan.only.is_all() && done.is_unread();
    Ok(match done.conclude() {
        Exit::Failed => Exit::Failed,
        // What cannot be read cannot be called right.
        _ if is_unread => Exit::Failed,
        _ if report.worst() >= Some(least) => Exit::Found,
        _ => Exit::Success,
    })
}
