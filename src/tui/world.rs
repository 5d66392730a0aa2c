//! The world around the state.
//!
//! Job: wait for what happens, do what `update` asks for. Input: the terminal, the loader, the
//! fetcher, the search. Output: actions; effects done.

use std::fs::File;
use std::io::{self, IsTerminal, Write, stdout};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use crossterm::event::{self, Event, KeyEventKind};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use super::Settings;
use super::app::{App, Palette};
use super::effect::Effect;
use super::index::{self, Loader, Search};
use super::message::Fetcher;
use super::sixteen::Sixteen;
use super::terminal::{self, Guard};
use super::update::{self, Action, update};
use super::view::view;
use crate::replay::Trail;

/// Batches that are taken between two looks at the keyboard.
const BATCHES: usize = 4;

/// How long to wait for a key while something else is going on.
const BUSY: Duration = Duration::from_millis(15);

/// How long to wait for a key otherwise.
const IDLE: Duration = Duration::from_millis(250);

/// Bytes that go to the clipboard: terminals drop sequences that are longer.
const COPIED: usize = 74_000;

type Screen = Terminal<CrosstermBackend<Sixteen<io::Stdout>>>;

/// Shows captures until the user leaves.
pub fn run(settings: Settings) -> io::Result<()> {
    let over = Arc::new(AtomicBool::new(false));
    signals(&over)?;
    let guard = Guard::new()?;
    let mut screen = Terminal::new(CrosstermBackend::new(Sixteen::new(stdout())))?;
    let size = screen.size()?;
    let palette = if settings.colours {
        Palette::Sixteen
    } else {
        Palette::None
    };
    let names: Vec<_> = settings.inputs.files.iter().map(name).collect();
    let mut app = App::new(names.join(" "), (size.width, size.height), palette);
    app.present = settings.present;
    let mut world = World::new(settings);
    let result = world.run(&mut app, &mut screen, &over);
    drop(guard);
    result
}

fn name(input: &crate::capture::Input) -> String {
    let name = input.to_string();
    let file = Path::new(&name).file_name();
    file.map_or(name.clone(), |file| file.to_string_lossy().into_owned())
}

/// Asks to be told of signals that end the process, so that the terminal is given back first.
fn signals(over: &Arc<AtomicBool>) -> io::Result<()> {
    #[cfg(unix)]
    for signal in [
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
        signal_hook::consts::SIGINT,
    ] {
        signal_hook::flag::register(signal, Arc::clone(over))?;
    }
    Ok(())
}

struct World {
    settings: Settings,
    loader: Loader,
    fetcher: Fetcher,
    search: Option<Search>,
    said: (Sender<String>, Receiver<String>),
    loaded: bool,
    leaving: bool,
}

impl World {
    fn new(settings: Settings) -> Self {
        let trail = Trail::default();
        let (inputs, options) = (&settings.inputs, &settings.options);
        let loader = Loader::start(
            inputs.clone(),
            options.clone(),
            settings.threads,
            trail.clone(),
        );
        let fetcher = Fetcher::start(inputs.clone(), options.clone(), trail);
        Self {
            settings,
            loader,
            fetcher,
            search: None,
            said: unbounded(),
            loaded: false,
            leaving: false,
        }
    }

    fn run(&mut self, app: &mut App, screen: &mut Screen, over: &AtomicBool) -> io::Result<()> {
        screen.draw(|frame| view(app, frame))?;
        while !self.leaving && !over.load(Ordering::Relaxed) {
            let busy = !self.loaded
                || self.search.is_some()
                || app.message.wanted.is_some()
                || update::is_busy(app);
            let wait = if busy { BUSY } else { IDLE };
            let mut changed = false;
            if event::poll(wait)? {
                // A storm of events is drawn once.
                for _ in 0..64 {
                    if let Some(action) = action(event::read()?) {
                        self.act(app, action, screen)?;
                        changed = true;
                    }
                    if self.leaving || !event::poll(Duration::ZERO)? {
                        break;
                    }
                }
            }
            if !stdout().is_terminal() {
                // The terminal is gone, and nobody will ever say anything again.
                break;
            }
            for action in self.happened() {
                self.act(app, action, screen)?;
                changed = true;
            }
            if update::is_busy(app) {
                self.act(app, Action::Tick, screen)?;
                changed = true;
            }
            if changed && !self.leaving {
                screen.draw(|frame| view(app, frame))?;
            }
        }
        self.loader.pulse.stop();
        Ok(())
    }

    fn act(&mut self, app: &mut App, action: Action, screen: &mut Screen) -> io::Result<()> {
        for effect in update(app, action) {
            self.apply(app, effect, screen)?;
        }
        Ok(())
    }

    /// What has happened beside keys and mouse.
    fn happened(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        let mut ended = false;
        for _ in 0..BATCHES {
            match self.loader.batches.try_recv() {
                Ok(batch) => actions.push(Action::Batch(Box::new(batch))),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    ended = true;
                    break;
                }
            }
        }
        if !self.loaded {
            let (read, total) = self.loader.pulse.progress();
            actions.push(Action::Progress(read, total));
            if ended && let Ok(loaded) = self.loader.loaded.try_recv() {
                self.loaded = true;
                actions.push(Action::Loaded(Box::new(loaded)));
            }
        }
        while let Ok(fetched) = self.fetcher.results.try_recv() {
            actions.push(Action::Fetched(fetched));
        }
        while let Ok(text) = self.said.1.try_recv() {
            actions.push(Action::Said(text));
        }
        self.searched(&mut actions);
        actions
    }

    fn searched(&mut self, actions: &mut Vec<Action>) {
        let Some(search) = &self.search else {
            return;
        };
        let (read, total) = search.pulse.progress();
        actions.push(Action::Searched(read, total));
        for _ in 0..BATCHES {
            match search.found.try_recv() {
                Ok(found) => actions.push(Action::Found(found)),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    actions.push(Action::SearchEnded);
                    self.search = None;
                    break;
                }
            }
        }
    }

    /// The one place where effects become deeds.
    fn apply(&mut self, app: &mut App, effect: Effect, screen: &mut Screen) -> io::Result<()> {
        match effect {
            Effect::Fetch(wish) => self.fetcher.request(wish),
            Effect::Search(filter) => {
                let Settings {
                    inputs,
                    options,
                    threads,
                    ..
                } = self.settings.clone();
                self.search = Some(index::matching(inputs, options, threads, filter));
            }
            Effect::StopSearch => self.search = None,
            Effect::Copy(bytes) => app.notice = Some(copy(&bytes)?),
            Effect::WriteBytes(path, bytes) => {
                let written = File::create_new(&path).and_then(|mut file| file.write_all(&bytes));
                app.notice = Some(match written {
                    Ok(()) => format!("{} bytes written to {}", bytes.len(), path.display()),
                    Err(error) => format!("{} cannot be written: {error}", path.display()),
                });
            }
            Effect::WriteMessages(path, connection, filter) => {
                let Settings {
                    inputs, options, ..
                } = self.settings.clone();
                let said = self.said.0.clone();
                thread::spawn(move || {
                    let what = (connection, filter);
                    let text = match index::write_matching(&inputs, options, what, &path) {
                        Ok(lines) => format!("{lines} lines written to {}", path.display()),
                        Err(error) => format!("{} cannot be written: {error}", path.display()),
                    };
                    // The user may have left.
                    let _ = said.send(text);
                });
            }
            Effect::StopLoading => self.loader.pulse.stop(),
            Effect::Suspend => suspend(app, screen)?,
            Effect::Redraw => wipe(screen)?,
            Effect::Quit => self.leaving = true,
        }
        Ok(())
    }
}

fn action(event: Event) -> Option<Action> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Action::Key(key)),
        Event::Mouse(mouse) => Some(Action::Mouse(mouse)),
        Event::Paste(text) => Some(Action::Paste(text)),
        Event::Resize(width, height) => Some(Action::Resize(width, height)),
        _ => None,
    }
}

/// OSC 52: the terminal puts it on the clipboard, over SSH too, and does not say whether it did.
fn copy(bytes: &[u8]) -> io::Result<String> {
    if bytes.len() > COPIED {
        return Ok(format!(
            "{} bytes are too many for the terminal's clipboard: w writes them to a file",
            bytes.len()
        ));
    }
    let mut out = stdout();
    write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(bytes))?;
    out.flush()?;
    Ok(format!(
        "{} bytes sent to the terminal's clipboard, if it lets programs set it",
        bytes.len()
    ))
}

/// Stops the process as Ctrl-Z does in a shell, and takes the terminal again afterwards.
fn suspend(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    terminal::restore();
    #[cfg(unix)]
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    terminal::take()?;
    wipe(screen)?;
    let size = screen.size()?;
    app.size = (size.width, size.height);
    Ok(())
}

/// Clears the screen, so that all of it is drawn anew.
///
/// `Terminal::clear` would ask the terminal for its cursor: one that does not answer within
/// seconds would end the UI, and keys that are typed meanwhile stand before the answer.
fn wipe(screen: &mut Screen) -> io::Result<()> {
    let size = screen.size()?;
    screen.resize(Rect::new(0, 0, size.width, size.height))
}
