//! `wscope view -i`: the terminal UI on live traffic.
//!
//! Job: have an interface chosen, open it, give up rights, keep what comes, show it. Input:
//! arguments. Output: an exit code; how it went on stderr.

use super::args::View;
use super::exit::Exit;

#[cfg(not(feature = "live"))]
pub(super) fn watch(_: &View) -> Result<Exit, String> {
    Err(
        "this wscope was built without live capture; build it with the feature `live`, which \
         needs libpcap"
            .to_owned(),
    )
}

/// Shows what comes on an interface.
#[cfg(feature = "live")]
pub(super) fn watch(args: &View) -> Result<Exit, String> {
    use super::choices::{coloured, threads};
    use super::live;
    use super::terminal::unusable;
    use crate::capture::{Input, State, Stop, Target};
    use crate::pipeline::Options;
    use crate::replay::Inputs;
    use crate::session::Detail;
    use crate::tui::{self, Settings};

    let mut settings = args.listen.settings(args.filter.as_deref());
    if settings.interface.is_empty() {
        match choose()? {
            Some(name) => settings.interface = name,
            None => return Ok(Exit::Success),
        }
    }
    let target = args.listen.target().unwrap_or(Target::Scratch(args.keep));
    let (listener, store) = live::open(&args.listen, settings, Some(target))?;
    let store = store.ok_or("nothing keeps the packets")?;
    let capture = live::start(listener, &Stop::default(), Some(store.clone()))?;
    let monitor = capture.monitor();
    let settings = Settings {
        inputs: Inputs {
            files: vec![Input::Store(store.clone())],
            // The kernel has applied it.
            filter: None,
        },
        options: Options::new(Detail::Payloads).live(true),
        threads: threads(&[], args.threads),
        colours: coloured(args.color),
        present: args.present,
    };
    let shown = tui::listen(settings, capture, store);
    let status = monitor.status();
    let name = monitor.interface();
    live::say_totals(name, &status);
    shown.map_err(unusable)?;
    if let State::Failed(why) = status.state {
        return Err(format!("{name}: the capture ended: {why}"));
    }
    Ok(Exit::Success)
}

/// Asks which interface.
#[cfg(feature = "live")]
fn choose() -> Result<Option<String>, String> {
    use crate::capture::live::interfaces;
    use crate::tui::chooser::{Choice, choose};

    let list = interfaces().map_err(|error| error.to_string())?;
    if list.is_empty() {
        return Err("no interface can be seen".to_owned());
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
    choose("Which interface?", &choices, likely).map_err(super::terminal::unusable)
}
