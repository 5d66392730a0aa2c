//! `wscope view`: the terminal UI on captures.
//!
//! Job: refuse what a UI cannot work with before it takes the terminal. Input: arguments.
//! Output: an exit code.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use super::args::View;
use super::config;
use super::exit::{Exit, Outcome, unusable};
use super::opening;
use super::plan::{Plan, Source};
use crate::session::Detail;
use crate::tui::{self, Settings};

/// Shows captures, or what comes on an interface.
pub(super) fn run(args: &View) -> Outcome {
    let mut plan = Plan::reading(&args.reading).listening(&args.listen)?;
    plan.only = args.selection.connection.clone().unwrap_or_default();
    let instead = match plan.source {
        Source::Files(_) => "wscope messages FILE",
        Source::Interface(_) => "wscope messages -i NAME",
    };
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(
            format!("the UI needs a terminal; `{instead}` prints to files and pipes").into(),
        );
    }
    let files = match plan.source {
        Source::Files(files) => files,
        Source::Interface(listen) => return super::watch::run(&plan, listen, args),
    };
    for file in files {
        regular(file)?;
    }
    let opening = opening::of(&args.selection)?;
    let options = plan.options(Detail::Payloads)?;
    let inputs = plan.inputs().ok_or_else(|| "no files".to_owned())?;
    // What cannot be a filter is told before the terminal is taken.
    inputs.open(options.limits)?;
    let config = config::load(args)?;
    let settings = Settings {
        inputs,
        options,
        threads: plan.threads,
        colours: plan.style.colour,
        keep_rows: 0,
        config,
        present: args.present,
        opening,
        redact: args.secrets(),
        lab: None,
    };
    tui::run(settings).map_err(unusable)?;
    Ok(Exit::Success)
}

/// Refuses what cannot be read more than once.
fn regular(file: &OsString) -> Result<(), String> {
    let name = file.to_string_lossy();
    if file == "-" {
        return Err(
            "the UI reads captures more than once, so it needs files: save standard input \
             first, or use `wscope messages -`"
                .to_owned(),
        );
    }
    let metadata =
        std::fs::metadata(file).map_err(|error| format!("{name} cannot be opened: {error}"))?;
    if metadata.is_file() {
        return Ok(());
    }
    Err(format!(
        "the UI reads captures more than once: {name} is no regular file"
    ))
}
