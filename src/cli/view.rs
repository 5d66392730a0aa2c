//! `wscope view`: the terminal UI on captures.
//!
//! Job: refuse what a UI cannot work with before it takes the terminal. Input: arguments.
//! Output: an exit code.

use std::ffi::OsStr;

use super::args::View;
use super::choices::{coloured, threads};
use super::exit::Exit;
use super::say::say;
use super::terminal::{terminal, unusable};
use crate::capture::Input;
use crate::pipeline::Options;
use crate::replay::Inputs;
use crate::session::Detail;
use crate::tui::{self, Settings};

/// Shows captures, or what comes on an interface.
pub(super) fn view(args: &View) -> Exit {
    if let Some(option) = args.listen.stray() {
        return failed(&format!("{option} goes with --interface, not with files"));
    }
    let shown = if args.listen.interface.is_some() {
        terminal("wscope messages -i NAME").and_then(|()| super::watch::watch(args))
    } else {
        terminal("wscope messages FILE")
            .and_then(|()| settings(args))
            .and_then(|settings| tui::run(settings).map_err(unusable))
            .map(|()| Exit::Success)
    };
    shown.unwrap_or_else(|why| failed(&why))
}

fn failed(why: &str) -> Exit {
    say!("{why}");
    Exit::Failed
}

fn settings(args: &View) -> Result<Settings, String> {
    for file in &args.files {
        if file == "-" {
            return Err(
                "the UI reads captures more than once, so it needs files: save standard input \
                 first, or use `wscope messages -`"
                    .to_owned(),
            );
        }
        let metadata = std::fs::metadata(file)
            .map_err(|error| format!("{} cannot be opened: {error}", file.to_string_lossy()))?;
        if !metadata.is_file() {
            return Err(format!(
                "the UI reads captures more than once: {} is no regular file",
                file.to_string_lossy()
            ));
        }
    }
    let inputs = Inputs {
        files: args
            .files
            .iter()
            .map(|file| Input::from(OsStr::new(file)))
            .collect(),
        filter: args.filter.clone(),
    };
    let options = Options::new(Detail::Payloads);
    // What cannot be a filter is told before the terminal is taken.
    inputs
        .open(options.limits)
        .map_err(|error| error.to_string())?;
    Ok(Settings {
        inputs,
        options,
        threads: threads(&args.files, args.threads),
        colours: coloured(args.color),
        present: args.present,
    })
}
