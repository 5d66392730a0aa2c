//! The UI begins.
//!
//! Job: take the terminal, begin to read what is to be shown, give the terminal back. Input: settings,
//! and what is captured. Output: none.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crossbeam_channel::unbounded;

use super::World;
use crate::capture::Input;
use crate::pipeline::Waypoints;
use crate::replay::Trail;
use crate::tui::app::{App, Live, Palette};
use crate::tui::index::{self, Again, Loader};
use crate::tui::maker::Maker;
use crate::tui::message::Fetcher;
use crate::tui::settings::Settings;
use crate::tui::standing;
use crate::tui::terminal::{self, Guard};

/// Shows captures until the user leaves.
pub fn run(settings: Settings) -> io::Result<()> {
    show(settings, World::new)
}

/// Shows what is captured and kept, until the user leaves; then the capture has ended. `renew`
/// gives newer secrets of TLS, where there are any.
#[cfg(feature = "live")]
pub fn listen(
    settings: Settings,
    captured: (crate::capture::live::Live, crate::capture::Store),
    renew: index::Renew,
) -> io::Result<()> {
    show(settings, |settings| {
        World::listen(settings, captured, renew)
    })
}

/// Shows what comes on standard input and is kept, until the user leaves.
pub fn pipe(settings: Settings, piped: index::Piped) -> io::Result<()> {
    show(settings, |settings| World::pipe(settings, piped))
}

fn show(settings: Settings, make: impl FnOnce(Settings) -> World) -> io::Result<()> {
    let over = Arc::new(AtomicBool::new(false));
    terminal::signals(&over)?;
    let guard = Guard::new(!settings.config.no_mouse)?;
    let mut screen = terminal::screen()?;
    let size = screen.size()?;
    let palette = if settings.colours {
        Palette::Sixteen
    } else {
        Palette::None
    };
    let names: Vec<_> = settings.inputs.files.iter().map(name).collect();
    let name = match &settings.lab {
        Some(_) => "lab".to_owned(),
        None => names.join(" "),
    };
    let mut app = App::new(name, (size.width, size.height), palette);
    settings.config.clone().apply(&mut app);
    app.present = settings.present;
    app.redact = settings.redact;
    app.only = settings.options.only.clone();
    app.index.bound = settings.keep_rows;
    app.lab = settings.lab.as_ref().map(|lab| (**lab).clone());
    let mut world = make(settings);
    app.live = world.standing.as_ref().map(|standing| Live {
        standing: standing(),
        ..Live::default()
    });
    let unkept = app
        .live
        .as_ref()
        .and_then(|live| live.standing.unkept.clone());
    app.notice = unkept.map(|unkept| unkept.to_string());
    let result = world.run(&mut app, &mut screen, &over);
    drop(guard);
    world.end();
    result
}

fn name(input: &Input) -> String {
    let name = input.to_string();
    let file = Path::new(&name).file_name();
    file.map_or(name.clone(), |file| file.to_string_lossy().into_owned())
}

impl World {
    fn new(settings: Settings) -> Self {
        let trail = Trail::default();
        let (inputs, options) = (&settings.inputs, &settings.options);
        let again = Again::new(inputs.clone());
        let loader = Loader::start(inputs.clone(), options, settings.threads, &trail);
        let fetcher = Fetcher::start(inputs.clone(), options.clone(), trail);
        Self::with(settings, again, loader, fetcher)
    }

    #[cfg(feature = "live")]
    fn listen(
        settings: Settings,
        (live, store): (crate::capture::live::Live, crate::capture::Store),
        renew: index::Renew,
    ) -> Self {
        let trail = Trail::with(Waypoints::live());
        let (inputs, options) = (settings.inputs.clone(), settings.options.clone());
        let fetcher = Fetcher::start(inputs.clone(), options.clone(), trail.clone());
        let standing = standing::of(live.monitor(), store.clone());
        let loader = Loader::listen((live, store), renew, &options, settings.threads, &trail);
        Self {
            standing: Some(standing),
            ..Self::with(settings, Again::of_kept(inputs), loader, fetcher)
        }
    }

    fn pipe(settings: Settings, piped: index::Piped) -> Self {
        let trail = Trail::with(Waypoints::live());
        let (inputs, options) = (settings.inputs.clone(), settings.options.clone());
        let fetcher = Fetcher::start(inputs.clone(), options.clone(), trail.clone());
        let came = index::Came::default();
        let standing = standing::piped(came.clone(), piped.store.clone());
        let loader = Loader::pipe(piped, came, &options, settings.threads, &trail);
        Self {
            standing: Some(standing),
            ..Self::with(settings, Again::of_kept(inputs), loader, fetcher)
        }
    }

    fn with(settings: Settings, again: Again, loader: Loader, fetcher: Fetcher) -> Self {
        let lab = settings.lab.as_ref();
        Self {
            maker: lab.map(|lab| Maker::start(Arc::clone(&lab.lessons))),
            settings,
            again,
            loader,
            standing: None,
            told: Instant::now(),
            held: VecDeque::new(),
            fetcher,
            search: None,
            study: None,
            said: unbounded(),
            loaded: false,
            leaving: false,
        }
    }
}
