//! The world around the state.
//!
//! Job: wait for what happens, do what `update` asks for. Input: the terminal, the loader, the
//! fetcher, the search. Output: actions; effects done.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, unbounded};
use crossterm::event::{self, Event, KeyEventKind};

use super::app::{App, Live, Palette, Standing};
use super::effect::Effect;
use super::index::{self, Batch, Loader, Search, Study};
use super::maker::{Maker, Ready};
use super::message::Fetcher;
use super::settings::Settings;
use super::shot;
use super::terminal::{self, Guard, Screen};
use super::update::{self, Action, update};
use super::view::view;
use crate::capture::Input;
use crate::event::Rendered;
use crate::page::words::{self, grouped};
use crate::pipeline::Options;
use crate::pipeline::Waypoints;
use crate::replay::{Inputs, Trail};

/// Batches that are taken between two looks at the keyboard.
const BATCHES: usize = 4;

/// How long to wait for a key while something else is going on.
const BUSY: Duration = Duration::from_millis(15);

/// How long to wait for a key otherwise.
const IDLE: Duration = Duration::from_millis(250);

/// How long to wait for a key while a live capture runs.
const LIVE: Duration = Duration::from_millis(100);

/// How long to wait for a live capture to close its files.
const LEAVING: Duration = Duration::from_secs(5);

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

/// Tells how a live capture stands.
type Tell = Box<dyn Fn() -> Standing>;

struct World {
    settings: Settings,
    loader: Loader,
    /// Of a live capture.
    standing: Option<Tell>,
    /// When that was last told.
    told: Instant,
    /// What came while the view was frozen.
    held: VecDeque<Batch>,
    fetcher: Fetcher,
    search: Option<Search>,
    study: Option<Study>,
    /// Of a lab.
    maker: Option<Maker>,
    said: (Sender<Action>, Receiver<Action>),
    loaded: bool,
    leaving: bool,
}

impl World {
    fn new(settings: Settings) -> Self {
        let trail = Trail::default();
        let (inputs, options) = (&settings.inputs, &settings.options);
        let loader = Loader::start(inputs.clone(), options, settings.threads, &trail);
        let fetcher = Fetcher::start(inputs.clone(), options.clone(), trail);
        Self::with(settings, loader, fetcher)
    }

    #[cfg(feature = "live")]
    fn listen(
        settings: Settings,
        (live, store): (crate::capture::live::Live, crate::capture::Store),
        renew: index::Renew,
    ) -> Self {
        let trail = Trail::with(Waypoints::live());
        let (inputs, options) = (settings.inputs.clone(), settings.options.clone());
        let fetcher = Fetcher::start(inputs, options.clone(), trail.clone());
        let standing = super::standing::of(live.monitor(), store.clone());
        let loader = Loader::listen((live, store), renew, &options, settings.threads, &trail);
        Self {
            standing: Some(standing),
            ..Self::with(settings, loader, fetcher)
        }
    }

    fn pipe(settings: Settings, piped: index::Piped) -> Self {
        let trail = Trail::with(Waypoints::live());
        let (inputs, options) = (settings.inputs.clone(), settings.options.clone());
        let fetcher = Fetcher::start(inputs, options.clone(), trail.clone());
        let came = index::Came::default();
        let standing = super::standing::piped(came.clone(), piped.store.clone());
        let loader = Loader::pipe(piped, came, &options, settings.threads, &trail);
        Self {
            standing: Some(standing),
            ..Self::with(settings, loader, fetcher)
        }
    }

    fn with(settings: Settings, loader: Loader, fetcher: Fetcher) -> Self {
        let lab = settings.lab.as_ref();
        Self {
            maker: lab.map(|lab| Maker::start(Arc::clone(&lab.lessons))),
            settings,
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

    fn run(&mut self, app: &mut App, screen: &mut Screen, over: &AtomicBool) -> io::Result<()> {
        let opening = std::mem::take(&mut self.settings.opening);
        self.act(app, Action::Open(opening), screen)?;
        screen.draw(|frame| view(app, frame))?;
        let mut drawn = Instant::now();
        let mut stale = false;
        while !self.leaving && !over.load(Ordering::Relaxed) {
            let busy = (!self.loaded && self.standing.is_none())
                || self.search.is_some()
                || self.study.is_some()
                || app.lab.as_ref().is_some_and(|lab| lab.making)
                || app.message.wanted.is_some();
            let wait = match (&self.standing, busy) {
                _ if self.has_work(app) => Duration::ZERO,
                (_, true) => BUSY,
                (Some(_), false) => LIVE,
                (None, false) => IDLE,
            };
            let mut keyed = false;
            if event::poll(wait)? {
                // A storm of events is drawn once.
                for _ in 0..64 {
                    if let Some(action) = action(event::read()?) {
                        self.act(app, action, screen)?;
                        keyed = true;
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
            let paused = app.live.as_ref().is_some_and(|live| live.paused);
            for action in self.happened(paused) {
                self.act(app, action, screen)?;
                stale = true;
            }
            if update::is_busy(app) {
                self.act(app, Action::Tick, screen)?;
                stale = true;
            }
            // What goes on is not drawn more often than anybody could see.
            let late = || drawn.elapsed() >= BUSY || !self.has_work(app);
            if (keyed || stale && late()) && !self.leaving {
                screen.draw(|frame| view(app, frame))?;
                (drawn, stale) = (Instant::now(), false);
            }
        }
        self.loader.pulse.stop();
        Ok(())
    }

    /// Whether there is something to do before anything else happens.
    fn has_work(&self, app: &App) -> bool {
        let paused = app.live.as_ref().is_some_and(|live| live.paused);
        update::is_busy(app) || !paused && !self.loader.batches.is_empty()
    }

    fn act(&mut self, app: &mut App, action: Action, screen: &mut Screen) -> io::Result<()> {
        for effect in update(app, action) {
            self.apply(app, effect, screen)?;
        }
        Ok(())
    }

    /// What has happened beside keys and mouse.
    fn happened(&mut self, paused: bool) -> Vec<Action> {
        let mut actions = Vec::new();
        let ended = self.batches(paused, &mut actions);
        if self.standing.is_some() {
            self.live(ended && self.held.is_empty(), &mut actions);
        } else if !self.loaded {
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
        actions.extend(self.said.1.try_iter());
        self.made(&mut actions);
        self.searched(&mut actions);
        self.studied(&mut actions);
        actions
    }

    /// Takes what the loader has; whether that was all there will be. A live capture is never
    /// kept waiting: what cannot be shown now is held.
    fn batches(&mut self, paused: bool, actions: &mut Vec<Action>) -> bool {
        let most = if self.standing.is_some() {
            usize::MAX
        } else {
            BATCHES
        };
        let mut ended = false;
        for _ in 0..most {
            match self.loader.batches.try_recv() {
                Ok(batch) => self.held.push_back(batch),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    ended = true;
                    break;
                }
            }
        }
        let bytes: usize = self.held.iter().map(Rendered::bytes).sum();
        if paused && bytes > self.settings.keep_rows {
            actions.push(Action::Overflow);
        } else if !paused {
            let now = self.held.len().min(8 * BATCHES);
            let batches = self.held.drain(..now);
            actions.extend(batches.map(|batch| Action::Batch(Box::new(batch))));
        }
        ended
    }

    /// How the live capture stands, four times a second.
    fn live(&mut self, ended: bool, actions: &mut Vec<Action>) {
        if let Some(standing) = &self.standing
            && self.told.elapsed() >= IDLE
        {
            self.told = Instant::now();
            let mut standing = standing();
            standing.secrets = self.used_secrets();
            actions.push(Action::Standing(Box::new(standing)));
        }
        if ended
            && !self.loaded
            && let Ok(loaded) = self.loader.loaded.try_recv()
        {
            self.loaded = true;
            actions.push(Action::Loaded(Box::new(loaded)));
        }
    }

    /// Waits until a live capture has closed its files.
    fn end(self) {
        if self.standing.is_none() || self.loaded {
            return;
        }
        let end = Instant::now() + LEAVING;
        while Instant::now() < end
            && !matches!(
                self.loader.batches.recv_timeout(BUSY),
                Err(RecvTimeoutError::Disconnected)
            )
        {}
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

    /// Takes what the lab's thread made: from here on messages are got from there.
    fn made(&mut self, actions: &mut Vec<Action>) {
        let Some(maker) = &self.maker else { return };
        let Ok(ready) = maker.ready.try_recv() else {
            return;
        };
        if let Ready::Capture(taken) = &ready {
            let (inputs, options) = (taken.inputs.clone(), taken.options.clone());
            self.settings.inputs = inputs.clone();
            self.settings.options = options.clone();
            self.fetcher = Fetcher::start(inputs, options, taken.trail.clone());
            self.search = None;
            self.study = None;
            self.held.clear();
            self.loaded = true;
        }
        actions.push(Action::Ready(ready));
    }

    fn studied(&mut self, actions: &mut Vec<Action>) {
        let Some(study) = &self.study else {
            return;
        };
        let (done, total) = study.progress();
        actions.push(Action::Studied(done, total));
        if let Ok(answer) = study.answer.try_recv() {
            actions.push(Action::Answered(study.task, answer));
            self.study = None;
        }
    }

    /// Writes the packets that are kept, on a thread of its own.
    fn save(&self, path: PathBuf) {
        let said = self.said.0.clone();
        let inputs = self.settings.inputs.files.clone();
        let lines = self.secrets();
        thread::spawn(move || {
            let store = inputs.into_iter().find_map(|input| match input {
                Input::Store(store) => Some(store),
                Input::File(_) | Input::Stdin | Input::Memory(..) => None,
            });
            let action = match store.map(|store| store.save(&path, &lines)) {
                Some(Ok((packets, bytes))) => {
                    let mut text = format!("{} bytes saved to {}", grouped(bytes), path.display());
                    let secrets = lines.split_inclusive(|byte| *byte == b'\n').count();
                    if secrets > 0 {
                        let secrets = words::count(secrets as u64, "TLS secret");
                        let _ = write!(text, ", with {secrets} (--no-secrets leaves them out)");
                    }
                    Action::Saved(packets, text)
                }
                Some(Err(error)) => {
                    Action::Said(format!("{} cannot be written: {error}", path.display()))
                }
                None => Action::Said("nothing keeps packets".to_owned()),
            };
            // The user may have left.
            let _ = said.send(action);
        });
    }

    /// The newest state of the key log, where its secrets are to be saved.
    #[cfg(feature = "tls")]
    fn keys(&self) -> Option<crate::tls::Keys> {
        let options = &self.settings.options;
        let newest = || match &options.newest {
            Some(newest) => newest.get(),
            None => options.keys.clone(),
        };
        self.settings.save_secrets.then(newest)
    }

    /// The secrets of TLS that were used so far, as lines of a key log, where they are to be saved.
    #[cfg(feature = "tls")]
    fn secrets(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let keys = self.keys();
        keys.map_or_else(Default::default, |keys| keys.lines(&keys.used()))
    }

    /// How many these are.
    #[cfg(feature = "tls")]
    fn used_secrets(&self) -> usize {
        self.keys().map_or(0, |keys| keys.used().len())
    }

    /// Without TLS there are none.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "as where there are some")]
    fn secrets(&self) -> Vec<u8> {
        Vec::new()
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "as where there are some")]
    fn used_secrets(&self) -> usize {
        0
    }

    /// How the captures are read again.
    fn reading(&self) -> (Inputs, Options, usize) {
        let Settings {
            inputs, options, ..
        } = self.settings.clone();
        (inputs, options, self.settings.threads)
    }

    /// The one place where effects become deeds.
    fn apply(&mut self, app: &mut App, effect: Effect, screen: &mut Screen) -> io::Result<()> {
        match effect {
            Effect::Make(wanted) => {
                if let Some(maker) = &self.maker {
                    maker.want(wanted);
                }
            }
            Effect::Fetch(wish) => self.fetcher.request(wish),
            Effect::Search(filter, number) => {
                // Who comes is asked before who is there is looked for, so that nobody is missed.
                if let Some(asked) = &self.loader.asked {
                    asked.set(number, Some(Arc::clone(&filter)));
                }
                let (inputs, options, threads) = self.reading();
                self.search = Some(index::matching(inputs, options, threads, filter));
            }
            Effect::StopSearch => {
                self.search = None;
                if let Some(asked) = &self.loader.asked {
                    asked.set(0, None);
                }
            }
            Effect::SavePackets(path) => self.save(path),
            Effect::Study(task) => {
                let (inputs, options, threads) = self.reading();
                self.study = Some(Study::start(inputs, options, threads, task));
            }
            Effect::StopStudy => self.study = None,
            Effect::Copy(bytes) => app.notice = Some(terminal::copy(&bytes)?),
            Effect::WriteBytes(path, bytes) => app.notice = Some(written(&path, &bytes)),
            Effect::WriteScreen(path) => {
                let picture = path.extension().is_some_and(|ext| ext == "svg");
                let screen = if picture {
                    shot::picture(app)
                } else {
                    shot::text(app)
                };
                app.notice = Some(written(&path, screen.as_bytes()));
            }
            Effect::WriteMessages(path, connection, filter) => {
                let (inputs, options, _) = self.reading();
                let said = self.said.0.clone();
                thread::spawn(move || {
                    let what = (connection, filter);
                    let text = match index::write_matching(&inputs, options, what, &path) {
                        Ok(lines) => format!("{lines} lines written to {}", path.display()),
                        Err(error) => format!("{} cannot be written: {error}", path.display()),
                    };
                    // The user may have left.
                    let _ = said.send(Action::Said(text));
                });
            }
            Effect::StopLoading => self.loader.pulse.stop(),
            Effect::Suspend => suspend(app, screen)?,
            Effect::Redraw => terminal::wipe(screen)?,
            Effect::Quit => self.leaving = true,
        }
        Ok(())
    }
}

/// Writes a new file; how that went.
fn written(path: &Path, bytes: &[u8]) -> String {
    let written = File::create_new(path).and_then(|mut file| file.write_all(bytes));
    match written {
        Ok(()) => format!("{} bytes written to {}", bytes.len(), path.display()),
        Err(error) => format!("{} cannot be written: {error}", path.display()),
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

/// Stops the process as Ctrl-Z does in a shell, and takes the terminal again afterwards.
fn suspend(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    terminal::restore();
    #[cfg(unix)]
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    terminal::take()?;
    terminal::wipe(screen)?;
    let size = screen.size()?;
    app.size = (size.width, size.height);
    Ok(())
}
