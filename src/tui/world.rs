//! The world around the state.
//!
//! Job: wait for what happens, hand it on, draw. Input: the terminal, the loader, the fetcher, the
//! search. Output: actions.

mod deeds;
mod open;
mod save;

#[cfg(feature = "live")]
pub use open::listen;
pub use open::{pipe, run};

use std::collections::VecDeque;
use std::io::{self, IsTerminal, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use crossterm::event::{self, Event, KeyEventKind};

use super::app::{App, Standing};
use super::index::{Again, Batch, Loader, Search, Study};
use super::maker::{Maker, Ready};
use super::message::Fetcher;
use super::settings::Settings;
use super::terminal::Screen;
use super::update::{self, Action, update};
use super::view::view;
use crate::event::Rendered;

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

/// Tells how a live capture stands.
type Tell = Box<dyn Fn() -> Standing>;

struct World {
    settings: Settings,
    /// The captures, to be read again.
    again: Again,
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
                self.again.know(loaded.errors.clone());
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
                    let failed = search.failed.try_recv().ok();
                    actions.push(Action::SearchEnded(failed));
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
            self.again = Again::of_kept(inputs.clone());
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
