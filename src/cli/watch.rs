//! `wscope view -i`: the terminal UI on live traffic.
//!
//! Job: have an interface chosen, open it, give up rights, keep what comes, show it. Input:
//! arguments. Output: an exit code; how it went on stderr.

#[cfg(all(feature = "live", feature = "tls"))]
use std::sync::{Arc, Mutex, PoisonError};

use super::args::View;
use super::exit::Outcome;
#[cfg(all(feature = "live", feature = "tls"))]
use super::keys_watch::Watch;
use super::listen::Listen;
use super::plan::Plan;
#[cfg(all(feature = "live", feature = "tls"))]
use crate::capture::Store;
#[cfg(all(feature = "live", feature = "tls"))]
use crate::pipeline::{Options, Renewed};

#[cfg(not(feature = "live"))]
pub(super) fn run(_: &Plan<'_>, _: &Listen, _: &View) -> Outcome {
    Err(crate::error::Error::NoLive.into())
}

/// Shows what comes on an interface.
#[cfg(feature = "live")]
pub(super) fn run(plan: &Plan<'_>, listen: &Listen, args: &View) -> Outcome {
    use super::exit::{Exit, unusable};
    use super::live;
    use crate::capture::{Input, State, Stop, Target};
    use crate::replay::Inputs;
    use crate::session::Detail;
    use crate::tui::{self, Settings};

    let config = super::config::load(args)?;
    let mut settings = listen.settings(plan.bpf);
    if settings.interface.is_empty() {
        match choose()? {
            Some(name) => settings.interface = name,
            None => return Ok(Exit::Success),
        }
    }
    let target = listen.target().unwrap_or(Target::Scratch(args.keep));
    let (listener, store) = live::open(listen, settings, Some(target), plan.keeps_secrets(listen))?;
    let store = store.ok_or_else(|| "nothing keeps the packets".to_owned())?;
    let capture = live::start(listener, &Stop::default(), Some(store.clone()))?;
    let monitor = capture.monitor();
    #[cfg_attr(not(feature = "tls"), expect(unused_mut, reason = "keys may come"))]
    let mut options = plan.options(Detail::Payloads)?;
    #[cfg(feature = "tls")]
    let watch = Arc::new(Mutex::new(plan.watch_keys()));
    #[cfg(feature = "tls")]
    let renew = renewing(&watch, store.clone(), &mut options);
    #[cfg(not(feature = "tls"))]
    let renew = || ();
    let settings = Settings {
        inputs: Inputs {
            files: vec![Input::Store(store.clone())],
            // The kernel has applied it.
            filter: None,
        },
        options,
        threads: plan.threads,
        colours: plan.style.colour,
        keep_rows: usize::try_from(args.keep_rows).unwrap_or(usize::MAX),
        config,
        present: args.present,
        opening: super::opening::of(&args.selection)?,
        redact: args.secrets(),
        save_secrets: !listen.no_secrets,
        lab: None,
    };
    let shown = tui::listen(settings, (capture, store.clone()), Box::new(renew));
    #[cfg(feature = "tls")]
    {
        // What the last packets needed.
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        store.note_secrets(&watch.used())?;
    }
    let status = monitor.status();
    let name = monitor.interface();
    live::say_totals(name, &status);
    shown.map_err(unusable)?;
    match status.state {
        State::Failed(why) => Err(format!("{name}: the capture ended: {why}").into()),
        _ => Ok(Exit::Success),
    }
}

/// What gives newer secrets, and keeps those that were used where they are kept.
#[cfg(all(feature = "live", feature = "tls"))]
fn renewing(
    watch: &Arc<Mutex<Watch>>,
    store: Store,
    options: &mut Options,
) -> impl FnMut() -> Renewed + Send + use<> {
    let watch = Arc::clone(watch);
    {
        let mut first = watch.lock().unwrap_or_else(PoisonError::into_inner);
        options.newest = Some(first.newest());
        // The first run begins with the first state.
        first.look();
    }
    move || {
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        // Where they cannot be written, packets cannot either, which is said.
        let _ = store.note_secrets(&watch.used());
        watch.look()
    }
}

/// Asks which interface.
#[cfg(feature = "live")]
fn choose() -> Outcome<Option<String>> {
    use super::exit::unusable;
    use crate::capture::live::interfaces;
    use crate::tui::chooser::{Choice, choose};

    let list = interfaces()?;
    if list.is_empty() {
        return Err("no interface can be seen".to_owned().into());
    }
    let likely = list.iter().position(|one| one.likely).unwrap_or(0);
    let choices: Vec<_> = list
        .iter()
        .map(|one| {
            let mut about = vec![if one.up { "up" } else { "down" }.to_owned()];
            if one.loopback {
                about.push("loopback".to_owned());
            }
            about.extend(one.addresses.iter().map(ToString::to_string));
            about.extend(one.description.clone());
            Choice {
                name: one.name.clone(),
                about: about.join(" "),
            }
        })
        .collect();
    choose("Which interface?", &choices, likely).map_err(unusable)
}
