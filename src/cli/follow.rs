//! `wscope follow`.
//!
//! Job: print conversations as transcripts: both sides in time, with what happened between the
//! messages. Input: arguments. Output: text or JSON Lines, and an exit code.

use std::io::{self, IsTerminal};

use super::args::{Follow as Arguments, Format};
use super::ends::planned;
use super::exit::Outcome;
use super::run::render;
use crate::output::chosen::Chosen;
use crate::output::follow::{Follow, Layout};
use crate::output::json::JsonSink;
use crate::page::redact::Redact;
use crate::session::Detail;

/// Columns where nobody says how many there are, and the fewest that are used.
const WIDTH: usize = 100;
const NARROWEST: usize = 40;

pub(super) fn run(args: &Arguments) -> Outcome {
    let plan = planned(&args.common, [])?;
    plan.needs_connections()?;
    let filter = || plan.filter.clone();
    let redact = plan.redact(Redact::Secrets);
    if plan.format == Format::Json {
        let make = || Chosen::new(filter(), JsonSink::new(redact));
        return render(&plan, Detail::Payloads, ("", None), make);
    }
    let columns = crossterm::terminal::size().ok().map(|(columns, _)| columns);
    let columns = columns.filter(|_| io::stdout().is_terminal());
    let width = args.width.or(columns.map(usize::from)).unwrap_or(WIDTH);
    let layout = Layout {
        width: width.max(NARROWEST),
        most: args.lines.unwrap_or(usize::MAX),
        time: args.time.into(),
        redact,
        style: plan.style,
        needles: plan
            .filter
            .as_deref()
            .map(crate::filter::Filter::needles)
            .unwrap_or_default(),
    };
    let make = || Chosen::new(filter(), Follow::new(layout.clone()));
    render(&plan, Detail::Payloads, ("", None), make)
}
