//! From what happened to the next state.
//!
//! Job: every change of the state, and what is to be done outside of it. Input: the state and an
//! [`Action`]. Output: the state changed, and [`Effect`]s. Nothing here reads, writes or waits.

mod commands;
mod connections;
mod findings;
mod folds;
mod jumps;
mod lab;
mod lesson;
mod lists;
mod menu;
mod message;
mod mouse;
mod moves;
mod opening;
mod prompt;
mod screens;
mod spot;
mod study;
mod transcript;

pub use lists::is_busy;

use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent, MouseEvent};

use super::app::{App, Screen, Standing, Task};
use super::effect::Effect;
use super::index::{Answer, Batch, Found, Loaded};
use super::layout;
use super::maker::Ready;
use super::message::Fetched;
use super::settings::Opening;
use crate::page::words;

/// Something that happened.
#[derive(Debug)]
pub enum Action {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize(u16, u16),
    /// The live capture stands so.
    Standing(Box<Standing>),
    /// The loader read more.
    Batch(Box<Batch>),
    /// The loader is so far.
    Progress(u64, Option<u64>),
    /// The loader is done.
    Loaded(Box<Loaded>),
    /// A message was got.
    Fetched(Fetched),
    /// The search found messages.
    Found(Vec<Found>),
    /// The search is so far.
    Searched(u64, Option<u64>),
    /// The search is done; why it did not find everything, where it did not.
    SearchEnded(Option<String>),
    /// A question is so far answered.
    Studied(u64, Option<u64>),
    /// A question has its answer.
    Answered(Task, Answer),
    /// So many packets were saved, and what there is to say.
    Saved(u64, String),
    /// More came while the view was frozen than is held.
    Overflow,
    /// The lab was made anew, or a lesson played.
    Ready(Ready),
    /// Something was done, or failed.
    Said(String),
    /// The UI opens.
    Open(Opening),
    /// Nothing happened; work that was left over goes on.
    Tick,
}

/// Changes the state.
pub fn update(app: &mut App, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    match action {
        Action::Key(key) => self::key(app, key, &mut effects),
        Action::Mouse(event) => mouse::event(app, event, &mut effects),
        Action::Paste(text) => prompt::paste(app, &text),
        Action::Resize(width, height) => app.size = (width, height),
        Action::Batch(batch) => {
            take(app, &batch);
            connections::order(app);
        }
        Action::Standing(standing) => self::standing(app, *standing),
        Action::Progress(read, total) => {
            app.load.progress = (read, total);
            // Files come fast: a few times are enough.
            let messages = app.index.paired();
            app.index.pair_early(2 * messages);
        }
        Action::Loaded(loaded) => {
            app.notice = app.notice.take().or_else(|| trouble(&loaded));
            app.load.loaded = Some(*loaded);
            lists::loaded(app, &mut effects);
        }
        Action::Fetched(fetched) => message::fetched(app, fetched),
        Action::Found(found) => {
            if let Some(matches) = &mut app.matches {
                matches.take(found);
            }
        }
        Action::Searched(read, total) => app.searched = Some((read, total)),
        Action::SearchEnded(failed) => search_ended(app, failed),
        Action::Studied(done, total) => app.study.progress = (done, total),
        Action::Answered(task, answer) => study::answered(app, task, answer),
        Action::Ready(ready) => lab::ready(app, ready, &mut effects),
        Action::Said(text) => app.notice = Some(text),
        Action::Open(_) if app.lab.is_some() => lab::open(app, &mut effects),
        Action::Open(at) => opening::begin(app, &at, &mut effects),
        Action::Saved(packets, text) => saved(app, packets, text),
        Action::Overflow => overflow(app),
        Action::Tick => {}
    }
    opening::go_on(app);
    lists::work(app);
    jumps::seek(app);
    settle(app);
    transcript::settle(app);
    if app.screen == Screen::Transcript {
        transcript::want(app, &mut effects);
    }
    message::want(app, &mut effects);
    study::want(app, &mut effects);
    effects
}

/// Takes how the live capture stands; says so when packets are not kept any more.
fn standing(app: &mut App, standing: Standing) {
    if let Some(live) = &mut app.live {
        let known = live.standing.unkept.is_some();
        live.take(standing, app.index.rates.newest());
        let unkept = live.standing.unkept.as_ref().filter(|_| !known);
        app.notice = unkept.map(ToString::to_string).or(app.notice.take());
    }
    app.index.pair_early(0);
}

/// The search has found all it will; says why that is not everything.
fn search_ended(app: &mut App, failed: Option<String>) {
    app.searched = None;
    app.notice = failed.clone().or(app.notice.take());
    if let Some(matches) = &mut app.matches {
        matches.ended = true;
        matches.failed = failed;
    }
}

/// What is said of inputs that could not be read, or not to their end, or that are odd.
fn trouble(loaded: &Loaded) -> Option<String> {
    match loaded.errors.as_slice() {
        [] => odd(&loaded.warnings),
        [one] => Some(one.clone()),
        [one, more @ ..] => {
            let more = more.len();
            Some(format!(
                "{one}; and {more} more inputs failed: 4 lists them"
            ))
        }
    }
}

/// What is odd about inputs, in few words: the name without its folder, and no more than what it is.
fn odd(warnings: &[String]) -> Option<String> {
    let (first, more) = warnings.split_first()?;
    let (name, what) = first.split_once(": ").unwrap_or(("", first));
    let name = Path::new(name).file_name();
    let name = name.map_or(String::new(), |name| {
        format!("{}: ", name.to_string_lossy())
    });
    let what = what.split("; ").next().unwrap_or(what);
    let more = match more.len() {
        0 => String::new(),
        more => format!("; {}", words::count(more as u64, "more warning")),
    };
    Some(format!("{name}{what}{more}"))
}

/// Takes what the loader read; says so where that makes the oldest messages go.
fn take(app: &mut App, batch: &Batch) {
    let first = app.index.first();
    app.index.take(batch);
    if app.index.has_processes {
        app.connections.table.blank = None;
    }
    if first == 0 && app.index.first() > 0 {
        let text = "from here on the oldest messages go: --keep-rows holds more";
        app.notice = Some(text.to_owned());
    }
}

fn saved(app: &mut App, packets: u64, text: String) {
    app.notice = Some(text);
    if let Some(live) = &mut app.live {
        live.saved = live.saved.max(packets);
    }
}

/// More came than is held while the view is frozen.
fn overflow(app: &mut App) {
    if let Some(live) = &mut app.live {
        live.paused = false;
    }
    app.notice = Some("too much came to hold it: what is shown goes on".to_owned());
}

fn key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    app.notice = None;
    if app.prompt.is_some() {
        prompt::key(app, key, effects);
        return;
    }
    if let Some(awaits) = app.awaits.take() {
        if let KeyCode::Char(letter) = key.code {
            jumps::letter(app, awaits, letter);
        }
        return;
    }
    if lesson::begins_guess(app, key) {
        return;
    }
    if let Some(command) = app.keys.command(&app.places(), key) {
        commands::command(app, command, effects);
    }
}

/// Brings cursors back into lists that changed. What could not be written or read for them is said.
fn settle(app: &mut App) {
    if let Some(why) = app.index.take_trouble() {
        app.notice = Some(why);
    }
    let rows = layout::areas(app).rows();
    match app.screen {
        Screen::Messages | Screen::Message => lists::settle_messages(app, rows),
        Screen::Findings => folds::arrange(app),
        Screen::Connections | Screen::Statistics | Screen::Transcript => {}
    }
    let len = app.lines();
    if let Some(table) = app.table_mut() {
        table.cursor().settle(len, rows);
    }
}
