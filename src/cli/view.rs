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
use super::plan::{Plan, Source, is_pipe};
use crate::capture::{Filter, Input, Origin, Secrets, Store};
use crate::error::Error;
use crate::replay::Inputs;
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
    let piped = plan.files().iter().any(|file| file == "-");
    if !io::stdout().is_terminal() || !(piped || io::stdin().is_terminal()) {
        return Err(
            format!("the UI needs a terminal; `{instead}` prints to files and pipes").into(),
        );
    }
    let files = match plan.source {
        Source::Files(files) => files,
        Source::Interface(listen) => return super::watch::run(&plan, listen, args),
    };
    if piped {
        return self::piped(&plan, args);
    }
    // Of several files those that can be read are shown, and what is wrong with the others is said.
    let refused: Vec<_> = files
        .iter()
        .filter_map(|file| regular(file).err())
        .collect();
    if let Some(why) = refused.first()
        && (refused.len() == files.len() || files.iter().any(is_pipe))
    {
        return Err(why.clone().into());
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
        save_secrets: !args.listen.no_secrets,
        lab: None,
    };
    tui::run(settings).map_err(unusable)?;
    Ok(Exit::Success)
}

/// Shows what comes on standard input; its packets are kept in a scratch file, as those of a live
/// capture are.
fn piped(plan: &Plan<'_>, args: &View) -> Outcome {
    if plan.files().len() > 1 {
        let why = "the UI reads standard input alone, without other files";
        return Err(why.to_owned().into());
    }
    if io::stdin().is_terminal() {
        let why = "standard input is a terminal; pipe a capture into `wscope -`";
        return Err(why.to_owned().into());
    }
    let origin = Origin {
        name: Input::Stdin.to_string(),
        filter: plan.bpf.unwrap_or_default().to_owned(),
        ..Origin::default()
    };
    let store = Store::scratch(args.keep, origin);
    #[cfg_attr(not(feature = "tls"), expect(unused_mut, reason = "keys may come"))]
    let mut options = plan.options(Detail::Payloads)?;
    #[cfg(feature = "tls")]
    let fresh = {
        let mut watch = plan.watch_keys();
        options.newest = Some(watch.newest());
        // The first run begins with the first state.
        watch.look();
        move |blocks: &[Secrets]| {
            for block in blocks {
                watch.block(block);
            }
            watch.look()
        }
    };
    #[cfg(not(feature = "tls"))]
    let fresh = |_: &[Secrets]| crate::pipeline::Renewed::default();
    let limits = options.limits;
    let settings = Settings {
        inputs: Inputs {
            files: vec![Input::Store(store.clone())],
            filter: plan.bpf.map(str::to_owned),
        },
        options,
        threads: plan.threads,
        colours: plan.style.colour,
        keep_rows: usize::try_from(args.keep_rows).unwrap_or(usize::MAX),
        config: config::load(args)?,
        present: args.present,
        opening: opening::of(&args.selection)?,
        redact: args.secrets(),
        save_secrets: !args.listen.no_secrets,
        lab: None,
    };
    let piped = tui::Piped {
        source: crate::capture::Source::new(vec![Input::Stdin], limits),
        store,
        filter: plan.bpf.map(Filter::new).transpose()?,
        fresh: Box::new(fresh),
    };
    tui::pipe(settings, piped).map_err(unusable)?;
    Ok(Exit::Success)
}

/// Refuses what cannot be read more than once.
fn regular(file: &OsString) -> Result<(), String> {
    let name = Input::from(file.as_os_str());
    let metadata =
        std::fs::metadata(file).map_err(|error| format!("{name} cannot be opened: {error}"))?;
    if metadata.is_file() {
        return Ok(());
    }
    if metadata.is_dir() {
        let name = name.to_string();
        return Err(Error::Directory { name }.to_string());
    }
    Err(format!(
        "the UI reads captures more than once: {name} is no regular file"
    ))
}
